/** Values as JS lists, the way debug.print shows them. */
import type { DType } from "../aval/dtype";
import type { Shape } from "../aval/shaped-array";

const EDGE = 3;
const THRESHOLD = 1000;

/** Nested lists of values; long ones are shortened. */
export function listText(values: ArrayLike<number>, shape: Shape, dtype: DType): string {
  const size = values.length;
  const text = (v: number): string => {
    if (dtype === "bool") return String(v !== 0);
    return Number.isInteger(v) || !Number.isFinite(v) ? String(v) : String(+v.toPrecision(6));
  };
  const build = (axis: number, at: number, step: number): string => {
    if (axis === shape.length) return text(values[at]!);
    const n = shape[axis]!;
    const inner = n === 0 ? 0 : step / n;
    const shown: string[] = [];
    for (let i = 0; i < n; i++) {
      if (size > THRESHOLD && n > 2 * EDGE && i === EDGE) {
        shown.push("...");
        i = n - EDGE;
      }
      shown.push(build(axis + 1, at + i * inner, inner));
    }
    const separator = axis === shape.length - 1 ? ", " : `,\n${" ".repeat(axis + 1)}`;
    return `[${shown.join(separator)}]`;
  };
  return build(0, 0, size);
}

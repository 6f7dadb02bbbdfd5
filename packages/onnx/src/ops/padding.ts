/** Elements around a tensor, and windows over it. */
import { lax, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { type OperatorTable } from "./operator";

/** Counts before and after each axis; negative ones cut. */
function pads(n: NodeContext): [number, number][] {
  const { attributes } = n;
  const rank = n.rank();
  const flat = n.version < 11 ? (attributes.ints("pads") ?? attributes.ints("paddings") ?? []) : n.numbers(1);
  const axes = (n.version >= 18 ? n.optionalNumbers(3) : undefined) ?? Array.from({ length: rank }, (_, i) => i);
  if (flat.length !== 2 * axes.length) n.fail(`wants ${2 * axes.length} pads, got [${flat}]`);
  const out = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  axes.forEach((a, i) => (out[n.axis(a)] = [flat[i]!, flat[i + axes.length]!]));
  return out;
}

function cut(x: NdArray, widths: readonly (readonly [number, number])[]): NdArray {
  return lax.slice(
    x,
    widths.map(([before]) => Math.max(-before, 0)),
    widths.map(([, after], i) => x.shape[i]! - Math.max(-after, 0)),
    widths.map(() => 1),
  );
}

function pad(n: NodeContext): NdArray {
  const widths = pads(n);
  const mode = n.attributes.string("mode", "constant");
  const x = widths.some(([a, b]) => a < 0 || b < 0) ? cut(n.x(0), widths) : n.x(0);
  n.allow(n.shape(0).map((d, i) => d + widths[i]![0] + widths[i]![1]));
  const grow = widths.map(([a, b]): [number, number] => [Math.max(a, 0), Math.max(b, 0)]);
  if (mode === "edge" || mode === "reflect" || mode === "wrap") return np.pad(x, grow, mode);
  if (mode !== "constant") n.fail(`the mode "${mode}" is not one of constant, reflect, edge, wrap`);
  if (n.version < 11) return np.pad(x, grow, "constant", { constantValues: n.attributes.float("value", 0) });
  if (!n.has(2)) return np.pad(x, grow);
  const value = n.x(2).reshape([]).astype(x.dtype);
  return lax.pad(x, value, grow.map(([a, b]) => [a, b, 0])); // prettier-ignore
}

/** Cut or padded with zeros to sizes, at the centre. */
function centerCropPad(n: NodeContext): NdArray {
  const wanted = n.numbers(1);
  const axes = n.attributes.ints("axes")?.map((a) => n.axis(a)) ?? wanted.map((_, i) => i);
  const shape = n.shape(0);
  const widths = shape.map((d, i): [number, number] => {
    const k = axes.indexOf(i);
    if (k < 0) return [0, 0];
    const extra = wanted[k]! - d;
    const before = extra >= 0 ? Math.floor(extra / 2) : -Math.floor(-extra / 2);
    return [before, extra - before];
  });
  n.allow(shape.map((d, i) => d + widths[i]![0] + widths[i]![1]));
  const x = cut(n.x(0), widths);
  return np.pad(x, widths.map(([a, b]): [number, number] => [Math.max(a, 0), Math.max(b, 0)])); // prettier-ignore
}

export const padding: OperatorTable = { CenterCropPad: centerCropPad, Pad: pad };

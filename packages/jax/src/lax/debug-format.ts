/** Format strings of `debug.print`, as those of Python's `str.format`. */
import { JaxError } from "../base/errors";
import { HostArray } from "./host-array";

/** Braces, or `{field:spec}`. */
const FIELD = /\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}|[{}]/g;
const SPEC = /^(?:\.(\d+))?([fegd]?)$/;

const isNamed = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

/** What a field stands for; undefined for nothing. */
function lookUp(field: string, args: readonly unknown[], next: () => number): unknown {
  if (field === "") return args[next()];
  if (/^\d+$/.test(field)) return args[Number(field)];
  const last = args[args.length - 1];
  return isNamed(last) ? last[field] : undefined;
}

/** Throws JaxError if a field has no argument, an argument has no field, or a spec is not understood. */
export function checkFormat(format: string, args: readonly unknown[]): void {
  const used = new Set<unknown>();
  let at = 0;
  for (const [whole, field, spec] of format.matchAll(FIELD)) {
    if (whole === "{{" || whole === "}}") continue;
    if (field === undefined) throw new JaxError(`debug.print: a single ${whole} in the format; write ${whole}${whole}`);
    if (lookUp(field, args, () => at++) === undefined) {
      throw new JaxError(`debug.print: the format names ${whole}, for which there is no argument`);
    }
    if (!SPEC.test(spec ?? ""))
      throw new JaxError(`debug.print: ${whole} is not understood; use {:.3f}, {:.3e} or {:.3g}`);
    if (/^\d+$/.test(field)) used.add(Number(field));
    else used.add(field === "" ? at - 1 : args.length - 1);
  }
  const unused = args.findIndex((_, i) => !used.has(i));
  if (unused >= 0) throw new JaxError(`debug.print: argument ${unused} is not named by the format; use {}`);
}

/** The format with values in it. */
export function formatText(format: string, args: readonly unknown[]): string {
  let at = 0;
  return format.replace(FIELD, (whole, field: string, spec: string | undefined) => {
    if (whole === "{{" || whole === "}}") return whole[0]!;
    return text(
      lookUp(field, args, () => at++),
      spec ?? "",
    );
  });
}

function text(x: unknown, spec: string): string {
  if (x instanceof HostArray) return spec === "" || x.data.length !== 1 ? x.toString() : numberText(x.item(), spec);
  if (Array.isArray(x)) return `[${x.map((y) => text(y, spec)).join(", ")}]`;
  if (!isNamed(x)) return String(x);
  const fields = Object.entries(x).map(([k, v]) => `${k}: ${text(v, spec)}`);
  return `{${fields.join(", ")}}`;
}

function numberText(value: number, spec: string): string {
  const [, digits, kind] = SPEC.exec(spec)!;
  const n = digits === undefined ? 6 : Number(digits);
  if (!Number.isFinite(value) || kind === "d") return String(value);
  if (kind === "f") return value.toFixed(n);
  if (kind === "e") return value.toExponential(n);
  return String(Number(value.toPrecision(Math.max(1, n))));
}

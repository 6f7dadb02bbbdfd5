/** Jaxprs as text, in JAX's notation, broken into lines at 80 columns. */
import { type DType, dtypeInfo } from "../aval/dtype";
import type { Eqn, Jaxpr } from "./jaxpr";
import { type Atom, Var } from "./var";

const WIDTH = 80;

/** Gives variables their names: a, b, ..., z, ba, bb, ... in the order of first use. */
class Names {
  private readonly names = new Map<Var, string>();

  of(v: Var): string {
    let name = this.names.get(v);
    if (name === undefined) this.names.set(v, (name = letters(this.names.size)));
    return name;
  }
}

function letters(n: number): string {
  const last = String.fromCharCode(97 + (n % 26));
  return n < 26 ? last : letters(Math.floor(n / 26)) + last;
}

function number(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "False" : "True";
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const whole = Number.isInteger(value) && Math.abs(value) < 1e16;
  const text = Object.is(value, -0) ? "-0" : String(value);
  return whole && dtypeInfo(dtype).kind === "float" ? `${text}.0` : text;
}

const binder = (v: Var, names: Names): string => `${names.of(v)}:${v.aval}`;
const atom = (a: Atom, names: Names): string =>
  a instanceof Var ? names.of(a) : `${number(a.value, a.dtype)}:${a.aval}`;

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const tuple = (parts: readonly string[]): string => (parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(", ")})`);

function param(value: unknown, names: Names): string[] {
  if (value === null || value === undefined) return ["None"];
  if (value === true || value === false) return [value ? "True" : "False"];
  if (Array.isArray(value)) {
    const parts = value.map((v) => param(v, names));
    if (parts.every((p) => p.length === 1)) return [tuple(parts.map((p) => p[0]!))];
    return ["(", ...parts.flatMap((p) => p.map((line) => `  ${line}`)), ")"];
  }
  if (typeof value === "function") return [`<function ${value.name}>`];
  if (typeof value === "object") {
    if ("eqns" in value) return jaxprLines(value as Jaxpr, names);
    if (value.toString !== Object.prototype.toString) return [(value as { toString(): string }).toString()];
    const fields = Object.entries(value).map(([k, v]) => `${snakeCase(k)}=${param(v, names).join(" ")}`);
    return [`{${fields.join(" ")}}`];
  }
  return [String(value as number | string)];
}

function eqnLines(eqn: Eqn, names: Names): string[] {
  const inputs = eqn.inputs.map((a) => ` ${atom(a, names)}`).join("");
  const entries = Object.entries(eqn.params as object)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => {
      const [first, ...rest] = param(value, names);
      return [`${snakeCase(key)}=${first!}`, ...rest];
    });
  const outs = eqn.outBinders.map((v) => binder(v, names)).join(" ");
  const head = outs === "" ? eqn.primitive.name : `${outs} = ${eqn.primitive.name}`;
  if (entries.length === 0) return [head + inputs];
  if (entries.every((e) => e.length === 1)) {
    const line = `${head}[${entries.map((e) => e[0]).join(" ")}]${inputs}`;
    if (line.length + 4 <= WIDTH) return [line];
  }
  return [`${head}[`, ...entries.flatMap((e) => e.map((line) => `  ${line}`)), `]${inputs}`];
}

function jaxprLines(jaxpr: Jaxpr, names: Names): string[] {
  const binders = (vs: readonly Var[]): string => vs.map((v) => binder(v, names)).join(" ");
  const head = `{ lambda ${binders(jaxpr.constBinders)}; ${binders(jaxpr.inBinders)}. let`;
  const eqns = jaxpr.eqns.map((e) => eqnLines(e, names));
  const tail = `in ${tuple(jaxpr.outs.map((a) => atom(a, names)))} }`;
  if (eqns.every((e) => e.length === 1)) {
    const line = `${head} ${eqns.map((e) => e[0]).join("; ")} ${tail}`;
    if (line.length <= WIDTH) return [line];
  }
  return [head, ...eqns.flatMap((e) => e.map((line) => `    ${line}`)), `  ${tail}`];
}

/** The text of a Jaxpr: `{ lambda consts; inputs. let equations in (results,) }`. */
export function printJaxpr(jaxpr: Jaxpr): string {
  return jaxprLines(jaxpr, new Names()).join("\n");
}

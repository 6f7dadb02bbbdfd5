/** One case: calls what it names, and compares. */
import * as jax from "@jax-js/jax";
import { type Case, Decoder, type Program, type Tensor, type Value } from "./cases";
import { compare, compareDistribution } from "./compare";
import { checkFactors } from "./factorizations";

const { lax, nn, numpy: np, random, scipySpecial, tree } = jax;
type AnyFunction = (...args: unknown[]) => unknown;
type TensorFunction = (...args: Tensor[]) => Tensor;
type Space = Readonly<Record<string, unknown>>;

const SPACES: Readonly<Record<string, unknown>> = {
  numpy: np,
  linalg: np.linalg,
  fft: np.fft,
  lax,
  "lax.linalg": lax.linalg,
  nn,
  scipySpecial,
  random,
  jax,
  tree,
};

function functionOf(module: string, name: string): AnyFunction {
  const space = SPACES[module] as Space | undefined;
  for (const n of name === "var" ? ["var", "var_", "variance"] : [name]) {
    if (typeof space?.[n] === "function") return space[n] as AnyFunction;
  }
  throw new Error(`there is no ${module}.${name}`);
}

function call(c: Case, args: readonly Value[], decoder: Decoder): unknown {
  const values = decoder.list(args);
  if (c.module !== "method") return functionOf(c.module, c.fn)(...values);
  const [x, ...rest] = values as [Record<string, AnyFunction>, ...unknown[]];
  if (typeof x[c.fn] !== "function") throw new Error(`there is no method ${c.fn}`);
  return x[c.fn]!(...rest);
}

/** Operations of programs that are not functions of `numpy` with that name. */
const IN: Readonly<Record<string, readonly [module: string, name: string]>> = {
  erf: ["lax", "erf"],
  erfc: ["lax", "erfc"],
  logit: ["scipySpecial", "logit"],
  conv: ["lax", "convGeneralDilated"],
  stopGradient: ["lax", "stopGradient"],
  attention: ["nn", "dotProductAttention"],
  tri: ["lax.linalg", "triangularSolve"],
};
for (const name of ["cholesky", "solve", "inv", "det", "norm", "eigvalsh"])
  Object.assign(IN, { [name]: ["linalg", name] });

const SPECIAL: Readonly<Record<string, AnyFunction>> = {
  slogdet: (a) => np.linalg.slogdet(a as Tensor)[1],
  slice: (x, ...index) => (x as { slice: AnyFunction }).slice(...index),
  reduceWindowMax: (x, w, s) => functionOf("lax", "reduceWindow")(x, (t: Tensor) => np.max(t), w, s),
};

function operation(name: string): AnyFunction {
  if (SPECIAL[name] !== undefined) return SPECIAL[name];
  const place = IN[name];
  if (place !== undefined) return functionOf(...place);
  return functionOf(name in nn ? "nn" : "numpy", name);
}

function programFunction(program: Program, decoder: Decoder): TensorFunction {
  return (...inputs) => {
    const results: unknown[] = [];
    const argument = (s: Value): unknown => {
      if (s.x !== undefined) return inputs[s.x];
      if (s.n !== undefined) return results[s.n];
      return s.l === undefined ? decoder.value(s) : s.l.map(argument);
    };
    for (const [op, ...args] of program) {
      const values = args.map(argument);
      while (values[values.length - 1] === undefined) values.pop();
      results.push(operation(op)(...values));
    }
    return results[results.length - 1] as Tensor;
  };
}

function transformed(c: Case, decoder: Decoder): unknown {
  const f = programFunction(c.prog!, decoder);
  const inputs = c.inputs!.map((s) => decoder.value(s)) as Tensor[];
  const tangents = (): Tensor[] => c.tangents!.map((s) => decoder.value(s)) as Tensor[];
  const argnums = [...(c.argnums ?? inputs.keys())];
  const one = inputs.length === 1;
  const asList = (g: unknown): unknown => (one ? [g] : g);
  const grad = (): AnyFunction => (one ? jax.grad(f) : jax.grad(f, { argnums })) as AnyFunction;
  switch (c.kind) {
    case "value":
      return f(...inputs);
    case "jit":
      return jax.jit(f)(...inputs);
    case "grad":
      return asList(grad()(...inputs));
    case "jitgrad":
      return asList(jax.jit(grad() as TensorFunction)(...inputs));
    case "valueAndGrad": {
      const both = (one ? jax.valueAndGrad(f) : jax.valueAndGrad(f, { argnums })) as AnyFunction;
      const [value, g] = both(...inputs) as [Tensor, unknown];
      return [value, ...(asList(g) as Tensor[])];
    }
    case "jvp":
      return jax.jvp(f, inputs, tangents());
    case "vjp": {
      const [value, back] = jax.vjp(f, inputs);
      return [value, ...(back(decoder.value(c.cotangent!) as Tensor) as Tensor[])];
    }
    case "linearize": {
      const [value, linear] = jax.linearize(f, inputs);
      return [value, linear(...tangents())];
    }
    case "hessian":
      return jax.hessian(f as (x: Tensor) => Tensor)(...(inputs as [Tensor]));
    case "jacfwd":
      return jax.jacfwd(f as (x: Tensor) => Tensor)(...(inputs as [Tensor]));
    case "jacrev":
      return jax.jacrev(f as (x: Tensor) => Tensor)(...(inputs as [Tensor]));
    case "vmap":
      return jax.vmap(f, c.inAxes as number[])(...inputs);
    case "vmapgrad":
      return jax.vmap(jax.grad(f) as TensorFunction, c.inAxes as number[])(...inputs);
    case "grad2":
      return jax.grad((x: Tensor) => np.sum(jax.grad(f as (x: Tensor) => Tensor)(x) as Tensor))(inputs[0]!);
    default:
      throw new Error(`unknown kind ${c.kind}`);
  }
}

function disposeAll(x: unknown, seen: Set<unknown>): void {
  if (typeof x !== "object" || x === null || seen.has(x) || ArrayBuffer.isView(x)) return;
  seen.add(x);
  if (x instanceof jax.Array) x[Symbol.dispose]();
  else Object.values(x).forEach((y) => disposeAll(y, seen));
}

async function attempt(c: Case, args: readonly Value[]): Promise<void> {
  const decoder = new Decoder();
  let out: unknown;
  try {
    try {
      out = c.kind === undefined ? call(c, args, decoder) : transformed(c, decoder);
    } catch (error) {
      if (c.expected.throws === true && error instanceof jax.JaxError) return;
      throw error;
    }
    if (c.expected.throws === true) throw new Error("expected an error, got a result");
    if (c.expected.recon !== undefined) await checkFactors(c, out);
    else if (c.expected.stat !== undefined) await compareDistribution(out, c.expected.stat);
    else await compare(out, c.expected, c);
  } finally {
    const seen = new Set<unknown>();
    disposeAll(out, seen);
    disposeAll(decoder.made, seen);
  }
}

/** Throws what is wrong with the first form of the call, if no form does. */
export async function runCase(c: Case): Promise<void> {
  let first: unknown;
  for (const args of [c.args, ...(c.alts ?? [])]) {
    try {
      return await attempt(c, args);
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

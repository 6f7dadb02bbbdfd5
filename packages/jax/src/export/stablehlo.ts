/** `exportStableHlo`: a function as a module of StableHLO text. */
import { packElements } from "../aval/data-array";
import { dce } from "../jaxpr/passes";
import type { Tracer } from "../core/tracer";
import { type AnyFunction } from "../transforms/arguments";
import { makeJaxpr } from "../transforms/make-jaxpr";
import { writeJaxpr } from "./program";
import { Writer, typeOf } from "./writer";

/**
 * The StableHLO module of `f` for arguments like these (arrays, numbers, or ShapeDtypeStruct), as text: what outgrows a
 * browser runs on XLA. The leaves of the arguments are the parameters of `@main` in the order of their tree, the leaves
 * of the result its results. Arrays that `f` captures become constants of the module.
 *
 * Source: the StableHLO specification, https://openxla.org/stablehlo/spec. Functions like erf are in its dialect CHLO.
 * Errors: JaxError for operations that StableHLO does not have (qr, svd, eigh, lu, callbacks); DeviceError if a captured
 * array is on webgpu, where values cannot be read at once.
 * @example
 * exportStableHlo((x) => np.sin(x).mul(2))(np.ones([3])).includes("stablehlo.sine %arg0 : tensor<3xf32>"); // => true
 */
export function exportStableHlo<F extends AnyFunction>(
  f: F,
  options: { readonly staticArgnums?: readonly number[] } = {},
): (...args: Parameters<F>) => string {
  const make = makeJaxpr(f, options);
  return (...args) => {
    const { jaxpr: closed } = make(...args);
    try {
      return moduleText(f.name, closed.jaxpr, closed.consts);
    } finally {
      closed.dispose();
    }
  };
}

function moduleText(name: string, whole: Parameters<typeof dce>[0], consts: readonly Tracer[]): string {
  const jaxpr = dce(whole);
  const w = new Writer("", 2);
  const captured = consts.map((c) => w.constantBytes(packElements(c.dataSync(), c.dtype), c.aval));
  const args = jaxpr.inBinders.map((v, i) => ({ name: `%arg${i}`, aval: v.aval }));
  const outs = writeJaxpr(w, jaxpr, [...captured, ...args]);
  const types = outs.map((y) => typeOf(y.aval));
  const last = outs.length === 0 ? "" : ` ${outs.map((y) => y.name).join(", ")} : ${types.join(", ")}`;
  return [
    `module @${/^\w+$/.test(name) ? name : "jax_js"} {`,
    `  func.func public @main(${args.map((x) => `${x.name}: ${typeOf(x.aval)}`).join(", ")}) -> (${types.join(", ")}) {`,
    ...w.lines,
    `    return${last}`,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** Arguments that are missing, or of another kind than any that a function takes: errors that say which function was called. */
import * as jax from "@jax-js/jax";
import { expect, test } from "vitest";
import { leavesArraysToCollector } from "../../../test/leak-rule";

leavesArraysToCollector("every call throws, arguments are made once");

const { lax, numpy: np, scipy } = jax;
/* eslint-disable @typescript-eslint/no-explicit-any -- what types would refuse */
type Bad = any;
type Call = (bad: Bad) => unknown;

const v = np.ones([2]);
const m = np.eye(2);

/** What is no function, list or array. `undefined` is an argument that is missing. */
const NOTHING: readonly Bad[] = [undefined, null];
const OTHERS: readonly Bad[] = [...NOTHING, "abc", { noSuch: 1 }];

function refuses(calls: Readonly<Record<string, Call>>, values: readonly Bad[], message: RegExp): void {
  for (const [name, call] of Object.entries(calls)) {
    for (const bad of values) {
      const given = bad === undefined || bad === null ? String(bad) : JSON.stringify(bad);
      test(`${name} of ${given}`, () => {
        expect(() => call(bad)).toThrow(message);
        expect(() => call(bad)).toThrow(new RegExp(name.replace(/^.*\./, ""), "i"));
      });
    }
  }
}

refuses(
  {
    grad: (f) => jax.grad(f),
    valueAndGrad: (f) => jax.valueAndGrad(f),
    jacfwd: (f) => jax.jacfwd(f),
    jacrev: (f) => jax.jacrev(f),
    vjp: (f) => jax.vjp(f, [v]),
    jvp: (f) => jax.jvp(f, [v], [v]),
    linearize: (f) => jax.linearize(f, [v]),
    vmap: (f) => jax.vmap(f),
    jit: (f) => jax.jit(f),
    pmap: (f) => jax.pmap(f),
    shardMap: (f) => jax.shardMap(f, {} as Bad),
    makeJaxpr: (f) => jax.makeJaxpr(f),
    checkpoint: (f) => jax.checkpoint(f),
    customJvp: (f) => jax.customJvp(f),
    customVjp: (f) => jax.customVjp(f),
    customVmap: (f) => jax.customVmap(f),
    customGradient: (f) => jax.customGradient(f),
    "np.vectorize": (f) => np.vectorize(f),
    "np.frompyfunc": (f) => np.frompyfunc(f, 1, 1),
    "lax.scan": (f) => lax.scan(f, v, m),
    "lax.map": (f) => lax.map(f, m),
    "lax.foriLoop": (f) => lax.foriLoop(0, 2, f, v),
    "lax.associativeScan": (f) => lax.associativeScan(f, v),
    "lax.customRoot": (f) =>
      lax.customRoot(
        (x: Bad) => x,
        v,
        f,
        (g: Bad, y: Bad) => g(y),
      ),
  },
  OTHERS,
  /expected a function, got /,
);

refuses(
  {
    "np.reshape": (s) => np.reshape(v, s),
    "np.tile": (s) => np.tile(v, s),
    "np.resize": (s) => np.resize(v, s),
    "np.moveaxis": (s) => np.moveaxis(m, s, 0),
    "np.stack": (s) => np.stack(s),
    "np.concatenate": (s) => np.concatenate(s),
    "np.vstack": (s) => np.vstack(s),
    "np.hstack": (s) => np.hstack(s),
    "lax.slice": (s) => lax.slice(v, [0], s),
    "lax.iota": (s) => lax.broadcastedIota("int32", s, 0),
    "lax.broadcast": (s) => lax.broadcast(v, s),
    "lax.broadcastInDim": (s) => lax.broadcastInDim(v, [2, 2], s),
    "lax.dynamicSlice": (s) => lax.dynamicSlice(v, [0], s),
    "lax.dotGeneral": (s) => lax.dotGeneral(v, v, s),
    "conv: dimensionNumbers": (s) => lax.convGeneralPermutations(s),
  },
  NOTHING,
  /expected a list, got (undefined|null|object)/,
);

refuses(
  {
    "np.add": (x) => np.add(v, x),
    "np.equal": (x) => np.equal(x, v),
    "np.arctan2": (x) => np.arctan2(v, x),
    "lax.dot_general": (x) =>
      lax.dotGeneral(x, v, [
        [[0], [0]],
        [[], []],
      ]),
    "scipy.special.xlogy": (x) => scipy.special.xlogy(v, x),
  },
  NOTHING,
  /expected an array/,
);

refuses(
  {
    "lax.integerPow": (x) => lax.integerPow(v, x),
    "lax.broadcastToRank": (x) => lax.broadcastToRank(v, x),
    "lax.dynamicSliceInDim": (x) => lax.dynamicSliceInDim(v, 0, x),
    "np.diagIndices": (x) => np.diagIndices(x),
    "np.trilIndices": (x) => np.trilIndices(x),
    "np.triuIndices": (x) => np.triuIndices(x),
    "np.kaiser": (x) => np.kaiser(4, x),
  },
  OTHERS,
  /expected a number as /,
);

test("putAlongAxis wants an axis, or null", () => {
  const index = np.array([[0, 1]], { dtype: "int32" });
  expect(() => np.putAlongAxis(m, index, 1, undefined as Bad)).toThrow(/putAlongAxis: expected a number as axis/);
});

refuses(
  {
    "np.expandDims": (x) => np.expandDims(v, x),
    "np.broadcastTo": (x) => np.broadcastTo(v, x),
    "np.roll": (x) => np.roll(v, x),
    "np.repeat": (x) => np.repeat(v, x),
    "np.split": (x) => np.split(v, x),
    "lax.expandDims": (x) => lax.expandDims(v, x),
    "lax.squeeze": (x) => lax.squeeze(v, x),
    "lax.rev": (x) => lax.rev(v, x),
    "lax.sort": (x) => lax.sort(x),
    "lax.pad": (x) => lax.pad(v, 0, x),
    "lax.dynamicSlice": (x) => lax.dynamicSlice(v, x, [1]),
    "lax.switch": (x) => lax.switch(0, x, v),
    "lax.reduceWindow": (x) => lax.reduceWindow(v, lax.max as Bad, x),
  },
  NOTHING,
  /expected a list/,
);

refuses(
  {
    "lax.gather": (x) => lax.gather(v, np.array([[0]], { dtype: "int32" }), x, [1]),
    "lax.scatter": (x) => lax.scatter(v, np.array([[0]], { dtype: "int32" }), v, x),
  },
  NOTHING,
  /expected an object as dimensionNumbers/,
);

test("options after an argument that is left out are read", () => {
  expect(() => scipy.sparse.linalg.cg(m, v, undefined, { noSuch: 1 } as Bad)).toThrow(/unknown option "noSuch"/);
  expect(() => np.sort(m, { axis: 0 }, { noSuch: 1 } as Bad)).toThrow(/unknown option "noSuch"/);
});

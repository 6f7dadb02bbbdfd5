/** Random numbers. A node's own seed, or the key of the run and the node's place, fix them. */
import { numpy as np, random } from "@jax-js/jax";
import { BOOL, FLOAT, INT32, deviceDType } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value } from "../value";
import { type OperatorTable } from "./operator";

/** FNV-1a, 31 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 1;
}

function keyOf(n: NodeContext): NdArray {
  const seed = n.attributes.get("seed");
  // The seed of most operators is a float, of Dropout and Multinomial too; its number is what counts.
  if (seed) return random.key(Math.trunc(seed.i ? Number(seed.i) : seed.f) & 0x7fffffff);
  return random.foldIn(n.around.session.key ?? random.key(0), hash(n.step.outputs.find(Boolean) ?? ""));
}

const shapeOf = (n: NodeContext): number[] => n.attributes.ints("shape") ?? [];

/** Drawn as float32 (or float64) and converted to the type. */
function drawn(n: NodeContext, shape: readonly number[], type: number, normal: boolean): Value {
  const { attributes } = n;
  n.allow(shape);
  const dtype = deviceDType(type) === "float64" ? "float64" : "float32";
  const key = keyOf(n);
  const x = normal
    ? random
        .normal(key, [...shape], { dtype })
        .mul(attributes.float("scale", 1))
        .add(attributes.float("mean", 0))
    : random.uniform(key, [...shape], {
        dtype,
        minval: attributes.float("low", 0),
        maxval: attributes.float("high", 1),
      });
  return n.as(x, type);
}

/** The type of the input unless it is named. */
const typeLike = (n: NodeContext): number => n.attributes.int("dtype", n.type(0));

function bernoulli(n: NodeContext): Value {
  return n.as(random.bernoulli(keyOf(n), n.x(0).astype("float32"), [...n.shape(0)]), typeLike(n));
}

/** Numbers of classes drawn from rows of unnormalised log-probabilities. */
function multinomial(n: NodeContext): Value {
  const count = n.attributes.int("sample_size", 1);
  const [rows] = n.shape(0) as [number, number];
  n.allow([count, ...n.shape(0)]);
  const samples = random.categorical(keyOf(n), n.x(0), { axis: -1, shape: [count, rows] });
  return n.as(samples.transpose([1, 0]), n.attributes.int("dtype", INT32));
}

/** Elements are dropped in training alone, and the others made larger in return. */
function dropout(n: NodeContext): (NdArray | Value)[] {
  const x = n.x(0);
  const ratio = n.version >= 12 ? (n.has(1) ? n.number(1) : 0.5) : n.attributes.float("ratio", 0.5);
  const training = n.version >= 12 ? n.has(2) && Boolean(n.number(2)) : n.version < 7 && !n.attributes.flag("is_test");
  const maskType = n.version >= 10 ? BOOL : n.type(0);
  if (!training || ratio === 0) {
    return [x, n.as(np.ones(x.shape, { dtype: deviceDType(maskType) }), maskType)];
  }
  const kept = random.bernoulli(keyOf(n), 1 - ratio, [...x.shape]);
  const y = np.where(kept, x.mul(1 / (1 - ratio)), np.zerosLike(x));
  return [y, n.as(kept, maskType)];
}

export const randomness: OperatorTable = {
  Bernoulli: bernoulli,
  Dropout: dropout,
  Multinomial: multinomial,
  RandomNormal: (n) => drawn(n, shapeOf(n), n.attributes.int("dtype", FLOAT), true),
  RandomNormalLike: (n) => drawn(n, n.shape(0), typeLike(n), true),
  RandomUniform: (n) => drawn(n, shapeOf(n), n.attributes.int("dtype", FLOAT), false),
  RandomUniformLike: (n) => drawn(n, n.shape(0), typeLike(n), false),
};

/** Preparation of features in ai.onnx.ml. */
import { numpy as np } from "@jax-js/jax";
import { FLOAT, INT64, STRING } from "../../elem-type";
import { type NodeContext } from "../../graph/node-context";
import { readTensor } from "../../proto/tensor-data";
import { type NdArray, type Value, hostTensor, stringTensor } from "../../value";
import { type OperatorTable } from "../operator";

type Word = string | number;

/** Elements of input 0 that are known now. */
const wordsOf = (n: NodeContext): readonly Word[] => (n.type(0) === STRING ? n.strings(0) : n.numbers(0));

interface Column {
  readonly type: number;
  readonly words: readonly Word[];
}

/** A list of the node under one of its names, with the type that the name says. */
function column(n: NodeContext, prefix: string): Column {
  const { attributes } = n;
  const strings = attributes.strings(`${prefix}_strings`);
  if (strings?.length) return { type: STRING, words: strings };
  const ints = attributes.ints(`${prefix}_int64s`);
  if (ints?.length) return { type: INT64, words: ints };
  const floats = attributes.floats(`${prefix}_floats`);
  if (floats?.length) return { type: FLOAT, words: floats };
  const tensor = attributes.tensor(`${prefix}_tensor`);
  if (!tensor) return n.fail(`lacks the attribute ${prefix}_*`);
  const raw = readTensor(tensor);
  return { type: raw.type, words: Array.from(raw.data as ArrayLike<Word>) };
}

const tensorOf = (type: number, shape: readonly number[], words: readonly Word[]): Value =>
  type === STRING ? stringTensor(shape, words as string[]) : hostTensor(type, shape, words as number[]);

/** Words looked up in a list; the last of equal keys counts. */
function labelEncoder(n: NodeContext): Value {
  const { attributes } = n;
  const shape = n.shape(0);
  const classes = attributes.strings("classes_strings");
  if (classes?.length) {
    // Version 1: strings to their numbers in the list, or back.
    if (n.type(0) !== STRING) {
      const names = n.numbers(0).map((i) => classes[i] ?? attributes.string("default_string", "_Unused"));
      return stringTensor(shape, names);
    }
    const at = new Map(classes.map((name, i) => [name, i]));
    return hostTensor(INT64, shape, n.strings(0).map((s) => at.get(s) ?? attributes.int("default_int64", -1))); // prettier-ignore
  }
  const [keys, values] = [column(n, "keys"), column(n, "values")];
  const table = new Map(keys.words.map((key, i) => [key, values.words[i]!]));
  const given = attributes.tensor("default_tensor");
  const missing = (): Word => {
    if (given) return (readTensor(given).data as ArrayLike<Word>)[0]!;
    if (values.type === STRING) return attributes.string("default_string", "_Unused");
    return values.type === INT64 ? attributes.int("default_int64", -1) : attributes.float("default_float", -0);
  };
  return tensorOf(values.type, shape, wordsOf(n).map((word) => table.get(word) ?? missing())); // prettier-ignore
}

/** Words of one of two vocabularies as those of the other. */
function categoryMapper(n: NodeContext): Value {
  const { attributes } = n;
  const [names, numbers] = [attributes.strings("cats_strings") ?? [], attributes.ints("cats_int64s") ?? []];
  if (n.type(0) === STRING) {
    const table = new Map(names.map((name, i) => [name, numbers[i]!]));
    return hostTensor(INT64, n.shape(0), n.strings(0).map((s) => table.get(s) ?? attributes.int("default_int64", -1))); // prettier-ignore
  }
  const table = new Map(numbers.map((number, i) => [number, names[i]!]));
  return stringTensor(n.shape(0), n.numbers(0).map((x) => table.get(x) ?? attributes.string("default_string", "_Unused"))); // prettier-ignore
}

function oneHotEncoder(n: NodeContext): NdArray | Value {
  const { attributes } = n;
  const names = attributes.strings("cats_strings");
  const strict = !attributes.flag("zeros", true);
  if (names?.length) {
    const words = n.strings(0);
    if (strict && !words.every((w) => names.includes(w))) n.fail("an element is in none of the categories");
    return hostTensor(FLOAT, [...n.shape(0), names.length], words.flatMap((w) => names.map((name) => Number(name === w)))); // prettier-ignore
  }
  const categories = attributes.ints("cats_int64s") ?? [];
  const x = n.x(0).astype("int32");
  const hot = np.equal(np.expandDims(x, -1), np.array(Int32Array.from(categories), { shape: [categories.length] }));
  if (strict && n.known(0)?.some((v) => !categories.includes(Math.trunc(v))))
    n.fail("an element is in none of the categories");
  return n.as(hot.astype("float32"), FLOAT);
}

function imputer(n: NodeContext): NdArray {
  const { attributes } = n;
  const x = n.x(0);
  const isFloat = n.isFloat(0);
  const values = (isFloat ? attributes.floats("imputed_value_floats") : attributes.ints("imputed_value_int64s")) ?? [];
  const bad = isFloat ? attributes.float("replaced_value_float", 0) : attributes.int("replaced_value_int64", 0);
  const replaced = Number.isNaN(bad) ? np.isnan(x) : np.equal(x, bad);
  return np.where(replaced, np.array(Float64Array.from(values), { shape: [values.length], dtype: x.dtype }), x);
}

function normalizer(n: NodeContext): NdArray {
  const x = n.x(0).astype("float32");
  const norm = n.attributes.string("norm", "MAX");
  const size = (): NdArray => {
    if (norm === "L1") return np.sum(np.abs(x), -1, { keepdims: true });
    if (norm === "L2") return np.sqrt(np.sum(np.square(x), -1, { keepdims: true }));
    return np.max(x, -1, { keepdims: true });
  };
  const divisor = size();
  return x.div(np.where(np.equal(divisor, 0), np.onesLike(divisor), divisor));
}

function scaler(n: NodeContext): NdArray {
  const x = n.x(0).astype("float32");
  const list = (name: string): NdArray | null => {
    const given = n.attributes.floats(name);
    return given?.length ? np.array(Float32Array.from(given), { shape: [given.length] }) : null;
  };
  const [offset, scale] = [list("offset"), list("scale")];
  const moved = offset ? x.sub(offset) : x;
  return scale ? moved.mul(scale) : moved;
}

function featureVectorizer(n: NodeContext): NdArray {
  const parts = n.all().map((x) => (x.ndim === 1 ? np.expandDims(x, 0) : x.reshape([x.shape[0]!, -1])));
  return np.concatenate(parts.map((x) => x.astype("float32")), 1); // prettier-ignore
}

/** Elements along the last axis. */
function arrayFeatureExtractor(n: NodeContext): NdArray {
  const x = n.x(0).ndim === 1 ? np.expandDims(n.x(0), 0) : n.x(0);
  return np.take(x, n.x(1).astype("int32").reshape([-1]), x.ndim - 1);
}

export const mlFeatures: OperatorTable = {
  ArrayFeatureExtractor: arrayFeatureExtractor,
  Binarizer: (n) => np.greater(n.x(0), n.attributes.float("threshold", 0)).astype(n.dtype(0)),
  CategoryMapper: categoryMapper,
  FeatureVectorizer: featureVectorizer,
  Imputer: imputer,
  LabelEncoder: labelEncoder,
  Normalizer: normalizer,
  OneHotEncoder: oneHotEncoder,
  Scaler: scaler,
};

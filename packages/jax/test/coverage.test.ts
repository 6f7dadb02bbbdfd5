/** How many of JAX's names there are (oracles/names.py), printed for each module; each name that is left out has a reason. */
import * as jax from "@jax-js/jax";
import { expect, test } from "vitest";
import oracle from "./oracles/names.json";

const LOWEST = 97;

/** Names that make no sense here, by the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "complex values are pairs { real, imag } of arrays, not a dtype": "ComplexWarning cdouble character complex128 complex64 complex_ complexfloating csingle sort_complex",
  "JAX has 64-bit integers only behind a global flag; there is no such flag": "int64 uint64",
  "no device here stores numbers of fewer than 8 bits, or of 8 bits with an exponent": "float4_e2m1fn float6_e2m3fn float6_e3m2fn float8_e3m4 float8_e4m3 float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu int1 int2 int4 uint1 uint2 uint4",
  "abstract classes of NumPy; issubdtype takes their names": "flexible object_",
  "Python objects: files, and the protocol of array libraries; frombuffer and devicePut read memory": "from_dlpack fromfile",
  "classes whose values are plain objects, strings and functions here": "ufunc AccuracyMode ConvGeneralDilatedDimensionNumbers DotAlgorithm DotAlgorithmPreset DotDimensionNumbers FftType GatherDimensionNumbers GatherScatterMode PrecisionLike RaggedDotDimensionNumbers RandomAlgorithm RoundingMethod ScatterDimensionNumbers Tolerance EigImplementation EighImplementation SvdAlgorithm Initializer OptimizeResults",
  "tokens order effects of XLA programs; effects here keep their order": "after_all create_token",
  "messages between processes: there is one process": "precv psend ragged_all_to_all pcast",
  "a generator with hidden state, whose numbers depend on the platform": "rng_uniform",
  "dtypes of keys, of tangents of integers, and their like: keys are arrays of uint32, and integers have no tangents": "extended float0 prng_key",
  "a TypeError; errors here are JaxErrors with a class for each kind": "TypePromotionError",
  "parts of paths as objects: paths are text here, and keystr spells them": "DictKey FlattenedIndexKey GetAttrKey KeyEntry KeyPath SequenceKey",
  "registries of classes and one level of them: a class's own property says how it is taken apart": "default_registry flatten_one_level flatten_one_level_with_keys is_tree_node",
  "of JAX's inner workings: NumPy's dtype, a scaled product that nn.scaledMatmul has, a marker of stages and of static leaves": "dtype scaled_dot stage static",
}; // prettier-ignore

const reasonOf = new Map(
  Object.entries(LEFT_OUT).flatMap(([reason, names]) => names.split(" ").map((name) => [name, reason] as const)),
);
/** Primitives are JAX's `add_p`; their records are not public here. */
const isPrimitive = (name: string): boolean => name.endsWith("_p");

const plain = (name: string): string => name.toLowerCase().replaceAll("_", "");

function namespaceOf(path: string): object {
  const camel = (part: string): string => part.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
  return path.split(".").reduce((at, part) => (at as Record<string, object>)[camel(part)]!, jax as object);
}

interface Row {
  readonly module: string;
  readonly sensible: number;
  readonly present: number;
  readonly missing: readonly string[];
  readonly leftOut: readonly string[];
}

function rowOf(module: string, names: readonly string[]): Row {
  const ours = new Set(Object.keys(namespaceOf(module)).map(plain));
  const functions = names.filter((n) => !isPrimitive(n));
  const absent = functions.filter((n) => !ours.has(plain(n)));
  const missing = absent.filter((n) => !reasonOf.has(n));
  const leftOut = absent.filter((n) => reasonOf.has(n));
  const sensible = functions.length - leftOut.length;
  return { module, sensible, present: sensible - missing.length, missing, leftOut };
}

const rows = Object.entries(oracle.modules).map(([module, names]) => rowOf(module, names));

test("names of JAX's modules are here", () => {
  const percent = ({ present, sensible }: Row): number => (100 * present) / Math.max(1, sensible);
  const lines = rows.map((r) =>
    [
      r.module.padEnd(32),
      `${r.present} of ${r.sensible}`.padStart(11),
      `${percent(r).toFixed(1)} %`.padStart(8),
      r.missing.length > 0 ? `missing: ${r.missing.join(" ")}` : "",
    ].join(" "),
  );
  const reasons = Object.entries(LEFT_OUT).map(([reason, names]) => `  ${reason}: ${names}`);
  console.info(["names present", ...lines, "left out", ...reasons].join("\n"));
  expect(rows.filter((r) => percent(r) < LOWEST).map((r) => r.module)).toEqual([]);
});

test("no name that is left out is here after all", () => {
  const absent = new Set(rows.flatMap((r) => r.leftOut));
  expect([...reasonOf.keys()].filter((name) => !absent.has(name))).toEqual([]);
});

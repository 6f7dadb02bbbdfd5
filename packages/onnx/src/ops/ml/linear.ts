/** Linear models and support vectors of ai.onnx.ml. */
import { lax, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray, type Value } from "../../value";
import { type OperatorTable } from "../operator";
import { labelled, transformed } from "./classes";

/** A list of floats of the node as [rows, columns]. */
function matrix(n: NodeContext, name: string, rows: number): NdArray {
  const list = n.attributes.floats(name) ?? [];
  if (rows < 1 || list.length % rows !== 0) n.fail(`${list.length} numbers in ${name} for ${rows} rows`);
  return np.array(Float32Array.from(list), { shape: [rows, list.length / rows] });
}

const rows = (n: NodeContext): NdArray => {
  const x = n.x(0).astype("float32");
  return x.ndim === 1 ? np.expandDims(x, 0) : x;
};

/** `X coefficientsT + intercepts`. */
function scores(n: NodeContext, count: number): NdArray {
  const product = np.matmul(rows(n), np.matrixTranspose(matrix(n, "coefficients", count)));
  const intercepts = n.attributes.floats("intercepts");
  return intercepts?.length
    ? product.add(np.array(Float32Array.from(intercepts), { shape: [intercepts.length] }))
    : product;
}

/** One column of scores for two labels stands for both classes. */
function linearClassifier(n: NodeContext): (NdArray | Value)[] {
  const { attributes } = n;
  const labels = attributes.strings("classlabels_strings")?.length ?? attributes.ints("classlabels_ints")?.length ?? 0;
  const count = attributes.floats("intercepts")?.length || labels;
  const raw = scores(n, count);
  const both = count === 1 && labels === 2;
  const all = both ? np.concatenate([raw.neg(), raw], 1) : raw;
  const index = both ? np.greater(raw, 0).astype("int32").reshape([-1]) : np.argmax(all, 1);
  return [labelled(n, index, "classlabels_ints", "classlabels_strings"), transformed(n, all)];
}

/** Support vectors and what the kernel makes of their products with rows. */
function svmRegressor(n: NodeContext): NdArray {
  const { attributes } = n;
  const x = rows(n);
  const count = attributes.int("n_supports", 0);
  const rho = attributes.floats("rho")?.[0] ?? 0;
  const [gamma = 0, coef0 = 0, degree = 0] = attributes.floats("kernel_params") ?? [];
  const coefficients = matrix(n, "coefficients", 1);
  const kernel = (): NdArray => {
    if (count === 0) return x;
    const support = matrix(n, "support_vectors", count);
    const product = np.matmul(x, np.matrixTranspose(support));
    switch (attributes.string("kernel_type", "LINEAR")) {
      case "LINEAR":
        return product;
      case "POLY":
        return np.power(product.mul(gamma).add(coef0), degree);
      case "RBF": {
        const difference = np.expandDims(x, 1).sub(np.expandDims(support, 0));
        return np.exp(np.sum(np.square(difference), -1).mul(-gamma));
      }
      case "SIGMOID":
        return np.tanh(product.mul(gamma).add(coef0));
      default:
        return n.fail(`the kernel "${attributes.string("kernel_type", "")}" is not known`);
    }
  };
  const y = np.matmul(kernel(), np.matrixTranspose(coefficients)).add(rho);
  const decided = attributes.flag("one_class")
    ? np.where(np.greater(y, 0), np.onesLike(y), lax.neg(np.onesLike(y)))
    : y;
  return transformed(n, decided);
}

export const mlLinear: OperatorTable = {
  LinearClassifier: linearClassifier,
  LinearRegressor: (n) => transformed(n, scores(n, n.attributes.int("targets", 1))),
  SVMRegressor: svmRegressor,
};

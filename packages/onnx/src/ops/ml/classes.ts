/** What the classifiers of ai.onnx.ml share: labels, and what is done to scores at the end. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { INT64 } from "../../elem-type";
import { type NodeContext } from "../../graph/node-context";
import { type NdArray, type Value, deviceTensor, stringTensor } from "../../value";

/** Scores [n, e] as the node wants them. */
export function transformed(n: NodeContext, x: NdArray, name = n.attributes.string("post_transform", "NONE")): NdArray {
  switch (name) {
    case "NONE":
      return x;
    case "SOFTMAX":
      return nn.softmax(x, -1);
    case "LOGISTIC":
      return nn.sigmoid(x);
    case "SOFTMAX_ZERO": {
      const zero = np.equal(x, 0);
      const powers = np.where(zero, np.zerosLike(x), np.exp(x.sub(np.max(x, -1, { keepdims: true }))));
      return powers.div(np.sum(powers, -1, { keepdims: true }));
    }
    case "PROBIT":
      return lax.erfInv(x.mul(2).sub(1)).mul(Math.SQRT2);
    default:
      return n.fail(`the post_transform "${name}" is not known`);
  }
}

/** The labels of classes by number; strings need the numbers now. */
export function labelled(n: NodeContext, index: NdArray, ints: string, strings: string): Value {
  const names = n.attributes.strings(strings);
  if (!names?.length) {
    const numbers = n.attributes.ints(ints) ?? [];
    const table = np.array(Int32Array.from(numbers), { shape: [numbers.length], dtype: "int32" });
    return deviceTensor(np.take(table, index, { axis: 0, mode: "clip" }), INT64);
  }
  const known =
    n.read(deviceTensor(index.astype("int32"), INT64)) ?? n.fail("gives strings, which needs the scores now");
  return stringTensor([...index.shape], Array.from(known, (i) => names[i] ?? "")); // prettier-ignore
}

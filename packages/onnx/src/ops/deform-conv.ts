/** Convolution whose kernel reads at places moved by a tensor of offsets. */
import { numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type NdArray, sizeOf } from "../value";
import { perChannel } from "./conv";
import { type OperatorTable } from "./operator";
import { choices, interpolate } from "./sample";
import { reach, windowOf } from "./window";

function deformConv(n: NodeContext): NdArray {
  const x = n.x(0); // [n, c, ...space]
  const w = n.x(1); // [oc, c / group, ...kernel]
  const [batch, c, ...space] = x.shape as [number, number, ...number[]];
  const kernel = w.shape.slice(2);
  const rank = space.length;
  const { strides, dilations, pads } = windowOf(n, space, kernel);
  const group = n.attributes.int("group", 1);
  const offsetGroups = n.attributes.int("offset_group", 1);
  const out = space.map((d, i) => Math.floor((d + pads[i]![0] + pads[i]![1] - reach(kernel[i]!, dilations[i]!)) / strides[i]!) + 1); // prettier-ignore
  n.allow([batch, c, ...kernel, ...out]);
  const [nKernel, nOut] = [sizeOf(kernel), sizeOf(out)];
  const offsets = n.x(2).reshape([batch, offsetGroups, nKernel, rank, nOut]);
  const mask = n.has(4) ? n.x(4).reshape([batch, offsetGroups, nKernel, nOut]) : null;
  const taps = choices(kernel);
  const places = choices(out);
  // Where each element of the kernel reads without offsets: [kernel, out] per axis.
  const regular = space.map((_, i) =>
    np.array(
      Float32Array.from(
        taps.flatMap((t) => places.map((p) => p[i]! * strides[i]! + t[i]! * dilations[i]! - pads[i]![0])),
      ),
      { shape: [nKernel, nOut] },
    ),
  );
  const perGroup = c / offsetGroups;
  const read = Array.from({ length: offsetGroups }, (_, g) => {
    const positions = space.map((__, i) => offsets.slice([], g, [], i).add(regular[i]!).reshape([batch, -1])); // [n, kernel * out]
    const part = x.slice([], [g * perGroup, (g + 1) * perGroup]);
    const values = interpolate(part, positions, true).reshape([batch, perGroup, nKernel, nOut]);
    return mask ? values.mul(np.expandDims(mask.slice([], g), 1)) : values;
  });
  const columns = np.concatenate(read, 1).reshape([batch, group, (c / group) * nKernel, nOut]);
  const [oc] = w.shape as [number];
  const matrix = w.reshape([group, oc / group, (c / group) * nKernel]);
  const y = np.einsum("gok,ngkp->ngop", matrix, columns).reshape([batch, oc, ...out]);
  return n.has(3) ? y.add(perChannel(n.x(3), y.ndim)) : y;
}

export const deformable: OperatorTable = { DeformConv: deformConv };

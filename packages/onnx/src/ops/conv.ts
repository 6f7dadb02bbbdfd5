/** Convolutions. */
import { lax, nn, numpy as np } from "@jax-js/jax";
import { INT32 } from "../elem-type";
import { type NodeContext } from "../graph/node-context";
import { type NdArray } from "../value";
import { minusZeroPoint } from "./linear";
import { type OperatorTable } from "./operator";
import { listOf, reach, windowOf } from "./window";

/** Per channel: [c] beside [n, c, ...space]. */
export const perChannel = (x: NdArray, rank: number): NdArray =>
  x.reshape([x.size, ...Array.from({ length: rank - 2 }, () => 1)]);

/** The convolution of a node, of arrays made from its inputs. */
export function convolve(n: NodeContext, x: NdArray, w: NdArray): NdArray {
  const kernel = n.attributes.ints("kernel_shape") ?? w.shape.slice(2);
  const { strides, dilations, pads } = windowOf(n, x.shape.slice(2), kernel);
  return lax.convGeneralDilated(x, w, strides, pads, {
    rhsDilation: dilations,
    featureGroupCount: n.attributes.int("group", 1),
  });
}

function conv(n: NodeContext): NdArray {
  const out = convolve(n, n.x(0), n.x(1));
  return n.has(2) ? out.add(perChannel(n.x(2), out.ndim)) : out;
}

function convInteger(n: NodeContext): NdArray {
  const x = minusZeroPoint(n.x(0), n.optional(2), -1);
  const zero = n.optional(3);
  const w = minusZeroPoint(n.x(1), zero && zero.size > 1 ? zero.reshape([-1, ...n.shape(1).slice(1).map(() => 1)]) : zero, -1); // prettier-ignore
  return convolve(n, x, w);
}

/** Zeros between the pixels, then a convolution with the kernel turned around. */
function convTranspose(n: NodeContext): NdArray {
  const x = n.x(0);
  const w = n.x(1); // [c, m / group, ...kernel]
  const space = x.shape.slice(2);
  const rank = space.length;
  const kernel = w.shape.slice(2);
  const group = n.attributes.int("group", 1);
  const strides = listOf(n, "strides", rank, 1);
  const dilations = listOf(n, "dilations", rank, 1);
  const extra = listOf(n, "output_padding", rank, 0);
  const full = space.map((d, i) => strides[i]! * (d - 1) + extra[i]! + reach(kernel[i]!, dilations[i]!));
  n.allow([x.shape[0]!, w.shape[1]! * group, ...full]);
  const pads = transposedPads(n, full, space, strides);
  const [c, m] = w.shape as [number, number];
  const grouped = w.reshape([group, c / group, m, ...kernel]);
  const swapped = np.swapaxes(grouped, 1, 2).reshape([group * m, c / group, ...kernel]);
  const turned = lax.rev(swapped, kernel.map((_, i) => i + 2)); // prettier-ignore
  // What is cut from the full result; a negative count of zeros around is a cut too.
  const around = pads.map(([before, after], i): [number, number] => {
    const r = reach(kernel[i]!, dilations[i]!) - 1;
    return [r - before, r - after + extra[i]!];
  });
  const out = lax.convGeneralDilated(x, turned, space.map(() => 1), around.map(([a, b]) => [Math.max(a, 0), Math.max(b, 0)]), {
    lhsDilation: strides,
    rhsDilation: dilations,
    featureGroupCount: group,
  }); // prettier-ignore
  const cut = lax.slice(
    out,
    [0, 0, ...around.map(([a]) => Math.max(-a, 0))],
    out.shape.map((d, i) => (i < 2 ? d : d - Math.max(-around[i - 2]![1], 0))),
    out.shape.map(() => 1),
  );
  return n.has(2) ? cut.add(perChannel(n.x(2), cut.ndim)) : cut;
}

/** Pads from the attributes, from the wanted output's shape, or so that the output is `stride` times the input. */
function transposedPads(
  n: NodeContext,
  full: readonly number[],
  space: readonly number[],
  strides: readonly number[],
): [number, number][] {
  const auto = n.attributes.string("auto_pad", "NOTSET");
  const given = n.attributes.ints("output_shape");
  const wanted = given?.slice(-space.length) ?? (auto.startsWith("SAME") ? space.map((d, i) => d * strides[i]!) : null);
  if (!wanted) {
    const flat = auto === "VALID" ? space.flatMap(() => [0, 0]) : listOf(n, "pads", 2 * space.length, 0);
    return space.map((_, i) => [flat[i]!, flat[i + space.length]!]);
  }
  return full.map((size, i) => {
    const total = size - wanted[i]!;
    const half = Math.floor(total / 2);
    return auto === "SAME_UPPER" ? [half, total - half] : [total - half, half];
  });
}

/** Columns of patches put back where they came from, summed. */
function col2Im(n: NodeContext): NdArray {
  const image = [...n.allow(n.numbers(1))];
  const block = n.numbers(2);
  const { strides, dilations, pads } = windowOf(n, image, block);
  const x = n.x(0); // [n, c * prod(block), positions]
  const blockSize = block.reduce((a, b) => a * b, 1);
  const [batch, columns] = x.shape as [number, number];
  const channels = columns / blockSize;
  const counts = image.map((d, i) => Math.floor((d + pads[i]![0] + pads[i]![1] - reach(block[i]!, dilations[i]!)) / strides[i]!) + 1); // prettier-ignore
  const cells = x.reshape([batch * channels, blockSize, ...counts]);
  // A transposed convolution whose kernel is one at the place of each element of the block.
  const eye = np.eye(blockSize, { dtype: x.dtype }).reshape([1, blockSize, ...block]);
  const turned = lax.rev(eye, block.map((_, i) => i + 2)); // prettier-ignore
  const around = image.map((d, i): [number, number] => {
    const r = reach(block[i]!, dilations[i]!) - 1;
    const covered = (counts[i]! - 1) * strides[i]! + 1;
    return [r - pads[i]![0], d - covered + pads[i]![0]];
  });
  const out = lax.convGeneralDilated(cells, turned, block.map(() => 1), around, {
    lhsDilation: strides,
    rhsDilation: dilations,
  }); // prettier-ignore
  return out.reshape([batch, channels, ...image]);
}

/** Depthwise over the past and the present; the last `k - 1` values are the state. */
function causalConvWithState(n: NodeContext): (NdArray | null)[] {
  const x = n.x(0); // [b, c, t]
  const w = n.x(1); // [c, 1, k]
  const [b, c] = x.shape as [number, number];
  const k = w.shape[2]!;
  const past = n.optional(3) ?? np.zeros([b, c, k - 1], { dtype: x.dtype });
  const all = np.concatenate([past, x], 2);
  let out = lax.convGeneralDilated(all, w, [1], "VALID", { featureGroupCount: c });
  if (n.has(2)) out = out.add(n.x(2).reshape([c, 1]));
  if (n.attributes.string("activation", "none") !== "none") out = nn.silu(out);
  const size = all.shape[2]!;
  return [out, lax.sliceInDim(all, size - (k - 1), size, 1, 2)];
}

export const convolution: OperatorTable = {
  CausalConvWithState: causalConvWithState,
  Col2Im: col2Im,
  Conv: conv,
  ConvInteger: (n) => n.as(convInteger(n), INT32),
  ConvTranspose: convTranspose,
};

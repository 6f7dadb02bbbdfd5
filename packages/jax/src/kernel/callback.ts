/** Calls of the host from a program, on devices whose memory the host can see. */
import { type DataArray, unpackElements } from "../aval/data-array";
import { prod } from "../base/list";
import { sizeBytesOf } from "../aval/dtype";
import type { CallbackKernel } from "./program";

/** `viewOf` gives a buffer's elements as they are stored. */
export function runCallback(
  { call, operands, shapes, dtypes }: CallbackKernel,
  viewOf: (buffer: number) => ArrayLike<number>,
): void {
  call(
    operands.map((buffer, i) => {
      const [shape, dtype] = [shapes[i]!, dtypes[i]!];
      const view = viewOf(buffer) as DataArray & ArrayBufferView;
      // A copy: the memory is used again when the call is over.
      const bytes = new Uint8Array(view.buffer, view.byteOffset, prod(shape) * sizeBytesOf(dtype)).slice();
      return { data: unpackElements(bytes, dtype), shape, dtype };
    }),
  );
}

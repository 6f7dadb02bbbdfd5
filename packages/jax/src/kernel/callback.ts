/** Calls of the host from a program. */
import { type DataArray, unpackElements } from "../aval/data-array";
import { prod } from "../base/list";
import { sizeBytesOf } from "../aval/dtype";
import type { CallbackKernel } from "./program";

/** `viewOf` gives a buffer's elements as they are stored. */
export function runCallback(kernel: CallbackKernel, viewOf: (buffer: number) => ArrayLike<number>): void {
  const copies = kernel.operands.map((buffer, i) => {
    const view = viewOf(buffer) as DataArray & ArrayBufferView;
    // A copy: the memory is used again when the call is over.
    const size = prod(kernel.shapes[i]!) * sizeBytesOf(kernel.dtypes[i]!);
    return new Uint8Array(view.buffer, view.byteOffset, size).slice();
  });
  callHost(kernel, copies);
}

/** Calls with the operands' packed elements. */
export function callHost({ call, shapes, dtypes }: CallbackKernel, operands: readonly Uint8Array[]): void {
  call(
    operands.map((bytes, i) => {
      const [shape, dtype] = [shapes[i]!, dtypes[i]!];
      return { data: unpackElements(bytes, dtype), shape, dtype };
    }),
  );
}

/** onnxruntime-web for WebGPU, and where its files are. */
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import mjs from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";

export * as ort from "onnxruntime-web/webgpu";
export const paths = { wasm, mjs };

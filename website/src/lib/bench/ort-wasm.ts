/** onnxruntime-web for WebAssembly, and where its files are. */
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import mjs from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";

export * as ort from "onnxruntime-web/wasm";
export const paths = { wasm, mjs };

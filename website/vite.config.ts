import { sveltekit } from "@sveltejs/kit/vite";
import { defaultClientConditions, defineConfig } from "vite";

// Cross-origin isolation gives pages SharedArrayBuffer, which the team of workers needs.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  plugins: [sveltekit()],
  // onnxruntime-web with its code for workers in a file of its own, whose URL it is told.
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  // .wasm files are fetched by those who need them.
  build: { assetsInlineLimit: 0 },
  server: { headers },
  preview: { headers },
});

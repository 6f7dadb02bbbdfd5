import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

// Cross-origin isolation gives pages SharedArrayBuffer, which the team of workers needs.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  plugins: [sveltekit()],
  server: { headers },
  preview: { headers },
});

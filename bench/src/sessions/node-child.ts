/** Entry of a Node process that holds one peer and answers messages. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Host, createHost } from "../host";
import { addIteratorHelpers } from "../peers/iterator-helpers";
import { createJaxPeer } from "../peers/jax";
import { createOrtPeer } from "../peers/ort";
import type { Peer } from "../peers/peer";
import type { Method, SessionOptions } from "./session";
import { VERSIONS } from "./versions";

export interface Request {
  readonly id: number;
  readonly method: Method | "start" | "memory";
  readonly args: readonly unknown[];
}

const assetsOf = (file: string): string => dirname(createRequire(import.meta.url).resolve(file));

async function createPeer({ peer, threads }: SessionOptions): Promise<Peer | null> {
  switch (peer) {
    case "none":
      return null;
    case "ours":
      return createJaxPeer(await import("@jax-js/jax"), VERSIONS.ours, threads);
    case "jax-js":
      addIteratorHelpers();
      return createJaxPeer(await import("jax-js-npm"), VERSIONS["jax-js"], threads);
    case "tfjs": {
      const { createTfPeer } = await import("../peers/tfjs");
      return createTfPeer(join(assetsOf("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm"), "/"), threads);
    }
    case "ort":
      return createOrtPeer(await import("onnxruntime-web"), threads);
  }
}

let host: Host;

async function answer({ method, args }: Request): Promise<unknown> {
  if (method === "start") {
    host = createHost(await createPeer(args[0] as SessionOptions));
    return host.info();
  }
  if (method === "memory") {
    globalThis.gc?.();
    return process.memoryUsage().rss;
  }
  return (host[method] as (...args: readonly unknown[]) => unknown)(...args);
}

process.on("message", (request: Request) => {
  answer(request).then(
    (result) => process.send!({ id: request.id, result }),
    (error: unknown) => process.send!({ id: request.id, error: String(error).slice(0, 400) }),
  );
});
// The benchmark was interrupted.
process.on("disconnect", () => process.exit());

/** Entry of a page that holds one peer. */
import { type Host, createHost } from "../host";
import { createJaxPeer } from "../peers/jax";
import { type Ort, createOrtPeer } from "../peers/ort";
import type { Peer } from "../peers/peer";
import type { Method, SessionOptions } from "./session";
import { VERSIONS } from "./versions";

async function createPeer({ peer, threads }: SessionOptions): Promise<Peer | null> {
  switch (peer) {
    case "none":
      return null;
    case "ours":
      return createJaxPeer(await import("@jax-js/jax"), VERSIONS.ours, threads);
    case "jax-js":
      return createJaxPeer(await import("jax-js-npm"), VERSIONS["jax-js"], threads);
    case "tfjs": {
      // Its pool has half as many threads as there are cores; told of twice the cores, it has those that were asked for.
      if (threads > 1) Object.defineProperty(navigator, "hardwareConcurrency", { value: 2 * threads });
      const { createTfPeer } = await import("../peers/tfjs");
      return createTfPeer("/tfjs/", threads);
    }
    case "ort": {
      const module = "/ort/ort.wasm.min.mjs";
      const ort = (await import(module)) as Ort;
      ort.env.wasm.wasmPaths = new URL("/ort/", location.href).href;
      return createOrtPeer(ort, threads);
    }
  }
}

let host: Host;

async function answer(method: Method | "start", args: readonly unknown[]): Promise<unknown> {
  if (method === "start") {
    host = createHost(await createPeer(args[0] as SessionOptions));
    return host.info();
  }
  return (host[method] as (...args: readonly unknown[]) => unknown)(...args);
}

Object.assign(globalThis, { answer });

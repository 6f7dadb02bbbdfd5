/** Serves folders under path prefixes, and an empty page at the root. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
} as const;

export interface FolderServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveFolders({
  folders,
  isolated,
}: {
  readonly folders: Readonly<Record<string, string>>;
  readonly isolated: boolean;
}): Promise<FolderServer> {
  // The longest prefix first.
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    const prefix = prefixes.find((start) => path.startsWith(start)) ?? "/";
    const headers = { ...(isolated ? ISOLATION : {}), "Cache-Control": "no-store" };
    if (path === "/") {
      response.writeHead(200, { ...headers, "Content-Type": "text/html" }).end("<!doctype html><title>bench</title>");
      return;
    }
    readFile(join(folders[prefix]!, path.slice(prefix.length))).then(
      (body) => {
        const type = TYPES[extname(path)] ?? "application/octet-stream";
        response.writeHead(200, { ...headers, "Content-Type": type }).end(body);
      },
      () => response.writeHead(path === "/favicon.ico" ? 204 : 404).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, "localhost", done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((done) => server.close(() => done())),
  };
}

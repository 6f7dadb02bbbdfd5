/** A server with the faults that networks have, each as a way to answer. */
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse, nRequest: number) => void;

export interface Server {
  readonly url: string;
  /** The Range header of each request, or null. */
  readonly ranges: (string | null)[];
  close(): Promise<void>;
}

/** Starts a server that answers so. */
export async function serve(answer: Answer): Promise<Server> {
  const ranges: (string | null)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? null);
    answer(request, response, ranges.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.bin`,
    ranges,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface FileOptions {
  readonly etag?: string | undefined;
  readonly lastModified?: string;
  /** Bytes sent before the connection is cut; all unless given. */
  readonly dropAfter?: number;
  /** As `dropAfter`, but the connection stays open and silent. */
  readonly stallAfter?: number;
  readonly ignoresRange?: boolean;
  readonly contentLength?: number;
}

/** Answers with a file, giving parts where asked. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  o: FileOptions = {},
): void {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const begin = match === null || o.ignoresRange ? 0 : Number(match[1]);
  if (o.etag !== undefined) response.setHeader("etag", o.etag);
  if (o.lastModified !== undefined) response.setHeader("last-modified", o.lastModified);
  if (begin > 0 && begin >= file.length) {
    response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    return;
  }
  if (begin > 0) response.setHeader("content-range", `bytes ${begin}-${file.length - 1}/${file.length}`);
  const body = file.subarray(begin);
  response.writeHead(begin > 0 ? 206 : 200, { "content-length": o.contentLength ?? body.length });
  if (o.dropAfter !== undefined) {
    response.write(body.subarray(0, o.dropAfter), () => setTimeout(() => response.destroy(), 10));
  } else if (o.stallAfter !== undefined) {
    response.write(body.subarray(0, o.stallAfter));
  } else {
    response.end(body);
  }
}

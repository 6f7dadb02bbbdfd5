/** A peer in a Node process. */
import { fork } from "node:child_process";
import { join } from "node:path";
import type { PeerInfo } from "../peers/peer";
import type { Request } from "./node-child";
import { type Session, type SessionOptions, remote } from "./session";

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export async function startNodeSession(options: SessionOptions): Promise<Session> {
  const child = fork(join(options.bundles, "node-child.mjs"), {
    execArgv: ["--expose-gc", ...options.nodeFlags],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    serialization: "advanced",
  });
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let requests = 0;
  let ended: Error | null = null;
  child.on("message", ({ id, result, error }: Answer) => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) request?.resolve(result);
    else request?.reject(new Error(error));
  });
  child.on("exit", (code, signal) => {
    ended = new Error(`the process of ${options.peer} ended (${code ?? signal})`);
    for (const request of waiting.values()) request.reject(ended);
  });
  const call = (method: Request["method"], args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== null) return reject(ended);
      const request: Request = { id: ++requests, method, args };
      waiting.set(request.id, { resolve, reject });
      child.send(request);
    });

  const stop = async (): Promise<void> => void child.kill("SIGKILL");
  try {
    return {
      ...remote(call),
      info: (await call("start", [options])) as PeerInfo,
      memory: async () => (await call("memory", [])) as number,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

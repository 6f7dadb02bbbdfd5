/**
 * Workers from source text: without files of their own, so that pages may load the library from anywhere. The text
 * defines `start(settings, post)`, which sets a function `receive(message)` if the worker takes messages.
 */

export interface WorkerHandle {
  /** Resolves when it surely does not touch the memory any more. */
  terminate(): Promise<unknown>;
  postMessage(message: unknown): void;
  /** In Node, whether the process waits for it. */
  ref?(): void;
  unref?(): void;
}

interface WorkerListeners {
  /** It died, or could not be made; may be called more than once. */
  onEnd(): void;
  onMessage?(message: unknown): void;
}

interface NodeWorker extends WorkerHandle {
  on(event: "error" | "exit" | "message", listener: (value: unknown) => void): void;
}

interface NodeThreads {
  readonly Worker: new (source: string, options: object) => NodeWorker;
}

export interface NodeProcess {
  readonly versions?: { readonly node?: string };
  readonly env?: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?(name: string): unknown;
}

const forNode = (source: string): string => `${source}
const { workerData, parentPort } = require("node:worker_threads");
start(workerData, (message) => parentPort.postMessage(message));
if (typeof receive === "function") parentPort.on("message", receive);`;

const forBrowser = (source: string): string => `${source}
onmessage = ({ data: settings }) => {
  start(settings, (message) => postMessage(message));
  if (typeof receive === "function") onmessage = ({ data }) => receive(data);
};`;

/** Browsers let a worker that is busy go on for some time, Chromium for 2 seconds, and do not say when it has ended. */
const GRACE = 3000;

/** Null where workers cannot be made. */
export function startWorker(
  source: string,
  settings: object,
  { onEnd, onMessage }: WorkerListeners,
): WorkerHandle | null {
  try {
    const threads = nodeThreads();
    if (threads !== null) {
      const worker = new threads.Worker(forNode(source), { eval: true, workerData: settings });
      worker.unref?.();
      worker.on("error", onEnd);
      worker.on("exit", onEnd);
      if (onMessage !== undefined) worker.on("message", onMessage);
      return worker;
    }
    const url = URL.createObjectURL(new Blob([forBrowser(source)], { type: "text/javascript" }));
    const worker = new Worker(url, { name: "jax-js" });
    worker.onerror = (event) => {
      event.preventDefault();
      onEnd();
    };
    if (onMessage !== undefined) worker.onmessage = ({ data }) => onMessage(data);
    worker.postMessage(settings);
    return {
      postMessage: (message) => worker.postMessage(message),
      terminate() {
        worker.terminate();
        return new Promise((resolve) => setTimeout(resolve, GRACE));
      },
    };
  } catch {
    return null;
  }
}

export function nodeThreads(): NodeThreads | null {
  const { process } = globalThis as { process?: NodeProcess };
  if (process?.versions?.node === undefined) return null;
  return (process.getBuiltinModule?.("node:worker_threads") ?? null) as NodeThreads | null;
}

/** What we use of Node, written down here so that neither we nor our users need its types. */

interface FileHandle {
  write(bytes: Uint8Array, at: number, nBytes: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

interface Fs {
  stat(path: string): Promise<{ isFile(): boolean; size: number; mtime: Date }>;
  open(path: string, flags: string): Promise<FileHandle>;
  mkdir(path: string, options: { recursive: boolean }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
  readFile(path: string): Promise<Uint8Array>;
  readdir(path: string): Promise<string[]>;
}

export interface NodeModules {
  readonly fs: Fs;
  readonly os: { homedir(): string };
  readonly path: { join(...parts: string[]): string };
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Process {
  getBuiltinModule?: (name: string) => unknown;
  pid: number;
  env: NodeModules["env"];
}

/** Modules of Node, Deno or Bun; null in a browser. Not by `import`, which bundlers for browsers would stumble over. */
export function nodeModules(): NodeModules | null {
  const { process } = globalThis as { process?: Process };
  if (typeof process?.getBuiltinModule !== "function") return null;
  const fs = process.getBuiltinModule("node:fs/promises") as Fs | undefined;
  const os = process.getBuiltinModule("node:os") as NodeModules["os"] | undefined;
  const path = process.getBuiltinModule("node:path") as NodeModules["path"] | undefined;
  if (fs === undefined || os === undefined || path === undefined) return null;
  return { fs, os, path, pid: process.pid, env: process.env };
}

/** The folder for files that can be fetched again. */
export function cacheFolder({ os, path, env }: NodeModules): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = env;
  return path.join(XDG_CACHE_HOME ?? LOCALAPPDATA ?? path.join(os.homedir(), ".cache"), "jax-js");
}

/** The command line. */
import { parseArgs } from "node:util";
import { PEERS, type PeerName } from "./peers/peer";
import { suites } from "./workloads/index";

export interface Options {
  readonly env: "node" | "chromium";
  readonly threads: number;
  /** Workloads by their ids; they win over suites. */
  readonly only: readonly string[];
  readonly suites: readonly string[];
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  /** Milliseconds for each peer in each round. */
  readonly budgetMs: number;
  readonly nodeFlags: readonly string[];
  readonly markdown: string | undefined;
  readonly json: string | undefined;
}

export const HELP = `npm run bench -- [options]

  --env node|chromium   where; default node
  --threads N           default 1; in Chromium the page is cross-origin isolated from 2 on
  --suite a,b           ${suites.join(", ")}; default all
  --only id,id          single workloads
  --peers a,b           ${PEERS.join(", ")}; default all
  --rounds N            default 5; every peer has one turn in each
  --budget MS           milliseconds of a turn; default 250
  --node-flags a,b      for example --node-flags=--experimental-wasm-relaxed-simd
  --md FILE             writes the table, as Markdown
  --json FILE           writes everything that was measured`;

const list = (text: string | undefined): string[] => (text ?? "").split(",").filter((item) => item !== "");

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name}: expected a positive whole number, got ${text}`);
}

/** The options, or null if help was asked for. */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      env: { type: "string", default: "node" },
      threads: { type: "string", default: "1" },
      suite: { type: "string" },
      only: { type: "string" },
      peers: { type: "string", default: PEERS.join() },
      rounds: { type: "string", default: "5" },
      budget: { type: "string", default: "250" },
      "node-flags": { type: "string" },
      md: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const { env } = values;
  if (env !== "node" && env !== "chromium") throw new RangeError(`--env: expected node or chromium, got ${env}`);
  return {
    env,
    threads: count("threads", values.threads),
    only: list(values.only),
    suites: list(values.suite).filter((suite) => suite !== "all"),
    peers: list(values.peers).map((name) => {
      if ((PEERS as readonly string[]).includes(name)) return name as PeerName;
      throw new RangeError(`--peers: expected some of ${PEERS.join(", ")}, got ${name}`);
    }),
    rounds: count("rounds", values.rounds),
    budgetMs: count("budget", values.budget),
    nodeFlags: list(values["node-flags"]),
    markdown: values.md,
    json: values.json,
  };
}

/** Runs the benchmark: limits first, then one workload after another, and prints a table as it goes. */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { type Limits, leastMs, together } from "./limits/measure";
import { measure } from "./measure";
import { HELP, type Options, parseOptions } from "./options";
import type { PeerInfo, PeerName } from "./peers/peer";
import type { Result } from "./result";
import { startChromiumSession } from "./sessions/chromium";
import { startNodeSession } from "./sessions/node";
import type { Session, SessionOptions } from "./sessions/session";
import { markdown, tableHead, tableLine } from "./table";
import { chooseWorkloads } from "./workloads/index";

/** The least time for the limits of one kind: they are maxima. */
const LIMITS_MS = 100;

/** @param bundles where `run.mjs` has put the code for peers' processes and pages */
export async function main(args: readonly string[], bundles: string): Promise<void> {
  const options = parseOptions(args);
  if (options === null) {
    console.log(HELP);
    return;
  }
  const workloads = chooseWorkloads(options.only, options.suites);
  const start = (peer: SessionOptions["peer"]): Promise<Session> => {
    const { threads, nodeFlags } = options;
    return (options.env === "node" ? startNodeSession : startChromiumSession)({ peer, threads, nodeFlags, bundles });
  };

  const sessions = new Map<PeerName, Promise<Session>>();
  const peers: Partial<Record<PeerName, PeerInfo>> = {};
  const session = (peer: PeerName): Promise<Session> => {
    let found = sessions.get(peer);
    if (found === undefined) {
      found = start(peer).then((started) => {
        peers[peer] = started.info;
        return started;
      });
      sessions.set(peer, found);
    }
    return found;
  };
  const abandon = async (peer: PeerName): Promise<void> => {
    const abandoned = sessions.get(peer);
    sessions.delete(peer);
    await (await abandoned?.catch(() => undefined))?.stop();
  };

  try {
    const result = {
      ...circumstances(options),
      limits: await measureTogether(options, start),
      peers,
      rows: [],
    } as Result;
    console.log(tableHead(options.peers));
    for (const workload of workloads) {
      const { rounds, budgetMs } = options;
      const cells = await measure(workload, options.peers, { rounds, budgetMs, session, start, abandon });
      const row = { id: workload.id, suite: workload.suite, leastMs: leastMs(workload, result.limits), cells };
      result.rows.push(row);
      console.log(tableLine(row, options.peers));
      // Also in between: a long run may be cut.
      if (options.markdown !== undefined) writeFileSync(options.markdown, markdown(result, options.peers));
      if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(result, null, 1));
    }
    console.log(`\n${markdown(result, options.peers)}`);
  } finally {
    for (const peer of [...sessions.keys()]) await abandon(peer);
  }
}

function circumstances(options: Options): Omit<Result, "limits" | "peers" | "rows"> {
  const cores = cpus();
  return {
    date: new Date().toISOString(),
    env: options.env,
    threads: options.threads,
    nodeFlags: options.nodeFlags,
    node: process.version,
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    rounds: options.rounds,
    budgetMs: options.budgetMs,
  };
}

/** The limits of as many processes at once as there are threads. */
async function measureTogether(
  { threads, budgetMs }: Options,
  start: (peer: "none") => Promise<Session>,
): Promise<Limits> {
  const started = await Promise.all(Array.from({ length: threads }, () => start("none")));
  try {
    return together(await Promise.all(started.map((one) => one.limits(Math.min(budgetMs, LIMITS_MS)))));
  } finally {
    await Promise.all(started.map((one) => one.stop()));
  }
}

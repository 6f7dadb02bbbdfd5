/**
 * Times register tiles on this engine, without holding up the thread: a candidate in each turn of the event loop, some
 * 0.2 ms, round after round, as others may work on the machine too. The engine's optimizing compiler works meanwhile.
 */
import { type RegisterTiles, chooseTiles } from "../../targets/wasm/register-tiles";
import { CANDIDATES, probeModule } from "../../targets/wasm/tile-probe";

/** Milliseconds of a sample, and how many steps of the clock it must take at least. */
const SAMPLE = 0.2;
const STEPS = 20;
/** Coarser clocks, in milliseconds, cannot tell the candidates apart without holding up the page. Chromium's has 0.1. */
const COARSEST = 0.25;
/** Calls between two looks at the clock. */
const CALLS = 10;
/** Rounds in which no candidate was much faster than before, after which they are believed; and the most there are. */
const STEADY_ROUNDS = 3;
const MAX_ROUNDS = 24;
const STEADY = 1.04;

/** The tiles to take, or null if the clock does not tell. */
export async function measureTiles(fused: boolean, turn = turnOfLoop): Promise<RegisterTiles | null> {
  const step = clockStep();
  if (step > COARSEST) return null;
  const least = Math.max(SAMPLE, STEPS * step);
  await turn();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { instance } = await WebAssembly.instantiate(probeModule(fused).toBytes(), { env: { memory } });
  const best = CANDIDATES.map(() => 0);
  for (let round = 0, steady = 0; round < MAX_ROUNDS && steady < STEADY_ROUNDS; round++) {
    steady++;
    for (const [i, { flops }] of CANDIDATES.entries()) {
      await turn();
      const rate = flops * callsPerMs(instance.exports[`run${i}`] as (times: number) => void, least);
      if (rate > STEADY * best[i]!) steady = 0;
      best[i] = Math.max(best[i]!, rate);
    }
  }
  return chooseTiles(
    fused,
    (tile) => best[CANDIDATES.findIndex((c) => c.rows === tile.rows && c.vectors === tile.vectors)]!,
  );
}

function callsPerMs(run: (times: number) => void, least: number): number {
  const start = performance.now();
  for (let calls = CALLS; ; calls += CALLS) {
    run(CALLS);
    const time = performance.now() - start;
    if (time >= least) return calls / time;
  }
}

/** Looks at the clock, each some 30 ns, after which it is taken for a coarse one. */
const LOOKS = 20_000;

function clockStep(): number {
  const tick = (from: number): number => {
    for (let i = 0; i < LOOKS; i++) {
      const now = performance.now();
      if (now !== from) return now;
    }
    return Infinity;
  };
  // The shortest of a few: threads are interrupted, and browsers make steps uneven.
  let least = Infinity;
  for (let i = 0, at = tick(performance.now()); i < 3 && at < Infinity; i++) {
    const next = tick(at);
    least = Math.min(least, next - at);
    at = next;
  }
  return least;
}

/** Lets the event loop turn, when it has done what else there is; Node does not wait for it. */
function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve);
    (timer as { unref?(): void }).unref?.();
  });
}

/**
 * What a worker of the team runs, as text: it is made without a file of its own, so that pages may load the library from
 * anywhere. It takes commands out of a ring in the shared memory, and sleeps where there are none.
 */
import { COMMAND, RING, WORKER } from "./team-layout";

/** Math functions that modules may import, and that a worker has. */
export const WORKER_MATH: ReadonlySet<string> = /* @__PURE__ */ new Set([
  "rem", "cbrt", "exp", "expm1", "log", "log1p", "log2", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
  "tanh", "asinh", "acosh", "atanh", "atan2",
]); // prettier-ignore

/** Milliseconds that a worker stays awake after its last command. */
const AWAKE = 2;

export const workerSource = (): string => `
const start = ({ memory, ring, number }) => {
  const words = () => new Int32Array(memory.buffer);
  let view = words();
  const base = ring >> 2, own = base + ${RING.WORKERS} + number * ${WORKER.WORDS};
  const math = { rem: (x, y) => x % y };
  for (const name of Object.getOwnPropertyNames(Math)) if (typeof Math[name] === "function") math[name] = Math[name];
  const stub = () => {}, env = { memory, waited: stub };
  const instances = new Map();
  const load = (id, address, length) => {
    const all = new Uint8Array(memory.buffer, address >>> 0, length).slice();
    const start = 4 + new DataView(all.buffer).getUint32(0, true);
    const { routines, tables } = JSON.parse(new TextDecoder().decode(all.subarray(4, start)));
    const imports = { env, math, routines: {}, tables };
    for (const key in routines) imports.routines[key] = instances.get(routines[key])?.exports.run ?? stub;
    instances.set(id, new WebAssembly.Instance(new WebAssembly.Module(all.subarray(start)), imports));
  };
  const run = (sequence, id, args, blockBytes) => {
    const run = instances.get(id)?.exports.runTeam;
    if (run === undefined) return;
    const state = own + ${WORKER.STATE};
    if (Atomics.compareExchange(view, state, 2 * sequence, 2 * sequence + 1) !== 2 * sequence) return;
    const rank = own + ${WORKER.RANK};
    let thread = 0;
    while ((thread = Atomics.load(view, rank)) === 0);
    Atomics.store(view, rank, 0);
    try {
      run(args + thread * blockBytes, thread, Atomics.load(view, base + ${RING.THREADS}), ring + 4 * ${RING.TEAM});
    } catch (error) {
      Atomics.store(view, own + ${WORKER.FAILED}, 1);
      throw error;
    }
  };
  const sequenceAt = base + ${RING.SEQUENCE}, cursorAt = own + ${WORKER.CURSOR};
  let done = Atomics.load(view, sequenceAt);
  Atomics.store(view, cursorAt, done);
  Atomics.store(view, own + ${WORKER.READY}, 1);
  for (;;) {
    if (Atomics.load(view, sequenceAt) === done) {
      const until = performance.now() + ${AWAKE};
      let idle = true;
      do for (let i = 0; i < 1000 && (idle = Atomics.load(view, sequenceAt) === done); i++);
      while (idle && performance.now() < until);
      if (idle) {
        Atomics.wait(view, sequenceAt, done);
        continue;
      }
    }
    const at = base + ${RING.COMMANDS} + (done % ${RING.LENGTH}) * ${COMMAND.WORDS};
    const [kind, a, b, c] = view.subarray(at, at + 4);
    done++;
    if (kind === ${COMMAND.RUN}) run(done, a, b, c);
    else if (kind === ${COMMAND.LOAD}) load(a, b, c);
    else if (kind === ${COMMAND.DROP}) instances.delete(a);
    else return;
    Atomics.store(view, cursorAt, done);
  }
};
`;

/**
 * What the driver runs, as text: a worker that does whole programs while the thread that called them does other things.
 * It takes messages, one run at a time, and says when a run is over.
 */

/** Messages to the driver. */
export type DriverMessage =
  | {
      readonly kind: "load";
      readonly id: number;
      readonly bytes: Uint8Array;
      /** Modules that the program calls, and addresses of its tables. */
      readonly routines: readonly (readonly [key: string, bytes: Uint8Array])[];
      readonly tables: Readonly<Record<string, number>>;
    }
  | { readonly kind: "drop"; readonly id: number }
  | {
      readonly kind: "run";
      readonly id: number;
      readonly args: number;
      /** Threads of the team with the driver, and the block where they meet. */
      readonly threads: number;
      readonly block: number;
    };

/** That it is there, and how a run ended. */
export type DriverAnswer = "ready" | { readonly error: string | null };

/** Compiled routines that it keeps. */
const MAX_ROUTINES = 256;

export const driverSource = (): string => `
const math = { rem: (x, y) => x % y };
for (const name of Object.getOwnPropertyNames(Math)) if (typeof Math[name] === "function") math[name] = Math[name];
const routines = new Map();
const programs = new Map();
let env, receive;
const instantiate = (bytes, imports) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { env, math, ...imports }).exports;
const routine = (key, bytes) => {
  if (!routines.has(key)) {
    if (routines.size >= ${MAX_ROUTINES}) routines.clear();
    routines.set(key, instantiate(bytes, {}).run);
  }
  return routines.get(key);
};
const actions = {
  load(m) {
    const own = Object.fromEntries(m.routines.map(([key, bytes]) => [key, routine(key, bytes)]));
    programs.set(m.id, instantiate(m.bytes, { routines: own, tables: m.tables }));
  },
  drop(m) {
    programs.delete(m.id);
  },
  run({ id, args, threads, block }) {
    const program = programs.get(id);
    if (threads > 1) program.runTeam(args, 0, threads, block);
    else program.run(args);
  },
};
const start = ({ memory }, post) => {
  env = { memory, waited() {} };
  receive = (message) => {
    let error = null;
    try {
      actions[message.kind](message);
    } catch (e) {
      error = String(e);
    }
    if (message.kind === "run") post({ error });
  };
  post("ready");
};
`;

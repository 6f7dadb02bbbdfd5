/**
 * The threads that do one routine together, on the same arguments: each runs the same code, with ranges and pieces of its
 * own, and all meet where one needs what another has made. A crew of one thread is plain code.
 */
import type { Module } from "../assembler";
import type { WasmFeatures } from "../features";
import { Team } from "../team";
import { type Args, type Code, type Value, type Var, define, i32s } from "./code";
import type { Routine } from "./routine";

/** A range of numbers, `end` excluded. */
export interface Part {
  readonly start: Var<"i32">;
  readonly end: Var<"i32">;
}

/** The last parameters of a function that all threads call. */
export const CREW_PARAMS = ["thread", "threads", "block"] as const;

/** Writes code for the threads of a team, or for one. */
export class Crew {
  private readonly team: Team | null;

  private constructor(team: Team | null) {
    this.team = team;
  }

  /** Of the threads that call the routine of a module, or of one thread. */
  static of(module: Module, together: boolean): Crew {
    return new Crew(together ? module.once("crew", () => new Team(module)) : null);
  }

  /** Takes those parameters. */
  enter(c: Code, thread: Var<"i32">, threads: Var<"i32">, block: Var<"i32">): void {
    this.team?.emitEnter(c.f, thread.local, threads.local, block.local);
  }

  /** 0 is the first one. */
  thread(c: Code): Value<"i32"> {
    return this.global(c, "thread", 0);
  }

  threads(c: Code): Value<"i32"> {
    return this.global(c, "threads", 1);
  }

  /** All wait for the last one, and see then what the others wrote. */
  meet(c: Code): void {
    this.team?.emitBarrier(c.f);
  }

  /** The first thread does this, and the others wait. */
  first(c: Code, body: () => void): void {
    this.ahead(c, body);
    this.meet(c);
  }

  /** The first thread does this while the others go on. */
  ahead(c: Code, body: () => void): void {
    if (this.team === null) body();
    else c.if(this.thread(c).eq(0), body);
  }

  /** for (i = from; i < to; i += step) body(i), each by the thread that comes first, in any order; then all meet. */
  each(c: Code, from: Value<"i32"> | number, to: Value<"i32">, step: number, body: (i: Var<"i32">) => void): void {
    const { team } = this;
    if (team === null) return c.for(from, to, step, body);
    const size = c.letConst("i32", step);
    const i = c.var("i32", "i");
    const claim = (): void => {
      team.emitClaim(c.f, size.local);
      c.f.set(i.local);
      i.inc(from);
    };
    claim();
    c.while(i.lt(to), () => {
      body(i);
      claim();
    });
    this.meet(c);
  }

  /** This thread's part of `count`: from `start` to `end`, both multiples of `unit` but for the end of all. */
  part(c: Code, count: Value<"i32">, unit: number): Part {
    if (this.team === null) return { start: c.letConst("i32", 0), end: c.let(count) };
    const units = c.let(count.add(unit - 1).divU(unit));
    const at = (thread: Value<"i32">): Var<"i32"> => {
      const place = c.let(thread.mul(units).divU(this.threads(c)).mul(unit));
      c.if(place.gtU(count), () => place.set(count));
      return place;
    };
    return { start: at(this.thread(c)), end: at(this.thread(c).add(1)) };
  }

  private global(c: Code, name: "thread" | "threads", alone: number): Value<"i32"> {
    const { team } = this;
    return team === null ? c.const("i32", alone) : c.global("i32", team[name]);
  }
}

/** A routine for a crew of a team, or of one thread. `emit` makes the functions that the body of "run" calls. */
export function crewRoutine<const N extends string>(
  key: string,
  names: readonly N[],
  together: boolean,
  emit: (m: Module, features: WasmFeatures, crew: Crew) => (c: Code, params: Args<Record<N, "i32">>) => void,
): Routine {
  const nParams = names.length;
  if (!together) {
    return {
      key,
      nParams,
      emit: (m, features) => void define(m, "run", i32s(names), [], emit(m, features, Crew.of(m, false))),
    };
  }
  return {
    key: `${key}_together`,
    nParams,
    together,
    emit(m, features) {
      const crew = Crew.of(m, true);
      const body = emit(m, features, crew);
      define(m, "run", { ...i32s(names), ...i32s(CREW_PARAMS) }, [], (c, p) => {
        const { thread, threads, block } = p as Args<Record<(typeof CREW_PARAMS)[number], "i32">>;
        crew.enter(c, thread, threads, block);
        body(c, p);
      });
    },
  };
}

/** Cached plans of operations: what to do for this primitive, these parameters and these input layouts. */
import type { AnyParams, AnyPrimitive } from "../core/primitive";
import { paramKey } from "../jaxpr/key";
import type { Device, Executable } from "../kernel/device";
import type { Layout } from "./layout";
import { RecentParams } from "./recent-params";

export type Plan = ViewPlan | ProgramPlan;

interface PlanKey {
  readonly device: Device;
  readonly inputs: readonly Layout[];
}

/** Every result is another view of an argument's buffer. */
export interface ViewPlan extends PlanKey {
  readonly kind: "view";
  readonly outs: readonly { readonly input: number; readonly offset: number; readonly layout: Layout }[];
}

export interface ProgramPlan extends PlanKey {
  readonly kind: "program";
  readonly executable: Executable;
  /** A fresh row-major buffer of this layout, or the number of an argument handed back. */
  readonly outs: readonly (Layout | number)[];
}

const MAX_PLANS = 512;
const MAX_TABLES = 2048;

/** Plans of one primitive with one set of parameters. The last hit is looked at first. */
export class PlanTable {
  /** Primitives with sub-programs that are not generic: compiled for fixed sizes, arguments made row-major first. */
  readonly holdsProgram: boolean;
  private last: Plan | null = null;
  private readonly byKey = new Map<string, Plan>();

  constructor(holdsProgram: boolean) {
    this.holdsProgram = holdsProgram;
  }

  find(device: Device, inputs: readonly Layout[]): Plan | null {
    const { last } = this;
    if (last !== null && last.device === device && sameLayouts(last.inputs, inputs)) return last;
    const plan = this.byKey.get(keyOf(device, inputs));
    // A device that was lost has left plans under its name.
    if (plan === undefined || plan.device !== device) return null;
    this.last = plan;
    return plan;
  }

  add(plan: Plan): void {
    if (this.byKey.size >= MAX_PLANS) {
      const [key, oldest] = this.byKey.entries().next().value!;
      this.byKey.delete(key);
      disposePlan(oldest);
    }
    this.byKey.set(keyOf(plan.device, plan.inputs), plan);
    this.last = plan;
  }

  dispose(): void {
    for (const plan of this.byKey.values()) disposePlan(plan);
    this.byKey.clear();
    this.last = null;
  }
}

function disposePlan(plan: Plan): void {
  if (plan.kind === "program") plan.executable.dispose();
}

function sameLayouts(a: readonly Layout[], b: readonly Layout[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function keyOf(device: Device, inputs: readonly Layout[]): string {
  let key: string = device.name;
  for (const layout of inputs) key += `,${layout.id}`;
  return key;
}

/** Tables of one primitive. */
interface Tables {
  /** Of no parameters. */
  plain: PlanTable | null;
  /** Of parameters that are plain values, by their text. */
  readonly byKey: Map<string, PlanTable>;
  readonly recent: RecentParams<PlanTable>;
}

const tablesOf = /* @__PURE__ */ new Map<AnyPrimitive, Tables>();
/** Tables of parameters that hold programs: equal programs share one, each parameters object is looked at once. */
const byProgram = /* @__PURE__ */ new Map<string, SharedTable>();
const byIdentity = /* @__PURE__ */ new WeakMap<object, SharedTable>();

interface SharedTable {
  readonly key: string;
  readonly table: PlanTable;
  users: number;
  /** True while `byProgram` has it; parameters that remember one that was thrown out get another. */
  current: boolean;
}

/** The table of a primitive with these parameters. Parameters that hold programs or functions count by identity. */
export function planTable(primitive: AnyPrimitive, params: AnyParams): PlanTable {
  let tables = tablesOf.get(primitive);
  if (tables === undefined) {
    tablesOf.set(primitive, (tables = { plain: null, byKey: new Map(), recent: new RecentParams() }));
  }
  let empty = true;
  for (const _ in params) {
    empty = false;
    break;
  }
  if (empty) return (tables.plain ??= new PlanTable(false));
  const { byKey, recent } = tables;
  const last = recent.find(params);
  if (last !== null) return last;
  const known = byIdentity.get(params);
  if (known?.current) return known.table;
  const key = valueKey(params);
  if (key === null) return programTable(primitive, params);
  let table = byKey.get(key);
  if (table === undefined) {
    if (byKey.size >= MAX_TABLES) {
      const [oldKey, oldest] = byKey.entries().next().value!;
      byKey.delete(oldKey);
      recent.clear();
      oldest.dispose();
    }
    byKey.set(key, (table = new PlanTable(false)));
  }
  recent.add(params, table);
  return table;
}

function programTable(primitive: AnyPrimitive, params: object): PlanTable {
  const key = `${primitive.name}${paramKey(params)}`;
  let shared = byProgram.get(key);
  if (shared === undefined) {
    if (byProgram.size >= MAX_TABLES) {
      const [oldKey, oldest] = byProgram.entries().next().value!;
      byProgram.delete(oldKey);
      throwOut(oldest);
    }
    const table = new PlanTable(primitive.isGeneric?.(params) !== true);
    byProgram.set(key, (shared = { key, table, users: 0, current: true }));
  }
  shared.users++;
  byIdentity.set(params, shared);
  return shared.table;
}

function throwOut(shared: SharedTable): void {
  shared.current = false;
  shared.table.dispose();
}

/** Tables of the runtime's own programs. */
const others = /* @__PURE__ */ new Set<PlanTable>();

export function ownTable(): PlanTable {
  const table = new PlanTable(false);
  others.add(table);
  return table;
}

/** Frees all compiled programs. */
export function dropAllPlans(): void {
  for (const table of others) table.dispose();
  for (const { plain, byKey } of tablesOf.values()) {
    plain?.dispose();
    for (const table of byKey.values()) table.dispose();
  }
  for (const shared of byProgram.values()) throwOut(shared);
  tablesOf.clear();
  byProgram.clear();
}

/** Frees the compiled programs of a primitive whose parameters hold a program (a disposed jitted function). */
export function dropPlans(params: object): void {
  const shared = byIdentity.get(params);
  byIdentity.delete(params);
  if (shared === undefined || --shared.users > 0) return;
  shared.table.dispose();
  if (shared.current) byProgram.delete(shared.key);
}

/** Text that is equal for equal plain values; null if there is something with identity inside. */
function valueKey(value: unknown): string | null {
  if (value === null || typeof value !== "object") {
    if (typeof value === "function") return null;
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (Array.isArray(value)) {
    let out = "[";
    for (const v of value) {
      const key = valueKey(v);
      if (key === null) return null;
      out += `${key},`;
    }
    return out;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return null;
  let out = "{";
  for (const k in value) {
    const key = valueKey((value as Record<string, unknown>)[k]);
    if (key === null) return null;
    out += `${k}:${key},`;
  }
  return out;
}

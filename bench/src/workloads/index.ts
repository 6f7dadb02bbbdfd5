/** All workloads, in the order of the table. */
import type { Workload } from "../workload";
import { conv } from "./conv";
import { dispatch } from "./dispatch";
import { elementwise } from "./elementwise";
import { gru } from "./gru";
import { image } from "./image";
import { linalg } from "./linalg";
import { matmul, smoke } from "./matmul";
import { order } from "./order";
import { reduce } from "./reduce";
import { sampling } from "./sampling";
import { train } from "./train";
import { transformer } from "./transformer";

const measured = [
  ...matmul,
  ...conv,
  ...image,
  ...elementwise,
  ...reduce,
  ...order,
  ...transformer,
  ...train,
  ...gru,
  ...dispatch,
  ...sampling,
  ...linalg,
];

const everything: ReadonlyMap<string, Workload> = new Map([...measured, ...smoke].map((w) => [w.id, w]));

export const suites: readonly string[] = [...new Set(measured.map((w) => w.suite))];

export function findWorkload(id: string): Workload {
  const found = everything.get(id);
  if (found === undefined) throw new RangeError(`no workload ${id}; there are ${[...everything.keys()].join(", ")}`);
  return found;
}

/** Workloads by their ids, else those of some suites, else all. */
export function chooseWorkloads(ids: readonly string[], chosen: readonly string[]): Workload[] {
  if (ids.length > 0) return ids.map(findWorkload);
  const unknown = chosen.filter((suite) => !suites.includes(suite));
  if (unknown.length > 0) throw new RangeError(`no suite ${unknown.join(", ")}; there are ${suites.join(", ")}`);
  return chosen.length > 0 ? measured.filter((w) => chosen.includes(w.suite)) : measured;
}

import { error } from "@sveltejs/kit";
import { WORKLOADS, type WorkloadName } from "$lib/bench/workload";

const names = Object.keys(WORKLOADS) as WorkloadName[];

export const entries = () => names.map((workload) => ({ workload }));

export function load({ params }: { params: { workload: string } }): { name: WorkloadName } {
  const name = names.find((known) => known === params.workload);
  if (name === undefined) error(404, `no benchmark ${params.workload}; there are ${names.join(", ")}`);
  return { name };
}

/** Random numbers; every library has its own, so their moments are compared. */
import { workload } from "../workload";

const N = 1 << 22;

export const sampling = [
  workload("rng", "normal_4M", {
    task: { kind: "normal", n: N },
    inputs: () => ({}),
    size: 3,
    reference: () => [0, 1, 3],
    atol: 0.02,
    writes: 4 * N,
  }),
];

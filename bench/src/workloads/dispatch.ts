/** Many calls on eight numbers: what a call costs. */
import { type Task, tensor, workload } from "../workload";

const eager = (id: string, count: number) =>
  workload("dispatch", id, {
    task: { kind: "eagerAdds", count },
    inputs: () => ({ x: tensor([8], 70) }),
    size: 8,
    // Rounded after every addition, as float32 is.
    reference: ({ x }, at) =>
      at.map((i) => {
        let sum = x!.data[i]!;
        for (let k = 0; k < count; k++) sum = Math.fround(sum + x!.data[i]!);
        return sum;
      }),
  });

const jitted = (id: string, task: Task & { kind: "jitCalls" }) =>
  workload("dispatch", id, {
    task,
    inputs: () => ({ x: tensor([8], 71) }),
    size: 8,
    reference: ({ x }, at) =>
      at.map((i) => {
        let value = x!.data[i]!;
        for (let k = 0; k < task.count; k++) value = value * 0.5 + 1;
        return value;
      }),
  });

export const dispatch = [
  eager("eager_1k_adds_8", 1_000),
  eager("eager_10k_adds_8", 10_000),
  jitted("jit_call_1000_chained", { kind: "jitCalls", count: 1000, wait: "last" }),
  jitted("jit_call_1000_synced", { kind: "jitCalls", count: 1000, wait: "each" }),
];

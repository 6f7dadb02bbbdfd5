import { defineConfig } from "tsup";
import { entriesApart } from "../../scripts/tsup";

export default defineConfig(
  entriesApart(import.meta.dirname, {
    index: "src/index.ts",
    assignment: "src/assignment/index.ts",
    contrib: "src/contrib/index.ts",
    losses: "src/losses/index.ts",
    microbatching: "src/microbatching/index.ts",
    perturbations: "src/perturbations/index.ts",
    projections: "src/projections/index.ts",
    schedules: "src/schedules/index.ts",
    secondOrder: "src/second-order/index.ts",
    transforms: "src/transforms/index.ts",
    tree: "src/tree/short.ts",
    treeUtils: "src/tree/index.ts",
  }),
);

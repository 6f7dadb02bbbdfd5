/** Branches and loops over graphs. */
import { lax, numpy as np } from "@jax-js/jax";
import { type NodeContext } from "../graph/node-context";
import { type Program } from "../graph/program";
import { arrayOf, typeOf, typedAs } from "../graph/values";
import { type NdArray, type Value } from "../value";
import { counted, untilFalse, unrolled } from "./loop";
import { type OperatorTable } from "./operator";
import { scan } from "./scan";

/** A condition that is known picks its graph; one that is traced becomes lax.cond, whose branches must agree. */
function branch(n: NodeContext): Value[] {
  const [yes, no] = [n.graph("then_branch"), n.graph("else_branch")];
  const known = n.known(0);
  if (known) return n.runGraph(known[0] ? yes : no, []);
  let types: number[] = [];
  const arrays = (graph: Program) => (): NdArray[] => {
    const values = n.runGraph(graph, []);
    types = values.map(typeOf);
    return values.map((value, i) => arrayOf(value, `output ${i} of the branch "${graph.name}"`));
  };
  const out = lax.cond(n.x(0).reshape([]).astype("bool"), arrays(yes), arrays(no)) as NdArray[];
  return typedAs(out, types);
}

/** Iterations are run one by one where their number is known and nothing is staged, else as a loop of lax. */
function loop(n: NodeContext): Value[] {
  const body = n.graph("body");
  const limit = n.has(0) ? n.known(0)?.[0] : Infinity;
  const first = n.has(1) ? n.known(1)?.[0] : 1;
  const carried = n.inputs.slice(2).map((_, i) => n.value(i + 2));
  if (limit !== undefined && first !== undefined && !isStaged()) {
    const results = unrolled(n, body, limit, Boolean(first), carried);
    if (results) return results;
  }
  if (limit !== undefined && first !== undefined) {
    if (limit === 0 || !first) return unrolled(n, body, 0, false, carried)!;
    const results = counted(n, body, limit, carried);
    if (results) return results;
  }
  const start = first === undefined ? n.x(1).reshape([]) : np.array(Boolean(first));
  return untilFalse(n, body, n.has(0) ? n.x(0).reshape([]) : null, start, carried);
}

/** Whether operations are recorded now instead of done, as under jit. */
function isStaged(): boolean {
  const probe = np.zeros([]).add(1);
  try {
    probe.dataSync();
    return false;
  } catch {
    return true;
  } finally {
    probe.dispose();
  }
}

export const controlFlow: OperatorTable = { If: branch, Loop: loop, Scan: scan };

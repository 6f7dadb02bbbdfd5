/** A GraphProto made ready to run: names resolved to operators, and where each value is used last. */
import { type AttributeProto, type FunctionProto, type GraphProto, type NodeProto, type TypeProto } from "onnx-buf";
import { OnnxParseError } from "../errors";
import { type Operator } from "../ops/operator";
import { findOperator } from "../ops/table";
import { type ExternalData, readSparse, readTensor } from "../proto/tensor-data";
import { type Tensor } from "../value";
import { Attributes, resolveReferences } from "./attributes";
import { constantOf } from "./constant";
import { type Weights } from "./weights";

/** What nodes of a graph or of a function's body share. */
export interface Library {
  /** Version of each domain; "" is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly functions: ReadonlyMap<string, FunctionProto>;
  readonly external: ExternalData;
  readonly weights: Weights;
  /** How many more steps the model may have, all its functions written out. */
  readonly budget: { steps: number };
}

export interface Step {
  /** Number in its graph. */
  readonly index: number;
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  readonly version: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** A function of the model is a program. */
  readonly operator: Operator | Program;
  readonly graphs: ReadonlyMap<string, Program>;
  /** Names that no later step uses. */
  readonly dead: readonly string[];
}

export interface Program {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Types of the outputs, as far as the file says them. */
  readonly outputTypes: readonly (TypeProto | undefined)[];
  /** Initialisers and the values of Constant nodes. */
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly steps: readonly Step[];
  /** Names that the graph takes from the one around it. */
  readonly free: ReadonlySet<string>;
}

type Draft = Omit<Step, "dead" | "index">;

const maxDepth = 64;

export const functionKey = (domain: string, name: string, overload = ""): string => `${domain}:${name}:${overload}`;

const noAttributes: ReadonlyMap<string, AttributeProto> = new Map();

/** Domains that are other names of ONNX's own. */
export const canonicalDomain = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/** Errors: OnnxParseError for two values of one name, and for graphs nested more than 64 deep. */
export function compileGraph(graph: GraphProto, library: Library, call = noAttributes, depth = 0): Program {
  const { weights, external } = library;
  const constants = new Map<string, Tensor>();
  for (const tensor of graph.initializer) constants.set(tensor.name, weights.place(readTensor(tensor, external)));
  for (const sparse of graph.sparseInitializer) {
    const dense = readSparse(sparse, external);
    constants.set(dense.name, weights.place(dense));
  }
  const inputs = graph.input.map((input) => input.name);
  const outputs = graph.output.map((output) => output.name);
  const steps = compileNodes(graph.node, library, call, depth, constants);
  return { ...finish(graph.name, inputs, outputs, constants, steps), outputTypes: graph.output.map((o) => o.type) };
}

/** The body of a function, for the attributes of one call. */
function compileFunction(f: FunctionProto, library: Library, node: NodeProto, depth: number): Program {
  const call = new Map(f.attributeProto.map((a) => [a.name, a]));
  for (const a of node.attribute) call.set(a.name, a);
  const own = f.opsetImport.map((o) => [canonicalDomain(o.domain), Number(o.version)] as const);
  const inner = { ...library, opsets: new Map([...library.opsets, ...own]) };
  const constants = new Map<string, Tensor>();
  const steps = compileNodes(f.node, inner, call, depth, constants);
  return finish(f.name, f.input, f.output, constants, steps);
}

/** Constant nodes go to `constants`, the others become steps. */
function compileNodes(
  nodes: readonly NodeProto[],
  library: Library,
  call: ReadonlyMap<string, AttributeProto>,
  depth: number,
  constants: Map<string, Tensor>,
): Draft[] {
  return nodes.flatMap((node) => {
    if (library.budget.steps-- <= 0)
      throw new OnnxParseError("the model has too many nodes, its functions written out");
    const [output] = node.output;
    if (node.opType !== "Constant" || canonicalDomain(node.domain) !== "" || !output)
      return [compileNode(node, library, call, depth)];
    if (constants.has(output)) throw new OnnxParseError(`two values are named "${output}"`);
    const raw = constantOf(resolveReferences(node.attribute, call), library.external);
    constants.set(output, library.weights.place(raw));
    return [];
  });
}

function compileNode(
  node: NodeProto,
  library: Library,
  call: ReadonlyMap<string, AttributeProto>,
  depth: number,
): Draft {
  if (depth > maxDepth) throw new OnnxParseError(`node "${node.name}" (${node.opType}): graphs are nested too deep`);
  const domain = canonicalDomain(node.domain);
  const version = library.opsets.get(domain) ?? 1;
  const resolved = resolveReferences(node.attribute, call);
  const graphs = new Map<string, Program>();
  for (const a of resolved) if (a.g) graphs.set(a.name, compileGraph(a.g, library, call, depth + 1));
  const f =
    library.functions.get(functionKey(domain, node.opType, node.overload)) ??
    library.functions.get(functionKey(node.domain, node.opType, node.overload));
  const name = node.name || `making "${node.output.find(Boolean) ?? ""}"`;
  const operator = f
    ? compileFunction(f, library, { ...node, attribute: resolved }, depth + 1)
    : findOperator(domain, node.opType, version, name);
  return {
    opType: node.opType,
    domain,
    name,
    version,
    inputs: node.input,
    outputs: node.output,
    attributes: new Attributes(resolved),
    operator,
    graphs,
  };
}

function finish(
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  constants: ReadonlyMap<string, Tensor>,
  steps: readonly Draft[],
): Program {
  const made = new Set([...inputs, ...constants.keys()]);
  const free = new Set<string>();
  const lastUse = new Map<string, number>();
  steps.forEach((step, i) => {
    const used = [...step.inputs, ...[...step.graphs.values()].flatMap((g) => [...g.free])];
    for (const name of used) {
      if (!name) continue;
      if (!made.has(name)) free.add(name);
      lastUse.set(name, i);
    }
    for (const output of step.outputs) {
      if (!output) continue;
      if (made.has(output)) throw new OnnxParseError(`graph "${name}": two values are named "${output}"`);
      made.add(output);
      lastUse.set(output, i);
    }
  });
  for (const output of outputs) {
    if (!made.has(output)) free.add(output);
    lastUse.delete(output);
  }
  const dead: string[][] = steps.map(() => []);
  for (const [name, i] of lastUse) if (!free.has(name)) dead[i]!.push(name);
  return {
    name,
    inputs,
    outputs,
    outputTypes: [],
    constants,
    steps: steps.map((step, index) => ({ ...step, index, dead: dead[index]! })),
    free,
  };
}

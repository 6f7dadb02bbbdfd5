/** Subscripts of einsum as lists of label numbers, one for each axis. */
import { ShapeError } from "../base/errors";
import { isOptions } from "./options";
import type { ArrayLike } from "./lift";
import { Tracer } from "../core/tracer";

export interface ParsedEinsum {
  readonly operands: readonly ArrayLike[];
  /** Labels of each operand; axes of an ellipsis have negative labels, -1 the last. */
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
}

type Part = readonly (number | "...")[];

/** Takes both call forms: `"ij,jk->ik", a, b` and `a, [0, 1], b, [1, 2], [0, 2]`. */
export function parseEinsum(args: readonly unknown[], ndimOf: (x: ArrayLike) => number): ParsedEinsum {
  const given = isOptions(args[args.length - 1]) ? args.slice(0, -1) : args;
  let operands: ArrayLike[];
  let inputs: Part[];
  let output: Part | null;
  if (typeof given[0] === "string") {
    operands = given.slice(1) as ArrayLike[];
    const [left, right, more] = given[0].replace(/\s+/g, "").split("->");
    if (more !== undefined) throw new ShapeError(`einsum: "${given[0]}" has more than one arrow`);
    inputs = left!.split(",").map(parsePart);
    output = right === undefined ? null : parsePart(right);
  } else {
    operands = [];
    inputs = [];
    let i = 0;
    for (; i + 1 < given.length; i += 2) {
      operands.push(given[i] as ArrayLike);
      inputs.push(given[i + 1] as Part);
    }
    output = i < given.length ? (given[i] as Part) : null;
    if (output instanceof Tracer) throw new ShapeError("einsum: the last operand has no list of labels");
  }
  if (operands.length !== inputs.length || operands.length === 0) {
    throw new ShapeError(`einsum: ${inputs.length} terms for ${operands.length} operands`);
  }
  let widest = 0;
  const lists = inputs.map((part, i) => {
    const named = part.filter((l) => l !== "...").length;
    const rest = ndimOf(operands[i]!) - named;
    const dots = part.length - named;
    if (dots > 1 || rest < 0 || (dots === 0 && rest > 0)) {
      throw new ShapeError(`einsum: term ${i} names ${named} axes, the operand has ${named + rest}`);
    }
    if (dots > 0) widest = Math.max(widest, rest);
    return expandDots(part, rest);
  });
  return { operands, inputs: lists, output: outputOf(output, lists, widest) };
}

function outputOf(output: Part | null, inputs: readonly (readonly number[])[], widest: number): number[] {
  const used = new Map<number, number>();
  for (const l of inputs.flat()) used.set(l, (used.get(l) ?? 0) + 1);
  if (output === null) {
    const once = [...used].filter(([l, n]) => l >= 0 && n === 1).map(([l]) => l);
    return [...expandDots(["..."], widest), ...once.sort((a, b) => a - b)];
  }
  const out = expandDots(output, widest);
  if (new Set(out).size !== out.length) throw new ShapeError("einsum: an output label is repeated");
  const unknown = out.find((l) => !used.has(l));
  if (unknown !== undefined) throw new ShapeError(`einsum: output label ${labelName(unknown)} is in no operand`);
  return out;
}

const expandDots = (part: Part, n: number): number[] =>
  part.flatMap((l) => (l === "..." ? Array.from({ length: n }, (_, i) => i - n) : [l]));

function parsePart(text: string): Part {
  const out: (number | "...")[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith("...", i)) {
      out.push("...");
      i += 2;
    } else if (/[A-Za-z]/.test(text[i]!)) out.push(text.charCodeAt(i));
    else throw new ShapeError(`einsum: "${text[i]}" is not a label; expected letters, "...", "," and "->"`);
  }
  return out;
}

/** A label as the user wrote it. */
export function labelName(label: number): string {
  return label < 0 ? "..." : label >= 65 ? String.fromCharCode(label) : String(label);
}

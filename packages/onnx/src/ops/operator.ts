/** What an operator is to this package: a function of the node that is run. */
import { type NodeContext } from "../graph/node-context";
import { type NdArray, type Value } from "../value";

/** Arrays get the type of the first input where their dtype allows, else the one of their dtype. */
export type Result = NdArray | Value;

/** The meaning of an operator. A list has one entry per output; null where the node wants none. */
export type Operator = (n: NodeContext) => Result | readonly (Result | null)[];

export type OperatorTable = Readonly<Record<string, Operator>>;

/** What one run of a model shares. */
import { type NdArray, type Value } from "../value";
import { type Limits } from "./limits";
import { type Step } from "./program";

export interface Session {
  /** Where the random operators start from; null for the key of the package. */
  readonly key: NdArray | null;
  /** Sees every value as it is made. */
  readonly watch: ((name: string, value: Value, step: Step) => void) | null;
  readonly limits: Limits;
  /** Iterations of loops so far. */
  iterations: number;
}

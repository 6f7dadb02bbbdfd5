/** Bounds on what a file may ask for. */
export interface Limits {
  /** Elements of a tensor that an operator makes from the numbers of the file or of its inputs; 2^28 by default. */
  readonly elements: number;
  /** Iterations of all loops of a run whose count is known; 1e7 by default. */
  readonly iterations: number;
}

export const defaultLimits: Limits = { elements: 2 ** 28, iterations: 1e7 };

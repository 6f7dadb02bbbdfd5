/** Arguments that a call cannot do without. */

const kindOf = (x: unknown): string => (x === null ? "null" : typeof x === "object" ? "an object" : typeof x);

/** `x` itself. Errors: TypeError unless it is a number. */
export function needNumber(op: string, name: string, x: number): number {
  if (typeof x === "number") return x;
  throw new TypeError(`${op}: expected a number as ${name}, got ${kindOf(x)}`);
}

/** `x` itself. Errors: TypeError unless it is an object with named parts. */
export function needObject<T extends object>(op: string, name: string, x: T): T {
  if (typeof x === "object" && x !== null) return x;
  throw new TypeError(`${op}: expected an object as ${name}, got ${kindOf(x)}`);
}

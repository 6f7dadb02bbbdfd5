/** Iterator helpers for engines without them (Node 20), which the library from npm uses. */
type Anything = Iterable<unknown>;

const helpers: Readonly<Record<string, (this: Anything, ...args: never[]) => unknown>> = {
  *map(f: (x: unknown, i: number) => unknown) {
    let i = 0;
    for (const x of this) yield f(x, i++);
  },
  *filter(f: (x: unknown, i: number) => boolean) {
    let i = 0;
    for (const x of this) if (f(x, i++)) yield x;
  },
  *flatMap(f: (x: unknown, i: number) => Anything) {
    let i = 0;
    for (const x of this) yield* f(x, i++);
  },
  *take(n: number) {
    if (n <= 0) return;
    for (const x of this) {
      yield x;
      if (--n === 0) return;
    }
  },
  *drop(n: number) {
    for (const x of this) if (n-- <= 0) yield x;
  },
  toArray() {
    return [...this];
  },
  forEach(f: (x: unknown) => void) {
    for (const x of this) f(x);
  },
  some(f: (x: unknown) => boolean) {
    for (const x of this) if (f(x)) return true;
    return false;
  },
  every(f: (x: unknown) => boolean) {
    for (const x of this) if (!f(x)) return false;
    return true;
  },
  find(f: (x: unknown) => boolean) {
    for (const x of this) if (f(x)) return x;
    return undefined;
  },
  reduce(...args: [never]) {
    return [...this].reduce(...args);
  },
};

export function addIteratorHelpers(): void {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;
  for (const [name, value] of Object.entries(helpers)) {
    if (!(name in prototype)) Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

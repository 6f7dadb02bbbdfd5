/** Factorizations are not unique: what they must do is multiply back, with factors of the right kind. */
import { type Case, type Tensor, numbersOf } from "./cases";
import { type Host, near, read } from "./compare";

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The last two axes of an array, as matrices. */
class Matrices {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  private readonly data: readonly number[];

  constructor({ shape, data }: Pick<Host, "shape" | "data">) {
    [this.rows, this.columns] = shape.slice(-2) as [number, number];
    this.count = data.length / (this.rows * this.columns);
    this.data = data;
  }

  at(k: number, i: number, j: number): number {
    return this.data[(k * this.rows + i) * this.columns + j]!;
  }
}

const sum = (n: number, f: (t: number) => number): number => range(n).reduce((s, t) => s + f(t), 0);

export async function checkFactors(c: Case, got: unknown): Promise<void> {
  const [, shape, flat] = c.args[0]!.a!;
  const a = new Matrices({ shape, data: numbersOf(flat) });
  const tolerance = { rtol: c.atol!, atol: c.atol! };
  const equal = (x: number, want: number, what: string): void => {
    if (!near(x, want, tolerance)) throw new Error(`${what} is ${x}, not ${want}`);
  };
  const factors = await Promise.all(Object.values(got as Record<string, Tensor>).map(read));
  /** f(k, i, j) = A[k, i, j] everywhere. */
  const product = (what: string, f: (k: number, i: number, j: number) => number): void => {
    for (const k of range(a.count)) {
      for (const i of range(a.rows))
        for (const j of range(a.columns)) equal(f(k, i, j), a.at(k, i, j), `${what} [${k},${i},${j}]`);
    }
  };
  const orthonormal = (what: string, m: Matrices): void => {
    for (const k of range(m.count)) {
      for (const i of range(m.columns)) {
        for (const j of range(m.columns))
          equal(
            sum(m.rows, (t) => m.at(k, t, i) * m.at(k, t, j)),
            i === j ? 1 : 0,
            what,
          );
      }
    }
  };
  const values = (found: Host): void => {
    numbersOf(c.expected.vals?.a?.[2] ?? []).forEach((v, i) => equal(found.data[i]!, v, `value ${i}`));
  };
  switch (c.expected.recon) {
    case "eigh":
    case "eighlax": {
      const w = factors.find((f) => f.shape.length === shape.length - 1)!;
      const v = new Matrices(factors.find((f) => f.shape.length === shape.length)!);
      const n = a.columns;
      product("V W V^T", (k, i, j) => sum(n, (t) => v.at(k, i, t) * w.data[k * n + t]! * v.at(k, j, t)));
      orthonormal("V^T V", v);
      w.data.forEach((x, i) => {
        if (i % n > 0 && x < w.data[i - 1]! - c.atol!) throw new Error("eigenvalues do not ascend");
      });
      return values(w);
    }
    case "svd": {
      const [u, s, vh] = factors as [Host, Host, Host];
      const [left, right] = [new Matrices(u), new Matrices(vh)];
      const rank = s.shape[s.shape.length - 1]!;
      product("U S V^H", (k, i, j) => sum(rank, (t) => left.at(k, i, t) * s.data[k * rank + t]! * right.at(k, t, j)));
      orthonormal("U^T U", left);
      if (c.note === "full matrices" && left.columns !== a.rows) throw new Error(`U has shape [${u.shape}]`);
      return values(s);
    }
    case "qr": {
      const [q, r] = factors.map((f) => new Matrices(f)) as [Matrices, Matrices];
      product("Q R", (k, i, j) => sum(q.columns, (t) => q.at(k, i, t) * r.at(k, t, j)));
      for (const k of range(r.count)) {
        for (const i of range(r.rows))
          for (const j of range(Math.min(i, r.columns))) equal(r.at(k, i, j), 0, "R below the diagonal");
      }
      return;
    }
    default: {
      const lu = new Matrices(factors[0]!);
      const order = factors[2]!.data;
      const n = a.columns;
      for (const k of range(a.count)) {
        for (const i of range(n)) {
          for (const j of range(n)) {
            const x = sum(Math.min(i, j) + 1, (t) => (t === i ? 1 : lu.at(k, i, t)) * lu.at(k, t, j));
            equal(x, a.at(k, order[k * n + i]!, j), `L U [${k},${i},${j}]`);
          }
        }
      }
    }
  }
}

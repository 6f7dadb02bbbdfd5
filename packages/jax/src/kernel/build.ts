/**
 * Builds scalars: equal nodes of one builder are the same object, constants are folded, and int32 index arithmetic is
 * kept as sums of terms with constant factors, so that the div and mod of composed views cancel.
 */
import type { DType } from "../aval/dtype";
import type { AccScalar, AxisScalar, ConstScalar, LoadScalar, OpScalar, ReducedScalar, Scalar } from "./scalar";
import type { ScalarOp } from "./scalar-op";
import { type Linear, NO_TERMS, addLinear, scaleLinear } from "./linear";
import { type Range, rangeOfLinear, rangeOfNode } from "./range";
import { simplify } from "./simplify";

export class ScalarBuilder {
  private readonly nodes = new Map<string, Scalar>();
  private readonly ids = new Map<Scalar, number>();
  private readonly linears = new Map<Scalar, Linear>();
  private readonly ranges = new Map<Scalar, Range>();

  private intern<S extends Scalar>(key: string, make: () => S): S {
    const known = this.nodes.get(key);
    if (known !== undefined) return known as S;
    const node: S = make();
    Object.freeze(node);
    this.nodes.set(key, node);
    this.ids.set(node, this.ids.size);
    return node;
  }

  /** Number of nodes made. */
  get size(): number {
    return this.ids.size;
  }

  /** A small number that tells nodes of this builder apart. */
  id(s: Scalar): number {
    return this.ids.get(s)!;
  }

  /** A constant; one of float32 is rounded at once, so that every target compares and folds the same number. */
  const(given: number, dtype: DType): ConstScalar {
    const value = dtype === "float32" ? Math.fround(given) : given;
    const text = Object.is(value, -0) ? "-0" : String(value);
    return this.intern(`c${text}${dtype}`, () => ({ tag: "const", dtype, value }));
  }

  int(value: number): ConstScalar {
    return this.const(value, "int32");
  }

  axis(axis: number, size: number): AxisScalar {
    return this.intern(`a${axis}:${size}`, () => ({ tag: "axis", dtype: "int32", axis, size }));
  }

  load(buffer: number, index: Scalar, given: Scalar | null, dtype: DType): LoadScalar {
    const guard = given?.tag === "const" && given.value !== 0 ? null : given;
    const key = `l${buffer}:${this.id(index)}:${guard === null ? "" : this.id(guard)}`;
    return this.intern(key, () => ({ tag: "load", dtype, buffer, index, guard }));
  }

  reduced(stage: number, slot: number, dtype: DType): ReducedScalar {
    return this.intern(`r${stage}:${slot}:${dtype}`, () => ({ tag: "reduced", dtype, stage, slot }));
  }

  acc(dtype: DType): AccScalar {
    return this.intern(`acc`, () => ({ tag: "acc", dtype }));
  }

  /** An operation, simplified. int32 sums and products by constants go through the linear form. */
  op(op: ScalarOp, args: readonly Scalar[], dtype: DType): Scalar {
    if (dtype === "int32" && args[0]!.dtype === "int32") {
      const [a, b] = args as [Scalar, Scalar];
      if (op === "add") return this.fromLinear(addLinear(this.linearOf(a), this.linearOf(b), 1));
      if (op === "sub") return this.fromLinear(addLinear(this.linearOf(a), this.linearOf(b), -1));
      if (op === "mul" && b.tag === "const") return this.fromLinear(scaleLinear(this.linearOf(a), b.value));
      if (op === "mul" && a.tag === "const") return this.fromLinear(scaleLinear(this.linearOf(b), a.value));
    }
    return simplify(this, op, args, dtype) ?? this.rawOp(op, args, dtype);
  }

  /** The operation as it is. */
  rawOp(op: ScalarOp, args: readonly Scalar[], dtype: DType): OpScalar {
    let key = `o${op}:${dtype}`;
    for (const a of args) key += `:${this.id(a)}`;
    return this.intern(key, () => ({ tag: "op", dtype, op, args: Object.freeze([...args]) }));
  }

  /** The linear form of an int32 scalar. */
  linearOf(s: Scalar): Linear {
    if (s.tag === "const") return { constant: s.value, terms: NO_TERMS };
    return this.linears.get(s) ?? { constant: 0, terms: new Map([[s, 1]]) };
  }

  /** The scalar of a linear form: terms in the order of their creation. */
  fromLinear(linear: Linear): Scalar {
    const { constant, terms } = linear;
    if (terms.size === 0) return this.int(constant);
    const joined = this.rejoined(linear);
    if (joined !== null) return this.fromLinear(joined);
    const kept = [...terms];
    if (kept.length > 1) kept.sort((x, y) => this.id(x[0]) - this.id(y[0]));
    if (kept.length === 1 && kept[0]![1] === 1 && constant === 0) return kept[0]![0];
    let sum: Scalar | null = null;
    const summed = new Map<Scalar, number>();
    for (const [term, factor] of kept) {
      const part = factor === 1 ? term : this.rawOp("mul", [term, this.int(factor)], "int32");
      sum = sum === null ? part : this.rawOp("add", [sum, part], "int32");
      // Parts are sums too, so that rebuilding this one from its operands gives the same node.
      summed.set(term, factor);
      if (sum !== term) this.linears.set(sum, { constant: 0, terms: new Map(summed) });
      if (part !== term) this.linears.set(part, { constant: 0, terms: new Map([[term, factor]]) });
    }
    if (constant !== 0) sum = this.rawOp("add", [sum!, this.int(constant)], "int32");
    this.linears.set(sum!, { constant, terms });
    return sum!;
  }

  /** (x / d) * d + x mod d -> x, with any common factor, and what is a part of that; null where there is no such pair. */
  private rejoined({ constant, terms }: Linear): Linear | null {
    for (const [term, factor] of terms) {
      if (term.tag !== "op" || term.op !== "rem" || term.args[1]!.tag !== "const") continue;
      const [x, d] = term.args as [Scalar, ConstScalar];
      for (const [quotient, by] of terms) {
        const whole = by === factor * d.value ? this.wholeOf(quotient, x, d) : null;
        if (whole === null) continue;
        const others = new Map(terms);
        others.delete(term);
        others.delete(quotient);
        return addLinear({ constant, terms: others }, this.linearOf(whole), factor);
      }
    }
    return null;
  }

  /** q * d + x mod d, where q is x / d or has its lower digits; null for others. */
  private wholeOf(q: Scalar, x: Scalar, d: ConstScalar): Scalar | null {
    if (q.tag !== "op" || q.args[1]?.tag !== "const") return null;
    const [y, e] = q.args as [Scalar, ConstScalar];
    const isRest = (s: Scalar): boolean => s.tag === "op" && s.op === "rem" && s.args[0] === x;
    // (x mod e) / d * d + x mod d -> x mod e for multiples e of d
    if (q.op === "div" && e === d && isRest(y)) {
      const [, m] = (y as OpScalar).args as [Scalar, ConstScalar];
      return m.tag === "const" && m.value % d.value === 0 ? y : null;
    }
    if (q.op === "div") return e === d && y === x ? x : null;
    // ((x / d) mod e) * d + x mod d -> x mod (d e)
    const isQuotient = y.tag === "op" && y.op === "div" && y.args[0] === x && y.args[1] === d;
    if (q.op !== "rem" || !isQuotient || e.value <= 0 || d.value * e.value >= 2 ** 31) return null;
    return this.rawOp("rem", [x, this.int(d.value * e.value)], "int32");
  }

  /** Sum of index * stride. */
  dot(indices: readonly Scalar[], strides: readonly number[], offset = 0): Scalar {
    let out: Linear = { constant: offset, terms: NO_TERMS };
    indices.forEach((x, i) => {
      if (strides[i] !== 0) out = addLinear(out, this.linearOf(x), strides[i]!);
    });
    return this.fromLinear(out);
  }

  /** Smallest and greatest value of an int32 scalar. */
  rangeOf = (s: Scalar): Range => {
    let range = this.ranges.get(s);
    if (range === undefined) {
      const linear = this.linears.get(s);
      range = linear === undefined ? rangeOfNode(s, this.rangeOf) : rangeOfLinear(linear, this.rangeOf);
      this.ranges.set(s, range);
    }
    return range;
  };

  /** x / d and x mod d for an index x >= 0 and a constant d > 0. */
  divMod(x: Scalar, d: number): readonly [quotient: Scalar, rest: Scalar] {
    if (d === 1) return [x, this.int(0)];
    const { constant, terms } = this.linearOf(x);
    const multiples = new Map<Scalar, number>();
    const others = new Map<Scalar, number>();
    for (const [term, factor] of terms) {
      if (factor % d === 0) multiples.set(term, factor / d);
      else others.set(term, factor);
    }
    const whole = Math.floor(constant / d);
    const q: Linear = { constant: whole, terms: multiples };
    const r: Linear = { constant: constant - d * whole, terms: others };
    const range = rangeOfLinear(r, this.rangeOf);
    // The parts may be negative where their sum is not: nothing is known of them alone.
    if (range.lo < 0) return this.rawDivMod(x, d);
    if (range.hi < d) return [this.fromLinear(q), this.fromLinear(r)];
    const [rq, rr] = this.divModParts(r, d);
    return [this.fromLinear(addLinear(q, this.linearOf(rq), 1)), rr];
  }

  /** divMod of a non-negative sum: it is g * X + s with 0 <= s < g for a divisor g of d, and X / (d / g) is the quotient. */
  private divModParts(r: Linear, d: number): readonly [Scalar, Scalar] {
    let best: { g: number; s: Linear; high: Map<Scalar, number> } | null = null;
    for (const factor of new Set(r.terms.values())) {
      const g = gcd(d, factor);
      if (g === 1 || g <= (best?.g ?? 1)) continue;
      const high = new Map<Scalar, number>();
      const low = new Map<Scalar, number>();
      for (const [t, f] of r.terms) {
        if (f % g === 0) high.set(t, f / g);
        else low.set(t, f);
      }
      const s: Linear = { constant: r.constant % g, terms: low };
      const { lo, hi } = rangeOfLinear(s, this.rangeOf);
      if (lo >= 0 && hi < g) best = { g, s, high };
    }
    if (best === null) return this.rawDivMod(this.fromLinear(r), d);
    const { g, s, high } = best;
    const [q, m] = this.divMod(this.fromLinear({ constant: Math.floor(r.constant / g), terms: high }), d / g);
    return [q, this.fromLinear(addLinear(s, this.linearOf(m), g))];
  }

  private rawDivMod(x: Scalar, d: number): readonly [Scalar, Scalar] {
    const raw = (op: "div" | "rem", y: Scalar, by: number): Scalar => this.rawOp(op, [y, this.int(by)], "int32");
    if (x.tag === "op" && x.args[1]?.tag === "const") {
      const [y, { value: a }] = x.args as [Scalar, ConstScalar];
      // (y / a) / d = y / (a d)
      if (x.op === "div" && a > 0 && a * d < 2 ** 31) return [raw("div", y, a * d), raw("rem", x, d)];
      // (y mod (d e)) mod d = y mod d
      if (x.op === "rem" && a > 0 && a % d === 0) return [raw("div", x, d), raw("rem", y, d)];
    }
    return [raw("div", x, d), raw("rem", x, d)];
  }

  /** lo <= x < hi as a guard; null where it always holds. */
  within(x: Scalar, lo: number, hi: number): Scalar | null {
    const range = this.rangeOf(x);
    if (range.hi < lo || range.lo >= hi) return this.const(0, "bool");
    const below = range.lo >= lo ? null : this.rawOp("le", [this.int(lo), x], "bool");
    const above = range.hi < hi ? null : this.rawOp("lt", [x, this.int(hi)], "bool");
    return this.both(below, above);
  }

  /** Conjunction of guards, null being true. */
  both(a: Scalar | null, b: Scalar | null): Scalar | null {
    if (a === null || b === null) return a ?? b;
    if (isNever(a) || isNever(b)) return this.const(0, "bool");
    return a === b ? a : this.op("and", [a, b], "bool");
  }

  /** A value in another dtype. */
  cast(x: Scalar, dtype: DType): Scalar {
    return x.dtype === dtype ? x : this.op("cast", [x], dtype);
  }
}

export function gcd(a: number, b: number): number {
  [a, b] = [Math.abs(a), Math.abs(b)];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** True for a guard that holds nowhere. */
export const isNever = (guard: Scalar | null): boolean => guard !== null && guard.tag === "const" && guard.value === 0;

/** Every node that the roots depend on, arguments before their users. */
export function topological(roots: readonly Scalar[]): Scalar[] {
  const out: Scalar[] = [];
  const seen = new Set<Scalar>();
  const visit = (s: Scalar): void => {
    if (seen.has(s)) return;
    seen.add(s);
    if (s.tag === "load") {
      visit(s.index);
      if (s.guard !== null) visit(s.guard);
    } else if (s.tag === "op") s.args.forEach(visit);
    out.push(s);
  };
  roots.forEach(visit);
  return out;
}

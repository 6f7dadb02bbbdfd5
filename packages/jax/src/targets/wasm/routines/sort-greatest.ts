/**
 * The greatest elements of a row, few of many, without sorting it: a sorted list of the greatest so far, and 16 elements
 * at a time that are compared with its least. The list begins with a bound that is known from the maxima of lanes.
 */
import type { Callable, Module, PlainOp } from "../assembler";
import { type Code, type Value, type Var, define } from "./code";
import { type KeyType, emitKey, valueOfKey, zeroKey } from "./sort-keys";

/** Elements that are compared at once, and vectors of them. */
const BLOCK = 16;
const VECTORS = 4;
/** The bound is the last-greatest of so many maxima, a few more than are wanted. */
const LANES = [16, 64, 128] as const;
const SPARE = 0.9;
/** A row has to have so many times as many elements as there are maxima. */
const DEPTH = 4;

/** No number is at most NaN. */
const NAN_BITS = 0x7fc00000;

/** Whether lists of the greatest are kept of these keys. */
export const hasGreatest = (t: KeyType): boolean => t.bits === 32;

/** Longer lists, or those of shorter rows, are slower than a sort of what has the greatest digits. */
const MOST_LISTED = 64;
export const isWorthList = (n: Value<"i32">, last: Value<"i32">): Value<"i32"> =>
  last
    .le(MOST_LISTED)
    .and(last.gt(0))
    .and(last.mul(last).shrU(1).add(last.shl(2)).le(n));

interface Ops {
  /** Where a <= b. */
  readonly notAbove: PlainOp;
  readonly max: PlainOp;
  readonly least: number;
}

function opsOf(t: KeyType): Ops {
  if (t.isFloat) return { notAbove: "f32x4.le", max: "f32x4.pmax", least: 0xff800000 | 0 };
  if (t.name === "int32") return { notAbove: "i32x4.le_s", max: "i32x4.max_s", least: 0x80000000 | 0 };
  return { notAbove: "i32x4.le_u", max: "i32x4.max_u", least: 0 };
}

/**
 * (x, n, last, list, maxima) -> whether it was worth it: `list` then holds the `last` greatest pairs of a key (above) and
 * a position (below), ascending. Of equal keys those at greater positions are greater. Needs room for last + 1 pairs.
 */
export function greatestOfRow(m: Module, t: KeyType): Callable {
  const params = { x: "i32", n: "i32", last: "i32", list: "i32", maxima: "i32" } as const;
  return define(m, `greatest_${t.name}`, params, ["i32"], (c, { x, n, last, list, maxima }) => {
    const { notAbove } = opsOf(t);
    const end = c.let(list.add(last.shl(3)));
    const full = c.let(n.and(-BLOCK));
    const bits = c.var("i32");
    const key = c.var("i32");
    const pair = c.var("i64");
    const at = c.var("i32");
    const left = c.var("i32");
    const offered = offer(c, t, { list, bits, key, pair, at, left });
    const empty = (): void => {
      c.fill(list, 0, last.shl(3));
      c.store(end, c.const("i64", -1));
    };
    // Nothing is above the bound that is not wanted, or not much.
    const bound = c.letConst("i32", 0);
    left.set(n);
    for (const lanes of LANES) {
      const few = last.le(Math.floor(SPARE * lanes)).and(n.ge(DEPTH * lanes));
      c.if(few.and(bound.eq(0)), () => {
        c.run(maximaOfLanes(m, t, lanes), x, n, maxima);
        empty();
        c.for(0, lanes, 1, (i) => {
          bits.set(c.load("i32", maxima.add(i.shl(2))));
          offered(i);
        });
        bound.set(c.load("i32", list, 4));
      });
    }
    empty();
    left.set(c.select(bound, last.shl(3).add(4 * BLOCK), n));
    const least = c.var("i32x4");
    const raise = (): void => {
      key.set(c.load("i32", list, 4));
      c.if(key.ne(0), () => least.set(c.splat("i32x4", valueOfKey(c, t, key as Var<"i32" | "i64">))));
      // Nothing before is greater than NaN, or the greatest integer.
      c.if(key.eq(-1), () => full.set(0));
    };
    const here = c.let(x.add(n.shl(2)));
    const position = c.let(n);
    const one = (): void => {
      bits.set(c.load("i32", here));
      offered(position);
    };
    c.while(position.gt(full), () => {
      here.inc(-4);
      position.inc(-1);
      one();
    });
    // The bound itself is wanted: what is below it is the value of the key before.
    c.if(bound.ne(0), () => {
      key.set(bound.sub(1));
      if (t.isFloat) c.if(key.eq(zeroKey(c, t).sub(1) as Value<"i32">), () => key.inc(-1));
      least.set(c.splat("i32x4", valueOfKey(c, t, key as Var<"i32" | "i64">)));
    }, () => least.set(c.splat("i32x4", c.const("i32", t.isFloat ? NAN_BITS : opsOf(t).least)))); // prettier-ignore
    const masks = Array.from({ length: VECTORS }, () => c.var("i32x4"));
    const above = c.var("i32");
    const lane = c.var("i32");
    const start = c.var("i32");
    c.while(full.gt(0), () => {
      full.inc(-BLOCK);
      start.set(x.add(full.shl(2)));
      masks.forEach((mask, v) => mask.set(c.op(notAbove, "i32x4", c.load("i32x4", start, 16 * v), least)));
      const [a, b, d, e] = masks as [Var<"i32x4">, Var<"i32x4">, Var<"i32x4">, Var<"i32x4">];
      c.if(a.and(b).and(d.and(e)).to("i32x4.all_true", "i32").eq(0), () => {
        above.set(0);
        masks.forEach((mask, v) => above.set(above.or(mask.to("i32x4.bitmask", "i32").shl(4 * v))));
        above.set(above.xor((1 << BLOCK) - 1));
        c.while(above.ne(0), () => {
          lane.set(c.const("i32", 31).sub(above.to("i32.clz", "i32")));
          above.set(above.xor(c.const("i32", 1).shl(lane)));
          bits.set(c.load("i32", start.add(lane.shl(2))));
          offered(full.add(lane));
        });
        raise();
        c.if(left.lt(0), () => full.set(0));
      });
    });
    // Where much of a row came into the list there are better ways, as where there is nothing but the least integer.
    left.ge(0).and(c.load("i64", list).ne(0)).push();
  });
}

interface List {
  readonly list: Var<"i32">;
  readonly bits: Var<"i32">;
  readonly key: Var<"i32">;
  readonly pair: Var<"i64">;
  readonly at: Var<"i32">;
  /** How many insertions are still worth it. */
  readonly left: Var<"i32">;
}

/** Puts an element, its bits in `bits`, into the list if it is greater than the least there. */
function offer(c: Code, t: KeyType, { list, bits, key, pair, at, left }: List): (position: Value<"i32">) => void {
  const next = c.var("i64");
  return (position) => {
    emitKey(c, t, bits as Var<"i32" | "i64">, key as Var<"i32" | "i64">);
    pair.set(key.to("i64.extend_i32_u", "i64").shl(32).or(position.to("i64.extend_i32_u", "i64")));
    c.if(pair.gtU(c.load("i64", list)), () => {
      left.inc(-1);
      at.set(list);
      next.set(c.load("i64", at, 8));
      c.while(next.ltU(pair), () => {
        c.store(at, next);
        at.inc(8);
        next.set(c.load("i64", at, 8));
      });
      c.store(at, pair);
    });
  };
}

/** (x, n, maxima): the greatest of the elements i + lanes k, for i < lanes; those left over at the end are left out. */
function maximaOfLanes(m: Module, t: KeyType, lanes: number): Callable {
  const { max, least } = opsOf(t);
  const params = { x: "i32", n: "i32", maxima: "i32" } as const;
  return define(m, `maxima_${t.name}_${lanes}`, params, [], (c, { x, n, maxima }) => {
    const end = c.let(x.add(n.sub(n.remU(lanes)).shl(2)));
    const found = Array.from({ length: lanes / 4 }, () => c.let(c.splat("i32x4", c.const("i32", least))));
    c.while(x.ltU(end), () => {
      found.forEach((v, i) => v.set(c.op(max, "i32x4", v, c.load("i32x4", x, 16 * i))));
      x.inc(4 * lanes);
    });
    found.forEach((v, i) => c.store(maxima, v, 16 * i));
  });
}

/**
 * Division of four 32-bit integers at once, by doubles: their quotients, rounded once, never reach the next whole number,
 * which is at least 2^-32 of the quotient away. Never traps: x / 0 = -1, x rem 0 = x, and the least integer by -1 wraps.
 */
import type { Local } from "./assembler";
import type { Half, VectorArgs } from "./vector";

/** Added to a whole number below 2^51, leaves its low 32 bits in the low word. */
const TO_LOW_WORD = 1.5 * 2 ** 52;

export function emitVectorDivision(a: VectorArgs, op: "div" | "rem", u: "u" | "s"): void {
  const { f } = a;
  const x = a.local(0, 0);
  const divisor = a.constant(1);
  const y = divisor === undefined || divisor === 0 || op === "rem" ? a.local(1, 0) : null;
  const push = (v: Local, half: Half): void => {
    f.get(v);
    if (half === 1) f.get(v).shuffle(2, 3, 2, 3);
    f.op(`f64x2.convert_low_i32x4_${u}`);
  };
  for (const half of [0, 1] as const) {
    push(x, half);
    if (divisor !== undefined && divisor !== 0) f.f64x2(notLessThanInverse(divisor)).op("f64x2.mul");
    else {
      push(y!, half);
      f.op("f64x2.div");
    }
    f.op("f64x2.trunc").f64x2(TO_LOW_WORD).op("f64x2.add");
  }
  f.shuffle(0, 2, 4, 6);
  if (op === "rem") {
    const q = f.local("v128");
    f.set(q).get(x).get(q).get(y!).op("i32x4.mul").op("i32x4.sub").release(q);
  } else if (y !== null) f.get(y).i32x4(0).op("i32x4.eq").op("v128.or");
}

/** The next double after 1 / y, away from 0: multiples of y give no less than their quotient, others still less than the next. */
const notLessThanInverse = (y: number): number => (1 / y) * (1 + Number.EPSILON);

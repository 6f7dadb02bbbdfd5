/** sin, cos and tan in float32: minimax fits on |r| <= pi/4 after reduction. */
import type { Scalar } from "../scalar";
import type { Lang } from "./lang";
import { withReducedPi } from "./pi-reduction";

/** (sin r - r) / r^3 in r^2 */
const SIN = [-0.16666655242443085, 0.008332188241183758, -0.00019518072076607496];
/** (cos r - 1 + r^2 / 2) / r^4 in r^2 */
const COS = [0.04166664555668831, -0.0013887309469282627, 2.4432338250335306e-5];

const SIGN_BIT = -0x80000000;

function both(m: Lang, r: Scalar): { sine: Scalar; cosine: Scalar } {
  const r2 = m.mul(r, r);
  return {
    sine: m.fma(m.mul(r2, r), m.horner(r2, SIN), r),
    cosine: m.fma(m.mul(r2, r2), m.horner(r2, COS), m.fma(r2, -0.5, 1)),
  };
}

/** y with its sign changed where bit `SIGN_BIT` of the int32 `flip` is set. */
const flipSign = (m: Lang, y: Scalar, flip: Scalar): Scalar => m.float(m.xor(m.bits(y), flip));

const isOdd = (m: Lang, q: Scalar): Scalar => m.ne(m.and(q, 1), 0);

export function sin(m: Lang, x: Scalar): Scalar {
  const y = withReducedPi(m, m.abs(x), ({ q, r }) => {
    const { sine, cosine } = both(m, r);
    return flipSign(m, m.select(isOdd(m, q), cosine, sine), m.shl(m.and(q, 2), 30));
  });
  return flipSign(m, y, m.and(m.bits(x), SIGN_BIT));
}

export function cos(m: Lang, x: Scalar): Scalar {
  return withReducedPi(m, m.abs(x), ({ q, r }) => {
    const { sine, cosine } = both(m, r);
    return flipSign(m, m.select(isOdd(m, q), sine, cosine), m.shl(m.and(m.add(q, 1), 2), 30));
  });
}

export function tan(m: Lang, x: Scalar): Scalar {
  const y = withReducedPi(m, m.abs(x), ({ q, r }) => {
    const { sine, cosine } = both(m, r);
    const odd = isOdd(m, q);
    return flipSign(m, m.div(m.select(odd, cosine, sine), m.select(odd, sine, cosine)), m.shl(q, 31));
  });
  return flipSign(m, y, m.and(m.bits(x), SIGN_BIT));
}

/** sin(pi x) / (pi x) in x^2, |x| <= 1/2 */
const SINC = [
  1, -1.6449359555211893, 0.8117873698553418, -0.19114788570178785, 0.02767876547811811, -0.004463963402289829,
];

/** |sin(pi x)| / pi, exactly 0 at integers. */
export function absSinPi(m: Lang, x: Scalar): Scalar {
  const r = m.sub(x, m.round(x));
  return m.abs(m.mul(r, m.poly(m.mul(r, r), SINC)));
}

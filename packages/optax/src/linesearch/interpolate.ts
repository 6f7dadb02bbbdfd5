/** Minima of polynomials through points of a function of one variable. NaN where there is none. */
import { type Array, numpy as np } from "@jax-js/jax";

interface Sample {
  stepsize: Array;
  value: Array;
}

/** Minimum of the parabola through a, with its slope there, and b. */
export function quadraticMinimum(a: Sample, slope: Array, b: Sample): Array {
  const db = b.stepsize.sub(a.stepsize);
  const curvature = b.value.sub(a.value).sub(slope.mul(db)).div(np.square(db));
  return a.stepsize.sub(slope.div(curvature.mul(2)));
}

/** Minimum of the cubic through a, with its slope there, b and c. */
export function cubicMinimum(a: Sample, slope: Array, b: Sample, c: Sample): Array {
  const [db, dc] = [b.stepsize.sub(a.stepsize), c.stepsize.sub(a.stepsize)];
  const excess = (s: Sample, d: Array): Array => s.value.sub(a.value).sub(slope.mul(d));
  const [eb, ec] = [excess(b, db), excess(c, dc)];
  const denominator = np.square(db.mul(dc)).mul(db.sub(dc));
  const cubic = np.square(dc).mul(eb).sub(np.square(db).mul(ec)).div(denominator);
  const square = np.power(db, 3).mul(ec).sub(np.power(dc, 3).mul(eb)).div(denominator);
  const root = np.sqrt(np.square(square).sub(cubic.mul(slope).mul(3)));
  return a.stepsize.add(root.sub(square).div(cubic.mul(3)));
}

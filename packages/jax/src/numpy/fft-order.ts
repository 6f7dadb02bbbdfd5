/** The order in which Fourier transforms give frequencies: which ones, and with 0 in the middle. */
import type { DType } from "../aval/dtype";
import { canonicalAxis } from "../aval/promote";
import { ShapeError } from "../base/errors";
import { range } from "../base/list";
import { Tracer } from "../core/tracer";
import { type Named, byPosition, named } from "./arguments";
import { arrayFromHost } from "./host";
import { type ArrayLike, type Axis, inexact } from "./lift";
import { owned } from "./owned";
import { roll } from "./rearrange";

interface FrequencyOptions {
  d?: number | undefined;
  dtype?: DType | undefined;
}
type Spacing = [d?: number | FrequencyOptions, options?: FrequencyOptions];

function frequencies(op: string, n: number, spacing: Spacing, count: number, index: (i: number) => number): Tracer {
  const { d = 1, dtype = "float32" } = byPosition<FrequencyOptions>(["d"], spacing, ["dtype"]);
  if (!Number.isInteger(n) || n < 1) throw new ShapeError(`${op}: the length must be a whole number >= 1, got ${n}`);
  return arrayFromHost(
    op,
    Float64Array.from({ length: count }, (_, i) => index(i) / (n * d)),
    { dtype },
  );
}

/** Frequency of each element of `fft`, in cycles per unit of the sample distance `d`. @example np.fft.fftfreq(4).js(); // => [0, 0.25, -0.5, -0.25] */
export function fftfreq(n: number, ...spacing: Spacing): Tracer {
  return frequencies("fftfreq", n, spacing, n, (i) => (i < Math.ceil(n / 2) ? i : i - n));
}

/** Frequency of each element of `rfft`. @example np.fft.rfftfreq(4).js(); // => [0, 0.25, 0.5] */
export function rfftfreq(n: number, ...spacing: Spacing): Tracer {
  return frequencies("rfftfreq", n, spacing, Math.floor(n / 2) + 1, (i) => i);
}

type ShiftAxes = Axis | Named<"axes", Axis>;

function shifted(a: ArrayLike, which: ShiftAxes | undefined, by: (n: number) => number): Tracer {
  const axes = named("axes", which, null as Axis);
  return owned(() => {
    const x = inexactOrSame(a);
    const list = axes === null ? range(x.ndim) : typeof axes === "number" ? [axes] : axes;
    const at = list.map((ax) => canonicalAxis("fftshift", ax, x.ndim));
    return roll(
      x,
      at.map((ax) => by(x.shape[ax]!)),
      at,
    );
  });
}
const inexactOrSame = (a: ArrayLike): Tracer => (a instanceof Tracer ? a : inexact(a));

/** Moves the frequency 0 to the middle. @example np.fft.fftshift(np.arange(4)).js(); // => [2, 3, 0, 1] */
export function fftshift(a: ArrayLike, axes?: ShiftAxes): Tracer {
  return shifted(a, axes, (n) => Math.floor(n / 2));
}

/** Undoes `fftshift`. @example np.fft.ifftshift(np.arange(3)).js(); // => [1, 2, 0] */
export function ifftshift(a: ArrayLike, axes?: ShiftAxes): Tracer {
  return shifted(a, axes, (n) => -Math.floor(n / 2));
}

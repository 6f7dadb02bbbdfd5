/** Different transformations for different leaves. */
import { tree } from "@jax-js/jax";
import { GradientTransformation, type OptState, isPlaceholder, mapTree } from "../base";
import { type Rest, named } from "../named";
import { type MaskedOptions, isTrue, masked, resolve } from "./masking";
import { setToZero } from "./simple";

export interface PartitionState {
  innerStates: Record<string, OptState>;
}

export type MultiTransformState = PartitionState;

const maskOf = (labels: unknown, label: string): unknown =>
  mapTree(((own: unknown) => String(own) === label) as never, labels);

/**
 * Applies another transformation to each group of leaves. State `{ innerStates }`, by label.
 *
 * `paramLabels` is a tree of labels like the parameters or the top of it, or a function of the parameters.
 * Options: maskCompatibleExtraArgs = false.
 * Errors: RangeError for a label without a transformation.
 * Source: optax.partition.
 * @example
 * const tx = partition({ fast: scale(10), still: setToZero() }, { a: "fast", b: "still" });
 * const [u] = tx.update({ a: np.ones([1]), b: np.ones([1]) }, tx.init({ a: np.ones([1]), b: np.ones([1]) }));
 * [u.a.js(), u.b.js()]; // => [[10], [0]]
 */
export function partition(
  transforms: Record<string, GradientTransformation>,
  paramLabels: unknown,
  ...rest: Rest<MaskedOptions>
): GradientTransformation {
  const options = named<MaskedOptions>("partition", ["maskCompatibleExtraArgs"], rest);
  if (typeof transforms !== "object" || transforms === null) {
    throw new TypeError(`partition: expected an object of transformations by label, got ${typeof transforms}`);
  }
  const groups = Object.entries(transforms);
  const labelsOf = (x: unknown): unknown => {
    const labels = resolve(paramLabels, x);
    const unknown = tree.leaves(labels).filter((label) => !(String(label) in transforms));
    if (unknown.length > 0) {
      throw new RangeError(`partition: no transformation for labels ${unknown}, only for ${Object.keys(transforms)}`);
    }
    return labels;
  };
  return GradientTransformation(
    (params: unknown): PartitionState => {
      if (isPlaceholder(params)) {
        return {
          innerStates: Object.fromEntries(groups.map(([k, tx]) => [k, masked(tx, true).init(params) as OptState])),
        };
      }
      const labels = labelsOf(params);
      const init = ([k, tx]: [string, GradientTransformation]): [string, OptState] => [
        k,
        masked(tx, maskOf(labels, k)).init(params),
      ];
      return { innerStates: Object.fromEntries(groups.map(init)) };
    },
    (updates: unknown, { innerStates }, params: unknown, extra) => {
      const labels = labelsOf(updates);
      let current = updates;
      const next: Record<string, OptState> = {};
      for (const [k, tx] of groups) {
        const part = masked(tx, maskOf(labels, k), options);
        [current, next[k]] = part.update(current, innerStates[k], params, extra);
      }
      return [current, { innerStates: next }];
    },
  );
}

/** As `partition`, by its older name. @example multiTransform({ a: scale(2) }, "a").init(np.ones([1])).innerStates.a.innerState; // => [] */
export function multiTransform(
  transforms: Record<string, GradientTransformation>,
  paramLabels: unknown,
  ...rest: Rest<MaskedOptions>
): GradientTransformation {
  return partition(transforms, paramLabels, ...rest);
}

/**
 * Sets updates to zero where the mask is true.
 *
 * Source: optax.freeze.
 * @example
 * const tx = freeze({ a: true, b: false });
 * const [u] = tx.update({ a: np.ones([1]), b: np.ones([1]) }, tx.init({ a: np.ones([1]), b: np.ones([1]) }));
 * [u.a.js(), u.b.js()]; // => [[0], [1]]
 */
export function freeze(mask: unknown): GradientTransformation {
  return masked(setToZero(), mask);
}

/**
 * Applies an optimizer where the mask is false, and sets updates to zero where it is true.
 *
 * Source: optax.selective_transform.
 * @example
 * const tx = selectiveTransform(scale(3), { freezeMask: { a: true, b: false } });
 * const [u] = tx.update({ a: np.ones([1]), b: np.ones([1]) }, tx.init({ a: np.ones([1]), b: np.ones([1]) }));
 * [u.a.js(), u.b.js()]; // => [[0], [3]]
 */
export function selectiveTransform(
  optimizer: GradientTransformation,
  { freezeMask }: { freezeMask: unknown },
): GradientTransformation {
  const labels = (x: unknown): unknown =>
    mapTree(((m: unknown) => (isTrue(m) ? "freeze" : "train")) as never, resolve(freezeMask, x));
  return partition({ train: optimizer, freeze: setToZero() }, labels);
}

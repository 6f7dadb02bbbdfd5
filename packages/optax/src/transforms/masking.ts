/** Transformations of a part of the leaves. */
import { tree } from "@jax-js/jax";
import {
  type ExtraArgs,
  GradientTransformation,
  type OptState,
  isArray,
  isPlaceholder,
  mapTree,
  needTransformation,
} from "../base";
import { type Rest, named } from "../named";

/** Which leaves take part: a tree of booleans like the parameters or the top of it, or a function that gives one. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- parameters are trees of any depth
export type MaskFn = (params: any) => unknown;

/** A tree of booleans, or a function that gives one. */
export type MaskOrFn = MaskFn | object | boolean;

/** What is in place of leaves that a mask leaves out. */
export type MaskedNode = null;

export const isTrue = (m: unknown): boolean => (isArray(m) ? Boolean(m.item()) : Boolean(m));

/** A mask, or labels, for a tree: what was given, or what the function gives. */
export const resolve = (mask: unknown, x: unknown): unknown =>
  typeof mask === "function" ? (mask as MaskFn)(x) : mask;

/** The tree with null, which is an empty node, in place of what the mask leaves out. */
const hide = (mask: unknown, x: unknown): unknown =>
  mapTree(((m: unknown, part: unknown) => (isTrue(m) ? part : null)) as never, mask, x);

/** What the mask takes from `inside`, and the rest from `outside`. */
const merge = (mask: unknown, inside: unknown, outside: unknown): unknown =>
  mapTree(((m: unknown, a: unknown, b: unknown) => (isTrue(m) ? a : b)) as never, mask, inside, outside);

export interface MaskedOptions {
  /** Extra arguments that are trees like the updates are masked too; false. */
  maskCompatibleExtraArgs?: boolean;
}

/** Extra arguments with those masked that have the form of the updates. */
function hideExtra(mask: unknown, updates: unknown, extra: ExtraArgs): ExtraArgs {
  const form = tree.structure(updates);
  const hidden = (x: unknown): unknown =>
    typeof x !== "function" && tree.structure(x).equals(form) ? hide(mask, x) : x;
  return Object.fromEntries(Object.entries(extra).map(([k, x]) => [k, hidden(x)]));
}

export interface MaskedState {
  innerState: OptState;
}

/**
 * Applies a transformation where the mask is true; other updates stay. State `{ innerState }`, where null is in place of what
 * is left out.
 *
 * `mask` is a tree of booleans like the parameters or the top of it, or a function of the parameters that gives one.
 * Options: maskCompatibleExtraArgs = false.
 * Errors: TreeMismatchError if the mask does not fit.
 * Source: optax.masked.
 * @example
 * const tx = masked(scale(10), { a: true, b: false });
 * const [u] = tx.update({ a: np.ones([1]), b: np.ones([1]) }, tx.init({ a: np.ones([1]), b: np.ones([1]) }));
 * [u.a.js(), u.b.js()]; // => [[10], [1]]
 */
export function masked(
  inner: GradientTransformation,
  mask: unknown,
  ...rest: Rest<MaskedOptions>
): GradientTransformation {
  needTransformation("masked", inner);
  const options = named<MaskedOptions>("masked", ["maskCompatibleExtraArgs"], rest);
  const { maskCompatibleExtraArgs = false } = options;
  return GradientTransformation(
    (params: unknown): MaskedState => ({
      innerState: inner.init(isPlaceholder(params) ? params : hide(resolve(mask, params), params)) as OptState,
    }),
    (updates: unknown, { innerState }, params: unknown, extra) => {
      const chosen = resolve(mask, updates);
      const within = params === undefined ? undefined : hide(chosen, params);
      const given = maskCompatibleExtraArgs ? hideExtra(chosen, updates, extra) : extra;
      const [out, next] = inner.update(hide(chosen, updates), innerState, within, given);
      return [merge(chosen, out, updates), { innerState: next as OptState }];
    },
  );
}

/** Older names of tree functions at the top level of optax. */
import { type Scalar, pure } from "../base";
import {
  treeBiasCorrection, treeUpdateInfinityMoment, treeUpdateMoment, treeUpdateMomentPerElemNorm,
} from "./moments"; // prettier-ignore

/** As `treeBiasCorrection`. @example biasCorrection([np.array([0.5])], 0.5, 1)[0].js(); // => [1] */
export function biasCorrection<P>(moment: P, decay: Scalar, count: Scalar): P {
  return treeBiasCorrection(moment, decay, count);
}

/** As `treeUpdateMoment`. @example updateMoment([np.array([2])], [np.array([1])], 0.5, 1)[0].js(); // => [1.5] */
export function updateMoment<P>(updates: P, moments: P, decay: Scalar, order: number): P {
  return treeUpdateMoment(updates, moments, decay, order);
}

/** As `treeUpdateInfinityMoment`. @example updateInfinityMoment([np.array([-2])], [np.array([1])], 0.5, 0)[0].js(); // => [2] */
export function updateInfinityMoment<P>(updates: P, moments: P, decay: Scalar, eps: Scalar): P {
  return treeUpdateInfinityMoment(updates, moments, decay, eps);
}

/** As `treeUpdateMomentPerElemNorm`. @example updateMomentPerElemNorm([np.array([-2])], [np.array([0])], 0.5, 2)[0].js(); // => [2] */
export function updateMomentPerElemNorm<P>(updates: P, moments: P, decay: Scalar, order: number): P {
  return treeUpdateMomentPerElemNorm(updates, moments, decay, order);
}

/** The keys of a tree as arrays of integers, which they are here. @example treeUnwrapRandomKeyData([random.key(0)])[0].js(); // => [0, 0] */
export function treeUnwrapRandomKeyData<P>(inputTree: P): P {
  return pure(() => inputTree, [inputTree]);
}

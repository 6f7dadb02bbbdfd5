/** Connectionist temporal classification: the likelihood of a label sequence over all its alignments with the frames. */
import { type Array, ShapeError, lax, nn, numpy as np } from "@jax-js/jax";
import { pure } from "../base";
import { type Rest, named } from "../named";
import { needEqualShapes, needFloat, needRank } from "./checks";

export interface CtcLossOptions {
  /** The class that stands for no label; 0. */
  blankId?: number;
  /** Logarithm that stands for that of 0; -1e5. */
  logEpsilon?: number;
}

/** Logarithms of probabilities of prefixes: after a blank `[batch, labels + 1]`, after a label `[batch, labels]`. */
type Alpha = [phi: Array, emit: Array];

/**
 * The CTC loss and the logarithms of forward probabilities: those of prefixes that end in a blank `[time, batch, labels + 1]`
 * and of those that end in a label `[time, batch, labels]`.
 *
 * Arguments, shapes, errors: as ctcLoss.
 * Source: Graves et al., "Connectionist temporal classification", 2006; optax.ctc_loss_with_forward_probs.
 * @example
 * const labels = np.array([[1]], { dtype: "int32" });
 * ctcLossWithForwardProbs(np.zeros([1, 2, 2]), np.zeros([1, 2]), labels, np.zeros([1, 1]))[1].shape; // => [2, 1, 2]
 */
export function ctcLossWithForwardProbs(
  logits: Array,
  logitPaddings: Array,
  labels: Array,
  labelPaddings: Array,
  ...rest: Rest<CtcLossOptions>
): [loss: Array, logAlphaPhi: Array, logAlphaEmit: Array] {
  const options = named<CtcLossOptions>("ctcLoss", ["blankId", "logEpsilon"], rest);
  const { blankId = 0, logEpsilon = -1e5 } = options;
  checkArguments(logits, logitPaddings, labels, labelPaddings);
  return pure(() => {
    const [batch, , nClasses] = logits.shape as [number, number, number];
    const nLabels = labels.shape[1]!;
    const logProbs = nn.logSoftmax(logits); // [batch, time, classes]
    const blank = np.transpose(logProbs.slice([], [], [blankId, blankId + 1]), [1, 0, 2]); // [time, batch, 1]
    const oneHot = nn.oneHot(labels, nClasses, { dtype: logits.dtype }); // [batch, labels, classes]
    const emitted = np.transpose(np.matmul(logProbs, np.transpose(oneHot, [0, 2, 1])), [1, 0, 2]); // [time, batch, labels]

    // 1 where the next label is the same, so that a blank must come between.
    const same = labels.slice([], [0, nLabels - 1]).equal(labels.slice([], [1, nLabels]));
    const repeat = np.pad(same.astype(logits.dtype), [[0, 0], [0, 1]]); // prettier-ignore
    const noSkip = repeat.mul(logEpsilon);
    const noRepeat = repeat.neg().add(1).mul(logEpsilon);

    const impossible = (n: number): Array => np.full([batch, n], logEpsilon, { dtype: logits.dtype });
    const start: Alpha = [
      np.concatenate([np.zeros([batch, 1], { dtype: logits.dtype }), impossible(nLabels)], 1),
      impossible(nLabels),
    ];
    const step = ([phi, emit]: Alpha, [logEmit, logBlank, pad]: [Array, Array, Array]): [Alpha, Alpha] => {
      const reached = addToPhi(phi, emit.add(noSkip));
      const nextEmit = np.logaddexp(dropLast(reached), emit).add(logEmit);
      const nextPhi = addToPhi(reached.add(logBlank), emit.add(logBlank).add(noRepeat));
      const over = pad.reshape([batch, 1]);
      const rest = over.neg().add(1);
      const keep = (old: Array, now: Array): Array => over.mul(old).add(rest.mul(now));
      const next: Alpha = [keep(phi, nextPhi), keep(emit, nextEmit)];
      return [next, next];
    };
    const paddings = np.transpose(logitPaddings.astype(logits.dtype));
    const [[phiEnd, emitEnd], [phis, emits]] = lax.scan(step as never, start, [
      emitted,
      blank,
      paddings,
    ]) as unknown as [Alpha, Alpha];
    const last = addToPhi(phiEnd, emitEnd); // [batch, labels + 1]
    const lengths = np.sum(labelPaddings, 1).neg().add(nLabels).astype("int32");
    const loss = np.sum(last.mul(nn.oneHot(lengths, nLabels + 1, { dtype: logits.dtype })), 1).neg();
    const allPhis = np.concatenate([phis.slice([0, phis.shape[0]! - 1]), np.expandDims(last, 0)], 0);
    return [loss, allPhis, emits] as [Array, Array, Array];
  }, [logits, logitPaddings, labels, labelPaddings]);
}

/**
 * Minus the logarithm of the probability of each label sequence, summed over all its alignments with the frames.
 *
 * Arguments: logits, logitPaddings (1 for frames past the end), labels (numbers of classes), labelPaddings; options
 * blankId = 0, logEpsilon = -1e5.
 * Shapes: `f[batch, time, classes], [batch, time], i[batch, labels], [batch, labels] -> f[batch]`.
 * Errors: ShapeError, DTypeError for arguments that do not fit together.
 * Source: Graves et al., "Connectionist temporal classification", 2006; optax.ctc_loss.
 * @example
 * const labels = np.array([[1]], { dtype: "int32" });
 * ctcLoss(np.zeros([1, 2, 2]), np.zeros([1, 2]), labels, np.zeros([1, 1])).js(); // => [0.287682]
 */
export function ctcLoss(
  logits: Array,
  logitPaddings: Array,
  labels: Array,
  labelPaddings: Array,
  ...rest: Rest<CtcLossOptions>
): Array {
  return pure(
    () => ctcLossWithForwardProbs(logits, logitPaddings, labels, labelPaddings, ...rest)[0],
    [logits, logitPaddings, labels, labelPaddings],
  );
}

/** Adds probabilities to those of prefixes that have at least one label. */
const addToPhi = (phi: Array, score: Array): Array =>
  np.concatenate([phi.slice([], [0, 1]), np.logaddexp(phi.slice([], [1, phi.shape[1]!]), score)], 1);

const dropLast = (phi: Array): Array => phi.slice([], [0, phi.shape[1]! - 1]);

function checkArguments(logits: Array, logitPaddings: Array, labels: Array, labelPaddings: Array): void {
  needRank("ctcLoss", "logits", logits, 3);
  needRank("ctcLoss", "labels", labels, 2);
  needFloat("ctcLoss", "logits", logits);
  needEqualShapes("ctcLoss", "labels and labelPaddings", labels, labelPaddings);
  const [batch, time] = logits.shape as [number, number];
  if (logitPaddings.ndim !== 2 || logitPaddings.shape[0] !== batch || logitPaddings.shape[1] !== time) {
    throw new ShapeError(`ctcLoss: expected logitPaddings of shape [${batch},${time}], got [${logitPaddings.shape}]`);
  }
  if (labels.shape[0] !== batch) {
    throw new ShapeError(
      `ctcLoss: expected labels of ${batch} sequences as there are logits, got shape [${labels.shape}]`,
    );
  }
}

/** A rescaling, weight decay and the learning rate: the form of AdamW. */
import type { GradientTransformation, ScalarOrSchedule } from "../base";
import { addDecayedWeights } from "../transforms/adding";
import { chain } from "../transforms/chain";
import { scaleByLearningRate } from "../transforms/schedule";

interface Decay {
  weightDecay: ScalarOrSchedule | undefined;
  mask: unknown;
}

/** The chain of the three; `usual` is the weight decay if none is given. */
export function decayed(
  rescale: GradientTransformation,
  learningRate: ScalarOrSchedule,
  { weightDecay, mask = null }: Partial<Decay>,
  usual: number,
): GradientTransformation {
  return chain(
    rescale,
    addDecayedWeights({ weightDecay: weightDecay ?? usual, mask }),
    scaleByLearningRate(learningRate),
  );
}

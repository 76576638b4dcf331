import * as tf from "@tensorflow/tfjs";
import { compile, type Compiled } from "../backend/compile";
import { withAdversaries, type AdversarialOptions } from "./adversarial-images";
import { DropoutMasks } from "./dropout-masks";
import { isStandard } from "./layers-of";
import { MovingAverages } from "./moving-averages";
import type { Optimizer } from "./optimizer";

/** Making a graph takes as long as some dozens of steps. */
const WORTH = 100;

export interface TrainingStepOptions {
  /** Ends in the scores before the softmax. */
  readonly logits: tf.LayersModel;
  readonly optimizer: Optimizer;
  readonly classes: number;
  readonly labelSmoothing: number;
  readonly adversarial?: Required<AdversarialOptions>;
  /** Of a whole minibatch, [batch, height, width, channels], or of other inputs. */
  readonly shape: readonly number[];
  /** How many steps the whole run has, done or not. */
  readonly total: number;
}

export interface Minibatch {
  /** [batch, …], row-major. */
  readonly pixels: Float32Array;
  readonly labels: readonly number[];
  readonly learningRate: number;
  /** One for each dropout layer. */
  readonly seeds: readonly number[];
}

interface Outcome {
  /** New weights and slots of the optimizer. */
  readonly learnt: tf.Tensor[];
  /** New moving averages. */
  readonly averages: tf.Tensor[];
  readonly loss: tf.Scalar;
  readonly right: tf.Scalar;
}
type Step = (
  images: tf.Tensor,
  labels: tf.Tensor1D,
  masks: readonly tf.Tensor[],
  factors: readonly tf.Scalar[],
) => Outcome;

/**
 * A step of training: loss, gradients, and the optimizer's update. All that changes from step to step is handed in, so
 * that it is a pure
 * function of tensors, which runs as one graph where that pays and the network consists of TensorFlow.js's own layers.
 *
 * Which steps run as a graph depends on the run as a whole and not on where it was stopped, so that a run that goes on
 * computes, bit by bit,
 * what one that was not stopped computes: whole minibatches do from the first one on, an epoch's smaller last one
 * never.
 */
export class TrainingStep {
  private readonly dropout: DropoutMasks;
  private readonly averages: MovingAverages;
  private readonly compiled?: Compiled<Parameters<Step>, Outcome>;

  constructor(private readonly options: TrainingStepOptions) {
    const { logits, total } = options;
    this.dropout = new DropoutMasks(logits);
    this.averages = new MovingAverages(logits);
    if (total >= WORTH && process.env.VITRINE_COMPILE !== "off" && isStandard(logits))
      this.compiled = compile<Parameters<Step>, Outcome>(this.compute, { abstract: true });
  }

  /** How many seeds a minibatch needs. */
  get seeds(): number {
    return this.dropout.count;
  }

  /** Makes the graph, before the first minibatch. */
  prepare(): void {
    const { shape, optimizer } = this.options,
      { compiled } = this;
    if (compiled)
      tf.tidy(() => {
        const images = tf.zeros([...shape]);
        const masks = this.dropout.draw(
          Array.from({ length: this.seeds }, () => 1),
          images,
        );
        compiled.prepare(
          images,
          tf.zeros<tf.Rank.R1>([shape[0]], "int32"),
          masks,
          optimizer.factors(0).map((factor) => tf.scalar(factor)),
        );
      });
  }

  /** Trains on a minibatch. @returns its mean loss before the step, and how many pictures the network had right */
  async run({ pixels, labels, learningRate, seeds }: Minibatch): Promise<[loss: number, right: number]> {
    const { optimizer, shape } = this.options;
    const made = tf.tidy(() => {
      const images = tf.tensor(pixels, [labels.length, ...shape.slice(1)]),
        target = tf.tensor1d(labels as number[], "int32");
      const step: Step = labels.length === shape[0] && this.compiled ? this.compiled : this.compute;
      const { learnt, averages, loss, right } = step(
        images,
        target,
        this.dropout.draw(seeds, images),
        optimizer.factors(learningRate).map((factor) => tf.scalar(factor)),
      );
      optimizer.assign(learnt);
      this.averages.variables.forEach((variable, i) => variable.assign(averages[i]));
      // `tidy` frees no tensor that was kept once.
      tf.dispose(averages);
      return { loss, right };
    });
    try {
      const [[loss], [right]] = await Promise.all([made.loss.data(), made.right.data()]);
      return [loss, right];
    } finally {
      tf.dispose([made.loss, made.right]);
    }
  }

  dispose(): void {
    this.compiled?.dispose();
    this.dropout.dispose();
    this.averages.dispose();
  }

  private readonly compute: Step = (images, labels, masks, factors) => {
    const { logits, optimizer, classes, labelSmoothing, adversarial } = this.options;
    const oneHot = tf.oneHot(labels, classes).toFloat() as tf.Tensor2D;
    const shown = adversarial ? withAdversaries(logits, images as tf.Tensor4D, oneHot, adversarial) : images;
    let right!: tf.Scalar;
    const [{ value, grads }, averages] = this.averages.during(() =>
      tf.variableGrads(() => {
        const scores = this.dropout.during(
          masks,
          images.shape[0],
          () => logits.apply(shown, { training: true }) as tf.Tensor2D,
        );
        right = tf.keep(scores.argMax(1).equal(labels).sum());
        return tf.losses.softmaxCrossEntropy(oneHot, scores, undefined, labelSmoothing) as tf.Scalar;
      }, [...optimizer.weights]),
    );
    return {
      learnt: optimizer.next(
        optimizer.weights.map(({ name }) => grads[name]),
        factors,
      ),
      averages,
      loss: value,
      right,
    };
  };
}

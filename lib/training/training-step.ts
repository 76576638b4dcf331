// One minibatch: forward, loss, gradients, update; adversarial images and moving averages in it.
import * as tf from "@tensorflow/tfjs";
import { compile, type Compiled } from "../backend/graph";
import { DropoutMasks, isStandard, layersOf } from "./dropout-masks";
import type { Optimizer } from "./optimizer";
import { checkOptions, number, type Checked, type Schema } from "../core/options";
import { lossGradient, unitStep } from "../attack/norms";

/** Making a graph takes as long as some dozens of steps. */
const WORTH = 100;

interface TrainingStepOptions {
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
 * that it is a pure function of tensors, which runs as one graph where that pays and the network consists of
 * TensorFlow.js's own layers.
 *
 * Which steps run as a graph depends on the run as a whole and not on where it was stopped, so that a run that goes on
 * computes, bit by bit, what one that was not stopped computes: whole minibatches do from the first one on, an epoch's
 * smaller last one never.
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

/** TensorFlow.js's layers keep their weights in such a thing. */
interface LayerVariable {
  val: tf.Variable;
  read(): tf.Tensor;
  write(value: tf.Tensor): LayerVariable;
}
interface BatchNormLayer extends tf.layers.Layer {
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
}

/**
 * The moving averages of a network's batch normalizations, which in training mode are written in the middle of the
 * forward pass. Within `during` they come back as values instead, so that the pass is a pure function of tensors, which
 * can be compiled.
 */
class MovingAverages {
  readonly variables: readonly tf.Variable[];
  private readonly held: readonly LayerVariable[];
  private now?: Map<LayerVariable, tf.Tensor>;

  constructor(model: tf.LayersModel) {
    this.held = (layersOf(model, "BatchNormalization") as BatchNormLayer[]).flatMap(
      ({ movingMean, movingVariance }) => [movingMean, movingVariance],
    );
    this.variables = this.held.map(({ val }) => val);
    for (const variable of this.held) {
      const own = Object.getPrototypeOf(variable) as LayerVariable;
      // A layer that is called twice goes on from its own first call.
      variable.read = () => this.now?.get(variable) ?? own.read.call(variable);
      variable.write = (value) => {
        if (!this.now) return own.write.call(variable, value);
        this.now.get(variable)?.dispose();
        this.now.set(variable, tf.keep(value));
        return variable;
      };
    }
  }

  /** @returns what the work returns, and each variable's new value, which the caller owns */
  during<T>(work: () => T): [result: T, values: tf.Tensor[]] {
    const now = (this.now = new Map<LayerVariable, tf.Tensor>());
    try {
      const result = work();
      return [result, this.held.map((variable) => now.get(variable) ?? tf.clone(variable.val))];
    } catch (error) {
      tf.dispose([...now.values()]);
      throw error;
    } finally {
      this.now = undefined;
    }
  }

  /** Lets the layers write by themselves again. */
  dispose(): void {
    for (const variable of this.held) {
      delete (variable as Partial<LayerVariable>).read;
      delete (variable as Partial<LayerVariable>).write;
    }
  }
}

/** Training on adversarial images with their right labels. */
export interface AdversarialOptions {
  /** How far FGSM moves every value, in units of [0, 1]. Number above 0 and at most 1. */
  epsilon: number;
  /**
   * Share of each minibatch that is attacked; the rest stays as it is. Number above 0 and at most 1. Default: 0.5.
   */
  share?: number;
}

export const adversarialOptions = {
  epsilon: number({ above: 0, most: 1, required: true, unit: "in units of [0, 1]", help: "how far FGSM moves values" }),
  share: number({ above: 0, most: 1, default: 0.5, help: "share of each minibatch that is attacked" }),
} satisfies Schema<AdversarialOptions>;

/** @throws BadInputError */
export const checkAdversarial = (given: AdversarialOptions): Checked<typeof adversarialOptions> =>
  checkOptions(adversarialOptions, given, "adversarial");

/**
 * A minibatch whose first images are moved by FGSM away from their labels, as the network is now (Goodfellow, Shlens &
 * Szegedy 2015, arXiv:1412.6572, section 6); at least one of them. A pure function of tensors; dropout is off while it
 * attacks.
 * @param logits ends before the softmax
 * @param images [batch, height, width, channels] in [0, 1]
 * @param oneHot their labels, [batch, classes]
 */
function withAdversaries(
  logits: tf.LayersModel,
  images: tf.Tensor4D,
  oneHot: tf.Tensor2D,
  { epsilon, share }: Required<AdversarialOptions>,
): tf.Tensor4D {
  return tf.tidy(() => {
    const count = Math.max(1, Math.round(share * images.shape[0])),
      attacked = tf.slice(images, 0, count);
    const network = {
      name: logits.name,
      classNames: [],
      logits: (x: tf.Tensor) => logits.apply(x, { training: false }) as tf.Tensor,
    };
    const gradient = lossGradient(network, attacked, tf.slice(oneHot, 0, count), false);
    const moved = tf.clipByValue(tf.add(attacked, tf.mul(unitStep(gradient, "linf"), epsilon)), 0, 1) as tf.Tensor4D;
    return count === images.shape[0] ? moved : tf.concat([moved, tf.slice(images, count)], 0);
  });
}

import type * as tf from "@tensorflow/tfjs";
import type { ProgressReport } from "../runtime/progress";
import type { Target } from "../model/target";
import { batchSizeRule } from "../core/chunks";
import { integer, oneOf, orElse, progressAndSignal, target, type Schema } from "../core/options";
import { classScores, type ClassScore, type Score } from "./score";

/** Options every attribution method takes. */
export interface AttributionOptions {
  /**
   * The class that is explained, or the output of a regression. Default: each input's predicted class, a regression's
   * only output. (Of classes that are equally probable the first is predicted. Of a single sigmoid unit the classes are
   * 0, what it says no to, and 1.)
   */
  target?: Target;
  /**
   * What of the target is explained; or, in its place, a number of your own for each input: a function of the
   * outputs, or of a layer's activations (`{ layer, of }`). Default: "logit".
   */
  score?: Score;
  /**
   * Most inputs, or perturbed inputs, in one pass through the model: bounds memory. Integer ≥ 1. Default: 25 images of
   * 224 × 224 or larger, more of smaller ones, 256 at most (28 × 28).
   */
  batchSize?: number;
  /** Called as work is done. Default: for work longer than a second a bar in the notebook, or a line on a terminal. */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`. Default: the running cell's own interrupt. */
  signal?: AbortSignal;
}

export const attributionOptions = {
  target: target<Target>({
    rule: "each input's predicted class, a regression's only output",
    help: "the class that is explained, or the output of a regression",
    traced: "input",
  }),
  score: oneOf(classScores, {
    or: orElse<Exclude<Score, ClassScore>>("a function of the outputs, or of a layer's activations ({ layer, of })"),
    default: "logit",
    help: "what of the target is explained",
  }),
  batchSize: integer({
    least: 1,
    rule: batchSizeRule,
    help: "most inputs, perturbed ones counted, in one pass through the model: bounds memory",
    traced: "never",
  }),
  ...progressAndSignal<ProgressReport>(),
} satisfies Schema<AttributionOptions>;

/** What every attribution method returns. The caller owns `values` (and `convergenceDelta`) and disposes of them. */
export interface Attribution<Options = AttributionOptions, V extends tf.Tensor = tf.Tensor4D> {
  /**
   * Signed, in the shape of the inputs: of images [batch, height, width, channels] (layer methods: that layer's
   * resolution). Of tokens, what gradients say is in the shape of their vectors, [batch, …, length of a vector].
   */
  readonly values: V;
  /** Index of the class explained, one per input; empty for a score of your own. */
  readonly target: readonly number[];
  /** Kebab-case name of the method: `integrated-gradients`. */
  readonly method: string;
  /** The options that decided the result, defaults filled in; `target` as indices. */
  readonly options: Readonly<Options>;
  /** Integrated gradients: sum of values minus (score(x) − score(baseline)), one per input. [batch] */
  readonly convergenceDelta?: tf.Tensor1D;
  /** Frees the tensors. */
  dispose(): void;
}

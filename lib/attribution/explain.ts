// Runs a method over all inputs: checks them, resolves target and baseline, cuts the work into chunks, keeps the graph.

import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { repeated } from "../backend/graph/model-graphs";
import { checkpoint, notebookHost } from "../runtime/host";
import { startProgress, type ProgressTracker } from "../runtime/progress";
import { badInput } from "../core/errors";
import { checkInputs, checkModel, checkWeights, largestValues, refuseNotFinite } from "../model/checks";
import { checkClasses, outputOf, targetRows } from "../model/outputs";
import { predictedClasses, resolveTarget, type Target } from "../model/target";
import type { Inputs, Model, Values } from "../model/vision-model";
import type { Attribution, attributionOptions, AttributionOptions } from "./attribution";
import { stepKey, type AnySchema, type Checked } from "../core/options";
import { chunkPlan, defaultBatchSize, type Range } from "../core/chunks";
import { checkScore, explained, isClassScore, type Explained, type Score } from "./score";
import { withTensors } from "../core/tensors";

/** Inputs that are worked on together, and what belongs to them: tensors alone, so that a step can be traced. */
export interface BlockTensors {
  /** [block, …] */
  readonly inputs: tf.Tensor;
  /** What the score takes of each input: its target's row ([block, units]), or its number ([block, 1]). */
  readonly rows: tf.Tensor2D;
  /** In the shape of `inputs`; zeros where the method takes no baseline. */
  readonly baseline: tf.Tensor;
  /** What `reference` returned for these inputs. */
  readonly reference?: tf.Tensor;
}

/** A block with what is explained of it. */
export type Block = BlockTensors & Explained;

export type Finished = { values: tf.Tensor } | { values: tf.Tensor; convergenceDelta: tf.Tensor1D };

/** One attribution method, as what it does to a block of inputs. Its functions are synchronous and pure. */
export interface AttributionSteps<Options extends AttributionOptions> {
  /** Kebab-case name. */
  readonly method: string;
  readonly schema: AnySchema;
  /** Checked by the schema. Those that it does not call inputs tell the step's graph from others, which is kept. */
  readonly options: Options & Checked<typeof attributionOptions>;
  /** What else `step` depends on, beside its inputs and the model. Default: nothing. */
  readonly closesOver?: Readonly<Record<string, string | boolean>>;
  /** How often each input goes through the model. Default: 1. */
  readonly passes?: number;
  readonly baseline?: Baseline;
  /**
   * Inputs are only changed, not differentiated: tokens may stay tokens. Default: false, behind the layer that makes
   * vectors of them.
   */
  readonly perturbs?: boolean;
  /** Computed once for each block. */
  reference?(block: Block): tf.Tensor;
  /** What a run of passes takes beside the block (steps, windows), as tensors: a traced `step` would freeze numbers. */
  passInputs?(run: Range): tf.Tensor[];
  /**
   * What a run of passes contributes to the result, summed over the run. In the shape of the result, or of what
   * `finish` takes.
   */
  step(block: Block, inputs: readonly tf.Tensor[]): tf.Tensor;
  /** Makes the result of the sum over all passes. Default: the sum itself. */
  finish?(sum: tf.Tensor, block: Block): Finished;
}

/** The model whose inputs a method differentiates: of a network that takes tokens, what comes behind their vectors. */
export const differentiated = (model: Model): Model => model.embedding?.model ?? model;

/**
 * Runs a method over all inputs within `batchSize`, between its steps letting messages, progress and interruption
 * through.
 */
export async function explain<Options extends AttributionOptions, M extends Model>(
  given: M,
  input: Inputs,
  steps: AttributionSteps<Options>,
): Promise<Attribution<Options, Values<M>>> {
  checkModel(given);
  const model = steps.perturbs ? given : differentiated(given);
  if (!steps.perturbs && given.tokensAt !== undefined) {
    badInput({
      what: "model",
      got: `${given.name}, whose layer ${given.tokensAt} takes tokens beside another use of its inputs`,
      allowed: `for ${steps.method} inputs that can be changed a little`,
      remedy: "occlusion with a featureMask takes it.",
    });
  }
  const { passes = 1 } = steps;
  // The signal is read now, since it belongs to the cell that started the work: a later cell has another one.
  const {
    batchSize = defaultBatchSize(model),
    onProgress,
    signal = notebookHost()?.signal,
    score: asked,
    ...options
  } = steps.options;
  const score = checkScore(asked, model),
    what = explained(model, score);
  if (!isClassScore(score) && options.target !== undefined) {
    badInput({
      what: "target",
      got: options.target,
      allowed: "nothing beside a score of your own",
      remedy: "The score says what is explained.",
    });
  }
  if (score === "probability" || score === "log-probability") checkClasses(model, `score: "${score}"`);
  await ready();
  await checkWeights(given);
  return withTensors(async (own) => {
    const checked = own(await checkInputs(input, given));
    const inputs = model === given ? checked : own(tf.tidy(() => given.embedding!.embed(checked)));
    const count = inputs.shape[0];
    // Methods without a baseline take none from bounds that may exclude 0.
    const baseline = own(
      steps.baseline === undefined
        ? tf.zeros([1, ...model.inputShape])
        : await checkBaseline(steps.baseline, model, count),
    );
    const target = isClassScore(score) ? await targetsOf(model, inputs, options.target, batchSize, signal) : [];
    const rows = own(
      isClassScore(score)
        ? targetRows(model, target)
        : tf.tensor2d(
            Float32Array.from({ length: count }, (_, i) => i),
            [count, 1],
          ),
    );
    const plan = chunkPlan(count, passes, batchSize);
    // Of a score of the caller's nobody knows what else it depends on: it has no key, and no graph.
    const key = stepKey(steps.method, steps.schema, steps.options, steps.closesOver);
    const times = key === undefined ? 0 : plan.blocks.length * plan.passes.length;
    const step = repeated(model, { times, key }, (block: BlockTensors, given: readonly tf.Tensor[]) =>
      steps.step({ ...block, ...what }, given),
    );
    const progress = startProgress({ label: steps.method.replaceAll("-", " "), total: count * passes, onProgress });
    try {
      const finished: Finished[] = [];
      for (const range of plan.blocks) {
        const run = { steps, what, step: step.run, runs: plan.passes, progress, signal };
        const done = await explainBlock(run, { inputs, rows, baseline }, range);
        Object.values(done).forEach(own);
        await checkMaps(model, done.values, {
          inputs,
          first: range.first,
          method: steps.method,
          gradients: !steps.perturbs,
          score,
        });
        finished.push(done);
      }
      return assemble(finished, steps.method, target, { ...options, target, score, batchSize } as unknown as Options);
    } finally {
      step.dispose();
      progress.end();
    }
  }) as Promise<Attribution<Options, Values<M>>>;
}

interface MapsOf {
  readonly inputs: tf.Tensor;
  /** The number of the first input. */
  readonly first: number;
  readonly method: string;
  readonly gradients: boolean;
  readonly score: Score;
}

/** Maps that are not finite are refused; gradients that are 0 everywhere are told why they can be. */
async function checkMaps(
  model: Model,
  values: tf.Tensor,
  { inputs, first, method, gradients, score }: MapsOf,
): Promise<void> {
  const largest = await largestValues(values),
    odd = largest.findIndex(Number.isNaN);
  if (odd >= 0) {
    const input = tf.slice(inputs, first + odd, 1);
    await refuseNotFinite(model, input, `the ${method} values for input ${first + odd}`).finally(() => input.dispose());
  }
  const empty = largest.flatMap((size, i) => (size === 0 ? [first + i] : []));
  if (!gradients || empty.length === 0) return;
  const reason =
    score === "logit" || !isClassScore(score)
      ? "no unit on the way to it is active"
      : 'the network is certain, and a probability at 0 or 1 does not move: score "logit" does';
  console.warn(
    `${method}: the values for input ` +
      `${empty.slice(0, 5).join(", ")}${empty.length > 5 ? ` and ${empty.length - 5} more` : ""} are 0 everywhere ` +
      `(of ${model.name}: ${reason}).`,
  );
}

/** A regression's only output needs no name. */
async function targetsOf(
  model: Model,
  inputs: tf.Tensor,
  asked: Target | undefined,
  batchSize: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const [count] = inputs.shape;
  if (asked !== undefined) return resolveTarget(asked, model.classNames, count);
  if (outputOf(model) !== "linear") return predictedClasses(model, inputs, batchSize, signal);
  if (model.classNames.length === 1) return new Array<number>(count).fill(0);
  return badInput({
    what: "target",
    got: undefined,
    allowed: `an output of ${model.name}: ${model.classNames.slice(0, 10).join(", ")}`,
    remedy: "A regression predicts no class to choose by itself.",
  });
}

interface BlockRun {
  readonly steps: AttributionSteps<AttributionOptions>;
  readonly what: Explained;
  readonly step: (block: BlockTensors, inputs: readonly tf.Tensor[]) => tf.Tensor;
  readonly runs: readonly Range[];
  readonly progress: ProgressTracker;
  readonly signal?: AbortSignal;
}

async function explainBlock(
  { steps, what, step, runs, progress, signal }: BlockRun,
  all: BlockTensors,
  { first, count }: Range,
): Promise<Finished> {
  return withTensors(async (own) => {
    const part = <T extends tf.Tensor>(tensor: T): T => own(tf.slice(tensor, first, count));
    const inputs = part(all.inputs);
    const one = all.baseline.shape[0] === 1;
    const block: BlockTensors = {
      inputs,
      rows: part(all.rows),
      baseline: one ? own(tf.tile(all.baseline, [count, ...inputs.shape.slice(1).map(() => 1)])) : part(all.baseline),
    };
    const withReference: BlockTensors = steps.reference
      ? { ...block, reference: own(tf.tidy(() => steps.reference!({ ...block, ...what }))) }
      : block;
    let sum: tf.Tensor | undefined;
    for (const run of runs) {
      await checkpoint(signal);
      const before: tf.Tensor | undefined = sum;
      sum = own(
        tf.tidy(() => {
          const contribution = step(withReference, steps.passInputs?.(run) ?? []);
          return before ? tf.add(before, contribution) : contribution;
        }),
      );
      before?.dispose();
      progress.advance(count * run.count);
    }
    return tf.tidy((): Finished => steps.finish?.(sum!, { ...withReference, ...what }) ?? { values: tf.clone(sum!) });
  });
}

function assemble<Options extends AttributionOptions>(
  finished: readonly Finished[],
  method: string,
  target: readonly number[],
  options: Options,
): Attribution<Options, tf.Tensor> {
  const values = tf.tidy(() =>
    tf.concat(
      finished.map((part) => part.values),
      0,
    ),
  );
  const deltas = finished.flatMap((part) => ("convergenceDelta" in part ? [part.convergenceDelta] : []));
  const convergenceDelta = deltas.length > 0 ? tf.tidy(() => tf.concat(deltas, 0)) : undefined;
  return {
    values,
    target,
    method,
    options,
    ...(convergenceDelta && { convergenceDelta }),
    dispose: () => tf.dispose([values, ...(convergenceDelta ? [convergenceDelta] : [])]),
  };
}

/**
 * What stands for "nothing there": one number for every value, one input, or one for each of the inputs.
 * In the model's `bounds`.
 */
export type Baseline = number | Inputs;

/**
 * @param count number of inputs explained
 * @returns [1, …] for all, or [count, …]; the caller disposes of it
 * @throws BadInputError
 */
async function checkBaseline(baseline: Baseline, model: Model, count: number): Promise<tf.Tensor> {
  const [low, high] = model.bounds,
    images = model.inputShape.length === 3;
  const [one, each] = images ? ["an image", "image"] : ["an input", "input"];
  if (typeof baseline === "number") {
    if (!(baseline >= low && baseline <= high && Number.isFinite(baseline))) {
      const allowed = Number.isFinite(low) ? `a number in [${low}, ${high}]` : "a finite number";
      badInput({
        what: "baseline",
        got: baseline,
        allowed: `${allowed}, ${one}, or one per ${each}`,
        remedy: images ? "It is a pixel value, before any preprocessing." : undefined,
      });
    }
    return tf.fill([1, ...model.inputShape], baseline);
  }
  const given = await checkInputs(baseline, model, "baseline");
  if (given.shape[0] === 1 || given.shape[0] === count) return given;
  const got = given.shape;
  given.dispose();
  return badInput({
    what: "the shape of baseline",
    got,
    allowed: `${images ? "one image" : "one input"}, or one for each of the ${count} ${each}s`,
  });
}

import * as tf from "@tensorflow/tfjs";
import { ready } from "../backend";
import { repeated } from "../backend/compile/repeated";
import { checkpoint } from "../course/checkpoint";
import { notebookHost } from "../course/host";
import { startProgress, type ProgressTracker } from "../course/progress-tracker";
import { refuseWhileMarked } from "../course/taught";
import { checkImages } from "../model/check-images";
import { predictedClasses, resolveTarget } from "../model/resolve-target";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { Attribution, AttributionOptions } from "./attribution";
import { checkBaseline, type Baseline } from "./baseline";
import { checkInteger, checkModel } from "./check-options";
import { chunkPlan, defaultBatchSize, type Range } from "./chunks";
import { oneHotRows } from "./one-hot";
import { withTensors } from "./tensor-scope";

/** Images that are worked on together, and what belongs to them. */
export interface Block {
  /** [block, height, width, channels] */
  readonly images: tf.Tensor4D;
  /** [block, classes] */
  readonly oneHot: tf.Tensor2D;
  /** In the shape of `images`; a plain zero image where the method takes no baseline. */
  readonly baseline: tf.Tensor4D;
  /** What `reference` returned for these images. */
  readonly reference?: tf.Tensor;
}

export type Finished = { values: tf.Tensor4D } | { values: tf.Tensor4D; convergenceDelta: tf.Tensor1D };

/** One attribution method, as what it does to a block of images. Its functions are synchronous and pure. */
export interface AttributionSteps<Options extends AttributionOptions> {
  /** Kebab-case name. */
  readonly method: string;
  /** What `step` depends on beside its inputs and the model: the same text means the same function, whose graph is kept with the model. Default: none is. */
  readonly form?: string;
  /** With the method's own defaults filled in, and checked. */
  readonly options: Options;
  /** How often each image goes through the model. Default: 1. */
  readonly passes?: number;
  readonly baseline?: Baseline;
  /** Computed once for each block. */
  reference?(block: Block): tf.Tensor;
  /** What a run of passes takes beside the block (steps, windows), as tensors: a traced `step` would freeze numbers. */
  passInputs?(run: Range): tf.Tensor[];
  /** What a run of passes contributes to the result, summed over the run. In the shape of the result, or of what `finish` takes. */
  step(block: Block, inputs: readonly tf.Tensor[]): tf.Tensor4D;
  /** Makes the result of the sum over all passes. Default: the sum itself. */
  finish?(sum: tf.Tensor4D, block: Block): Finished;
}

/** Runs a method over all images within `batchSize`, between its steps letting messages, progress and interruption through. */
export async function explain<Options extends AttributionOptions>(
  model: VisionModel, input: ImageInput, steps: AttributionSteps<Options>,
): Promise<Attribution<Options>> {
  refuseWhileMarked(steps.method);
  checkModel(model);
  const { passes = 1 } = steps;
  // The signal is read now, since it belongs to the cell that started the work: a later cell has another one.
  const { batchSize = defaultBatchSize(model), onProgress, signal = notebookHost()?.signal, ...options } = steps.options;
  checkInteger("batchSize", batchSize);
  await ready();
  return withTensors(async (own) => {
    const images = own(await checkImages(input, model));
    const count = images.shape[0];
    const baseline = own(await checkBaseline(steps.baseline ?? 0, model, count));
    const target = options.target === undefined
      ? await predictedClasses(model, images, batchSize, signal)
      : resolveTarget(options.target, model.classNames, count);
    const oneHot = own(oneHotRows(target, model.classNames.length));
    const plan = chunkPlan(count, passes, batchSize);
    const step = repeated(model, { times: plan.blocks.length * plan.passes.length, key: steps.form }, (block: Block, inputs: readonly tf.Tensor[]) => steps.step(block, inputs));
    const progress = startProgress({ label: steps.method.replaceAll("-", " "), total: count * passes, onProgress });
    try {
      const finished: Finished[] = [];
      for (const range of plan.blocks) {
        const done = await explainBlock({ ...steps, step: step.run }, { images, oneHot, baseline }, range, plan.passes, progress, signal);
        Object.values(done).forEach(own);
        finished.push(done);
      }
      return assemble(finished, steps.method, target, { ...options, target, batchSize } as unknown as Options);
    } finally {
      step.dispose();
      progress.end();
    }
  });
}

async function explainBlock(
  steps: AttributionSteps<AttributionOptions>, all: Block, { first, count }: Range, runs: readonly Range[], progress: ProgressTracker, signal?: AbortSignal,
): Promise<Finished> {
  return withTensors(async (own) => {
    const part = <T extends tf.Tensor>(tensor: T): T => own(tf.slice(tensor, first, count));
    const images = part(all.images);
    const one = all.baseline.shape[0] === 1;
    const block: Block = {
      images,
      oneHot: part(all.oneHot),
      baseline: one ? own(tf.tile(all.baseline, [count, 1, 1, 1])) : part(all.baseline),
    };
    const withReference: Block = steps.reference ? { ...block, reference: own(tf.tidy(() => steps.reference!(block))) } : block;
    let sum: tf.Tensor4D | undefined;
    for (const run of runs) {
      await checkpoint(signal);
      const before: tf.Tensor4D | undefined = sum;
      sum = own(tf.tidy(() => {
        const contribution = steps.step(withReference, steps.passInputs?.(run) ?? []);
        return before ? tf.add<tf.Tensor4D>(before, contribution) : contribution;
      }));
      before?.dispose();
      progress.advance(count * run.count);
    }
    return tf.tidy((): Finished => steps.finish?.(sum!, withReference) ?? { values: tf.clone(sum!) });
  });
}

function assemble<Options extends AttributionOptions>(finished: readonly Finished[], method: string, target: readonly number[], options: Options): Attribution<Options> {
  const values = tf.tidy(() => tf.concat(finished.map((part) => part.values), 0));
  const deltas = finished.flatMap((part) => ("convergenceDelta" in part ? [part.convergenceDelta] : []));
  const convergenceDelta = deltas.length > 0 ? tf.tidy(() => tf.concat(deltas, 0)) : undefined;
  return {
    values, target, method, options,
    ...(convergenceDelta && { convergenceDelta }),
    dispose: () => tf.dispose([values, ...(convergenceDelta ? [convergenceDelta] : [])]),
  };
}

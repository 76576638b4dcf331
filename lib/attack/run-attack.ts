import * as tf from "@tensorflow/tfjs";
import { checkInteger, checkModel } from "../attribution/check-options";
import { chunkPlan, type Range } from "../attribution/chunks";
import { oneHotRows } from "../attribution/one-hot";
import { withTensors, type Own } from "../attribution/tensor-scope";
import { ready } from "../backend";
import { checkpoint } from "../course/checkpoint";
import { notebookHost } from "../course/host";
import { startProgress } from "../course/progress-tracker";
import { refuseWhileMarked } from "../course/taught";
import { badInput } from "../errors";
import { checkImages } from "../model/check-images";
import { predictedClasses } from "../model/resolve-target";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { AttackOptions, AttackResult, Epsilon } from "./attack";
import { checkEpsilons } from "./check-epsilon";
import { checkCriterion, misclassified, reached, resolveCriterion, targeted, type Criterion, type Goal } from "./criterion";
import { cutBack, sizes, type EpsilonNorm, type Norm } from "./norms";

/** Images that are attacked together, and what belongs to them. */
export interface AttackBlock {
  readonly model: VisionModel;
  /** [block, height, width, channels] */
  readonly images: tf.Tensor4D;
  /** The class to leave or to reach, [block, classes]. */
  readonly oneHot: tf.Tensor2D;
  readonly goal: Goal;
  /** What `direction` returned. */
  readonly direction?: tf.Tensor4D;
  /** Runs of each image's passes that go through the model at once. */
  readonly passes: readonly Range[];
  /** To be awaited between steps: lets messages and an interrupt through. */
  checkpoint(): Promise<void>;
  /** Reports steps as done, for so many images. */
  advance(images: number): void;
  /** The class that is predicted for each of the block's images, as they are now. */
  predicted(images: tf.Tensor4D): Promise<number[]>;
}

/** A perturbed block; the caller owns `raw`. */
export interface Perturbed {
  readonly raw: tf.Tensor4D;
  /** Steps taken, one per image. */
  readonly iterations: readonly number[];
  /** What is predicted for `raw` cut to the model's bounds, where that is known. */
  readonly predicted?: readonly number[];
}

/** One attack, as what it does to a block of images. */
export interface AttackSteps<Options extends AttackOptions> {
  readonly method: string;
  readonly norm: Norm;
  /** With the attack's own defaults filled in, and checked. */
  readonly options: Options;
  /** As the caller gave it. */
  readonly epsilon?: Epsilon;
  /** It finds a perturbation of its own size, which an epsilon cuts back afterwards. Default: false, one of size epsilon. */
  readonly minimizes?: boolean;
  /** Refuse the criterion `targeted`, or anything but it. Default: both are taken. */
  readonly only?: "misclassified" | "targeted";
  /** How often each image goes through the model in one step. Default: 1. */
  readonly passes?: number;
  /** Most steps for each image and epsilon: what progress counts. Default: 1. */
  readonly steps?: number;
  /** Computed once for each block, for attacks that only scale it by epsilon. Synchronous and pure. */
  direction?(block: AttackBlock): tf.Tensor4D;
  /** @param epsilon NaN where the attack minimizes */
  perturb(block: AttackBlock, epsilon: number): Promise<Perturbed>;
}

interface Judged extends Perturbed {
  readonly clipped: tf.Tensor4D;
  readonly predictedAfter: readonly number[];
  readonly distance: readonly number[];
}

/** Runs an attack over all images within `batchSize`. @returns one result for each epsilon */
export async function runAttack<Options extends AttackOptions>(model: VisionModel, input: ImageInput, attack: AttackSteps<Options>): Promise<AttackResult<Options>[]> {
  refuseWhileMarked(attack.method);
  checkModel(model);
  // The signal is read now, since it belongs to the cell that started the work: a later cell has another one.
  const { batchSize = 32, onProgress, signal = notebookHost()?.signal, criterion, target, ...options } = attack.options;
  checkInteger("batchSize", batchSize);
  const asked = askedCriterion(attack);
  const epsilons = attack.epsilon === undefined && attack.minimizes ? [] : checkEpsilons(attack.epsilon as Epsilon, attack.norm as EpsilonNorm, model);
  await ready();
  return withTensors(async (own) => {
    const images = own(await checkImages(input, model));
    const predictedBefore = await predictedClasses(model, images, batchSize, signal);
    const goal = resolveCriterion(asked, model.classNames, predictedBefore);
    const oneHot = own(oneHotRows(goal.classes, model.classNames.length));
    const { blocks, passes } = chunkPlan(images.shape[0], attack.passes ?? 1, batchSize);
    const runs = attack.minimizes ? 1 : epsilons.length;
    const progress = startProgress({ label: attack.method.replaceAll("-", " "), total: images.shape[0] * runs * (attack.steps ?? 1), onProgress });
    const judged: Judged[][] = [];
    try {
      for (const { first, count } of blocks) {
        const part = <T extends tf.Tensor>(tensor: T): T => own(tf.slice(tensor, first, count));
        const blockGoal = { ...goal, classes: goal.classes.slice(first, first + count) };
        let left = count * runs * (attack.steps ?? 1);
        const block: AttackBlock = {
          model, images: part(images), oneHot: part(oneHot), goal: blockGoal, passes,
          checkpoint: () => checkpoint(signal),
          advance: (steps) => { left -= steps; progress.advance(steps); },
          predicted: (now) => predictedClasses(model, now, batchSize, signal),
        };
        judged.push(await attackBlock(attack, block, epsilons, own));
        if (left > 0) progress.advance(left);
      }
    } finally {
      progress.end();
    }
    const used = { ...options, criterion: asked, batchSize } as unknown as Options;
    return judged[0].map((_, e) => assemble(attack, judged.map((block) => block[e]), { goal, predictedBefore, used, epsilon: epsilons[e] }));
  });
}

function askedCriterion({ method, only, options: { criterion, target } }: AttackSteps<AttackOptions>): Criterion {
  if (criterion !== undefined && target !== undefined) badInput({ what: "target", got: target, allowed: "nothing beside criterion", remedy: "target is short for criterion: targeted(target)." });
  const asked = target !== undefined ? targeted(target) : checkCriterion(criterion ?? misclassified());
  if (only !== undefined && asked.kind !== only) {
    badInput(only === "targeted"
      ? { what: "target", got: undefined, allowed: "a class name or index, or one per image", remedy: `${method} leads to a class that you choose.` }
      : { what: "criterion", got: asked.kind, allowed: `misclassified() for ${method}`, remedy: "It goes to the nearest class, whichever that is." });
  }
  return asked;
}

async function attackBlock(
  attack: AttackSteps<AttackOptions>, block: AttackBlock, epsilons: readonly number[], own: Own,
): Promise<Judged[]> {
  const [low, high] = block.model.bounds;
  await block.checkpoint();
  const ready = attack.direction ? { ...block, direction: own(tf.tidy(() => attack.direction!(block))) } : block;
  const judge = async ({ raw, iterations, predicted }: Perturbed, epsilon?: number): Promise<Judged> => {
    const isCut = attack.minimizes && epsilon !== undefined;
    const clipped = own(tf.tidy(() => {
      const cut = isCut ? tf.add(block.images, cutBack(tf.sub(raw, block.images), attack.norm as EpsilonNorm, epsilon)) : raw;
      return tf.clipByValue(cut, low, high) as tf.Tensor4D;
    }));
    const size = own(tf.tidy(() => sizes(tf.sub(clipped, block.images), attack.norm)));
    return { raw, iterations, clipped, predictedAfter: (!isCut && predicted) || (await block.predicted(clipped)), distance: Array.from(await size.data()) };
  };
  const made = async (epsilon: number): Promise<Perturbed> => {
    const perturbed = await attack.perturb(ready, epsilon);
    own(perturbed.raw);
    return perturbed;
  };
  const judged: Judged[] = [];
  const smallest = attack.minimizes ? await made(NaN) : undefined;
  if (smallest && epsilons.length === 0) judged.push(await judge(smallest));
  for (const epsilon of epsilons) judged.push(await judge(smallest ?? (await made(epsilon)), epsilon));
  return judged;
}

function assemble<Options extends AttackOptions>(
  { method, norm }: AttackSteps<Options>, parts: readonly Judged[],
  { goal, predictedBefore, used, epsilon }: { goal: Goal; predictedBefore: readonly number[]; used: Options; epsilon?: number },
): AttackResult<Options> {
  const [raw, clipped] = tf.tidy(() => [tf.concat(parts.map((part) => part.raw), 0), tf.concat(parts.map((part) => part.clipped), 0)]);
  const predictedAfter = parts.flatMap((part) => part.predictedAfter);
  return {
    raw, clipped, predictedBefore, predictedAfter, norm, method, options: used,
    success: reached(goal, predictedAfter),
    iterations: parts.flatMap((part) => part.iterations),
    distance: parts.flatMap((part) => part.distance),
    ...(epsilon !== undefined && { epsilon }),
    dispose: () => tf.dispose([raw, clipped]),
  };
}

// Runs an attack over all inputs: checks them, makes the goal, cuts the batch into blocks, judges what came of it.

import * as tf from "@tensorflow/tfjs";
import { stepKey, type AnySchema, type Checked } from "../core/options";
import { checkModel, checkInputs, checkWeights } from "../model/checks";
import { chunkPlan, type Range } from "../core/chunks";
import { withTensors, type Own } from "../core/tensors";
import { ready } from "../backend";
import { checkpoint, notebookHost } from "../runtime/host";
import { startProgress } from "../runtime/progress";
import { badInput } from "../core/errors";
import { checkClasses } from "../model/outputs";
import { logitRows } from "../model/target";
import type { Inputs, Model, Values } from "../model/vision-model";
import { type attackOptions, type AttackOptions, type AttackResult, type Epsilon, checkEpsilons } from "./attack";
import {
  checkCriterion,
  goalRows,
  judge,
  misclassified,
  resolveCriterion,
  targeted,
  type Criterion,
  type Goal,
  type Verdict,
} from "./criterion";
import { cutBack, sizes, type EpsilonNorm, type Norm, perInput } from "./norms";

/** Inputs that are attacked together, and what belongs to them. */
export interface AttackBlock {
  readonly model: Model;
  /** The number of its first input among all. */
  readonly first: number;
  /** [block, …] */
  readonly inputs: tf.Tensor;
  /** Times the logits, how much each input is what it has to leave or to reach. [block, units] */
  readonly rows: tf.Tensor2D;
  readonly goal: Goal;
  /** Which inputs fulfil the criterion as they are: an attack that goes on until that is so leaves them alone. */
  readonly fooledBefore: readonly boolean[];
  /** What `direction` returned. */
  readonly direction?: tf.Tensor;
  /** Tells the attack's step, by its options and its goal, from all others: its graph is kept with the model. */
  readonly stepKey?: string;
  /** Runs of each input's passes that go through the model at once. */
  readonly passes: readonly Range[];
  /** To be awaited between steps: lets messages and an interrupt through. */
  checkpoint(): Promise<void>;
  /** Reports steps as done, for so many inputs. */
  advance(inputs: number): void;
  /** What is said of the block's inputs, as they are now, and whether that is their goal. */
  judge(inputs: tf.Tensor): Promise<Verdict>;
}

/** A perturbed block; the caller owns `raw`. */
export interface Perturbed {
  readonly raw: tf.Tensor;
  /** Steps taken, one per input. */
  readonly iterations: readonly number[];
  /** What is said of `raw` cut to the model's bounds, where that is known. */
  readonly verdict?: Verdict;
}

/** One attack, as what it does to a block of inputs. */
interface AttackSteps<Options extends AttackOptions> {
  readonly method: string;
  readonly norm: Norm;
  readonly schema: AnySchema;
  /** Checked by the schema. Those that it does not call inputs tell the step's graph from others. */
  readonly options: Options & Checked<typeof attackOptions>;
  /** As the caller gave it. */
  readonly epsilon?: Epsilon;
  /**
   * It finds a perturbation of its own size, which an epsilon cuts back afterwards. Default: false, one of size
   * epsilon.
   */
  readonly minimizes?: boolean;
  /** Refuse the criterion `targeted`, or anything but it. Default: both are taken. */
  readonly only?: "misclassified" | "targeted";
  /** How often each input goes through the model in one step. Default: 1. */
  readonly passes?: number;
  /** Most steps for each input and epsilon: what progress counts. Default: 1. */
  readonly steps?: number;
  /** Computed once for each block, for attacks that only scale it by epsilon. Synchronous and pure. */
  direction?(block: AttackBlock): tf.Tensor;
  /** @param epsilon NaN where the attack minimizes */
  perturb(block: AttackBlock, epsilon: number): Promise<Perturbed>;
}

interface Judged extends Perturbed {
  readonly clipped: tf.Tensor;
  readonly verdict: Verdict;
  readonly distance: readonly number[];
}

/** Runs an attack over all inputs within `batchSize`. @returns one result for each epsilon */
export async function runAttack<Options extends AttackOptions, M extends Model>(
  model: M,
  input: Inputs,
  attack: AttackSteps<Options>,
): Promise<AttackResult<Options, Values<M>>[]> {
  checkModel(model);
  checkClasses(model, attack.method);
  refuseTokens(model, attack.method);
  // The signal is read now, since it belongs to the cell that started the work: a later cell has another one.
  const {
    batchSize,
    onProgress,
    signal = notebookHost()?.signal,
    criterion: _criterion,
    target: _target,
    ...options
  } = attack.options;
  const asked = askedCriterion(attack);
  const epsilons =
    attack.epsilon === undefined && attack.minimizes
      ? []
      : checkEpsilons(attack.epsilon as Epsilon, attack.norm as EpsilonNorm, model);
  await ready();
  await checkWeights(model);
  return withTensors(async (own) => {
    const inputs = own(await checkInputs(input, model)),
      [count] = inputs.shape;
    const logits = await logitRows(model, inputs, batchSize, signal);
    const goal = resolveCriterion(asked, model, logits);
    const before = judge(model, goal, logits),
      predictedBefore = before.predicted;
    const rows = own(goalRows(model, goal));
    const { blocks, passes } = chunkPlan(count, attack.passes ?? 1, batchSize);
    const runs = attack.minimizes ? 1 : epsilons.length;
    const progress = startProgress({
      label: attack.method.replaceAll("-", " "),
      total: count * runs * (attack.steps ?? 1),
      onProgress,
    });
    const judged: Judged[][] = [];
    try {
      for (const { first, count } of blocks) {
        const part = <T extends tf.Tensor>(tensor: T): T => own(tf.slice(tensor, first, count));
        const ofBlock = <T>(list: readonly T[]): readonly T[] => list.slice(first, first + count);
        const blockGoal = {
          ...goal,
          classes: ofBlock(goal.classes),
          ...(goal.absent && { absent: ofBlock(goal.absent) }),
        };
        let left = count * runs * (attack.steps ?? 1);
        const block: AttackBlock = {
          model,
          first,
          inputs: part(inputs),
          rows: part(rows),
          goal: blockGoal,
          stepKey: stepKey(attack.method, attack.schema, attack.options, { targeted: goal.targeted }),
          passes,
          fooledBefore: ofBlock(before.reached),
          checkpoint: () => checkpoint(signal),
          advance: (steps) => {
            left -= steps;
            progress.advance(steps);
          },
          judge: async (now) => judge(model, blockGoal, await logitRows(model, now, batchSize, signal)),
        };
        judged.push(await attackBlock(attack, block, epsilons, own));
        if (left > 0) progress.advance(left);
      }
    } finally {
      progress.end();
    }
    const used = { ...options, criterion: asked, batchSize } as unknown as Options;
    return judged[0].map((_, e) =>
      assemble(
        attack,
        judged.map((block) => block[e]),
        { predictedBefore, used, epsilon: epsilons[e] },
      ),
    );
  }) as Promise<AttackResult<Options, Values<M>>[]>;
}

/** Between two tokens there is nothing. */
function refuseTokens({ embedding, name, tokensAt }: Model, method: string): void {
  if (tokensAt !== undefined) {
    badInput({
      what: "model",
      got: `${name}, whose layer ${tokensAt} takes tokens`,
      allowed: `for ${method} a model of numbers that can be changed a little`,
    });
  }
  if (!embedding) return;
  badInput({
    what: "model",
    got: `${name}, which takes tokens`,
    allowed: `for ${method} a model of numbers that can be changed a little`,
    remedy: "Attack model.embedding.model, which takes the tokens' vectors: model.embedding.embed(tokens).",
  });
}

function askedCriterion({ method, only, options: { criterion, target } }: AttackSteps<AttackOptions>): Criterion {
  if (criterion !== undefined && target !== undefined)
    badInput({
      what: "target",
      got: target,
      allowed: "nothing beside criterion",
      remedy: "target is short for criterion: targeted(target).",
    });
  const asked = target !== undefined ? targeted(target) : checkCriterion(criterion ?? misclassified());
  if (only !== undefined && asked.kind !== only) {
    badInput(
      only === "targeted"
        ? {
            what: "target",
            got: undefined,
            allowed: "a class name or index, or one per image",
            remedy: `${method} leads to a class that you choose.`,
          }
        : {
            what: "criterion",
            got: asked.kind,
            allowed: `misclassified() for ${method}`,
            remedy: "It goes to the nearest class, whichever that is.",
          },
    );
  }
  return asked;
}

async function attackBlock(
  attack: AttackSteps<AttackOptions>,
  block: AttackBlock,
  epsilons: readonly number[],
  own: Own,
): Promise<Judged[]> {
  const [low, high] = block.model.bounds;
  await block.checkpoint();
  const ready = attack.direction ? { ...block, direction: own(tf.tidy(() => attack.direction!(block))) } : block;
  const judged = async ({ raw, iterations, verdict }: Perturbed, epsilon?: number): Promise<Judged> => {
    const isCut = attack.minimizes && epsilon !== undefined;
    const clipped = own(
      tf.tidy(() => {
        const cut = isCut
          ? tf.add(block.inputs, cutBack(tf.sub(raw, block.inputs), attack.norm as EpsilonNorm, epsilon))
          : raw;
        return tf.clipByValue(cut, low, high);
      }),
    );
    const size = own(tf.tidy(() => sizes(tf.sub(clipped, block.inputs), attack.norm)));
    const made = {
      raw,
      iterations,
      clipped,
      verdict: (!isCut && verdict) || (await block.judge(clipped)),
      distance: Array.from(await size.data()),
    };
    if (epsilon !== 0 && !attack.minimizes) warnOfNone(attack.method, block, made);
    return made;
  };
  const perturbed = async (epsilon: number): Promise<Perturbed> => {
    const result = await attack.perturb(ready, epsilon);
    own(result.raw);
    return result;
  };
  const all: Judged[] = [];
  const smallest = attack.minimizes ? await perturbed(NaN) : undefined;
  if (smallest && epsilons.length === 0) all.push(await judged(smallest));
  for (const epsilon of epsilons) all.push(await judged(smallest ?? (await perturbed(epsilon)), epsilon));
  return all;
}

/** A step that its gradient does not lead anywhere is told. */
function warnOfNone(method: string, { first, model }: AttackBlock, { distance, verdict: { reached } }: Judged): void {
  const unmoved = distance.flatMap((size, i) => (size === 0 && !reached[i] ? [first + i] : []));
  if (unmoved.length === 0) return;
  console.warn(
    `${method}: the gradient of ${model.name}'s loss is 0 at input ` +
      `${unmoved.slice(0, 5).join(", ")}${unmoved.length > 5 ? ` and ${unmoved.length - 5} more` : ""}, ` +
      "which stays as it is: the network is certain beyond float32's digits. deepFool and carliniWagner go by logits.",
  );
}

function assemble<Options extends AttackOptions>(
  { method, norm }: AttackSteps<Options>,
  parts: readonly Judged[],
  { predictedBefore, used, epsilon }: { predictedBefore: readonly number[]; used: Options; epsilon?: number },
): AttackResult<Options, tf.Tensor> {
  const [raw, clipped] = tf.tidy(() => [
    tf.concat(
      parts.map((part) => part.raw),
      0,
    ),
    tf.concat(
      parts.map((part) => part.clipped),
      0,
    ),
  ]);
  return {
    raw,
    clipped,
    predictedBefore,
    norm,
    method,
    options: used,
    predictedAfter: parts.flatMap((part) => part.verdict.predicted),
    success: parts.flatMap((part) => part.verdict.reached),
    iterations: parts.flatMap((part) => part.iterations),
    distance: parts.flatMap((part) => part.distance),
    ...(epsilon !== undefined && { epsilon }),
    dispose: () => tf.dispose([raw, clipped]),
  };
}

/** How an attack goes on from the inputs as they are now. */
interface Stepping {
  /**
   * Which inputs may fulfil the criterion, by what is seen of them before they are cut to their bounds; only they are
   * judged. Default: all.
   */
  look?(x: tf.Tensor): Promise<readonly boolean[]>;
  /** @returns the next inputs; what it makes besides, it frees */
  step(x: tf.Tensor): Promise<tf.Tensor>;
}

/**
 * Takes steps until every input of a block fulfils its criterion, or `most` are taken; an input that does is left as it
 * is.
 */
export async function untilReached(block: AttackBlock, most: number, { look, step }: Stepping): Promise<Perturbed> {
  const count = block.inputs.shape[0];
  const [low, high] = block.model.bounds;
  const iterations = new Array<number>(count).fill(0);
  const shownAs = async (now: tf.Tensor): Promise<Verdict> => {
    const shown = tf.tidy(() => tf.clipByValue(now, low, high));
    return block.judge(shown).finally(() => shown.dispose());
  };
  let x: tf.Tensor = tf.clone(block.inputs);
  try {
    for (let taken = 0; ; taken++) {
      await block.checkpoint();
      const likely = look ? await look(x) : undefined;
      const verdict = likely?.includes(true) === false ? undefined : await shownAs(x);
      const done = verdict ? verdict.reached.map((yes, i) => yes && likely?.[i] !== false) : likely!;
      const open = done.filter((fooled) => !fooled).length;
      if (open === 0 || taken === most) return { raw: tf.clone(x), iterations, verdict };
      const before = x,
        after = await step(x);
      x =
        open === count
          ? tf.clone(after)
          : tf.tidy(() => tf.where(perInput(tf.tensor1d([...done], "bool"), before), before, after));
      tf.dispose([before, after]);
      done.forEach((fooled, i) => {
        if (!fooled) iterations[i]++;
      });
      block.advance(open);
    }
  } finally {
    x.dispose();
  }
}

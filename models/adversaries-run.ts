import * as tf from "@tensorflow/tfjs";
import { readLayersModel } from "../lib/data/read-layers-model";
import { adversariesThroughTraining, type AdversarialEpoch } from "../lib/training/adversaries-through-training";
import { writeCardSection } from "../lib/training/model-card";
import type { TrainOptions } from "../lib/training/train";
import type { TrainingData } from "./training-run";

export interface AdversariesRun {
  /** Where the trained network and its card are. */
  folder: string;
  data: TrainingData;
  /** Sizes of FGSM's step; the network is trained on images of the last. */
  epsilon: readonly number[];
  /** Test pictures that are attacked, the first ones of every class alike. */
  attacked: number;
  /** The network as it was before training. */
  untrained: tf.LayersModel;
  /** How that one is trained while it is attacked, and how the trained one is trained on. */
  fromStart: TrainOptions;
  further: TrainOptions;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/**
 * Measures how FGSM fools a network while it is trained, and what training on FGSM's images changes, and writes it into
 * the card.
 */
export async function adversariesRun({
  folder,
  data,
  epsilon,
  attacked,
  untrained,
  fromStart,
  further,
}: AdversariesRun): Promise<void> {
  const picked = alike(data, attacked),
    size = data.test.shape.reduce((a, b) => a * b),
    pixels = new Float32Array(picked.length * size);
  picked.forEach((index, i) => pixels.set(data.test.pixels.subarray(index * size, (index + 1) * size), i * size));
  const images = tf.tensor4d(pixels, [picked.length, ...data.test.shape]),
    labels = picked.map((index) => data.test.labels[index]);
  const through = async (model: tf.LayersModel, options: TrainOptions): Promise<AdversarialEpoch[]> => {
    const epochs = await adversariesThroughTraining(model, data.train, {
      ...options,
      images: { images, labels },
      epsilon: [...epsilon],
      onEpoch: ({ epoch, accuracy, points }) => {
        const each = points.map(
          ({ epsilon, success, robustAccuracy }) =>
            `ε ${epsilon}: success ${percent(success)}, right ${percent(robustAccuracy)}`,
        );
        console.log(`epoch ${epoch}: ${percent(accuracy)} right; ${each.join("; ")}`);
      },
    });
    model.dispose();
    return epochs;
  };
  const fresh = await through(untrained, fromStart),
    plain = await through(await readLayersModel(folder), further);
  const share = 0.5,
    last = epsilon[epsilon.length - 1];
  const hardened = await through(await readLayersModel(folder), { ...further, adversarial: { epsilon: last, share } });
  images.dispose();

  const row =
    (of: "success" | "robustAccuracy") =>
    (name: string | number, { accuracy, points }: AdversarialEpoch): string =>
      `| ${name} | ${percent(accuracy)} | ${points.map((point) => percent(point[of])).join(" | ")} |`;
  const table = (first: string, rows: readonly string[]): string =>
    [
      `| ${first} | right | ${epsilon.map((each) => `ε = ${each}`).join(" | ")} |`,
      `|---|${"---:|".repeat(epsilon.length + 1)}`,
      ...rows,
    ].join("\n");
  const kinds = (of: "success" | "robustAccuracy"): string =>
    table("", [
      row(of)("as committed", hardened[0]),
      row(of)(`${further.epochs} epochs more`, plain[further.epochs]),
      row(of)(`${further.epochs} epochs more, half of each minibatch FGSM's at ε = ${last}`, hardened[further.epochs]),
    ]);
  const pictures = `${data.train.labels.length.toLocaleString("en-US")} training pictures`,
    success =
      "Success: the share of pictures whose predicted class the attack changes, before training (epoch 0) and after " +
      "each epoch.",
    again = `Trained again from the start on ${pictures} for ${fromStart.epochs} epochs.`;
  await writeCardSection(
    folder,
    "Adversaries through training",
    `FGSM on ${picked.length.toLocaleString("en-US")} test pictures, every class alike; ε in pixel values of [0, 1].

${again} ${success}

${table(
  "epoch",
  fresh.map((each) => row("success")(each.epoch, each)),
)}

The committed network, trained on with the same pictures and their right labels. Success:

${kinds("success")}

and the share that is right in spite of the attack:

${kinds("robustAccuracy")}

Each network is attacked by gradients of its own. Written by \`adversaries.ts\` beside this card.`,
  );
}

/** The first test pictures of each class, as many of each. */
function alike({ test, classNames }: TrainingData, count: number): number[] {
  const each = Math.floor(count / classNames.length),
    labels = Array.from(test.labels);
  return classNames.flatMap((_, label) => labels.flatMap((one, i) => (one === label ? [i] : [])).slice(0, each));
}

import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { layerGradient } from "../../../../lib/attribution/grad-cam";
import { explained } from "../../../../lib/attribution/score";
import { targetGradient, targetLogit } from "../../../../lib/model/target-logit";
import { compile } from "../../../../lib/backend/graph";
import type { ReluRule } from "../../../../lib/backend";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { pictures } from "../../model/tiny-models";

/** Each image's largest difference, as a share of its largest value, the smallest first. */
function far(a: tf.Tensor, b: tf.Tensor): number[] {
  return tf.tidy(() => {
    const [own, plain] = [a, b].map((each) => tf.reshape(each, [each.shape[0], -1]));
    return Array.from(
      tf
        .max(tf.abs(tf.sub(own, plain)), 1)
        .div(tf.maximum(tf.max(tf.abs(plain), 1), 1e-30))
        .dataSync(),
    ).sort((x, y) => x - y);
  });
}

export const allRules: readonly ReluRule[] = ["standard", "guided", "deconvolution"];

/**
 * That a network's logit, gradients by these rules and inner gradient come out as they do op by op. Disposes of the
 * network.
 */
export function comparesCompiled(model: VisionModel, batch: number, rules: readonly ReluRule[] = allRules): void {
  const images = pictures([batch, ...model.inputShape]),
    {
      classNames: { length },
    } = model;
  const oneHot = tf.tidy(
    () =>
      tf
        .oneHot(
          tf.tensor1d(
            Array.from({ length: batch }, (_, i) => i + 2),
            "int32",
          ),
          length,
        )
        .toFloat() as tf.Tensor2D,
  );
  const layer = model
    .layers()
    .filter(({ outputShape }) => outputShape.length === 3)
    .at(-1)?.name;
  const everything = (x: tf.Tensor4D, rows: tf.Tensor2D): Record<string, tf.Tensor> => ({
    logit: targetLogit(model, x, rows),
    ...Object.fromEntries(rules.map((rule) => [rule, targetGradient(model, x, rows, rule)])),
    ...(layer !== undefined && {
      inner: layerGradient(model, { inputs: x, rows, ...explained(model, "logit") }, layer).gradient,
    }),
  });
  const compiled = compile(everything, { fallback: false });
  expect(compiled.prepare(images, oneHot).runs).to.equal("compiled");
  const own = compiled(images, oneHot),
    plain = tf.tidy(() => everything(images, oneHot) as tf.NamedTensorMap);
  for (const key of Object.keys(plain)) {
    const differences = far(own[key], plain[key]);
    expect(differences[0], key).to.be.at.most(1e-5);
    // A unit within rounding of its kink passes the gradient in one of them and not in the other; GoogLeNet has many
    // units.
    expect(differences.at(-1), key).to.be.at.most(1e-2);
  }
  tf.dispose([images, oneHot, ...Object.values(own), ...Object.values(plain)]);
  compiled.dispose();
  model.dispose();
}

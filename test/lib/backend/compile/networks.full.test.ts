import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { targetLayerGradient } from "../../../../lib/attribution/layer-gradient";
import { targetGradient, targetLogit } from "../../../../lib/attribution/target-logit";
import { compile } from "../../../../lib/backend/compile";
import { loadModel } from "../../../../lib/model/load-model";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { forEachBackend } from "../../../helpers/backends";
import { realModel } from "../../../helpers/real-data";
import { pictures } from "../../model/tiny-models";

/** Each image's largest difference, as a share of its largest value, the smallest first. */
function far(a: tf.Tensor, b: tf.Tensor): number[] {
  return tf.tidy(() => {
    const [own, plain] = [a, b].map((each) => tf.reshape(each, [each.shape[0], -1]));
    return Array.from(tf.max(tf.abs(tf.sub(own, plain)), 1).div(tf.maximum(tf.max(tf.abs(plain), 1), 1e-30)).dataSync()).sort((x, y) => x - y);
  });
}
const shapeOf = (model: VisionModel, batch: number): [number, number, number, number] => [batch, ...model.inputShape];

describe("compile: the networks", function () {
  this.timeout(120_000);

  forEachBackend(() => {
    const networks: [string, number[], (context: Mocha.Context) => Promise<VisionModel>][] = [
      ["fashion-deep", [1, 3], async () => loadModel("models/fashion-deep")],
      ["squeezenet1_1", [2], (context) => realModel(context, "squeezenet1_1")],
      ["deit_tiny", [2], (context) => realModel(context, "deit_tiny")],
      ["googlenet", [3], (context) => realModel(context, "googlenet")],
    ];
    for (const [name, batches, open] of networks) {
      for (const batch of batches) {
        it(`${name}'s logit, gradients by each rule and inner gradient, batch ${batch}`, async function () {
          const model = await open(this), images = pictures(shapeOf(model, batch)), { classNames: { length } } = model;
          const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d(Array.from({ length: batch }, (_, i) => i + 2), "int32"), length).toFloat() as tf.Tensor2D);
          const layer = model.layers().filter(({ outputShape }) => outputShape.length === 3).at(-1)?.name;
          const everything = (x: tf.Tensor4D, rows: tf.Tensor2D): Record<string, tf.Tensor> => ({
            logit: targetLogit(model, x, rows),
            ...Object.fromEntries((["standard", "guided", "deconvolution"] as const).map((rule) => [rule, targetGradient(model, x, rows, rule)])),
            ...(layer !== undefined && { inner: targetLayerGradient(model, x, rows, layer).gradient }),
          });
          const compiled = compile(everything, { fallback: false });
          expect(compiled.prepare(images, oneHot).runs).to.equal("compiled");
          const own = compiled(images, oneHot), plain = tf.tidy(() => everything(images, oneHot) as tf.NamedTensorMap);
          for (const key of Object.keys(plain)) {
            const differences = far(own[key], plain[key]);
            expect(differences[0], key).to.be.at.most(1e-5);
            // A unit within rounding of its kink passes the gradient in one of them and not in the other; GoogLeNet has many units.
            expect(differences.at(-1), key).to.be.at.most(1e-2);
          }
          tf.dispose([images, oneHot, ...Object.values(own), ...Object.values(plain)]);
          compiled.dispose();
          model.dispose();
        });
      }
    }
  }, ["tensorflow"]);
});

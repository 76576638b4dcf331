import * as tf from "@tensorflow/tfjs";
import { badInput } from "../core/errors";

/**
 * Makes a network without batch normalizations compute what a trained one with them does: in inference they scale and
 * shift each filter, which the convolution before can do itself.
 * @param trained its layers `normN` follow the convolutions `convN`, which have no biases
 * @param plain the same without them; its weights are replaced
 */
export function foldNormalizations(trained: tf.LayersModel, plain: tf.LayersModel): void {
  tf.tidy(() => {
    for (const layer of plain.layers) {
      const weights = trained.layers.find(({ name }) => name === layer.name)?.getWeights();
      if (layer.weights.length === 0) continue;
      if (!weights) badInput({ what: "trained", got: `no layer ${layer.name}`, allowed: "the layers of plain" });
      const norm = trained.layers.find(({ name }) => name === layer.name.replace("conv", "norm"));
      if (norm?.getClassName() !== "BatchNormalization") {
        layer.setWeights(weights);
        continue;
      }
      const [gamma, beta, mean, variance] = norm.getWeights(),
        { epsilon } = norm.getConfig() as { epsilon: number };
      const scale = tf.div(gamma, tf.sqrt(tf.add(variance, epsilon)));
      layer.setWeights([tf.mul(weights[0], scale), tf.sub(beta, tf.mul(mean, scale))]);
    }
  });
}

import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { saliency } from "../../../lib/attribution/saliency";
import { fromWeights } from "../../../lib/model/from-weights";
import { loadModel } from "../../../lib/model/load-model";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { keptAnswers } from "../../oracles/oracle";
import {
  pictureTargets,
  randomPictures,
  sampled,
  smallNetworks,
  weightsFiles,
  weightsSample,
} from "../../oracles/pretrained";

/** The weights of a small network, as PyTorch saved them. */
export const weightsOf = (network: string): string => keptAnswers(weightsFiles).file(`${network}.pth`);

/** Two pictures, or the first one. */
export const pictures = (count = 2): tf.Tensor4D => {
  const { data } = randomPictures();
  return tf.tensor4d((data as Float32Array).subarray(0, count * 224 * 224 * 3), [count, 224, 224, 3]);
};

/** @param count of pictures: one will do where a backend is slow and the other is seen elsewhere */
export function comparedWithPyTorch(count: number): void {
  for (const { network, name, last } of smallNetworks) {
    it(`${network}: logits and gradient are PyTorch's, and nothing is left`, async () => {
      expect(
        await tensorsLeft(async () => {
          const images = pictures(count),
            target = pictureTargets.slice(0, count);
          const model = await loadModel(weightsOf(network));
          const said = [model.name, model.classNames.length, model.classNames[9], model.layers().at(-1)!.name];
          expect(said).to.deep.equal([name, 10, "class 9", last]);
          const logits = model.logits(images),
            map = await saliency(model, images, { target }),
            all = logits.dataSync();
          const theirs = async (part: string): Promise<Float32Array> => {
            const values = await keptAnswers(weightsFiles).numbers(`${network}-${part}.npy`);
            return values.subarray(0, (values.length / 2) * count);
          };
          expect(relativeError(all, await theirs("logits")), "logits").to.be.below(1e-4);
          const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d(target, "int32"), 10).toFloat() as tf.Tensor2D);
          const own = tf.tidy(() => model.targetLogits!(images, oneHot).dataSync());
          expect(
            relativeError(
              own,
              target.map((index, i) => all[10 * i + index]),
            ),
            "target's logits",
          ).to.be.below(1e-5);
          const gradient = sampled(map.values.dataSync() as Float32Array, weightsSample);
          expect(relativeError(gradient, await theirs("gradient")), "gradient").to.be.below(1e-3);
          tf.dispose([images, logits, oneHot]);
          map.dispose();
          model.dispose();
        }),
      ).to.equal(0);
    });
  }
}

/**
 * That layers' outputs can be read, put back where they were taken from, and differentiated.
 * @param chosen which of the layers
 */
export async function checkLayers(network: string, chosen: (index: number, count: number) => boolean): Promise<void> {
  const image = pictures(1),
    model = await fromWeights(weightsOf(network));
  const wanted = tf.tidy(() => model.logits(image).dataSync()),
    layers = model.layers(),
    off: string[] = [];
  for (const { name, outputShape } of layers.filter((_, i) => chosen(i, layers.length))) {
    const seen = model.activations(image, name);
    expect(seen.shape, name).to.deep.equal([1, ...outputShape]);
    tf.tidy(() => {
      // Put back where it was taken from, it makes the same logits, which depend on it.
      const again = model.logits(image, (layer, output) => (layer === name ? seen : output));
      expect(relativeError(again.dataSync(), wanted), name).to.be.below(1e-6);
      const slope = tf.grad((x) => tf.sum(model.logits(image, (layer, output) => (layer === name ? x : output))))(seen);
      if (slope.abs().max().dataSync()[0] === 0) off.push(name);
    });
    seen.dispose();
  }
  // The few channels of a branch, of random weights, may all be off for a picture: then nothing passes back.
  expect(off.length, off.join()).to.be.at.most(1);
  image.dispose();
  model.dispose();
}

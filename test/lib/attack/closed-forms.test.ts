import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { carliniWagner } from "../../../lib/attack/carlini-wagner";
import { deepFool } from "../../../lib/attack/deep-fool";
import { fgsm, normedGradient } from "../../../lib/attack/fgsm";
import { fooling } from "../../../lib/attack/fooling";
import { pgd } from "../../../lib/attack/pgd";
import { randomNoise } from "../../../lib/attack/random-noise";
import { forEachBackend } from "../../helpers/backends";
import { imagesOf, length, linearImages, linearModel, logitsOf, planeDistance, predictedBy } from "./linear-model";

const model = linearModel();
const difference = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value - b[i]);
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
/** ∂ cross-entropy of class c / ∂ image = W (p − onehot(c)). */
const lossGradientOf = (image: readonly number[], c: number): number[] => {
  const powers = logitsOf(model, image).map(Math.exp),
    sum = powers.reduce((a, b) => a + b);
  return model.weights.map((row) => row.reduce((total, w, k) => total + w * (powers[k] / sum - Number(k === c)), 0));
};

forEachBackend(
  (backend) => {
    describe("attacks on a linear network, in closed form", () => {
      let images: tf.Tensor4D, before: number[][], predicted: number[];
      beforeEach(() => {
        images = linearImages(6);
        before = imagesOf(images);
        predicted = before.map((image) => predictedBy(model, image));
      });
      afterEach(() => images.dispose());

      it("FGSM moves every value by epsilon along the loss's sign, away from a label or towards a target", async () => {
        const labels = [0, 1, 2, 3, 0, 1];
        for (const [options, sign] of [
          [{ criterion: { kind: "misclassified", labels } as const }, 1],
          [{ target: labels }, -1],
        ] as const) {
          const result = await fgsm(model, images, { epsilon: 0.05, ...options });
          imagesOf(result.raw).forEach((image, i) =>
            difference(image, before[i]).forEach((change, p) =>
              expect(change).to.be.closeTo(0.05 * sign * Math.sign(lossGradientOf(before[i], labels[i])[p]), 1e-6),
            ),
          );
          result.distance.forEach((distance) => expect(distance).to.be.closeTo(0.05, 1e-6));
          expect(result.predictedBefore).to.deep.equal(predicted);
          expect(result.predictedAfter).to.deep.equal(
            imagesOf(result.clipped).map((image) => predictedBy(model, image)),
          );
          expect(result.success).to.deep.equal(result.predictedAfter.map((now, i) => (now === labels[i]) === sign < 0));
          result.dispose();
        }
      });

      it("the normed gradient goes epsilon along the loss's gradient", async () => {
        const result = await normedGradient(model, images, { epsilon: 0.2 });
        imagesOf(result.raw).forEach((image, i) => {
          const gradient = lossGradientOf(before[i], predicted[i]);
          difference(image, before[i]).forEach((change, p) =>
            expect(change).to.be.closeTo((0.2 * gradient[p]) / length(gradient), 1e-5),
          );
        });
        result.distance.forEach((distance) => expect(distance).to.be.closeTo(0.2, 1e-5));
        result.dispose();
      });

      it("DeepFool finds the nearest plane in one step and goes 2 % beyond", async () => {
        const result = await deepFool(model, images);
        before.forEach((image, i) => {
          const others = [0, 1, 2, 3].filter((c) => c !== predicted[i]);
          const distances = others.map((c) => planeDistance(model, image, c, predicted[i]));
          const nearest = Math.min(...distances);
          expect(result.distance[i], `image ${i}`).to.be.closeTo(1.02 * (nearest + 1e-4), 1e-5);
          expect(result.predictedAfter[i]).to.equal(others[distances.indexOf(nearest)]);
        });
        expect(result.iterations).to.deep.equal([1, 1, 1, 1, 1, 1]);
        expect(result.success).to.not.include(false);
        result.dispose();
      });

      // Hundreds of steps, quick as a graph: that one is what op by op makes is tested beside the compiler.
      if (backend === "tensorflow")
        it("Carlini and Wagner's finds the distance to the nearest plane", async () => {
          const few = tf.slice(images, 0, 2);
          const result = await carliniWagner({ ...model, pure: true }, few, {
            steps: 80,
            searches: 4,
            learningRate: 0.02,
            initialWeight: 0.05,
          });
          for (const i of [0, 1]) {
            const nearest = Math.min(
              ...[0, 1, 2, 3]
                .filter((c) => c !== predicted[i])
                .map((c) => planeDistance(model, before[i], c, predicted[i])),
            );
            expect(result.success[i]).to.equal(true);
            expect(result.distance[i] / nearest, `image ${i}`).to.be.within(1, 1.05);
          }
          tf.dispose([few, result.raw, result.clipped]);
        });

      it("PGD in L2 ends where the ball's edge is farthest along the two classes' difference", async () => {
        // With one class to leave and one that wins, the loss's gradient turns towards their difference.
        const result = await pgd(model, images, {
          norm: "l2",
          epsilon: 0.3,
          randomStart: false,
          steps: 60,
          stepSize: 0.05,
        });
        imagesOf(result.clipped).forEach((image, i) => {
          const change = difference(image, before[i]);
          expect(length(change)).to.be.closeTo(0.3, 1e-4);
          const steepest = lossGradientOf(image, predicted[i]);
          expect(dot(change, steepest) / length(change) / length(steepest), `image ${i}`).to.be.above(0.999);
        });
        result.dispose();
      });

      it("PGD starts anywhere within epsilon, by its seed, and stays there", async () => {
        const stepSize = 1e-7,
          steps = 1;
        for (const norm of ["linf", "l2"] as const) {
          const [first, same, other] = [
            await pgd(model, images, { norm, epsilon: 0.2, steps, stepSize, seed: 4 }),
            await pgd(model, images, { norm, epsilon: 0.2, steps, stepSize, seed: 4 }),
            await pgd(model, images, { norm, epsilon: 0.2, steps, stepSize }),
          ];
          expect(imagesOf(first.clipped))
            .to.deep.equal(imagesOf(same.clipped))
            .and.not.deep.equal(imagesOf(other.clipped));
          first.distance.forEach((distance) =>
            expect(distance).to.be.within(norm === "linf" ? 0.15 : 0.13, 0.2 + 1e-6),
          );
          const changes = imagesOf(first.clipped).flatMap((image, i) => difference(image, before[i]));
          expect(Math.abs(changes.reduce((a, b) => a + b) / changes.length), "mean").to.be.below(0.03);
          if (norm === "linf")
            expect(length(changes) / Math.sqrt(changes.length), "of a uniform one").to.be.closeTo(
              0.2 / Math.sqrt(3),
              0.02,
            );
          [first, same, other].forEach((result) => result.dispose());
        }
      });

      for (const std of [undefined, [0.25, 0.5]]) {
        it(
          `fooling takes steps of ${std ? "one length in the normalised space" : "one length"} along the target's ` +
            `weights`,
          async () => {
            const normalized = linearModel(3, std && { mean: [0.4, 0.5], std });
            const result = await fooling(normalized, images, { target: "c", learningRate: 0.01, maxIterations: 400 });
            expect(result.success).to.not.include(false);
            const scale = (p: number): number => std?.[p % 2] ?? 1;
            const gradient = model.weights.map((row, p) => row[2] * scale(p));
            const step = gradient.map((value, p) => ((0.01 * value) / length(gradient)) * scale(p));
            imagesOf(result.raw).forEach((image, i) => {
              const taken = (steps: number): number[] => before[i].map((value, p) => value + steps * step[p]);
              const needed = Array.from({ length: 401 }, (_, steps) => steps).find(
                (steps) => predictedBy(model, taken(steps)) === 2,
              );
              expect(result.iterations[i], `image ${i}`).to.equal(needed);
              image.forEach((value, p) => expect(value).to.be.closeTo(taken(needed!)[p], 1e-4));
            });
            result.dispose();
          },
        );
      }

      it("random noise has the size asked for, and no direction", async () => {
        const [sign, ball] = [
          await randomNoise(model, images, { epsilon: 0.03, seed: 5 }),
          await randomNoise(model, images, { epsilon: 0.4, norm: "l2" }),
        ];
        const changes = imagesOf(sign.raw).flatMap((image, i) => difference(image, before[i]));
        changes.forEach((change) => expect(Math.abs(change)).to.be.closeTo(0.03, 1e-6));
        expect(Math.abs(changes.reduce((sum, change) => sum + Math.sign(change), 0)) / changes.length).to.be.below(
          0.25,
        );
        ball.distance.forEach((distance) => expect(distance).to.be.closeTo(0.4, 1e-4));
        [sign, ball].forEach((result) => result.dispose());
      });
    });
  },
  ["tensorflow", "wasm"],
);

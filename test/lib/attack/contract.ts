import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { AttackOptions, AttackResult } from "../../../lib/attack/attack";
import { misclassified, targeted, type Criterion } from "../../../lib/attack/criterion";
import { attackMethods } from "../../../lib/attack/methods";
import type { ImageInput, VisionModel } from "../../../lib/model/vision-model";
import { relativeError } from "../../helpers/finite-difference";
import { methodContract, refuses, type BadInput } from "../../helpers/method-contract";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";

const model = tinyModel(tinyWeights("relu"));
/** What an attack cannot run without; few steps where many are the default. */
const needed: Record<string, object> = {
  fgsm: { epsilon: 0.1 },
  "normed-gradient": { epsilon: 0.5 },
  "random-noise": { epsilon: 0.1 },
  pgd: { epsilon: 0.1, steps: 5 },
  fooling: { target: [2, 0, 3, 1, 3], learningRate: 0.1, maxIterations: 8 },
  "carlini-wagner": { steps: 6, searches: 2, learningRate: 0.1 },
  deepfool: { steps: 4 },
  occlude: { window: 2, stride: 2, rectangles: 3 },
};
const minimizing = ["fooling", "deepfool", "carlini-wagner"];
/** Attacks that go on until an image is fooled, or might. */
const iterating = [...minimizing, "pgd", "occlude"];
const predictedOf = (images: tf.Tensor4D): number[] =>
  Array.from(tf.tidy(() => model.logits(images).argMax(1).dataSync()));
const largestChange = (a: tf.Tensor, b: tf.Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]);

/** What every attack promises, described on the backend as it is. */
export function attackContract(): void {
  for (const [name, { attack }] of Object.entries(attackMethods)) {
    const given = (images: ImageInput): object =>
      name === "fooling" && images.shape[0] !== 5 ? { ...needed[name], target: 2 } : needed[name];
    const run = (images: ImageInput, options: object = {}, on: VisionModel = model): Promise<AttackResult> =>
      attack(on, images, { ...given(images), ...options } as AttackOptions);

    describe(`${name}, contract`, () => {
      let images: tf.Tensor4D;
      beforeEach(() => {
        images = tinyImages(tinyPixelsOf(5));
      });
      afterEach(() => images.dispose());

      it("returns what it made, what the model says before and after, and the options as used", async () => {
        const result = await run(images);
        for (const made of [result.raw, result.clipped]) expect(made.shape).to.deep.equal([5, 6, 5, 2]);
        expect(largestChange(result.clipped, tf.clipByValue(result.raw, 0, 1))).to.equal(0);
        expect(result.predictedBefore).to.deep.equal(predictedOf(images));
        expect(result.predictedAfter).to.deep.equal(predictedOf(result.clipped));
        const target = (needed[name] as { target?: number[] }).target;
        expect(result.success).to.deep.equal(
          result.predictedAfter.map((now, i) => (target ? now === target[i] : now !== result.predictedBefore[i])),
        );
        expect(result.method).to.equal(name);
        for (const list of [result.iterations, result.distance]) expect(list).to.have.length(5);
        for (const [option, declared] of Object.entries(attackMethods[name].options)) {
          if (declared.default !== undefined || declared.required)
            expect(result.options, option).to.have.property(option).that.is.not.undefined;
        }
        result.dispose();
      });
      if (name !== "occlude")
        it("gives one result for each epsilon, each as if it were alone", async () => {
          const several = (await run(images, { epsilon: [0, 0.3, 0.05] })) as unknown as AttackResult[];
          expect(several.map((result) => result.epsilon)).to.deep.equal([0, 0.3, 0.05]);
          expect(largestChange(several[0].clipped, images)).to.be.below(1e-7);
          const alone = await run(images, { epsilon: 0.05 });
          expect(largestChange(several[2].clipped, alone.clipped)).to.be.below(1e-6);
          expect(several[2].success).to.deep.equal(alone.success);
          for (const result of several)
            result.distance.forEach((distance) => expect(distance).to.be.at.most(result.epsilon! * 1.0001 + 1e-7));
          [...several, alone].forEach((result) => result.dispose());
        });
      it("takes a single image", async () => {
        const one = tf.tidy(() => tf.squeeze<tf.Tensor3D>(tf.slice(images, 2, 1), [0]));
        const options = name === "fooling" ? { target: 3 } : {};
        const single = await run(one, options);
        const batch = await run(images, name === "fooling" ? {} : options);
        expect(single.clipped.shape).to.deep.equal([1, 6, 5, 2]);
        expect(relativeError(single.clipped.dataSync(), batch.clipped.dataSync().slice(120, 180))).to.be.below(1e-5);
        [single, batch].forEach((result) => result.dispose());
        one.dispose();
      });
      it("gives the same whatever batchSize is, and never sends more images than that through the model", async () => {
        let largest = 0;
        const watched: VisionModel = {
          ...model,
          logits: (x) => {
            largest = Math.max(largest, x.shape[0]);
            return model.logits(x);
          },
        };
        const whole = await run(images, { batchSize: 64 });
        const parts = await run(images, { batchSize: 2 }, watched);
        expect(largest).to.be.at.most(2);
        expect(relativeError(parts.clipped.dataSync(), whole.clipped.dataSync())).to.be.below(1e-4);
        expect(parts.iterations).to.deep.equal(whole.iterations);
        parts.dispose();
        whole.dispose();
      });
      it("is the same every time", async () => {
        const [first, second] = [await run(images), await run(images)];
        expect(first.clipped.dataSync()).to.deep.equal(second.clipped.dataSync());
        [first, second].forEach((result) => result.dispose());
      });
      if (iterating.includes(name))
        for (const kind of name === "deepfool"
          ? (["misclassified"] as const)
          : name === "fooling"
            ? (["targeted"] as const)
            : (["misclassified", "targeted"] as const)) {
          /** Which of the images fulfil the criterion before. */
          const criterionFor = (fooled: readonly boolean[]): Criterion => {
            const classes = predictedOf(images).map((index, i) =>
              fooled[i] === (kind === "targeted") ? index : (index + 1) % 4,
            );
            return kind === "targeted" ? targeted(classes) : misclassified(classes);
          };
          it(`leaves images alone that fulfil the criterion, ${kind}`, async () => {
            const result = await run(images, {
              target: undefined,
              criterion: criterionFor([true, true, true, true, true]),
            });
            expect(largestChange(result.raw, images)).to.equal(0);
            expect(largestChange(result.clipped, images)).to.equal(0);
            expect(result.iterations).to.deep.equal([0, 0, 0, 0, 0]);
            expect(result.distance).to.deep.equal([0, 0, 0, 0, 0]);
            expect(result.success).to.not.include(false);
            result.dispose();
          });
          it(`works on the others beside them as if they were alone, ${kind}`, async () => {
            const fooled = [true, false, true, false, false],
              criterion = criterionFor(fooled),
              result = await run(images, { target: undefined, criterion });
            const classes = criterion.kind === "targeted" ? criterion.classes : criterion.labels;
            for (const [i, isFooled] of fooled.entries()) {
              const [image, made] = tf.tidy(() => [tf.slice(images, i, 1), tf.slice(result.raw, i, 1)]);
              const own = (classes as number[])[i];
              const alone = await run(image as tf.Tensor4D, {
                target: undefined,
                criterion: kind === "targeted" ? targeted(own) : misclassified(own),
              });
              expect(largestChange(made, alone.raw)).to.be.below(1e-5);
              expect([alone.iterations[0], alone.success[0]]).to.deep.equal([result.iterations[i], result.success[i]]);
              if (isFooled)
                expect([
                  largestChange(made, image),
                  result.iterations[i],
                  result.distance[i],
                  result.success[i],
                ]).to.deep.equal([0, 0, 0, true]);
              else expect(result.iterations[i]).to.be.above(0);
              alone.dispose();
              tf.dispose([image, made]);
            }
            result.dispose();
          });
        }
      methodContract({ name, model, run, breaksAfter: 7, tensorsOf: ({ clipped, raw }) => [clipped, raw] });

      const picture = (): tf.Tensor => tf.zeros([1, 6, 5, 2]);
      const bad: BadInput[] = [
        [
          "images of the wrong shape",
          () => tf.zeros([1, 5, 6, 2]),
          {},
          /^the shape of images is \[1, 5, 6, 2\]; allowed: \[6, 5, 2\] or \[batch, 6, 5, 2\]/,
        ],
        [
          "values outside [0, 1]",
          () => tf.fill([1, 6, 5, 2], 255),
          {},
          /^the range of images is .*255.*; allowed: values in \[0, 1\]/,
        ],
        ["NaN", () => tf.fill([1, 6, 5, 2], NaN), {}, /^a value of images is .*NaN/],
        ["batchSize 0", picture, { batchSize: 0 }, /^batchSize is 0; allowed: an integer ≥ 1/],
        [
          "a criterion that is none",
          picture,
          { target: undefined, criterion: "misclassified" },
          /^criterion is "misclassified"; allowed: misclassified\(/,
        ],
        [
          "a target beside a criterion",
          picture,
          { target: 1, criterion: misclassified() },
          /^target is 1; allowed: nothing beside criterion/,
        ],
        [
          "a model that was not awaited",
          picture,
          {},
          /^model is "a promise"; .*await/,
          Promise.resolve(model) as never,
        ],
      ];
      if (name !== "occlude") {
        bad.push(
          [
            "an epsilon in bytes",
            picture,
            { epsilon: 8 },
            name === "fgsm"
              ? /^epsilon is 8; allowed: a number from 0 to 1, .*8 \/ 255/
              : /^epsilon is 8; allowed: a number from 0 to (1|7\.746), /,
          ],
          ["a negative epsilon", picture, { epsilon: -0.1 }, /^epsilon is -0\.1/],
          ["an epsilon that is no number", picture, { epsilon: [0.1, NaN] }, /^epsilon is NaN/],
          ["no epsilons", picture, { epsilon: [] }, /^epsilon is "an empty list"/],
        );
        if (!minimizing.includes(name))
          bad.push(["a forgotten epsilon", picture, { epsilon: undefined }, /^epsilon is undefined/]);
      }
      if (name === "fooling")
        bad.push(
          ["a forgotten target", picture, { target: undefined }, /^target is undefined; allowed: a class name/],
          ["misclassified", picture, { target: undefined, criterion: misclassified() }, /^target is/],
        );
      if (name === "deepfool")
        bad.push(
          ["a target", picture, { target: 2 }, /^criterion is "targeted"; allowed: misclassified\(\)/],
          ["one candidate", picture, { candidates: 1 }, /^candidates is 1/],
          ["a negative overshoot", picture, { overshoot: -1 }, /^overshoot is -1/],
        );
      if (name !== "deepfool") {
        bad.push(
          [
            "an unknown class, with the nearest",
            picture,
            { target: "bea" },
            /^target is "bea"; .*Did you mean bee \(1\)/,
          ],
          [
            "targets for another number of images",
            () => tf.zeros([5, 6, 5, 2]),
            { target: [1, 2] },
            /^the number of targets is 2; allowed: 1, or 5/,
          ],
        );
      }
      bad.push([
        "an option that it does not have, with the nearest",
        picture,
        { criterium: "cat" },
        /^the name of an option is "criterium"; allowed: criterion, .* Did you mean criterion\?$/,
      ]);
      for (const option of ["steps", "searches", "maxIterations", "rectangles"]) {
        if (option in attackMethods[name].options)
          bad.push([`${option} 0`, picture, { [option]: 0 }, new RegExp(`^${option} is 0; allowed: an integer ≥ 1`)]);
      }
      for (const option of ["learningRate", "stepSize", "initialWeight"]) {
        if (option in attackMethods[name].options)
          bad.push([`${option} 0`, picture, { [option]: 0 }, new RegExp(`^${option} is 0; allowed: a number above 0`)]);
      }
      for (const option of ["norm", "space"]) {
        if (option in attackMethods[name].options)
          bad.push([`an unknown ${option}`, picture, { [option]: "l3" }, new RegExp(`^${option} is "l3"; allowed: `)]);
      }
      if (name === "occlude")
        bad.push(
          ["a window larger than the image", picture, { window: 7 }, /^window is 7/],
          ["a stride that leaves gaps", picture, { stride: 3 }, /^stride is 3/],
          ["a value outside the bounds", picture, { value: 128 }, /^value is 128/],
        );
      refuses({ run }, bad);
    });
  }
}

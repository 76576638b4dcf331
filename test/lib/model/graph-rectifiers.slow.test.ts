import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { deconvolution, guidedBackprop } from "../../../lib/attribution/rectifier-rules";
import { saliency } from "../../../lib/attribution/saliency";
import { BadInputError } from "../../../lib/core/errors";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { warnings } from "../../helpers/warnings";
import { leaky, matMul, modelWith, node, pixels, product, ruled, type Rectifier } from "./graph-rectifiers";

/** What the unit makes of each pixel. */
const units = pixels.map(([a, b]) => 20 * a + b - 1);
const imagesOf = (values: readonly (readonly number[])[]): tf.Tensor4D =>
  tf.tensor4d(values.flat(), [values.length, 1, 1, 2]);

describe("rectifiers of graph models, by each rule", () => {
  forEachBackend(() => {
    for (const [name, [rectifier, value, open]] of Object.entries(ruled)) {
      it(name, async () => {
        expect(
          await tensorsLeft(async () => {
            const model = modelWith(rectifier),
              images = imagesOf(pixels);
            const logits = tf.tidy(() => model.logits(images).arraySync()) as number[][];
            units.forEach((x, i) => expect(logits[i][0], `${x}`).to.be.closeTo(value(x), 2e-5));
            for (const [target, sign] of [
              [0, 1],
              [1, -1],
            ] as const) {
              for (const method of [saliency, guidedBackprop, deconvolution]) {
                const result = await method(model, images, { target }),
                  maps = tf.tidy(() => result.values.reshape([-1, 2]).arraySync()) as number[][];
                units.forEach((x, i) => {
                  const passes = open(x) ? sign : 0,
                    positive = Math.max(sign, 0);
                  const by = { saliency: passes, guidedBackprop: Math.max(passes, 0), deconvolution: positive }[
                    method.name as "saliency"
                  ];
                  [20, 1].forEach((weight, p) =>
                    expect(maps[i][p], `${method.name} at ${x}, target ${target}`).to.be.closeTo(by * weight, 1e-4),
                  );
                });
                result.dispose();
              }
            }
            images.dispose();
            model.dispose();
          }),
        ).to.equal(0);
      });
    }

    for (const [name, [rectifier, value, said]] of Object.entries(leaky)) {
      it(`${name} is refused by name, and saliency is its derivative`, async () => {
        const model = modelWith(rectifier),
          images = imagesOf(pixels);
        const logits = tf.tidy(() => model.logits(images).arraySync()) as number[][],
          map = await saliency(model, images, { target: 0 });
        const maps = tf.tidy(() => map.values.reshape([-1, 2]).arraySync()) as number[][];
        units.forEach((x, i) => {
          expect(logits[i][0], `${x}`).to.be.closeTo(value(x), 2e-5);
          const slope = (value(x + 1e-6) - value(x - 1e-6)) / 2e-6;
          if (Math.abs(x) > 1e-3)
            [20, 1].forEach((weight, p) => expect(maps[i][p], `${x}`).to.be.closeTo(slope * weight, 1e-3));
        });
        for (const method of [guidedBackprop, deconvolution]) {
          const error = await method(model, images).then(
            () => undefined,
            (thrown: Error) => thrown,
          );
          expect(error).to.be.instanceOf(BadInputError);
          expect(error!.message).to.contain(`whose layer ${said}`).and.not.include("\n");
        }
        map.dispose();
        images.dispose();
        model.dispose();
      });
    }

    for (const fused of ["Elu", "Sigmoid"] as const) {
      it(`a product fused with ${fused} is smooth: guided backprop is the gradient, and says so once`, async () => {
        const model = modelWith([matMul("BiasAdd", fused)]),
          image = tf.tensor4d([0, 0.5], [1, 1, 1, 2]);
        const slope = fused === "Elu" ? Math.exp(-0.5) : Math.exp(-0.5) / (1 + Math.exp(-0.5)) ** 2;
        const said = await warnings(async () => {
          for (const method of [guidedBackprop, deconvolution, guidedBackprop]) {
            const map = await method(model, image, { target: 1 });
            Array.from(map.values.dataSync()).forEach((each, i) =>
              expect(each).to.be.closeTo(-slope * [20, 1][i], 1e-4),
            );
            map.dispose();
          }
        });
        expect(said).to.deep.equal([
          "graph-model has no rectifier (ReLU, ReLU6): for it guided backprop is the plain gradient, as saliency " +
            "gives it.",
        ]);
        image.dispose();
        model.dispose();
      });
    }
  });

  it("the graph that a loop is compiled to has the same rules", async () => {
    for (const name of ["max(x, 0)", "a clip to [0, 9]", "min(relu(x), 6)", "x · (x > 2)", "x > 0 ? x : 0"]) {
      const model = modelWith(ruled[name][0]),
        images = imagesOf([...pixels, ...pixels]);
      for (const method of [guidedBackprop, deconvolution]) {
        const [each, all] = [
          await method(model, images, { target: 0, batchSize: 1 }),
          await method(model, images, { target: 0, batchSize: 64 }),
        ];
        expect(Array.from(each.values.dataSync()), `${method.name} of ${name}`).to.deep.equal(
          Array.from(all.values.dataSync()),
        );
        each.dispose();
        all.dispose();
      }
      images.dispose();
      model.dispose();
    }
  });

  it("a floor other than 0, the larger of two units, and a clip of the image keep their derivatives", async () => {
    const plain: Record<string, Rectifier> = {
      "max(x, 2)": [node("r", "Maximum", "x", "two")],
      "min(x, 6)": [node("r", "Minimum", "x", "six")],
      "a clip of the image": [
        node("clipped", "ClipByValue", "image", "zero", "six"),
        node("flat2", "Reshape", "clipped", "pair"),
        { ...node("r", "MatMul", "flat2", "weight"), attr: product },
      ],
    };
    for (const [name, nodes] of Object.entries(plain))
      await warnings(async () => {
        const model = modelWith(nodes),
          image = tf.tensor4d([0.25, 0.5], [1, 1, 1, 2]);
        const [mine, theirs] = [
          await deconvolution(model, image, { target: 1 }),
          await saliency(model, image, { target: 1 }),
        ];
        expect(Array.from(mine.values.dataSync()), name)
          .to.deep.equal(Array.from(theirs.values.dataSync()))
          .and.deep.equal([-20, -1]);
        mine.dispose();
        theirs.dispose();
        image.dispose();
        model.dispose();
      });
  });
});

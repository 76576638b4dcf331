import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { Attribution, AttributionOptions } from "../../../lib/attribution/attribution";
import { gradCam } from "../../../lib/attribution/grad-cam";
import { guidedGradCam } from "../../../lib/attribution/rectifier-rules";
import { BadInputError } from "../../../lib/core/errors";
import { fromLayersModel } from "../../../lib/model/adapters";
import type { ImageInput, VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";
import { eachImage, joined, oracleClassActivation, oracleGradient } from "../../helpers/tiny-oracle";

type Method = (
  model: VisionModel,
  images: ImageInput,
  options?: AttributionOptions & { layer?: string },
) => Promise<Attribution>;

const relu = tinyWeights("relu"),
  smooth = tinyWeights("smooth");
const pixels = tinyPixelsOf(5);
const target = [3, 0, 2, 1, 1];

async function valuesOf(method: Method, options: object, model: VisionModel = tinyModel(relu)): Promise<Float32Array> {
  const images = tinyImages(pixels);
  const result = await method(model, images, { target, ...options });
  const values = (await result.values.data()) as Float32Array;
  result.dispose();
  images.dispose();
  return values;
}

const positive = (maps: Float64Array): Float64Array => maps.map((value) => Math.max(value, 0));
const oracle = (layer: "conv2" | "act2", weights = relu): Float64Array[] =>
  eachImage(pixels).map((image, i) => oracleClassActivation(weights, image, target[i], layer));

/** Bilinear with pixels' centres at half-integers and the edge held, from its definition. */
function enlarged(
  map: ArrayLike<number>,
  [height, width]: [number, number],
  [toHeight, toWidth]: [number, number],
): Float64Array {
  const value = (y: number, x: number): number =>
    map[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))];
  return Float64Array.from({ length: toHeight * toWidth }, (_, i) => {
    const y = ((Math.floor(i / toWidth) + 0.5) * height) / toHeight - 0.5,
      x = (((i % toWidth) + 0.5) * width) / toWidth - 0.5;
    const [top, left] = [Math.floor(y), Math.floor(x)],
      [down, right] = [y - top, x - left];
    return (
      (1 - down) * ((1 - right) * value(top, left) + right * value(top, left + 1)) +
      down * ((1 - right) * value(top + 1, left) + right * value(top + 1, left + 1))
    );
  });
}

forEachBackend(() => {
  describe("gradCam", () => {
    it("is the paper's formula on the last convolution, by loops in double precision", async () => {
      expect(relativeError(await valuesOf(gradCam, {}), positive(joined(oracle("conv2"))))).to.be.below(1e-5);
      expect(relativeError(await valuesOf(gradCam, { signed: true }), joined(oracle("conv2")))).to.be.below(1e-5);
    });
    it("is the same on any layer that is named, here after the activation", async () => {
      expect(
        relativeError(await valuesOf(gradCam, { signed: true, layer: "act2" }), joined(oracle("act2"))),
      ).to.be.below(1e-5);
      const model = tinyModel(smooth);
      expect(
        relativeError(
          await valuesOf(gradCam, { signed: true, layer: "conv2" }, model),
          joined(oracle("conv2", smooth)),
        ),
      ).to.be.below(1e-5);
    });
    it("upsamples bilinearly to the image's size, after the ReLU", async () => {
      const wanted = joined(oracle("conv2").map((map) => enlarged(positive(map), [3, 2], [6, 5])));
      expect(relativeError(await valuesOf(gradCam, { upsample: true }), wanted)).to.be.below(1e-5);
    });
  });

  describe("guidedGradCam", () => {
    it("is guided backprop times the enlarged Grad-CAM", async () => {
      const cams = oracle("conv2").map((map) => enlarged(positive(map), [3, 2], [6, 5]));
      const wanted = joined(
        eachImage(pixels).map((image, i) =>
          oracleGradient(relu, image, target[i], "guided").map((value, at) => value * cams[i][Math.floor(at / 2)]),
        ),
      );
      const values = await valuesOf(guidedGradCam, {});
      expect(relativeError(values, wanted)).to.be.below(1e-5);
      expect(
        values.some((value) => value < 0),
        "signed",
      ).to.equal(true);
    });
  });
});

describe("gradCam's layer", () => {
  it("is by default the last convolution of a network, also of one with a branch and a nested model", async () => {
    const input = tf.input({ shape: [6, 5, 2] });
    const inner = tf.sequential({
      name: "inner",
      layers: [tf.layers.conv2d({ inputShape: [6, 5, 2], filters: 3, kernelSize: 3, padding: "same", name: "first" })],
    });
    const left = inner.apply(input) as tf.SymbolicTensor;
    const right = tf.layers
      .separableConv2d({ filters: 3, kernelSize: 3, padding: "same", name: "second", activation: "relu" })
      .apply(input) as tf.SymbolicTensor;
    const joinedUp = tf.layers.add({ name: "both" }).apply([left, right]) as tf.SymbolicTensor;
    const end = tf.layers
      .dense({ units: 4, name: "end" })
      .apply(tf.layers.flatten().apply(joinedUp)) as tf.SymbolicTensor;
    const model = fromLayersModel(tf.model({ inputs: input, outputs: end }), {
      classNames: ["ant", "bee", "cat", "Cat"],
    });
    const images = tinyImages(pixels);
    expect(
      await tensorsLeft(async () => {
        for (const [layer, name] of [
          [undefined, "second"],
          ["first", "first"],
          ["both", "both"],
        ] as const) {
          const result = await gradCam(model, images, { layer, signed: true, target: 1 });
          expect(result.options.layer).to.equal(name);
          expect(result.values.shape).to.deep.equal([5, 6, 5, 1]);
          expect(result.values.dataSync().some((value) => value !== 0)).to.equal(true);
          result.dispose();
        }
      }),
    ).to.equal(0);
    images.dispose();
    model.dispose();
  });

  it("is none behind the global pooling, which has a single place; who asks for that one is warned", async () => {
    const layers = [
      tf.layers.conv2d({
        inputShape: [6, 5, 2],
        filters: 3,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        name: "features",
      }),
      tf.layers.globalAveragePooling2d({ name: "pooled" }),
      tf.layers.reshape({ targetShape: [1, 1, 3], name: "reshaped" }),
      tf.layers.conv2d({ filters: 4, kernelSize: 1, name: "predictions" }),
      tf.layers.flatten(),
    ];
    const model = fromLayersModel(tf.sequential({ layers }), { classNames: ["ant", "bee", "cat", "Cat"] });
    const images = tinyImages(pixels),
      warned: string[] = [],
      { warn } = console;
    console.warn = (text: string) => void warned.push(text);
    try {
      const [chosen, asked] = [await gradCam(model, images), await gradCam(model, images, { layer: "predictions" })];
      expect([chosen.options.layer, chosen.values.shape]).to.deep.equal(["features", [5, 6, 5, 1]]);
      expect(asked.values.shape).to.deep.equal([5, 1, 1, 1]);
      // The weights are by chance: of some inputs it may also be said that their map is empty.
      expect(warned.filter((text) => /^Layer predictions of .* has a single place/.test(text))).to.have.length(1);
      expect(warned.filter((text) => /^Layer features/.test(text))).to.deep.equal([]);
      [chosen, asked].forEach((each) => each.dispose());
    } finally {
      console.warn = warn;
    }
    images.dispose();
    model.dispose();
  });

  const flat = {
    ...tinyModel(relu),
    name: "flat",
    layers: () => [{ name: "dense", kind: "Dense", outputShape: [4] }],
  } as VisionModel;
  const bad: [string, VisionModel, object, RegExp][] = [
    [
      "an unknown layer",
      tinyModel(relu),
      { layer: "conv3" },
      /^layer is "conv3"; allowed: a layer of tiny-relu whose output is \[height, width, channels\], for instance conv1, .*model\.layers\(\)/,
    ],
    [
      "a layer without places",
      tinyModel(relu),
      { layer: "dense" },
      /^layer is "dense"; allowed: .*Its output is \[4\]/,
    ],
    ["a network without convolutions", flat, {}, /^layer is undefined; allowed: .*flat has no convolutional one/],
  ];
  for (const [what, model, options, message] of bad) {
    for (const method of [gradCam, guidedGradCam]) {
      it(`${method.name} refuses ${what}`, async () => {
        const images = tinyImages(pixels);
        expect(
          await tensorsLeft(async () => {
            const error = await method(model, images, options).then(
              () => undefined,
              (thrown: Error) => thrown,
            );
            expect(error).to.be.instanceOf(BadInputError);
            expect(error!.message).to.match(message);
          }),
        ).to.equal(0);
        images.dispose();
      });
    }
  }
  it("refuses options that are no switches", async () => {
    const images = tinyImages(pixels);
    for (const options of [{ signed: 1 }, { upsample: "yes" }]) {
      const error = await gradCam(tinyModel(relu), images, options as never).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error!.message).to.match(/^(signed is 1|upsample is "yes"); allowed: true or false/);
    }
    images.dispose();
  });
});

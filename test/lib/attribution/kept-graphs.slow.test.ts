import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { attributionOptions, type AttributionOptions } from "../../../lib/attribution/attribution";
import { explain } from "../../../lib/attribution/explain";
import { attributionMethods } from "../../../lib/attribution/methods";
import { boolean, checkOptions } from "../../../lib/core/options";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend } from "../../helpers/backends";
import { keepsGraphsApart, numbersOf, type Keeps } from "../../helpers/kept-graphs";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";

/** Nine blocks of one image: enough for a graph. */
const base = { batchSize: 1, target: 1 };
const windows = { window: 3, stride: 2 };
const needed: Readonly<Record<string, object>> = {
  "integrated-gradients": { steps: 5 },
  smoothgrad: { samples: 3 },
  occlusion: windows,
  "occluded-input-x-gradient": windows,
};
const halves = (): tf.Tensor =>
  tf.tensor3d(
    Array.from({ length: 30 }, (_, i) => Number(i > 12)),
    [6, 5, 1],
  );
const quarters = (): tf.Tensor =>
  tf.tensor3d(
    Array.from({ length: 30 }, (_, i) => i % 4),
    [6, 5, 1],
  );
const grouped = { window: undefined, stride: undefined, featureMask: halves };
const pairs: Keeps["pairs"] = {
  target: [{ target: 1 }, { target: 2 }],
  score: [{ score: "logit" }, { score: "probability" }],
  abs: [{ abs: false }, { abs: true }],
  variant: [{ variant: "signed" }, { variant: "absolute" }],
  baseline: [{ baseline: 0 }, { baseline: 0.7 }],
  steps: [{ steps: 5 }, { steps: 6 }],
  quadrature: [{ quadrature: "gausslegendre" }, { quadrature: "riemann_left" }],
  samples: [{ samples: 3 }, { samples: 4 }],
  sigma: [{ sigma: 0.1 }, { sigma: 0.3 }],
  seed: [{ seed: 1 }, { seed: 2 }],
  layer: [{ layer: "conv1" }, { layer: "act2" }],
  signed: [{ signed: false }, { signed: true }],
  upsample: [{ upsample: false }, { upsample: true }],
  window: [{ window: 3 }, { window: 4 }],
  stride: [{ stride: 2 }, { stride: 3 }],
  featureMask: [grouped, { ...grouped, featureMask: quarters }],
};

/** So many images of 60 values that a gradient is kept as a graph. */
const MANY = 1100;

async function ran(
  method: (typeof attributionMethods)[string]["explain"],
  model: VisionModel,
  options: object,
  count = 9,
) {
  const images = tinyImages(tinyPixelsOf(count)),
    { featureMask, ...rest } = options as { featureMask?: () => tf.Tensor };
  const mask = featureMask?.();
  const result = await method(model, images, { ...rest, ...(mask && { featureMask: mask }) } as AttributionOptions);
  const numbers = numbersOf([result.values]);
  result.dispose();
  tf.dispose([images, ...(mask ? [mask] : [])]);
  return numbers;
}

forEachBackend(() => {
  for (const [name, method] of Object.entries(attributionMethods)) {
    const own =
      name === "smoothgrad" ? { ...pairs, variant: [{ variant: "squared" }, { variant: "vargrad" }] as const } : pairs;
    keepsGraphsApart(name, {
      schema: method.options,
      base: { ...base, ...needed[name] },
      pairs: own,
      ...(name.startsWith("occlu") && { ways: { "what covers": [windows, grouped] as const } }),
      run: (model, options) => ran(method.explain, model, options),
    });
  }

  // What a step takes of the network is kept by itself where it has many values: the gradient of the score, a layer's.
  for (const name of ["saliency", "grad-cam", "guided-backprop"]) {
    const { explain: method, options: schema } = attributionMethods[name];
    keepsGraphsApart(`${name} of many`, {
      schema,
      base: { batchSize: MANY, target: 1 },
      pairs,
      runsNeeded: 2,
      run: (model, options) => ran(method, model, options, MANY),
    });
  }

  it("an option that is wrongly said to be an input does answer for another: the tests above can fail", async () => {
    const wrong = { ...attributionOptions, abs: boolean({ default: false, help: "", traced: "input" }) };
    const method = (model: VisionModel, images: tf.Tensor, given: object) => {
      const options = checkOptions(wrong, given);
      return explain(model, images, {
        method: "wrong",
        schema: wrong,
        options,
        step: ({ inputs, rows, gradient }) => (options.abs ? tf.abs(gradient(inputs, rows)) : gradient(inputs, rows)),
      });
    };
    const model: VisionModel = { ...tinyModel(tinyWeights("relu")), pure: true };
    const signed = await ran(method as never, model, { ...base, abs: false });
    expect(signed.some((value) => value < 0)).to.equal(true);
    expect(await ran(method as never, model, { ...base, abs: true })).to.deep.equal(signed);
  });
}, ["tensorflow"]);

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { fromLayersModel } from "../../../lib/model/adapters";
import { inputRangeDoubt, type RangeDoubt } from "../../../lib/model/input-range-doubt";
import { loadModel } from "../../../lib/model/load-model";
import { preprocessor } from "../../../lib/model/preprocess";
import { tensorsLeft } from "../../helpers/backends";
import type { Preprocess } from "../../../lib/model/network-options";

const side = 24;
const bytes: Preprocess = { mean: [0], std: [1 / 255] };
const truths: Record<string, Preprocess> = {
  "--preprocess none": "none",
  "--preprocess mobilenet": "mobilenet",
  "--preprocess imagenet": "imagenet",
  "--bounds 0,255": bytes,
  "--preprocess caffe-bgr": "caffe-bgr",
};

/** As photographs are: large forms, a little colour, brightness and contrast of their own. In [0, 1]. */
function photographs(count: number, seed: number): tf.Tensor4D {
  return tf.tidy(() => {
    const draw = (shape: number[], low: number, high: number, at: number): tf.Tensor =>
      tf.randomUniform(shape, low, high, "float32", seed + at);
    const forms = tf.image.resizeBilinear(draw([count, 5, 5, 1], -0.5, 0.5, 1) as tf.Tensor4D, [side, side]),
      colours = tf.image.resizeBilinear(draw([count, 3, 3, 3], -0.15, 0.15, 2) as tf.Tensor4D, [side, side]);
    const light = tf.add(draw([count, 1, 1, 1], 0.35, 0.6, 3), tf.tensor([0.03, 0, -0.04]));
    const detail = draw([count, side, side, 1], -0.08, 0.08, 4);
    return tf.clipByValue(
      tf
        .addN(
          [tf.mul(forms, draw([count, 1, 1, 1], 0.8, 1.5, 5)), detail]
            .map((each) => tf.tile(each, [1, 1, 1, 3]))
            .concat(colours),
        )
        .add(light),
      0,
      1,
    ) as tf.Tensor4D;
  });
}

/** A convolution and a batch norm whose moving averages are those of forty pictures, fed as `truth` says. */
function trainedOn(
  truth: Preprocess,
  { first = [], conv = "conv" }: { first?: tf.layers.Layer[]; conv?: string } = {},
): tf.Sequential {
  const model = tf.sequential({
    name: "net",
    layers: [
      tf.layers.inputLayer({ inputShape: [side, side, 3] }),
      ...first,
      tf.layers.conv2d({
        name: conv,
        filters: 8,
        kernelSize: 3,
        strides: 2,
        kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
        biasInitializer: tf.initializers.randomNormal({ stddev: 0.1, seed: 4 }),
      }),
      tf.layers.batchNormalization({ name: "norm" }),
      tf.layers.reLU(),
      tf.layers.globalAveragePooling2d({ dataFormat: "channelsLast" }),
      tf.layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  tf.tidy(() => {
    let x = preprocessor(truth, 3)(photographs(40, 100));
    for (const layer of [...first, model.getLayer(conv)]) x = layer.apply(x) as tf.Tensor;
    const { mean, variance } = tf.moments(x, [0, 1, 2]),
      norm = model.getLayer("norm");
    norm.setWeights([tf.ones([8]), tf.zeros([8]), mean, variance]);
  });
  return model;
}

/** The same as a converted graph that kept its batch norm. */
function writeGraph(
  folder: string,
  {
    scale,
    kernel,
    mean,
    variance,
  }: { scale?: number; kernel: Float32Array; mean?: Float32Array; variance?: Float32Array },
): void {
  const float = { type: "DT_FLOAT" },
    text = (value: string) => ({ s: Buffer.from(value).toString("base64") }),
    integers = (...list: number[]) => ({ list: { i: list.map(String) } });
  const dims = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) });
  const constants: [string, number[], Float32Array | Int32Array][] = [
    ["axes", [2], Int32Array.of(1, 2)],
    ["kernel", [3, 3, 3, 8], kernel],
    ["ones", [8], new Float32Array(8).fill(1)],
    ["zeros", [8], new Float32Array(8)],
    ...(mean && variance
      ? ([
          ["mean", [8], mean],
          ["variance", [8], variance],
        ] as [string, number[], Float32Array][])
      : []),
    ...(scale === undefined ? [] : ([["scale", [], Float32Array.of(scale)]] as [string, number[], Float32Array][])),
  ];
  const node = [
    { name: "image", op: "Placeholder", attr: { dtype: float, shape: { shape: dims(-1, side, side, 3) } } },
    ...constants.map(([name, shape, data]) => {
      const dtype = data instanceof Int32Array ? "DT_INT32" : "DT_FLOAT";
      return {
        name,
        op: "Const",
        attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: dims(...shape) } } },
      };
    }),
    ...(scale === undefined
      ? []
      : [{ name: "rescaling/mul", op: "Mul", input: ["image", "scale"], attr: { T: float } }]),
    {
      name: "conv",
      op: "Conv2D",
      input: [scale === undefined ? "image" : "rescaling/mul", "kernel"],
      attr: {
        T: float,
        strides: integers(1, 2, 2, 1),
        padding: text("VALID"),
        data_format: text("NHWC"),
        dilations: integers(1, 1, 1, 1),
      },
    },
    ...(mean
      ? [
          {
            name: "norm",
            op: "FusedBatchNormV3",
            input: ["conv", "ones", "zeros", "mean", "variance"],
            attr: { T: float, U: float, epsilon: { f: 0.001 }, is_training: { b: false }, data_format: text("NHWC") },
          },
        ]
      : []),
    { name: "block_1_expand_relu/Relu6", op: "Relu6", input: [mean ? "norm" : "conv"], attr: { T: float } },
    {
      name: "scores",
      op: "Mean",
      input: ["block_1_expand_relu/Relu6", "axes"],
      attr: { T: float, keep_dims: { b: false } },
    },
    { name: "softmax", op: "Softmax", input: ["scores"], attr: { T: float } },
  ];
  writeFileSync(
    join(folder, "model.json"),
    JSON.stringify({
      format: "graph-model",
      modelTopology: { node, library: {}, versions: { producer: 1 } },
      signature: {
        inputs: { image: { name: "image:0", dtype: "DT_FLOAT", tensorShape: dims(-1, side, side, 3) } },
        outputs: { output: { name: "softmax:0", dtype: "DT_FLOAT", tensorShape: dims(-1, 8) } },
      },
      weightsManifest: [
        {
          paths: ["weights.bin"],
          weights: constants.map(([name, shape, data]) => ({
            name,
            shape,
            dtype: data instanceof Int32Array ? "int32" : "float32",
          })),
        },
      ],
    }),
  );
  writeFileSync(
    join(folder, "weights.bin"),
    Buffer.concat(constants.map(([, , data]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))),
  );
}

describe("whether a network is given the values that it was trained on", () => {
  let images: tf.Tensor4D;
  before(async () => {
    await ready();
    images = photographs(4, 900);
  });
  const flag = (doubt: RangeDoubt | undefined): string | undefined => doubt?.better.flag;

  for (const [truth, preprocess] of Object.entries(truths)) {
    it(`is told from its first batch norm: one that was trained with ${truth}`, async () => {
      const network = trainedOn(preprocess);
      for (const [given, assumed] of Object.entries(truths)) {
        const said = flag(await inputRangeDoubt(fromLayersModel(network, { preprocess: assumed }), images));
        // Bytes with and without the mean taken off are too alike for a doubt.
        const alike = [truth, given].every((each) => /255|caffe/.test(each));
        expect(said, given).to.be.oneOf(given === truth ? [undefined] : alike ? [truth, undefined] : [truth]);
      }
    });
  }

  it("is told where a filter died in training", async () => {
    const network = trainedOn("mobilenet"),
      norm = network.getLayer("norm");
    const conv = network.getLayer("conv");
    tf.tidy(() => {
      const alive = tf.tensor1d([0, 1, 1, 1, 1, 1, 1, 1]),
        [kernel, bias] = conv.getWeights();
      conv.setWeights([tf.mul(kernel, alive), tf.mul(bias, alive)]);
      const [gamma, beta, mean, variance] = norm.getWeights();
      norm.setWeights([gamma, beta, tf.mul(mean, alive), tf.mul(variance, alive)]);
    });
    expect(flag(await inputRangeDoubt(fromLayersModel(network), images))).to.equal("--preprocess mobilenet");
    expect(flag(await inputRangeDoubt(fromLayersModel(network, { preprocess: "mobilenet" }), images))).to.equal(
      undefined,
    );
  });

  it("is told from a single photograph, or is not, but never wrongly", async () => {
    for (const [truth, preprocess] of Object.entries(truths)) {
      const model = fromLayersModel(trainedOn(preprocess));
      for (let seed = 1; seed <= 5; seed++)
        expect(flag(await inputRangeDoubt(model, photographs(1, 1000 * seed))), truth).to.be.oneOf(
          truth === "--preprocess none" ? [undefined] : [undefined, truth],
        );
    }
  });

  it("is not asked of what is no photograph: noise, and one colour", async () => {
    const model = fromLayersModel(trainedOn("mobilenet"));
    const noise = tf.randomUniform([4, side, side, 3], 0, 1, "float32", 8) as tf.Tensor4D;
    for (const others of [noise, tf.fill([4, side, side, 3], 0.5) as tf.Tensor4D])
      expect(flag(await inputRangeDoubt(model, others))).to.be.oneOf([undefined, "--preprocess mobilenet"]);
    expect(flag(await inputRangeDoubt(fromLayersModel(trainedOn("none")), tf.zeros([1, side, side, 3])))).to.equal(
      undefined,
    );
  });

  it("counts what a network does before its first convolution", async () => {
    const rescaling = (scale: number, offset: number): tf.layers.Layer =>
      tf.layers.rescaling({ scale, offset, name: "rescaling" });
    const takesBytes = trainedOn(bytes, { first: [rescaling(1 / 127.5, -1)] });
    const said = await inputRangeDoubt(fromLayersModel(takesBytes), images);
    expect(flag(said)).to.equal("--bounds 0,255");
    expect(flag(await inputRangeDoubt(fromLayersModel(takesBytes, { preprocess: bytes }), images))).to.equal(undefined);
    expect(
      flag(
        await inputRangeDoubt(
          fromLayersModel(trainedOn("none", { first: [rescaling(2, -1)], conv: "block_1_expand" })),
          images,
        ),
      ),
    ).to.equal(undefined);
  });

  it("is told from a rescaling inside where there is no batch norm, or no image", async () => {
    const plain = (scale: number): tf.Sequential =>
      tf.sequential({
        layers: [
          tf.layers.rescaling({ inputShape: [8, 8, 3], scale, name: "rescaling" }),
          tf.layers.flatten(),
          tf.layers.dense({ name: "block_1_expand", units: 2 }),
        ],
      });
    const said = await inputRangeDoubt(fromLayersModel(plain(1 / 255)));
    expect(said).to.deep.include({ because: "its rescaling multiplies them by 0.00392" });
    expect(flag(said)).to.equal("--bounds 0,255");
    expect(flag(await inputRangeDoubt(fromLayersModel(plain(1 / 255), { preprocess: bytes })))).to.equal(undefined);
    expect(flag(await inputRangeDoubt(fromLayersModel(plain(2), { preprocess: bytes })))).to.equal("--preprocess none");
    expect(flag(await inputRangeDoubt(fromLayersModel(plain(2))))).to.equal(undefined);
  });

  const named: [string, string | undefined][] = [
    ["conv_dw_3", "--preprocess mobilenet"],
    ["block_1_expand", "--preprocess mobilenet"],
    ["block3_sepconv2", "--preprocess mobilenet"],
    ["mixed7", "--preprocess mobilenet"],
    ["normal_left1_0", "--preprocess mobilenet"],
    ["conv2_block1_preact_bn", "--preprocess mobilenet"],
    ["conv2_block1_add", "--preprocess caffe-bgr"],
    ["res2a_branch2a", "--preprocess caffe-bgr"],
    ["block5_conv3", "--preprocess caffe-bgr"],
    ["conv2_block1_concat", "--preprocess imagenet"],
    ["block1a_dwconv", undefined],
    ["conv2d_1", undefined],
    ["fire2", undefined],
  ];
  for (const [layer, wanted] of named)
    it(`is told by the name of Keras' layer ${layer}: ${wanted ?? "nothing"}`, async () => {
      const network = tf.sequential({
        layers: [
          tf.layers.conv2d({ name: layer, inputShape: [8, 8, 3], filters: 2, kernelSize: 3 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2 }),
        ],
      });
      expect(flag(await inputRangeDoubt(fromLayersModel(network)))).to.equal(wanted);
      expect(flag(await inputRangeDoubt(fromLayersModel(network, { preprocess: { mean: [0.2], std: [1] } })))).to.equal(
        undefined,
      );
    });

  it("is told of a converted graph: by its batch norm, a product, or its nodes' names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vitrine-doubt-"));
    try {
      const network = trainedOn("mobilenet"),
        [kernel, bias] = network
          .getLayer("conv")
          .getWeights()
          .map((weight) => weight.dataSync() as Float32Array);
      const [mean, variance] = network
        .getLayer("norm")
        .getWeights()
        .slice(2)
        .map((weight) => weight.dataSync() as Float32Array);
      writeGraph(folder, { kernel, mean: mean.map((value, i) => value - bias[i]), variance });
      const said = await inputRangeDoubt(await loadModel(folder), images);
      expect(said?.because).to.match(
        /^that is nearer to what layer norm saw in training \(distance 0\.\d\d against \d\.\d\d\)$/,
      );
      expect(flag(said)).to.equal("--preprocess mobilenet");
      expect(flag(await inputRangeDoubt(await loadModel(folder, { preprocess: "mobilenet" }), images))).to.equal(
        undefined,
      );
      writeGraph(folder, { kernel });
      expect((await inputRangeDoubt(await loadModel(folder), images))?.because).to.equal(
        "its layers are named as those of Keras' MobileNet",
      );
      writeGraph(folder, { kernel, scale: 1 / 255 });
      expect(flag(await inputRangeDoubt(await loadModel(folder), images))).to.equal("--bounds 0,255");
      writeGraph(folder, { kernel, scale: 2 });
      expect(flag(await inputRangeDoubt(await loadModel(folder), images))).to.equal(undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("says nothing of networks that take no images, and leaves no tensors", async () => {
    const vectors = fromLayersModel(
      tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4] }), tf.layers.dense({ units: 2 })] }),
    );
    expect(await inputRangeDoubt(vectors)).to.equal(undefined);
    const model = fromLayersModel(trainedOn("mobilenet"));
    expect(
      await tensorsLeft(async () => {
        await inputRangeDoubt(model, images);
      }),
    ).to.equal(0);
  });
});

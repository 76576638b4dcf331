import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { loadModel } from "../../../lib/model/load-model";
import type { VisionModel } from "../../../lib/model/vision-model";
import { tensorsLeft } from "../../helpers/backends";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";
import { messageOf, pictures, threeNames } from "./tiny-models";

const text = (value: string): object => ({ s: Buffer.from(value).toString("base64") });
const integers = (...values: number[]): object => ({ list: { i: values.map(String) } });
const dims = (...sizes: number[]): object => ({ dim: sizes.map((size) => ({ size: String(size) })) });
const float = { type: "DT_FLOAT" };

/** Writes a converted graph by hand: image → Conv2D → Relu → Mean → MatMul → BiasAdd → Softmax → Identity. */
function writeGraph(folder: string, values: { kernel: Float32Array; weight: Float32Array; bias: Float32Array }): void {
  const constant = (name: string, ...shape: number[]): object => ({
    name,
    op: "Const",
    attr: { dtype: float, value: { tensor: { dtype: "DT_FLOAT", tensorShape: dims(...shape) } } },
  });
  const node = [
    { name: "image", op: "Placeholder", attr: { dtype: float, shape: { shape: dims(-1, 4, 4, 2) } } },
    constant("kernel", 2, 2, 2, 3),
    constant("weight", 3, 3),
    constant("bias", 3),
    {
      name: "axes",
      op: "Const",
      attr: { dtype: { type: "DT_INT32" }, value: { tensor: { dtype: "DT_INT32", tensorShape: dims(2) } } },
    },
    {
      name: "conv",
      op: "Conv2D",
      input: ["image", "kernel"],
      attr: {
        T: float,
        strides: integers(1, 1, 1, 1),
        padding: text("VALID"),
        data_format: text("NHWC"),
        dilations: integers(1, 1, 1, 1),
      },
    },
    { name: "relu", op: "Relu", input: ["conv"], attr: { T: float } },
    { name: "mean", op: "Mean", input: ["relu", "axes"], attr: { T: float, keep_dims: { b: false } } },
    {
      name: "dense",
      op: "MatMul",
      input: ["mean", "weight"],
      attr: { T: float, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    { name: "scores", op: "BiasAdd", input: ["dense", "bias"], attr: { T: float, data_format: text("NHWC") } },
    { name: "softmax", op: "Softmax", input: ["scores"], attr: { T: float } },
    { name: "Identity", op: "Identity", input: ["softmax"], attr: { T: float } },
  ];
  const weights = [
    ["axes", "int32", [2]],
    ["bias", "float32", [3]],
    ["kernel", "float32", [2, 2, 2, 3]],
    ["weight", "float32", [3, 3]],
  ].map(([name, dtype, shape]) => ({ name, dtype, shape }));
  const json = {
    format: "graph-model",
    modelTopology: { node, library: {}, versions: { producer: 1 } },
    signature: {
      inputs: { image: { name: "image:0", dtype: "DT_FLOAT", tensorShape: dims(-1, 4, 4, 2) } },
      outputs: { output: { name: "Identity:0", dtype: "DT_FLOAT", tensorShape: dims(-1, 3) } },
    },
    userDefinedMetadata: { name: "graph", classNames: threeNames },
    weightsManifest: [{ paths: ["weights.bin"], weights }],
  };
  writeFileSync(join(folder, "model.json"), JSON.stringify(json));
  writeFileSync(
    join(folder, "weights.bin"),
    Buffer.concat(
      [Int32Array.of(1, 2), values.bias, values.kernel, values.weight].map((array) =>
        Buffer.from(array.buffer, array.byteOffset, array.byteLength),
      ),
    ),
  );
}

describe("fromGraphModel, through loadModel", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-graph-"));
  let values: { kernel: Float32Array; weight: Float32Array; bias: Float32Array };
  let model: VisionModel;
  before(async () => {
    await ready();
    const draw = (count: number, seed: number): Float32Array =>
      tf.randomUniform([count], -1, 1, "float32", seed).dataSync() as Float32Array;
    values = { kernel: draw(24, 1), weight: draw(9, 2), bias: draw(3, 3) };
    writeGraph(folder, values);
    model = await loadModel(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  const hidden = (x: tf.Tensor4D): tf.Tensor4D =>
    tf.relu(tf.conv2d(x, tf.tensor4d(values.kernel, [2, 2, 2, 3]), 1, "valid"));
  const scores = (x: tf.Tensor4D): tf.Tensor =>
    tf.add(tf.matMul(tf.mean(hidden(x), [1, 2]), tf.tensor2d(values.weight, [3, 3])), tf.tensor1d(values.bias));

  it("gives the logits before the softmax, probabilities and activations", () => {
    const x = pictures([3, 4, 4, 2]);
    expect([model.name, model.classNames, model.inputShape]).to.deep.equal(["graph", threeNames, [4, 4, 2]]);
    expect(relativeError(model.logits(x).dataSync(), scores(x).dataSync())).to.be.below(1e-5);
    expect(relativeError(model.probabilities(x).dataSync(), tf.softmax(scores(x)).dataSync())).to.be.below(1e-5);
    expect(relativeError(model.activations(x, "relu").dataSync(), hidden(x).dataSync())).to.be.below(1e-5);
    expect(model.layers().find(({ name }) => name === "relu")).to.deep.equal({
      name: "relu",
      kind: "Relu",
      outputShape: [3, 3, 3],
    });
    expect(model.layers().map(({ name }) => name)).to.deep.equal([
      "conv",
      "relu",
      "mean",
      "dense",
      "scores",
      "softmax",
      "Identity",
    ]);
  });

  it("has the gradient of a finite difference", () => {
    const x = pictures([1, 4, 4, 2], 5);
    const score = (images: tf.Tensor): tf.Tensor => tf.mul(model.logits(images as tf.Tensor4D), [[1, 0, -1]]);
    const gradient = tf
      .grad((images) => tf.sum(score(images)))(x)
      .dataSync();
    expect(Math.max(...gradient.map(Math.abs))).to.be.greaterThan(1e-3);
    expect(relativeError(gradient, finiteDifference(score, x, 2e-3))).to.be.below(1e-2);
  });

  it("lets a tap see and replace what nodes make", () => {
    const x = pictures([2, 4, 4, 2]),
      seen: string[] = [];
    const plain = model.logits(x, (node, output) => {
      seen.push(node);
      return output;
    });
    expect(seen).to.deep.equal(["conv", "relu", "mean", "dense", "scores"]);
    expect(relativeError(plain.dataSync(), scores(x).dataSync())).to.be.below(1e-5);
    const dark = model.logits(x, (node, output) => (node === "relu" ? tf.zerosLike(output) : output)).arraySync();
    for (const row of dark) expect(relativeError(row, values.bias)).to.be.below(1e-6);
  });

  it("predicts, names near nodes, and leaves no tensors", async () => {
    expect(
      await tensorsLeft(async () => {
        const again = await loadModel(join(folder, "model.json"));
        const x = pictures([2, 4, 4, 2]);
        expect((await again.predict(x, { top: 1 }))[0]).to.have.length(1);
        expect(await messageOf(() => again.activations(x, "relux"))).to.contain("relu");
        tf.dispose([x, again.logits(x), again.activations(x, "mean"), again.logits(x, (_, output) => output)]);
        again.dispose();
      }),
    ).to.equal(0);
  });
});

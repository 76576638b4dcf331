import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { saliency } from "../../../lib/attribution/saliency";
import { ready } from "../../../lib/backend";
import { encodeNpy, readNpy } from "../../../lib/data/npy";
import { fromLayersModel } from "../../../lib/model/adapters";
import { saveModel, type ModelMetadata } from "../../../lib/model/save-model";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { vitrineHere, type CliResult } from "./run-cli";
import type { Preprocess } from "../../../lib/model/network-options";

const names = ["cat", "dog", "boat"];

/** An image network that says nothing of itself; `units` at its end, `size` null where any goes. */
function plain(units: number, activation?: "sigmoid" | "softmax", size: number | null = 6): tf.LayersModel {
  const input = tf.input({ shape: [size, size, 3], name: "picture" }),
    draw = (seed: number) => ({ kernelInitializer: tf.initializers.glorotNormal({ seed }) });
  const conv = tf.layers
    .conv2d({ name: "conv", filters: 4, kernelSize: 3, activation: "relu", ...draw(1) })
    .apply(input);
  const mean = tf.layers.globalAveragePooling2d({ name: "mean", dataFormat: "channelsLast" }).apply(conv);
  const end = (name: string, seed: number): tf.SymbolicTensor =>
    tf.layers.dense({ name, units, ...(activation && { activation }), ...draw(seed) }).apply(mean) as tf.SymbolicTensor;
  return tf.model({
    name: "plain",
    inputs: input,
    outputs: activation === "softmax" ? [end("first", 2), end("second", 3)] : end("first", 2),
  });
}

describe("a model of one's own on the command line", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-own-"));
  const at = (name: string): string => join(folder, name);
  let images: tf.Tensor4D, network: tf.LayersModel;

  /** As a converter leaves it: without a word of Vitrine's. */
  async function store(model: tf.LayersModel, name: string, facts: Partial<ModelMetadata> = {}): Promise<void> {
    await saveModel(model, at(name), { classNames: names, ...facts });
    const json = JSON.parse(readFileSync(at(`${name}/model.json`), "utf8")) as { userDefinedMetadata: object };
    json.userDefinedMetadata = facts;
    writeFileSync(at(`${name}/model.json`), JSON.stringify(json));
  }

  before(async () => {
    await ready();
    images = tf.randomUniform([2, 6, 6, 3], 0, 1, "float32", 3);
    writeFileSync(at("two.npy"), encodeNpy({ dtype: "float32", shape: images.shape, data: images.dataSync() }));
    network = plain(3);
    await store(network, "own");
    await store(plain(3, "softmax"), "heads");
    await store(plain(1, "sigmoid"), "binary");
    await store(plain(3, undefined, null), "any-size");
    await store(network, "bytes", { bounds: [0, 255], preprocess: { mean: [100, 110, 120], std: [50] } });
    await store(tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 2 })] }), "vectors");
    writeFileSync(at("names.txt"), `${names.join("\r\n")}\r\n`);
    writeFileSync(at("names.json"), JSON.stringify(names));
    writeFileSync(at("keras.json"), JSON.stringify({ "0": ["n01", "cat"], "2": ["n03", "boat"], "1": ["n02", "dog"] }));
    writeFileSync(at("two.txt"), "cat\ndog\n");
    writeFileSync(at("hole.txt"), "cat\n\nboat\n");
    writeFileSync(at("hole.json"), JSON.stringify({ "0": "cat", "2": "boat" }));
    writeFileSync(at("broken.json"), "[1, ");
    writeFileSync(at("object.json"), JSON.stringify({ names }));
    writeFileSync(at("empty.txt"), "");
  });
  after(() => rmSync(folder, { recursive: true }));

  const predict = (model: string, ...flags: string[]): Promise<CliResult> =>
    vitrineHere("predict", "--model", at(model), "--input", at("two.npy"), "--json", ...flags);
  const said = ({ stdout }: CliResult): { name: string; probability?: number; value?: number }[] =>
    (JSON.parse(stdout) as { top: { name: string }[] }[]).flatMap(({ top }) => top);

  const ways: [string[], Preprocess | undefined][] = [
    [[], undefined],
    [["--preprocess", "mobilenet"], { mean: [0.5], std: [0.5] }],
    [["--preprocess", "-1..1"], { mean: [0.5], std: [0.5] }],
    [["--preprocess=torchvision"], "imagenet"],
    [["--preprocess", "caffe-bgr"], "caffe-bgr"],
    [["--mean", "0.1,0.2,0.3", "--std", "0.5,0.6,0.7"], { mean: [0.1, 0.2, 0.3], std: [0.5, 0.6, 0.7] }],
    [["--mean", "0.5"], { mean: [0.5], std: [1] }],
    [["--mean", "127.5/255", "--std", "1/2,1/4,0.5"], { mean: [0.5], std: [0.5, 0.25, 0.5] }],
    [["--std", "0.25"], { mean: [0], std: [0.25] }],
    [["--bounds", "0,255"], (x: tf.Tensor) => tf.mul(x, 255)],
    [["--bounds", "-1,1"], (x: tf.Tensor) => tf.sub(tf.mul(x, 2), 1)],
    [
      ["--bounds", "0,255", "--mean", "123,117,104", "--std", "58"],
      (x: tf.Tensor) => tf.div(tf.sub(tf.mul(x, 255), [123, 117, 104]), 58),
    ],
  ];
  for (const [flags, preprocess] of ways)
    it(`is fed as it wants with ${flags.join(" ") || "nothing said"}`, async () => {
      const result = await predict("own", ...flags);
      expect([result.status, result.stderr]).to.deep.equal([0, ""]);
      const wanted = await fromLayersModel(network, { preprocess }).predict(images);
      expect(
        relativeError(
          said(result).map(({ probability }) => probability!),
          wanted.flat().map(({ probability }) => probability),
        ),
      ).to.be.below(1e-5);
    });

  it("of bounds that its files name it gets images spread to them; results stay in [0, 1]", async () => {
    const preprocess = (x: tf.Tensor): tf.Tensor => tf.div(tf.sub(tf.mul(x, 255), [100, 110, 120]), 50);
    const wanted = fromLayersModel(network, { preprocess });
    expect(
      relativeError(
        said(await predict("bytes")).map(({ probability }) => probability!),
        (await wanted.predict(images)).flat().map(({ probability }) => probability),
      ),
    ).to.be.below(1e-5);
    await vitrineHere(
      "explain",
      "--model",
      at("bytes"),
      "--method",
      "saliency",
      "--target",
      "1",
      "--input",
      at("two.npy"),
      "--out",
      at("map.npy"),
    );
    const map = await saliency(wanted, images, { target: 1 });
    expect(relativeError((await readNpy(at("map.npy"))).data as Float32Array, map.values.dataSync())).to.be.below(1e-5);
    const { status, stderr } = await vitrineHere(
      "attack",
      "--model",
      at("bytes"),
      "--method",
      "fgsm",
      "--epsilon",
      "8/255",
      "--input",
      at("two.npy"),
      "--out",
      at("attack.npy"),
    );
    expect([status, stderr]).to.deep.equal([0, ""]);
    const changed = (await readNpy(at("attack.npy"))).data as Float32Array,
      before = images.dataSync();
    const most = changed.reduce((largest, value, i) => Math.max(largest, Math.abs(value - before[i])), 0);
    expect(most).to.be.closeTo(8 / 255, 1e-6);
  });

  for (const file of ["names.txt", "names.json", "keras.json"])
    it(`has the class names of ${file}`, async () => {
      const result = await predict("own", "--classes", at(file), "--top", "3");
      expect(
        said(result)
          .slice(0, 3)
          .map(({ name }) => name)
          .sort(),
        result.stderr,
      ).to.deep.equal([...names].sort());
      const explained = await vitrineHere(
        "explain",
        "--model",
        at("own"),
        "--classes",
        at(file),
        "--method",
        "saliency",
        "--target",
        "boat",
        "--input",
        at("two.npy"),
        "--out",
        at("map.npy"),
      );
      expect(explained.stdout).to.contain("target boat (2)");
    });

  it("has the outputs that are said: numbers, labels, one of several heads, two classes of one unit", async () => {
    const numbers = said(await predict("own", "--output", "linear"));
    expect(numbers[0]).to.have.keys("index", "name", "value");
    expect(
      relativeError(
        numbers.map(({ value }) => value!),
        fromLayersModel(network).logits(images).dataSync(),
      ),
    ).to.be.below(1e-6);
    expect(
      relativeError(
        said(await predict("own", "--output", "sigmoid"))
          .map(({ probability }) => probability!)
          .sort(),
        [...tf.sigmoid(fromLayersModel(network).logits(images)).dataSync()].sort(),
      ),
    ).to.be.below(1e-6);
    expect((await predict("heads", "--head", "second")).status).to.equal(0);
    expect((await predict("heads", "--head", "1")).stdout).to.equal(
      (await predict("heads", "--head", "second")).stdout,
    );
    writeFileSync(at("yes.txt"), "garment\n");
    expect(said(await predict("binary", "--classes", at("yes.txt"))).map(({ name }) => name)).to.have.members([
      "garment",
      "not garment",
      "garment",
      "not garment",
    ]);
    const sized = await predict("any-size", "--input-shape", "6,6,3");
    expect([sized.status, sized.stderr]).to.deep.equal([0, ""]);
  });

  it("takes the same flags for visualizing, and of many images keeps them with the results", async () => {
    const visualized = await vitrineHere(
      "visualize",
      "--model",
      at("own"),
      "--preprocess",
      "mobilenet",
      "--classes",
      at("names.txt"),
      "--target",
      "dog",
      "--iterations",
      "2",
      "--out",
      at("dream.npy"),
    );
    expect([visualized.status, visualized.stderr]).to.deep.equal([0, ""]);
    const many = (...flags: string[]): Promise<CliResult> =>
      vitrineHere(
        "explain",
        "--model",
        at("own"),
        "--method",
        "saliency",
        "--into",
        at("maps"),
        at("two.npy"),
        ...flags,
      );
    expect((await many("--preprocess", "mobilenet")).status).to.equal(0);
    expect((await many("--preprocess", "mobilenet")).stdout).to.contain("1 already there");
    const other = await many("--preprocess", "imagenet");
    expect([other.status, other.stderr]).to.satisfy(
      ([status, line]: [number, string]) => status === 1 && /explain\.json .*mobilenet/.test(line),
    );
  });

  it("names its flags in every command's help", async () => {
    for (const command of ["predict", "explain", "attack", "visualize"]) {
      const { stdout } = await vitrineHere(command, "--help");
      for (const flag of [
        "--model M",
        "--preprocess NAME",
        "--mean R,G,B",
        "--std R,G,B",
        "--bounds LOW,HIGH",
        "--classes FILE",
        "--output KIND",
        "--head NAME",
        "--input-shape H,W,C",
      ])
        expect(stdout, command).to.contain(flag);
    }
  });

  const wrong: [string, string[], RegExp][] = [
    [
      "own",
      ["--preprocess", "mobilnet"],
      /--preprocess is "mobilnet"; allowed: imagenet, .*, mobilenet, -1\.\.1, caffe-bgr, none\. Others by --mean/,
    ],
    ["own", ["--preprocess", "imagenet", "--mean", "0"], /--mean does not go with --preprocess/],
    ["own", ["--preprocess", "none", "--bounds", "0,255"], /--bounds does not go with --preprocess/],
    ["own", ["--mean", "a,b,c"], /--mean is "a,b,c"; allowed: a number or fraction, or one per channel with commas/],
    ["own", ["--mean", "0.5,"], /--mean is "0\.5,"/],
    ["own", ["--mean", "1,2"], /--mean is "1,2"; allowed: 3 finite numbers, one per channel/],
    ["own", ["--std", "1,0,1"], /--std is "1,0,1"; allowed: .*none 0/],
    ["own", ["--std", "1,1,1,1"], /--std is "1,1,1,1"; allowed: 3 finite numbers/],
    [
      "own",
      ["--bounds", "255"],
      /--bounds is "255"; allowed: LOW,HIGH, two numbers of which the second is larger, as 0,255/,
    ],
    ["own", ["--bounds", "1,0"], /--bounds is "1,0"/],
    ["own", ["--output", "logits"], /--output is "logits"; allowed: softmax, sigmoid, linear/],
    ["binary", ["--output", "softmax"], /--output is "softmax"; allowed: sigmoid, which the network ends in/],
    ["own", ["--head", "thirst"], /--head is "thirst"; allowed: one of the outputs of plain: first \[3\]/],
    ["heads", [], /--head NAME is missing; allowed: one of the outputs of plain: first \[3\], second \[3\]/],
    ["own", ["--input-shape", "6,6"], /--input-shape is "6,6"; allowed: H,W,C, integers from 1/],
    ["own", ["--input-shape", "7,7,3"], /--input-shape is "7,7,3"; allowed: \[6, 6, 3\], what plain takes/],
    [
      "any-size",
      [],
      /--input-shape H,W,C is missing; allowed: \[height, width, channels\], since plain takes \[batch, any, any, 3\]/,
    ],
    [
      "own",
      ["--classes", "nowhere.txt"],
      /--classes is "nowhere\.txt", which cannot be read \(ENOENT\); allowed: one name a line, a JSON list/,
    ],
    [
      "own",
      ["--classes", "two.txt"],
      /--classes is ".*two\.txt", with 2 names; allowed: 3, one for each output of plain/,
    ],
    ["own", ["--classes", "hole.txt"], /hole\.txt", which has no name for class 1/],
    ["own", ["--classes", "hole.json"], /hole\.json", which has no name for class 1/],
    ["own", ["--classes", "broken.json"], /broken\.json", which begins as JSON but is none/],
    ["own", ["--classes", "object.json"], /object\.json", which has the key "names", which is no class index/],
    ["own", ["--classes", "empty.txt"], /empty\.txt", which/],
    ["vectors", [], /takes inputs of shape \[4\]; allowed: a model of images/],
  ];
  it("calls wrong values by their flag in one line, exit 2, and leaves nothing", async () => {
    expect(
      await tensorsLeft(async () => {
        for (const [model, flags, message] of wrong) {
          const args = flags.map((value, i) =>
            flags[i - 1] === "--classes" && value !== "nowhere.txt" ? at(value) : value,
          );
          const { status, stdout, stderr } = await predict(model, ...args);
          expect([status, stdout], `${model} ${flags.join(" ")}: ${stderr}`).to.deep.equal([2, ""]);
          expect(stderr)
            .to.match(message)
            .and.match(/^vitrine: [^\n]*\n$/);
        }
      }),
    ).to.equal(0);
  });

  describe("that seems to want other values", () => {
    before(async () => {
      const layers = [
        tf.layers.conv2d({
          name: "block_1_expand",
          inputShape: [6, 6, 3],
          filters: 4,
          kernelSize: 3,
          kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }),
        }),
        tf.layers.globalAveragePooling2d({ dataFormat: "channelsLast" }),
        tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }) }),
      ];
      await store(tf.sequential({ name: "mobile", layers }), "mobile");
    });
    const warning =
      "vitrine: warning: mobile seems to want images in [-1, 1]: its layers are named as those of Keras' MobileNet. " +
      "Try --preprocess mobilenet; --preprocess none says that it is meant so.\n";

    it("is suspected on stderr, by every command, and does its work", async () => {
      for (const [command, ...flags] of [
        ["predict", "--input", at("two.npy")],
        ["explain", "--method", "saliency", "--input", at("two.npy"), "--out", at("m.npy")],
        ["attack", "--method", "random-noise", "--epsilon", "0.1", "--input", at("two.npy"), "--out", at("m.npy")],
        ["visualize", "--target", "1", "--iterations", "1", "--out", at("m.npy")],
        ["explain", "--method", "saliency", "--into", at("mobile-maps"), at("two.npy")],
      ]) {
        const { status, stderr } = await vitrineHere(command, "--model", at("mobile"), ...flags);
        expect([status, stderr], command).to.deep.equal([0, warning]);
      }
    });

    it("is not where something is said", async () => {
      for (const flags of [
        ["--preprocess", "none"],
        ["--preprocess", "mobilenet"],
        ["--mean", "0.4"],
      ])
        expect((await predict("mobile", ...flags)).stderr).to.equal("");
    });
  });
});

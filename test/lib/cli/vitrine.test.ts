import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import sharp from "sharp";
import { attackMethods } from "../../../lib/attack/methods";
import { pgd } from "../../../lib/attack/pgd";
import { randomNoise } from "../../../lib/attack/random-noise";
import { occlusion as occlude } from "../../../lib/attribution/occlusion";
import { saliency } from "../../../lib/attribution/saliency";
import { ready } from "../../../lib/backend";
import { writePng } from "../../../lib/data";
import type { NdArray } from "../../../lib/data/nd-array";
import { encodeNpy, readNpy } from "../../../lib/data/npy";
import { fromLayersModel } from "../../../lib/model/adapters";
import { saveModel } from "../../../lib/model/save-model";
import type { Prediction } from "../../../lib/model/vision-model";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { branched, threeNames } from "../model/tiny-models";
import { vitrineHere } from "./run-cli";

describe("npx vitrine", function () {
  this.timeout(60000);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-cli-"));
  const at = (name: string): string => join(folder, name);
  const network = branched();
  let images: tf.Tensor4D;

  before(async () => {
    await ready();
    images = tf.randomUniform([2, 5, 5, 2], 0, 1, "float32", 3);
    await saveModel(network, at("model"), { name: "tiny", classNames: threeNames });
    writeFileSync(at("two.npy"), encodeNpy({ dtype: "float32", shape: images.shape, data: images.dataSync() }));
    const bytes = Uint8Array.from(images.slice(0, 1).dataSync(), (value) => Math.round(255 * value));
    writeFileSync(at("bytes.npy"), encodeNpy({ dtype: "uint8", shape: [5, 5, 2], data: bytes }));
    writeFileSync(at("wrong.npy"), encodeNpy({ dtype: "float32", shape: [1, 5, 5, 3], data: new Float32Array(75) }));
    writeFileSync(
      at("bright.npy"),
      encodeNpy({ dtype: "float32", shape: [5, 5, 2], data: new Float32Array(50).fill(200) }),
    );
    writeFileSync(
      at("nan.npy"),
      encodeNpy({ dtype: "float32", shape: [5, 5, 2], data: new Float32Array(50).fill(NaN) }),
    );
    writeFileSync(at("empty.npy"), encodeNpy({ dtype: "float32", shape: [0, 5, 5, 2], data: new Float32Array(0) }));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("shows where a failure comes from when asked to", async () => {
    process.env.VITRINE_DEBUG = "1";
    try {
      expect((await vitrineHere("predict", "--model", "none", "--input", "none.npy")).stderr).to.match(
        /\n +at .*load-model/,
      );
    } finally {
      delete process.env.VITRINE_DEBUG;
    }
  });

  it("explains itself on every level", async () => {
    const help = (...args: string[]): ReturnType<typeof vitrineHere> => vitrineHere(...args, "--help");
    const [all, version, predict, explain, kernel] = [
      await help(),
      await vitrineHere("--version"),
      await help("predict"),
      await help("explain"),
      await help("kernel", "install"),
    ];
    for (const result of [all, version, predict, explain, kernel])
      expect([result.status, result.stderr]).to.deep.equal([0, ""]);
    expect(all.stdout).to.match(/predict .*\n[^]*explain .*\n[^]*kernel /);
    expect(version.stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    expect(predict.stdout).to.contain("--top N");
    for (const flag of [
      "--steps",
      "--window",
      "--stride",
      "--baseline",
      "--batch-size",
      "--quadrature",
      "--abs",
      "integrated-gradients",
    ])
      expect(explain.stdout).to.contain(flag);
    expect(kernel.stdout).to.contain("--prefix DIR");
  });

  it("predicts a batch as JSON in the documented form", async () => {
    const { status, stdout } = await vitrineHere(
      "predict",
      "--model",
      at("model"),
      "--input",
      at("two.npy"),
      "--top",
      "2",
      "--json",
    );
    expect(status).to.equal(0);
    const printed = JSON.parse(stdout) as Array<{ top: Prediction[] }>;
    const expected = await fromLayersModel(network, { classNames: threeNames }).predict(images, { top: 2 });
    expect(printed.map(({ top }) => top.map(({ index, name }) => [index, name]))).to.deep.equal(
      expected.map((top) => top.map(({ index, name }) => [index, name])),
    );
    printed.forEach(({ top }, i) =>
      top.forEach((entry, j) => {
        expect(Object.keys(entry)).to.deep.equal(["index", "name", "probability"]);
        expect(entry.probability).to.be.closeTo(expected[i][j].probability, 1e-6);
      }),
    );
  });

  it("reads uint8 without a batch, and prints for people", async () => {
    const { status, stdout } = await vitrineHere("predict", "--model", at("model"), "--input", at("bytes.npy"));
    expect(status).to.equal(0);
    expect(stdout).to.match(/^image 0\n( +\d+\.\d\d %  (cat|dog|boat) \([0-2]\)\n){3}$/);
  });

  it("explains a batch with a target for each image", async () => {
    const { status, stdout } = await vitrineHere(
      "explain",
      "--model",
      at("model"),
      "--method",
      "saliency",
      "--input",
      at("two.npy"),
      "--target",
      "boat,0",
      "--out",
      at("out/map.npy"),
    );
    expect(status, stdout).to.equal(0);
    expect(stdout).to.contain("image 0: target boat (2)").and.contain("image 1: target cat (0)");
    const { dtype, shape, data } = await readNpy(at("out/map.npy"));
    expect([dtype, ...shape]).to.deep.equal(["float32", 2, 5, 5, 2]);
    const { values } = await saliency(fromLayersModel(network, { classNames: threeNames }), images, {
      target: ["boat", "cat"],
    });
    expect(relativeError(data as Float32Array, values.dataSync())).to.be.below(1e-6);
    expect(Math.min(...(data as Float32Array)), "signed").to.be.below(0);
    expect(readdirSync(at("out"))).to.deep.equal(["map.npy"]);
  });

  it("passes a method's options on", async () => {
    const flags = [
      "--method",
      "occlusion",
      "--input",
      at("two.npy"),
      "--window",
      "2,2",
      "--stride",
      "1",
      "--baseline",
      "0.5",
      "--out",
      at("occlusion.npy"),
    ];
    const { status, stderr } = await vitrineHere("explain", "--model", at("model"), ...flags, "--target", "1");
    expect(status, stderr).to.equal(0);
    const { values } = await occlude(fromLayersModel(network, { classNames: threeNames }), images, {
      window: [2, 2],
      stride: 1,
      baseline: 0.5,
      target: 1,
    });
    const { data } = await readNpy(at("occlusion.npy"));
    expect(relativeError(data as Float32Array, values.dataSync())).to.be.below(1e-5);
  });

  it("reads a picture as it reads the same pixels in an array, cut to the network's size", async () => {
    const pixels = Uint8Array.from({ length: 9 * 14 }, (_, i) => (i * 37) % 256);
    await writePng(at("picture.png"), { height: 9, width: 14, channels: 1, data: pixels });
    writeFileSync(at("picture.npy"), encodeNpy({ dtype: "uint8", shape: [9, 14, 1], data: pixels }));
    const last = tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 4 }) });
    await saveModel(
      tf.sequential({ name: "six", layers: [tf.layers.flatten({ inputShape: [6, 6, 1] }), last] }),
      at("six"),
      { classNames: ["a", "b"] },
    );
    const maps: NdArray[] = [];
    await sharp(at("picture.png")).webp({ lossless: true }).toFile(at("picture.webp"));
    for (const [i, file] of ["picture.png", "picture.npy", "picture.webp"].entries()) {
      const { status, stderr } = await vitrineHere(
        "explain",
        "--model",
        at("six"),
        "--method",
        "input-x-gradient",
        "--target",
        "a",
        "--input",
        at(file),
        "--out",
        at(`six-${i}.npy`),
      );
      expect(status, stderr).to.equal(0);
      maps.push(await readNpy(at(`six-${i}.npy`)));
    }
    expect(maps[0].shape).to.deep.equal([1, 6, 6, 1]);
    for (const i of [1, 2])
      expect([...(maps[0].data as Float32Array)]).to.deep.equal([...(maps[i].data as Float32Array)]);
    expect(Math.max(...(maps[0].data as Float32Array))).to.be.greaterThan(0);
  });

  it("attacks a batch by every method, and writes what the library makes", async () => {
    const needed: Record<string, string[]> = {
      fgsm: ["--epsilon", "0.3"],
      "normed-gradient": ["--epsilon", "2"],
      pgd: ["--epsilon", "0.3", "--steps", "6", "--no-random-start"],
      fooling: ["--target", "boat,0", "--learning-rate", "0.2", "--space", "pixels"],
      deepfool: ["--candidates", "3"],
      "carlini-wagner": ["--steps", "5", "--searches", "2"],
      occlude: ["--window", "3,2", "--stride", "1", "--rectangles", "2"],
      "random-noise": ["--epsilon", "0.3", "--norm", "l2", "--seed", "3"],
    };
    expect(Object.keys(needed).sort()).to.deep.equal(Object.keys(attackMethods).sort());
    for (const [method, flags] of Object.entries(needed)) {
      const { status, stdout, stderr } = await vitrineHere(
        "attack",
        "--model",
        at("model"),
        "--method",
        method,
        "--input",
        at("two.npy"),
        "--out",
        at("attack.npy"),
        ...flags,
      );
      expect([status, stderr], method).to.deep.equal([0, ""]);
      expect(stdout).to.match(
        /^image 0: \w+ \(\d\) → \w+ \(\d\), (not )?fooled; \d+ steps?, l(inf|2|0) [\d.e-]+\nimage 1: [^\n]*\n.*attack\.npy: float32 \[2, 5, 5, 2\]\n$/,
      );
    }
    const model = fromLayersModel(network, { classNames: threeNames });
    const [steps, noise] = [
      await pgd(model, images, { epsilon: 0.3, steps: 6, randomStart: false }),
      await randomNoise(model, images, { epsilon: 0.3, norm: "l2", seed: 3 }),
    ];
    const written = async (method: string): Promise<Float32Array> => {
      await vitrineHere(
        "attack",
        "--model",
        at("model"),
        "--method",
        method,
        "--input",
        at("two.npy"),
        "--out",
        at("attack.npy"),
        ...needed[method],
      );
      return (await readNpy(at("attack.npy"))).data as Float32Array;
    };
    expect(relativeError(await written("pgd"), steps.clipped.dataSync())).to.be.below(1e-6);
    expect(relativeError(await written("random-noise"), noise.clipped.dataSync())).to.be.below(1e-6);
  });

  it("writes a PNG beside", async () => {
    const grey = tf.sequential({
      name: "grey",
      layers: [tf.layers.flatten({ inputShape: [6, 6, 1] }), tf.layers.dense({ units: 2 })],
    });
    await saveModel(grey, at("grey"), { classNames: ["a", "b"] });
    writeFileSync(
      at("grey.npy"),
      encodeNpy({ dtype: "float32", shape: [6, 6, 1], data: new Float32Array(36).fill(0.5) }),
    );
    const { status, stderr, stdout } = await vitrineHere(
      "explain",
      "--model",
      at("grey"),
      "--method",
      "integrated-gradients",
      "--steps",
      "8",
      "--input",
      at("grey.npy"),
      "--out",
      at("grey-map.npy"),
      "--png",
      at("grey-map.png"),
    );
    expect(status, stderr).to.equal(0);
    expect(readFileSync(at("grey-map.png")).subarray(1, 4).toString()).to.equal("PNG");
    expect(stdout.split("\n").slice(1)).to.deep.equal([
      `${at("grey-map.npy")}: float32 [1, 6, 6, 1]`,
      `${at("grey-map.png")}: the map, the image's edges drawn on it`,
      "",
    ]);
    const attack = await vitrineHere(
      "attack",
      "--model",
      at("grey"),
      "--method",
      "fgsm",
      "--epsilon",
      "0.1",
      "--input",
      at("grey.npy"),
      "--out",
      at("grey-attack.npy"),
      "--png",
      at("grey-attack.png"),
    );
    expect(attack.status, attack.stderr).to.equal(0);
    expect(attack.stdout.split("\n").slice(1)).to.deep.equal([
      `${at("grey-attack.npy")}: float32 [1, 6, 6, 1]`,
      `${at("grey-attack.png")}: the images before, after, and their difference`,
      "",
    ]);
    expect(readFileSync(at("grey-attack.png")).subarray(1, 4).toString()).to.equal("PNG");
  });

  it("writes a picture alone, with the image where --overlay says", async () => {
    const network = tf.sequential({
      name: "small",
      layers: [tf.layers.flatten({ inputShape: [8, 8, 3] }), tf.layers.dense({ units: 2 })],
    });
    await saveModel(network, at("small"), { classNames: ["a", "b"] });
    // Green everywhere: no map is green, so that what is green is the image.
    await writePng(at("green.png"), {
      height: 8,
      width: 8,
      channels: 3,
      data: Uint8Array.from({ length: 192 }, (_, i) => (i % 3 === 1 ? 200 : 0)),
    });
    const explain = (...flags: string[]): ReturnType<typeof vitrineHere> =>
      vitrineHere("explain", "--model", at("small"), "--method", "saliency", "--input", at("green.png"), ...flags);
    const drawn = async (overlay: string): Promise<{ said: string; strong: number; pale: number }> => {
      const { status, stdout, stderr } = await explain("--png", at(`${overlay}.png`), "--overlay", overlay);
      expect([status, stderr], overlay).to.deep.equal([0, ""]);
      const { data, info } = await sharp(at(`${overlay}.png`))
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      let strong = 0,
        pale = 0;
      for (let i = 0; i < data.length; i += info.channels) {
        const green = data[i + 1] - Math.max(data[i], data[i + 2]);
        if (green > 150) strong++;
        else if (green > 30) pale++;
      }
      return { said: stdout.trim().split("\n").slice(1).join("\n"), strong, pale };
    };
    for (const [overlay, words, strong, pale] of [
      ["none", "without the image", false, false],
      ["outline", "the image's edges drawn on it", false, false],
      ["under", "laid over the image", false, true],
      ["beside", "the image beside it", true, false],
      ["both", "laid over the image, and the image beside it", true, true],
    ] as const) {
      const found = await drawn(overlay);
      expect(found.said).to.equal(`${at(`${overlay}.png`)}: the map, ${words}`);
      expect([found.strong > 10_000, found.pale > 10_000], `${overlay}: ${JSON.stringify(found)}`).to.deep.equal([
        strong,
        pale,
      ]);
    }
    expect(readdirSync(folder).filter((name) => /^(none|outline|under|beside|both)\.npy$/.test(name))).to.deep.equal(
      [],
    );
    for (const [flags, words] of [
      [[], "--out OUT.npy or --png OUT.png is missing, or both"],
      [
        ["--png", at("x.png"), "--overlay", "below"],
        '--overlay is "below"; allowed: outline, under, beside, both, none',
      ],
      [["--out", at("x.npy"), "--overlay", "both"], "--overlay is about a picture: give --png OUT.png"],
    ] as const) {
      const { status, stderr } = await explain(...flags);
      expect([status, stderr.includes(words)], stderr).to.deep.equal([2, true]);
    }
  });

  it("writes a layer's map at its resolution, draws it at the image's, and takes smoothgrad's options", async () => {
    const layers = [
      tf.layers.conv2d({
        inputShape: [6, 6, 1],
        filters: 2,
        kernelSize: 3,
        strides: 2,
        padding: "same",
        name: "first",
        kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
      }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
    ];
    await saveModel(tf.sequential({ name: "convolving", layers }), at("convolving"), { classNames: ["a", "b"] });
    writeFileSync(
      at("ramp.npy"),
      encodeNpy({ dtype: "float32", shape: [6, 6, 1], data: Float32Array.from({ length: 36 }, (_, i) => i / 36) }),
    );
    const explain = (...flags: string[]) =>
      vitrineHere("explain", "--model", at("convolving"), "--input", at("ramp.npy"), "--target", "b", ...flags);
    const cam = await explain(
      "--method",
      "grad-cam",
      "--layer",
      "first",
      "--signed",
      "--out",
      at("cam.npy"),
      "--png",
      at("cam.png"),
    );
    expect(cam.status, cam.stderr).to.equal(0);
    expect((await readNpy(at("cam.npy"))).shape).to.deep.equal([1, 3, 3, 1]);
    expect(readFileSync(at("cam.png")).subarray(1, 4).toString()).to.equal("PNG");
    for (const [method, flags] of [
      ["grad-cam", ["--upsample"]],
      ["guided-grad-cam", []],
      ["smoothgrad", ["--samples", "3", "--sigma", "0.2", "--seed", "7", "--variant", "vargrad"]],
    ] as const) {
      const { status, stderr } = await explain("--method", method, ...flags, "--out", at(`${method}.npy`));
      expect(status, stderr).to.equal(0);
      expect((await readNpy(at(`${method}.npy`))).shape).to.deep.equal([1, 6, 6, 1]);
    }
    expect((await vitrineHere("explain", "--help")).stdout).to.match(
      /--variant NAME +input-x-gradient: [^;]*\(signed, absolute; default: signed\)\n +smoothgrad: /,
    );
    const wrong = await explain("--method", "smoothgrad", "--variant", "absolute", "--out", at("none.npy"));
    expect([wrong.status, wrong.stderr]).to.satisfy(
      ([status, said]: [number, string]) =>
        status === 2 && /--variant is "absolute"; allowed: smoothgrad, squared, vargrad/.test(said),
    );
  });

  const usage: Array<[string[], RegExp]> = [
    [[], /subcommand is missing/],
    [["explian"], /Unknown subcommand "explian"\. Did you mean explain\?/],
    [["--vresion"], /Unknown flag --vresion\. Did you mean --version\?/],
    [["predict", "--modle", "m"], /Unknown flag --modle\. Did you mean --model\?/],
    [["predict", "--model", "m"], /--input FILE is missing/],
    [["kernel", "instal"], /kernel instal; allowed: kernel install/],
    [["kernel", "install"], /one of --user and --prefix DIR/],
    [["kernel", "install", "--user", "--prefix", "/nowhere"], /one of --user and --prefix DIR/],
    [
      ["explain", "--model", "m", "--method", "salency", "--input", "x.npy", "--out", "y.npy"],
      /Unknown method "salency"\. Did you mean saliency\?/,
    ],
    [
      ["explain", "--model", "m", "--method", "saliency", "--input", "x.npy", "--out", "y.npy", "--steps", "3"],
      /--steps is an option of integrated-gradients; saliency takes --score, --abs/,
    ],
    [
      ["explain", "--model", "m", "--method", "occlusion", "--input", "x.npy", "--out", "y.npy", "--stride", "3"],
      /occlusion needs --window/,
    ],
    [
      [
        "explain",
        "--model",
        "m",
        "--method",
        "occlusion",
        "--input",
        "x.npy",
        "--out",
        "y.npy",
        "--window",
        "a",
        "--stride",
        "3",
      ],
      /--window is "a"/,
    ],
    [
      [
        "explain",
        "--model",
        "m",
        "--method",
        "integrated-gradients",
        "--input",
        "x.npy",
        "--out",
        "y.npy",
        "--quadrature",
        "simpson",
      ],
      /--quadrature is "simpson"; allowed: gausslegendre/,
    ],
    [["explain", "--model", "m", "--method", "saliency", "--input", "x.npy", "--out", "y.txt"], /ends in \.npy/],
    [
      ["attack", "--model", "m", "--method", "fgms", "--input", "x.npy", "--out", "y.npy"],
      /Unknown method "fgms"\. Did you mean fgsm\?/,
    ],
    [
      ["attack", "--model", "m", "--method", "fgsm", "--input", "x.npy", "--out", "y.npy"],
      /fgsm needs --epsilon N, in pixel values/,
    ],
    [
      ["attack", "--model", "m", "--method", "fooling", "--input", "x.npy", "--out", "y.npy"],
      /fooling needs --target T/,
    ],
    [
      ["attack", "--model", "m", "--method", "deepfool", "--input", "x.npy", "--out", "y.npy", "--no-random-start"],
      /--no-random-start is an option of pgd; deepfool takes --steps, --candidates/,
    ],
    [
      [
        "attack",
        "--model",
        "m",
        "--method",
        "pgd",
        "--epsilon",
        "0.1",
        "--norm",
        "l3",
        "--input",
        "x.npy",
        "--out",
        "y.npy",
      ],
      /--norm is "l3"; allowed: linf, l2/,
    ],
    [
      ["attack", "--model", "m", "--method", "fgsm", "--epsilon", "0.1", "--input", "x.npy", "--out", "y.png"],
      /ends in \.npy/,
    ],
  ];
  it("calls wrong usage by its name in one line, exit 2", async () => {
    for (const [args, message] of usage) {
      const { status, stdout, stderr } = await vitrineHere(...args);
      expect([status, stdout], args.join(" ")).to.deep.equal([2, ""]);
      expect(stderr)
        .to.match(message)
        .and.match(/^vitrine: [^\n]*\n$/);
    }
  });

  it("calls a failure by its cause in one line, exit 1, and writes nothing", async () => {
    const explain = (...more: string[]): string[] => [
      "explain",
      "--model",
      at("model"),
      "--out",
      at("none.npy"),
      ...more,
    ];
    const occlusion = (window: string, stride: string): string[] =>
      explain("--method", "occlusion", "--input", at("two.npy"), "--window", window, "--stride", stride);
    const saliencyOf = (file: string, ...more: string[]): string[] =>
      explain("--method", "saliency", "--input", at(file), ...more);
    writeFileSync(at("corrupt.npy"), readFileSync(at("two.npy")).subarray(0, 200));
    const failures: Array<[string[], RegExp]> = [
      [["predict", "--model", "fashion-deap", "--input", at("two.npy")], /Did you mean fashion-deep/],
      [["predict", "--model", at("nowhere/model.json"), "--input", at("two.npy")], /nowhere/],
      [["predict", "--model", at("model"), "--input", at("missing.npy")], /missing\.npy/],
      [
        ["predict", "--model", at("model"), "--input", at("two.bmp")],
        /allowed: a file that ends with \.npy, \.png, \.jpg, \.webp, \.avif, \.gif or \.tif/,
      ],
      [saliencyOf("corrupt.npy"), /corrupt\.npy.*truncated/],
      [saliencyOf("wrong.npy"), /\[1, 5, 5, 3\].*\[batch, 5, 5, 2\]/],
      [saliencyOf("bright.npy"), /200.*\[0, 1\]/],
      [saliencyOf("nan.npy"), /NaN/],
      [saliencyOf("empty.npy"), /\[0, 5, 5, 2\]/],
      [saliencyOf("two.npy", "--target", "bot"), /"bot".*boat \(2\)/],
      [saliencyOf("two.npy", "--target", "3"), /target is 3.*0 to 2/],
      [saliencyOf("two.npy", "--target", "1,2,0"), /number of targets is 3.*2: one per image/],
      [occlusion("6", "1"), /window/],
      [
        [
          "attack",
          "--model",
          at("model"),
          "--method",
          "fgsm",
          "--epsilon",
          "8",
          "--input",
          at("two.npy"),
          "--out",
          at("none.npy"),
        ],
        /epsilon is 8; .*8 \/ 255/,
      ],
      [
        [
          "attack",
          "--model",
          at("model"),
          "--method",
          "deepfool",
          "--target",
          "boat",
          "--input",
          at("two.npy"),
          "--out",
          at("none.npy"),
        ],
        /misclassified/,
      ],
      [occlusion("2", "0"), /stride/],
    ];
    expect(
      await tensorsLeft(async () => {
        for (const [args, message] of failures) {
          const { status, stdout, stderr } = await vitrineHere(...args);
          expect([status, stdout], args.join(" ")).to.deep.equal([1, ""]);
          expect(stderr)
            .to.match(message)
            .and.match(/^vitrine: [^\n]*\n$/);
        }
      }),
    ).to.equal(0);
    expect(existsSync(at("none.npy"))).to.equal(false);
  });
});

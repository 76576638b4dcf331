import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { encodeNpy, readNpy } from "../../../lib/data/npy";
import { loadModel } from "../../../lib/model/load-model";
import { classVisualization, maximize, objectives } from "../../../lib/visualize";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { vitrineHere } from "./run-cli";

describe("npx vitrine visualize", function () {
  this.timeout(60000);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-visualize-")),
    at = (name: string): string => join(folder, name);
  const visualize = (...args: string[]): ReturnType<typeof vitrineHere> =>
    vitrineHere("visualize", "--model", "fashion-deep", ...args);
  before(async () => void (await ready()));
  after(() => rmSync(folder, { recursive: true }));

  it("writes what classVisualization makes, with a picture", async () => {
    expect(
      await tensorsLeft(async () => {
        const { status, stdout, stderr } = await visualize(
          "--target",
          "Trouser,8",
          "--iterations",
          "12",
          "--seed",
          "3",
          "--learning-rate",
          "2",
          "--out",
          at("c.npy"),
          "--png",
          at("c.png"),
        );
        expect([status, stderr]).to.deep.equal([0, ""]);
        expect(stdout).to.match(
          /^image 0: Trouser \(1\), logit -?[\d.]+ → -?[\d.]+ before the last step, probability now [\d.]+\nimage 1: Bag \(8\), .*\n.*c\.npy: float32 \[2, 28, 28, 1\]\n.*c\.png: the images\n$/,
        );
      }),
    ).to.equal(0);
    const model = await loadModel("fashion-deep"),
      wanted = await classVisualization(model, [1, 8], { iterations: 12, seed: 3, learningRate: 2 });
    const written = await readNpy(at("c.npy"));
    expect(written.shape).to.deep.equal([2, 28, 28, 1]);
    expect(relativeError(written.data as Float32Array, wanted.image.dataSync())).to.be.below(1e-6);
    expect(readFileSync(at("c.png")).subarray(1, 4).toString()).to.equal("PNG");
    wanted.dispose();
    model.dispose();
  });

  it("goes on where it stopped as if it were one run, with snapshots on the way", async () => {
    const steps = [
      "--step",
      "accumulated",
      "--penalty",
      "norm",
      "--learning-rate",
      "0.004",
      "--target",
      "Trouser,8",
      "--seed",
      "3",
    ];
    const whole = await visualize(
      ...steps,
      "--iterations",
      "12",
      "--snapshots",
      "5,9",
      "--out",
      at("whole.npy"),
      "--png",
      at("whole.png"),
    );
    expect([whole.status, whole.stderr]).to.deep.equal([0, ""]);
    const begun = await visualize(
      ...steps,
      "--iterations",
      "7",
      "--snapshots",
      "5",
      "--resume",
      "--out",
      at("parts.npy"),
    );
    const ended = await visualize(
      ...steps,
      "--iterations",
      "12",
      "--snapshots",
      "9",
      "--resume",
      "--out",
      at("parts.npy"),
    );
    expect([begun.status, ended.status, ended.stderr]).to.deep.equal([0, 0, ""]);
    for (const [one, other] of [
      ["whole", "parts"],
      ["whole-5", "parts-5"],
      ["whole-9", "parts-9"],
    ]) {
      expect((await readNpy(at(`${other}.npy`))).data, one).to.deep.equal((await readNpy(at(`${one}.npy`))).data);
    }
    expect(readFileSync(at("whole-5.png")).subarray(1, 4).toString()).to.equal("PNG");
    const told = ({ stdout }: typeof whole): string[] => stdout.trim().replaceAll(folder, "").split("\n").slice(2);
    expect(told(whole).map((line) => line.replace(/^[\\/]/, ""))).to.deep.equal([
      "whole-5.npy: float32 [2, 28, 28, 1], after 5 iterations",
      "whole-5.png: the images, after 5 iterations",
      "whole-9.npy: float32 [2, 28, 28, 1], after 9 iterations",
      "whole-9.png: the images, after 9 iterations",
      "whole.npy: float32 [2, 28, 28, 1]",
      "whole.png: the images",
    ]);
    expect(told(ended).map((line) => line.replace(/^[\\/]/, ""))).to.deep.equal([
      "parts-9.npy: float32 [2, 28, 28, 1], after 9 iterations",
      "parts.npy: float32 [2, 28, 28, 1]",
      "parts.state.npz: the state, to go on from",
    ]);
    expect(ended.stdout.split("\n")[0]).to.equal(whole.stdout.split("\n")[0]);
    const other = await visualize("--target", "8", "--resume", "--iterations", "20", "--out", at("parts.npy")),
      behind = await visualize(...steps, "--iterations", "12", "--resume", "--out", at("parts.npy"));
    expect([other.status, behind.status]).to.deep.equal([1, 1]);
    expect(other.stderr).to.match(/parts.state.npz.*a state of the same run/);
    expect(behind.stderr).to.match(/--iterations is 12; allowed: more than the 12 that /);
  });

  it("writes what maximize makes of channels, from a start image", async () => {
    const start = tf.randomUniform([1, 28, 28, 1], 0, 1, "float32", 6) as tf.Tensor4D;
    writeFileSync(
      at("start.npy"),
      encodeNpy({ dtype: "float32", shape: start.shape, data: start.dataSync() as Float32Array }),
    );
    const { status, stdout } = await visualize(
      "--layer",
      "conv2",
      "--channel",
      "3,5",
      "--iterations",
      "4",
      "--init",
      at("start.npy"),
      "--out",
      at("l.npy"),
    );
    expect(status).to.equal(0);
    expect(stdout).to.match(/image 1: conv2 5, score [\d.e-]+ → [\d.e-]+ before the last step\n/);
    const model = await loadModel("fashion-deep"),
      wanted = await maximize(model, objectives.channel("conv2", [3, 5]), { iterations: 4, initImage: start });
    expect(relativeError((await readNpy(at("l.npy"))).data as Float32Array, wanted.image.dataSync())).to.be.below(1e-5);
    wanted.dispose();
    model.dispose();
    start.dispose();
  });

  const out = ["--out", "none.npy"];
  const usage: [string[], RegExp][] = [
    [out, /Give either --target T, or --layer L and --channel C/],
    [["--target", "1", "--layer", "conv1", ...out], /Give either --target/],
    [["--layer", "conv1", ...out], /--layer L and --channel C go together/],
    [
      ["--layer", "conv1", "--channel", "1", "--blur-every", "3", ...out],
      /--blur-every is an option of classes; channels takes --iterations, /,
    ],
    [["--layer", "conv1", "--channel", "1", "--step", "plain", ...out], /--step is an option of classes; /],
    [["--target", "1", "--iterations", "0", ...out], /--iterations is "0"; allowed: an integer ≥ 1/],
    [["--layer", "conv1", "--channel", "1", "--resume", ...out], /--resume is for classes/],
    [["--target", "1", "--learning-rate", "-1", ...out], /--learning-rate is "-1"; allowed: a number above 0/],
    [["--target", "1", "--step", "plane", ...out], /--step is "plane"; allowed: normalized, .* Did you mean plain\?/],
    [["--target", "1"], /--out OUT\.npy is missing/],
    [["--target", "1", "--out", "x.png"], /--out is "x\.png"; allowed: a file name that ends in \.npy/],
  ];
  it("calls wrong usage by its name in one line, exit 2", async () => {
    for (const [args, message] of usage) {
      const { status, stdout, stderr } = await visualize(...args);
      expect([status, stdout], args.join(" ")).to.deep.equal([2, ""]);
      expect(stderr)
        .to.match(message)
        .and.match(/^vitrine: [^\n]*\n$/);
    }
  });

  const failures: [string[], RegExp][] = [
    [["--target", "Trousers"], /target is "Trousers".*Trouser \(1\)/],
    [["--layer", "conv9", "--channel", "1"], /layer is "conv9"; .*conv/],
    [["--layer", "conv1", "--channel", "32"], /channel of conv1 is 32; .*0 to 31/],
    [["--layer", "conv1", "--channel", "one"], /--channel is "one"; allowed: a number/],
    [["--target", "1", "--jitter", "28"], /jitter is 28; .*0 to 27/],
    [["--target", "1", "--init", "nowhere.npy"], /nowhere\.npy/],
  ];
  it("calls a failure by its cause in one line, exit 1, and writes nothing", async () => {
    expect(
      await tensorsLeft(async () => {
        for (const [args, message] of failures) {
          const { status, stdout, stderr } = await visualize(...args, "--iterations", "2", "--out", at("none.npy"));
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

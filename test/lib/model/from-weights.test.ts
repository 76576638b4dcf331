import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ready } from "../../../lib/backend";
import { readPth } from "../../../lib/data/pth";
import { writeSafetensors } from "../../../lib/data/safetensors";
import type { NdArray } from "../../../lib/data/nd-array";
import { fromWeights } from "../../../lib/model/from-weights";
import { loadModel } from "../../../lib/model/load-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { dictionaryOf, op, tupleOf, zipCheckpoint } from "../data/pickle-bytes";
import { comparedWithPyTorch, pictures, weightsOf } from "./small-networks";
import { messageOf } from "./tiny-models";

describe("networks from weights files", function () {
  this.timeout(60_000);
  let folder = "";

  before(async () => {
    await ready();
    folder = mkdtempSync(join(tmpdir(), "vitrine-weights-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  forEachBackend(() => comparedWithPyTorch(2), ["tensorflow"]);

  it("a copy with logits of its own has those logits of each class", async () => {
    const model = await fromWeights(weightsOf("squeezenet_torchvision")),
      images = pictures();
    const doubled = Object.create(model, {
      logits: { value: (x: tf.Tensor4D) => tf.tidy(() => tf.mul(2, model.logits(x))) },
    }) as typeof model;
    const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d([4], "int32"), 10).toFloat() as tf.Tensor2D);
    const [own, twice] = [model, doubled].map((each) =>
      Array.from(tf.tidy(() => each.targetLogits!(images, oneHot).dataSync())),
    );
    expect(
      relativeError(
        twice,
        own.map((value) => 2 * value),
      ),
    ).to.be.below(1e-6);
    expect(Math.max(...own)).to.be.above(0);
    tf.dispose([images, oneHot]);
    model.dispose();
  });

  it("the same weights read from safetensors make the same network", async () => {
    await writeSafetensors(join(folder, "vgg16.safetensors"), await readPth(weightsOf("vgg16")));
    const images = pictures();
    const [pth, safetensors] = await Promise.all([
      fromWeights(weightsOf("vgg16")),
      fromWeights(join(folder, "vgg16.safetensors"), { name: "mine", classNames: [..."abcdefghij"] }),
    ]);
    expect([safetensors.name, safetensors.classNames[3]]).to.deep.equal(["mine", "d"]);
    expect(relativeError(safetensors.logits(images).dataSync(), pth.logits(images).dataSync())).to.equal(0);
    pth.dispose();
    safetensors.dispose();
  });

  it("what they were trained on can be said, and is not asked of a head or a size that they do not have", async () => {
    const file = weightsOf("vgg16"),
      images = pictures(1);
    const logits = async (options: object): Promise<ArrayLike<number>> => {
      const model = await loadModel(file, options);
      return tf.tidy(() => model.logits(images).dataSync());
    };
    const usual = await logits({});
    expect(relativeError(await logits({ preprocess: "torchvision", inputShape: [224, 224, 3] }), usual)).to.equal(0);
    const model = await loadModel(file),
      same = tf.tidy(() => tf.add(tf.mul(images, [0.229, 0.224, 0.225]), [0.485, 0.456, 0.406]));
    // Normalized the other way round before, what comes out is what the network says of the images as they are.
    expect(
      relativeError(
        await logits({ preprocess: "none" }),
        tf.tidy(() => model.logits(same as tf.Tensor4D).dataSync()),
      ),
    ).to.be.below(1e-4);
    expect(await messageOf(() => loadModel(file, { head: 0 }))).to.match(
      /head is 0; allowed: nothing for a file of weights/,
    );
    expect(await messageOf(() => loadModel(file, { inputShape: [96, 96, 3] }))).to.match(
      /inputShape is \[96, 96, 3\]; allowed: \[224, 224, 3\], what vgg16 takes/,
    );
  });

  it("bad files are refused by name, in one line, leaving nothing", async () => {
    const write = (name: string, change: (arrays: Map<string, NdArray>) => void) => async (): Promise<string> => {
      const arrays = await readPth(weightsOf("vgg16"));
      change(arrays);
      await writeSafetensors(join(folder, name), arrays);
      return join(folder, name);
    };
    const system = Buffer.concat([op.global("os", "system"), tupleOf(op.text("touch pwned")), op.reduce]);
    const cases: [() => Promise<string>, RegExp][] = [
      [
        write("missing.safetensors", (arrays) => arrays.delete("features.7.bias")),
        /missing\.safetensors lacks the tensor "features\.7\.bias"/,
      ],
      [
        write("shape.safetensors", (arrays) =>
          arrays.set("classifier.3.weight", { dtype: "float32", shape: [16, 15], data: new Float32Array(240) }),
        ),
        /holds tensor "classifier\.3\.weight" of shape \[16, 15\], where \[any, 16\] is needed/,
      ],
      [
        write("nan.safetensors", (arrays) => (arrays.get("features.0.bias")!.data as Float32Array).fill(NaN)),
        /"features\.0\.bias" with values that are not finite/,
      ],
      [
        write("other.safetensors", (arrays) => arrays.delete("features.28.weight")),
        /holds the weights of no network that is built here; those are: squeezenet1_1, googlenet, vgg16, deit/,
      ],
      [
        async () => {
          const path = join(folder, "hostile.pth");
          writeFileSync(path, zipCheckpoint(dictionaryOf({ "features.28.weight": system })));
          return path;
        },
        /hostile\.pth is refused: its pickle asks for os\.system/,
      ],
      [
        async () => {
          const path = await write("cut.safetensors", () => undefined)();
          truncateSync(path, 5000);
          return path;
        },
        /cut\.safetensors is truncated or corrupt/,
      ],
      [async () => join(folder, "absent.pth"), /absent\.pth/],
    ];
    for (const [make, message] of cases) {
      const path = await make();
      expect(
        await tensorsLeft(async () =>
          expect(await messageOf(() => loadModel(path)))
            .to.match(message)
            .and.not.include("\n"),
        ),
      ).to.equal(0);
    }
    expect(
      await tensorsLeft(async () =>
        expect(await messageOf(() => fromWeights(weightsOf("vgg16"), { classNames: ["a"] }))).to.match(
          /classNames is "1 names"; allowed: 10/,
        ),
      ),
    ).to.equal(0);
  });
});

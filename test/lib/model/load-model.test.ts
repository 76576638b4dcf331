import { createServer, type Server } from "node:http";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { fromLayersModel } from "../../../lib/model/adapters";
import { loadModel } from "../../../lib/model/load-model";
import { readLayersModel } from "../../../lib/data/read-layers-model";
import { saveModel } from "../../../lib/model/save-model";
import { tensorsLeft } from "../../helpers/backends";
import { relativeError } from "../../helpers/finite-difference";
import { branched, messageOf, nested, pictures, sequential, threeNames } from "./tiny-models";

type Json = {
  modelTopology: unknown;
  format?: string;
  userDefinedMetadata: Record<string, unknown>;
  weightsManifest: Array<{ paths: string[]; weights: Array<Record<string, unknown>> }>;
};

describe("saveModel and loadModel", () => {
  let folder = "";
  before(async () => {
    await ready();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-model-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const json = (): Json => JSON.parse(readFileSync(join(folder, "model.json"), "utf8")) as Json;
  const edit = (change: (json: Json) => void): void => {
    const edited = json();
    change(edited);
    writeFileSync(join(folder, "model.json"), JSON.stringify(edited));
  };
  const weights = (): Buffer => readFileSync(join(folder, "weights.bin"));

  for (const [build, shape, classNames] of [
    [branched, [3, 5, 5, 2], threeNames],
    [sequential, [3, 4, 4, 1], threeNames],
    [nested, [3, 4, 4, 1], ["a", "b"]],
  ] as const) {
    it(`brings back ${build.name} bit for bit, with its names`, async () => {
      expect(
        await tensorsLeft(async () => {
          const network = build(),
            x = pictures([...shape]);
          const original = fromLayersModel(network, { classNames });
          await saveModel(network, folder, { name: "stored", classNames });
          const model = await loadModel(folder);
          expect([model.name, model.classNames, model.inputShape]).to.deep.equal([
            "stored",
            classNames,
            shape.slice(1),
          ]);
          const outputs = [model.logits(x), original.logits(x)];
          expect(relativeError(outputs[0].dataSync(), outputs[1].dataSync())).to.equal(0);
          tf.dispose([x, ...outputs]);
          model.dispose();
          original.dispose();
        }),
      ).to.equal(0);
    });
  }

  it("is read from a model.json, a folder, a file URL and over http", async () => {
    const network = branched(),
      x = pictures([1, 5, 5, 2]);
    await saveModel(network, folder, { classNames: threeNames });
    const server: Server = createServer((request, response) => {
      const file = join(folder, decodeURIComponent(request.url!.slice(1)));
      try {
        response.end(readFileSync(file));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const expected = fromLayersModel(network).logits(x).dataSync();
      for (const place of [
        folder,
        join(folder, "model.json"),
        pathToFileURL(join(folder, "model.json")).href,
        address,
        `${address}/model.json`,
      ]) {
        const model = await loadModel(place);
        expect(relativeError(model.logits(x).dataSync(), expected), place).to.equal(0);
        model.dispose();
      }
      expect(await messageOf(() => loadModel(`${address}/other/model.json`))).to.contain(
        "/other/model.json could not be fetched: 404",
      );
    } finally {
      server.close();
    }
    expect(await messageOf(() => loadModel(`${address}/model.json`)))
      .to.contain("could not be fetched")
      .and.not.contain("\n");
  });

  it("rounds to 8 bits by at most half a step, vectors not at all, in a form that TF.js itself reads", async () => {
    const network = branched();
    const before = network.getWeights().map((weight) => weight.dataSync());
    await saveModel(network, folder, { classNames: threeNames }, { quantization: "uint8" });
    const back = await readLayersModel(folder);
    const manifest = json().weightsManifest[0].weights as Array<{
      shape: number[];
      quantization?: { dtype: string; scale: number; min: number };
    }>;
    const stored = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: json().modelTopology as object,
        weightSpecs: manifest as never,
        weightData: new Uint8Array(weights()).buffer,
      }),
    );
    back.getWeights().forEach((weight, i) => {
      const { shape, quantization } = manifest[i],
        values = weight.dataSync();
      const step = quantization?.scale ?? 0;
      expect(quantization?.dtype).to.equal(shape.length > 1 ? "uint8" : undefined);
      values.forEach((value, j) => expect(Math.abs(value - before[i][j])).to.be.at.most(step / 2 + 1e-7));
      expect([...stored.getWeights()[i].dataSync()]).to.deep.equal([...values]);
    });
    const elements = manifest.reduce(
      (sum, { shape }) => sum + tf.util.sizeFromShape(shape) * (shape.length > 1 ? 1 : 4),
      0,
    );
    expect(weights().length).to.equal(elements);
  });

  it("keeps preprocessing", async () => {
    const network = branched(),
      x = pictures([1, 5, 5, 2]),
      preprocess = { mean: [0.4, 0.5], std: [0.2, 0.3] };
    await saveModel(network, folder, { classNames: threeNames, preprocess });
    const model = await loadModel(folder);
    const expected = fromLayersModel(network, { preprocess }).logits(x);
    expect(relativeError(model.logits(x).dataSync(), expected.dataSync())).to.equal(0);
  });

  it("replaces a stored model whole, and leaves nothing beside it", async () => {
    await saveModel(branched(), folder, { classNames: threeNames });
    await saveModel(sequential(), folder, { classNames: threeNames });
    expect(readdirSync(folder).sort()).to.deep.equal(["model.json", "weights.bin"]);
    expect((await loadModel(folder)).name).to.equal("in-line");
  });

  const damages: Array<[string, () => void, RegExp]> = [
    [
      "truncated weights",
      () => writeFileSync(join(folder, "weights.bin"), weights().subarray(0, 100)),
      /weights\.bin is truncated: 100 bytes, where \S*model\.json says 1720. Fetch it again/,
    ],
    [
      "weights too long",
      () => writeFileSync(join(folder, "weights.bin"), Buffer.concat([weights(), Buffer.alloc(4)])),
      /weights\.bin is too long: 1724 bytes/,
    ],
    ["no weights file", () => rmSync(join(folder, "weights.bin")), /weights\.bin .*(exist|no such)/],
    [
      "one flipped bit",
      () => {
        const bytes = weights();
        bytes[50] ^= 1;
        writeFileSync(join(folder, "weights.bin"), bytes);
      },
      /weights\.bin is damaged or of another model: its SHA-256 is [0-9a-f]{64}.*Fetch it again/,
    ],
    [
      "weights that are NaN",
      () => {
        const bytes = weights();
        bytes.writeFloatLE(NaN, 40);
        writeFileSync(join(folder, "weights.bin"), bytes);
        edit((model) => delete model.userDefinedMetadata.weightsSha256);
      },
      /weights\.bin has a weight that is NaN, in stem\/kernel/,
    ],
    [
      "a weight missing from the manifest",
      () => {
        const bytes = weights();
        edit((model) => {
          const last = model.weightsManifest[0].weights.pop() as { shape: number[] };
          writeFileSync(
            join(folder, "weights.bin"),
            bytes.subarray(0, bytes.length - 4 * tf.util.sizeFromShape(last.shape)),
          );
          delete model.userDefinedMetadata.weightsSha256;
        });
      },
      /model\.json is no LayersModel.*weights are not set: scores\/bias/,
    ],
    [
      "weights of another network",
      () =>
        edit((model) => {
          model.weightsManifest[0].weights[0].name = "elsewhere/kernel";
        }),
      /has no target variable: elsewhere\/kernel/,
    ],
    [
      "a weight of another shape",
      () =>
        edit((model) => {
          (model.weightsManifest[0].weights[0].shape as number[]).reverse();
        }),
      /model\.json is no LayersModel.*Shape mismatch/,
    ],
    [
      "an unknown layer",
      () =>
        edit((model) => {
          model.modelTopology = JSON.parse(
            JSON.stringify(model.modelTopology).replace("AveragePooling2D", "MagicPooling2D"),
          ) as unknown;
        }),
      /Unknown layer: MagicPooling2D/,
    ],
    [
      "a layer with impossible settings",
      () =>
        edit((model) => {
          model.modelTopology = JSON.parse(
            JSON.stringify(model.modelTopology).replaceAll('"filters":3', '"filters":-3'),
          ) as unknown;
        }),
      /model\.json is no LayersModel.*config\.filters/,
    ],
    [
      "half a model.json",
      () => writeFileSync(join(folder, "model.json"), readFileSync(join(folder, "model.json")).subarray(0, 300)),
      /model\.json is truncated or no JSON.*Fetch it again/,
    ],
    [
      "another JSON",
      () => writeFileSync(join(folder, "model.json"), "[1, 2]"),
      /model\.json is no model\.json of TensorFlow\.js/,
    ],
    [
      "a manifest without shapes",
      () =>
        edit((model) => {
          delete model.weightsManifest[0].weights[2].shape;
        }),
      /model\.json has a weightsManifest that cannot be understood/,
    ],
    [
      "another format",
      () =>
        edit((model) => {
          model.format = "onnx";
        }),
      /model\.json holds a model of format "onnx"/,
    ],
    [
      "names that do not fit",
      () =>
        edit((model) => {
          model.userDefinedMetadata.classNames = ["one"];
        }),
      /classNames is "1 names"/,
    ],
  ];
  for (const [title, damage, message] of damages) {
    it(`refuses ${title} by name, in one line, leaving nothing`, async () => {
      const network = branched();
      await saveModel(network, folder, { classNames: threeNames });
      network.dispose();
      damage();
      expect(
        await tensorsLeft(async () => {
          const said = await messageOf(() => loadModel(folder));
          expect(said).to.match(message).and.not.contain("\n");
        }),
      ).to.equal(0);
    });
  }

  it("refuses to store weights that are NaN, and leaves what was stored", async () => {
    const network = sequential();
    await saveModel(network, folder, { classNames: threeNames });
    const stored = weights();
    network.getLayer("probabilities").setWeights([tf.fill([18, 3], NaN), tf.zeros([3])]);
    expect(await messageOf(() => saveModel(network, folder, { classNames: threeNames }))).to.match(
      /in-line has a weight that is NaN, in probabilities\/kernel/,
    );
    expect(weights().equals(stored)).to.equal(true);
    expect(await messageOf(() => saveModel(nested("conv"), folder, { classNames: ["a", "b"] }))).to.match(
      /a weight of nested is "conv\/kernel"/,
    );
    expect(
      await messageOf(() => saveModel(network, folder, { classNames: threeNames }, { quantization: "uint4" as never })),
    ).to.match(/quantization is "uint4"/);
  });

  it("knows the project's models by name, and near names", async () => {
    const model = await loadModel("fashion-deep");
    expect(model.classNames[8]).to.equal("Bag");
    expect(model.inputShape).to.deep.equal([28, 28, 1]);
    model.dispose();
    expect(await messageOf(() => loadModel("fashion-deap"))).to.match(
      /the model is "fashion-deap".*Did you mean fashion-deep/,
    );
    expect(await messageOf(() => loadModel(""))).to.match(/allowed: a name, a path or a URL/);
    expect(await messageOf(() => loadModel(join(folder, "nowhere")))).to.match(/nowhere .*(exist|no such)/);
  });
});

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { encodeNpy } from "../../../lib/data/npy";
import { saveModel } from "../../../lib/model/save-model";
import { weightsOf } from "./small-networks";

const library = join(__dirname, "../../../lib");

/**
 * The compiled library as a package of its own, as it lies in somebody's node_modules: no models/, no data/, no
 * repository around it.
 */
describe("the library where this repository is not", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-alone-")),
    alone = join(folder, "vitrine"),
    at = (name: string): string => join(folder, name);

  before(async () => {
    await ready();
    for (const part of ["dist", "bin", "package.json"])
      cpSync(join(library, part), join(alone, part), { recursive: true });
    // What npm would have installed for it; some packages lie beside the library, most above.
    mkdirSync(join(alone, "node_modules"));
    symlinkSync(join(library, "../node_modules"), at("node_modules"), "dir");
    const own = join(library, "node_modules");
    if (existsSync(own)) cpSync(own, join(alone, "node_modules"), { recursive: true, verbatimSymlinks: true });
    const network = tf.sequential({
      name: "small",
      layers: [
        tf.layers.flatten({ inputShape: [4, 4, 3] }),
        tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }) }),
      ],
    });
    await saveModel(network, at("small"), { classNames: ["a", "b"] });
    writeFileSync(
      at("image.npy"),
      encodeNpy({ dtype: "float32", shape: [4, 4, 3], data: new Float32Array(48).fill(0.5) }),
    );
    writeFileSync(
      at("load.cjs"),
      `
      const { loadModel } = require(${JSON.stringify(alone)});
      (async () => {
        for (const place of process.argv.slice(2)) {
          const model = await loadModel(place);
          console.log("loaded", model.name, model.classNames.length);
          model.dispose();
        }
      })().catch((error) => { console.log(error.message); process.exitCode = 1; });
    `,
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  // Without set-up's addon TensorFlow's library writes notes while it loads: another backend, so that what is on stderr
  // is ours.
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        XDG_CACHE_HOME: at("cache"),
        VITRINE_OFFLINE: "1",
        VITRINE_MIRROR: "",
        VITRINE_BACKEND: "wasm",
      },
    });
  const cli = (...args: string[]): ReturnType<typeof run> => run(join(alone, "bin/vitrine.cjs"), ...args);
  const places = (): string[] => [at("small"), "./small/model.json", "small", weightsOf("squeezenet_torchvision")];

  const registries: [string, () => void][] = [
    ["without a registry", () => rmSync(join(alone, "models"), { recursive: true, force: true })],
    [
      "with a registry that is no JSON",
      () => {
        mkdirSync(join(alone, "models"), { recursive: true });
        writeFileSync(join(alone, "models/registry.json"), "{ half");
      },
    ],
  ];
  for (const [title, prepare] of registries) {
    it(`${title}, loadModel takes a path`, () => {
      prepare();
      const { status, stdout, stderr } = run(at("load.cjs"), ...places());
      expect(status, stdout + stderr).to.equal(0);
      expect(stdout.trim().split("\n")).to.deep.equal([
        ...Array<string>(3).fill("loaded small 2"),
        "loaded squeezenet1_1 10",
      ]);
    });

    it(`${title}, so does the command line`, () => {
      prepare();
      const predicted = cli("predict", "--model", "small/model.json", "--input", "image.npy", "--json");
      expect([predicted.status, predicted.stderr]).to.deep.equal([0, ""]);
      expect(predicted.stdout).to.match(/"name":"a"/);
      const explained = cli(
        "explain",
        "--model",
        "small",
        "--method",
        "saliency",
        "--preprocess",
        "mobilenet",
        "--input",
        "image.npy",
        "--out",
        "map.npy",
      );
      expect([explained.status, explained.stderr]).to.deep.equal([0, ""]);
    });

    it(`${title}, a name is refused with the reason`, () => {
      prepare();
      const { status, stderr } = cli("predict", "--model", "squeezenet1_1", "--input", "image.npy");
      expect(status).to.equal(1);
      expect(stderr).to.match(/^vitrine: models\/registry\.json cannot be read \([^\n]*\)\. [^\n]*\n$/);
    });
  }
});

import { expect } from "chai";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../../../../lib/backend";
import { compile } from "../../../../lib/backend/graph";
import { forEachBackend } from "../../../helpers/backends";
import { comparedWhenLoaded, type LoadedOutput } from "./saved-model-case";

interface Described {
  dtype: string;
  shape: { getSize(): number }[];
}

interface MetaGraph {
  tags: string[];
  signatureDefs: Record<string, { inputs: Record<string, Described>; outputs: Record<string, Described> }>;
}

/** The loader of @tensorflow/tfjs-node: TensorFlow's C library, and a reader of the signature that is not ours. */
interface NodeLoader {
  loadSavedModel(folder: string): Promise<tf.InferenceModel & { dispose(): void }>;
  getMetaGraphsFromSavedModel(folder: string): Promise<MetaGraph[]>;
}

/** Of the package that registered the backend. */
function nodeLoader(): NodeLoader {
  const loaded = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"].find((name) => {
    try {
      return require.resolve(name) in require.cache;
    } catch {
      return false;
    }
  });
  return (require(loaded!) as { node: NodeLoader }).node;
}

describe("compile: SavedModel", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-test-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  forEachBackend(() => {
    it("is loaded by TensorFlow.js's own loader, gradient and weights included, and gives the same", async () => {
      await ready();
      await comparedWhenLoaded(folder, async (inputs) => {
        const loader = nodeLoader(),
          model = await loader.loadSavedModel(folder);
        const outputs = model.predict(inputs, {}) as tf.NamedTensorMap;
        const named = Object.entries(outputs).map(([name, output]): [string, LoadedOutput] => [
          name,
          { dtype: output.dtype, shape: output.shape, values: output.dataSync() },
        ]);
        tf.dispose(outputs);
        model.dispose();
        return Object.fromEntries(named);
      });
      expect(existsSync(join(folder, "saved_model.pb"))).to.equal(true);
    });

    it("says in its signature what its inputs and outputs are", async () => {
      const compiled = compile((image: tf.Tensor) => tf.mean(image, 1)),
        image = tf.zeros([2, 3]);
      await compiled.save(join(folder, "signed"), [image], { inputNames: ["image"], outputNames: ["mean"] });
      const [{ tags, signatureDefs }] = await nodeLoader().getMetaGraphsFromSavedModel(join(folder, "signed"));
      const { inputs, outputs } = signatureDefs.serving_default;
      const said = (entries: Record<string, Described>) =>
        Object.entries(entries).map(([name, { dtype, shape }]) => [name, dtype, shape.map((each) => each.getSize())]);
      expect([tags, said(inputs), said(outputs)]).to.deep.equal([
        ["serve"],
        [["image", "float32", [2, 3]]],
        [["mean", "float32", [2]]],
      ]);
      image.dispose();
      compiled.dispose();
    });

    it("takes names, and refuses such as do not fit", async () => {
      const compiled = compile((a: tf.Tensor, b: tf.Tensor) => tf.add(a, b)),
        a = tf.scalar(1);
      await compiled.save(join(folder, "named"), [a, a], { inputNames: ["left", "right"], outputNames: ["sum"] });
      const failure = async (options: object): Promise<string> =>
        compiled.save(join(folder, "wrong"), [a, a], options).then(
          () => "",
          (error: Error) => error.message,
        );
      expect(await failure({ inputNames: ["left"] })).to.match(/^inputNames is \["left"\]; allowed: 2 different names/);
      expect(await failure({ inputNames: ["x", "x"] })).to.match(/allowed: 2 different names/);
      expect(await failure({ outputNames: ["a b"] })).to.match(/letters, digits and _/);
      const reads = compile((x: tf.Tensor) => tf.mul(x, x.dataSync()[0]));
      expect(await reads.save(folder, [a]).catch((error: Error) => error.message)).to.match(/reads a tensor's values/);
      expect(existsSync(join(folder, "wrong"))).to.equal(false);
      a.dispose();
      compiled.dispose();
    });
  }, ["tensorflow"]);

  forEachBackend(
    (backend) => {
      it("is refused elsewhere, by name", async () => {
        const compiled = compile((x: tf.Tensor) => tf.add(x, 1)),
          x = tf.scalar(1);
        expect(await compiled.save(folder, [x]).catch((error: Error) => error.message)).to.equal(
          `a graph can be saved on the tensorflow backend only; this is ${backend}`,
        );
        x.dispose();
      });
    },
    ["wasm", "cpu"],
  );
});

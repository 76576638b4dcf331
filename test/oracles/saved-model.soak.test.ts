import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { ready } from "../../lib/backend";
import { forEachBackend } from "../helpers/backends";
import { comparedWhenLoaded, type LoadedOutput } from "../lib/backend/graph/saved-model-case";
import { runReference } from "./oracle";

describe("a saved graph in Python's TensorFlow [needs TensorFlow for Python]", function () {
  this.timeout(180_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-saved-model-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  forEachBackend(() => {
    it("is loaded, gradient and weights included, and gives the same", async function () {
      await ready();
      await comparedWhenLoaded(folder, (inputs) => {
        const entry = (tensor: tf.Tensor) => [tensor.dtype, tensor.shape, Array.from(tensor.dataSync())];
        const file = join(folder, "inputs.json");
        const given = Object.entries(inputs).map(([name, tensor]) => [name, entry(tensor)]);
        writeFileSync(file, JSON.stringify(Object.fromEntries(given)));
        const printed = runReference(this, "saved_model_reference.py", folder, file);
        const outputs = Object.entries(JSON.parse(printed) as Record<string, [string, number[], number[]]>);
        const named = outputs.map(([name, [dtype, shape, values]]): [string, LoadedOutput] => [
          name,
          { dtype, shape, values },
        ]);
        return Promise.resolve(Object.fromEntries(named));
      });
    });
  }, ["tensorflow"]);
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { ready } from "../../../lib/backend";
import { encodeNpy } from "../../../lib/data/npy";
import { saveModel } from "../../../lib/model/save-model";
import { branched, threeNames } from "../model/tiny-models";

/** A folder with a small network and images for it, in subfolders. */
export interface ManyFixture {
  readonly folder: string;
  readonly model: string;
  /** Every file of a folder below this one, with its bytes as text. */
  contents(of: string): Record<string, string>;
  remove(): void;
}

export async function manyImages(count: number): Promise<ManyFixture> {
  await ready();
  const folder = mkdtempSync(join(tmpdir(), "vitrine-many-")),
    model = join(folder, "model");
  const network = branched();
  await saveModel(network, model, { name: "tiny", classNames: threeNames });
  network.dispose();
  for (let i = 0; i < count; i++) {
    const image = tf.tidy(() => tf.randomUniform([5, 5, 2], 0, 1, "float32", i + 1).dataSync()) as Float32Array;
    const file = join(folder, "images", i % 2 === 0 ? "even" : "odd", `${i}.npy`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, encodeNpy({ dtype: "float32", shape: [5, 5, 2], data: image }));
  }
  const contents = (of: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(join(folder, of), { recursive: true, encoding: "utf8" })
        .sort()
        .filter((name) => statSync(join(folder, of, name)).isFile())
        .map((name) => [name, readFileSync(join(folder, of, name), "latin1")]),
    );
  return { folder, model, contents, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

import { expect } from "chai";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { AttackOptions, AttackResult } from "../../../lib/attack/attack";
import { misclassified, targeted } from "../../../lib/attack/criterion";
import { attackMethods } from "../../../lib/attack/methods";
import { loadFashionMnist } from "../../../lib/data/fashion-mnist";
import type { LabelledImages } from "../../../lib/data/labelled-images";
import { readNpy, writeNpy } from "../../../lib/data/npy";
import { runReference } from "../../helpers/pytorch";
import { loadModel } from "../../../lib/model/load-model";
import type { VisionModel } from "../../../lib/model/vision-model";

const count = 12;

interface Case {
  method: string;
  options?: Record<string, unknown>;
  epsilons?: number[];
  /** Leads each image three classes on. Default: away from its label. */
  targeted?: boolean;
}

const cases: Case[] = [
  { method: "fgsm", epsilons: [0.01, 0.03, 0.1] },
  { method: "fgsm", epsilons: [0.03, 0.2], targeted: true },
  { method: "normed-gradient", epsilons: [0.5, 1.5] },
  { method: "pgd", epsilons: [0.01, 0.03], options: { steps: 40, randomStart: false } },
  { method: "pgd", epsilons: [0.03], options: { steps: 25, stepSize: 0.004, randomStart: false }, targeted: true },
  { method: "pgd", epsilons: [0.5, 1.5], options: { norm: "l2", steps: 10, randomStart: false } },
  { method: "deepfool" },
  { method: "deepfool", options: { candidates: 3, overshoot: 0.1, steps: 20 }, epsilons: [0.3, 1] },
  { method: "carlini-wagner", options: { searches: 2, steps: 40, learningRate: 0.05, initialWeight: 1, abortEarly: false } },
  { method: "carlini-wagner", options: { searches: 2, steps: 40, learningRate: 0.05, initialWeight: 1, confidence: 2, abortEarly: false }, targeted: true },
];

interface Answer { success: boolean[][]; distance: number[][] }

describe("Foolbox on the same weights", function () {
  this.timeout(240_000);
  let folder: string, model: VisionModel, data: LabelledImages, answers: Answer[];
  const report: string[] = [];
  const classesOf = (entry: Case): number[] => (entry.targeted ? data.labels.map((label) => (label + 3) % 10) : [...data.labels]);

  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "vitrine-foolbox-"));
    model = await loadModel("fashion-deep");
    data = await loadFashionMnist({ split: "test", count });
    await writeNpy(join(folder, "images.npy"), { dtype: "float32", shape: data.images.shape, data: data.images.dataSync() as Float32Array });
    const job = {
      model: resolve("models/fashion-deep"),
      cases: cases.map((entry) => ({ method: entry.method, options: entry.options ?? {}, epsilons: entry.epsilons ?? [], targeted: entry.targeted ?? false, classes: classesOf(entry) })),
    };
    writeFileSync(join(folder, "job.json"), JSON.stringify(job));
    const versions = runReference(this, join(__dirname, "foolbox_reference.py"), folder);
    answers = JSON.parse(readFileSync(join(folder, "answers.json"), "utf8")) as Answer[];
    report.push(`${versions}, ${count} ${data.source} Fashion-MNIST images, ${model.name}: success in both, largest relative difference of distances, largest of images`);
  });

  after(() => {
    if (report.length > 1) console.log(report.map((line) => `      ${line}`).join("\n"));
    rmSync(folder, { recursive: true, force: true });
    model?.dispose();
    data?.dispose();
  });

  cases.forEach((entry, index) => {
    const title = `${entry.method} ${JSON.stringify({ ...entry.options, ...(entry.epsilons && { epsilon: entry.epsilons }), ...(entry.targeted && { targeted: true }) })}`;
    it(title, async () => {
      const classes = classesOf(entry);
      const options = { ...entry.options, ...(entry.epsilons && { epsilon: entry.epsilons }), criterion: entry.targeted ? targeted(classes) : misclassified(classes) };
      const run = attackMethods[entry.method].attack(model, data.images, options as AttackOptions) as Promise<AttackResult | AttackResult[]>;
      const results = [await run].flat();
      const { success, distance } = answers[index];
      expect(results).to.have.length(success.length);
      for (const [e, result] of results.entries()) {
        const wanted = (await readNpy(join(folder, `${index}-${e}.npy`))).data as Float32Array;
        const got = result.clipped.dataSync() as Float32Array;
        const apart = got.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);
        expect(result.success, `success at ${result.epsilon ?? "no epsilon"}`).to.deep.equal(success[e]);
        const fooled = success[e].flatMap((yes, i) => (yes ? [i] : []));
        // Where Carlini and Wagner's finds nothing Foolbox returns black, and ours the image.
        const compared = entry.method === "carlini-wagner" ? fooled : success[e].map((_, i) => i);
        const errors = compared.map((i) => Math.abs(result.distance[i] - distance[e][i]) / Math.max(distance[e][i], 1e-3));
        report.push(`${fooled.length}/${count}  ${Math.max(...errors).toExponential(1)}  ${apart.toExponential(1)}  ${title}${result.epsilon === undefined ? "" : ` at ${result.epsilon}`}`);
        // Adam at the goal's kink makes much of rounding.
        expect(Math.max(...errors), "distance").to.be.below(entry.method === "carlini-wagner" ? 0.05 : 0.01);
        result.dispose();
      }
      expect(success.flat().some(Boolean), "somebody is fooled").to.equal(true);
    });
  });
});

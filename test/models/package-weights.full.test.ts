import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { relativeError } from "../helpers/finite-difference";
import { realImagenet, realModel } from "../helpers/real-data";

describe("weights from PyPI's packages", function () {
  this.timeout(180_000);
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-pretrained-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("squeezenet1_1: are the same as the mirror's", async function () {
    const photos = await realImagenet(this, { set: "val", count: 2 });
    const logits: Float32Array[] = [];
    for (const [mirror, cache] of [
      [process.env.VITRINE_MIRROR, undefined],
      ["", folder],
    ] as const) {
      const kept = { VITRINE_MIRROR: process.env.VITRINE_MIRROR, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME };
      Object.assign(process.env, { VITRINE_MIRROR: mirror ?? "" }, cache ? { XDG_CACHE_HOME: cache } : {});
      try {
        const model = await realModel(this, "squeezenet1_1:caffe");
        logits.push(tf.tidy(() => model.logits(photos.images).dataSync() as Float32Array));
        model.dispose();
      } finally {
        for (const [variable, value] of Object.entries(kept))
          if (value === undefined) delete process.env[variable];
          else process.env[variable] = value;
      }
    }
    photos.dispose();
    expect(relativeError(logits[1], logits[0])).to.equal(0);
  });
});

import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { occlusion, type OcclusionOptions } from "../../../lib/attribution/occlusion";
import { LocalOcclusion } from "../../../lib/attribution/local-occlusion";
import { SlidingWindow } from "../../../lib/core/sliding-window";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend, tensorsLeft } from "../../helpers/backends";
import { realModel } from "../../helpers/real-data";

const cases: [string, OcclusionOptions][] = [
  ["windows that divide nothing", { window: [50, 37], stride: [48, 36] }],
  ["one window of some channels, and one that sticks out", { window: [100, 120, 2], stride: [100, 104, 1] }],
  [
    "a baseline of an image, two classes in one batch, more windows than fit in a pass",
    { window: 64, stride: 60, target: [113, 7] },
  ],
];

describe("occlusion by crops: SqueezeNet", function () {
  this.timeout(120_000);
  let model: VisionModel;
  before(async function () {
    model = await realModel(this, "squeezenet1_1");
  });
  after(() => model?.dispose());

  forEachBackend(() => {
    for (const [title, options] of cases) {
      it(`gives the same as whole images, and leaves nothing: ${title}`, async () => {
        expect(
          await tensorsLeft(async () => {
            const count = Array.isArray(options.target) ? 2 : 1,
              images = tf.randomUniform<tf.Rank.R4>([count, 224, 224, 3], 0, 1, "float32", 4),
              baseline = tf.randomUniform<tf.Rank.R4>([1, 224, 224, 3], 0, 1, "float32", 5);
            const settings = { target: 113, ...options, baseline, batchSize: 12 };
            const whole = Object.create(model, { local: { value: undefined } }) as VisionModel;
            const own = await occlusion(model, images, settings),
              plain = await occlusion(whole, images, settings);
            const a = own.values.dataSync() as Float32Array,
              b = plain.values.dataSync() as Float32Array,
              largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
            // A fall is a difference of logits above 10, which are right to six digits.
            expect(largest).to.be.above(0.1);
            a.forEach((value, i) => {
              if (!(Math.abs(value - b[i]) <= 1e-5 * Math.max(1, largest)))
                throw new Error(`${value} in place of ${b[i]} at ${i}; the largest is ${largest}`);
            });
            own.dispose();
            plain.dispose();
            tf.dispose([images, baseline]);
          }),
        ).to.equal(0);
      });
    }
  }, ["tensorflow"]);

  it("is not taken for windows that change nearly all, nor by a copy with logits of its own", () => {
    const windows = (side: number): SlidingWindow => new SlidingWindow([side, side, 3], [8, 8, 3], [224, 224, 3]);
    expect(LocalOcclusion.of(model, windows(8))).not.to.equal(undefined);
    expect(LocalOcclusion.of(model, windows(200))).to.equal(undefined);
    const other = Object.create(model, { logits: { value: (x: tf.Tensor4D) => model.logits(x) } }) as VisionModel;
    expect(LocalOcclusion.of(other, windows(8))).to.equal(undefined);
  });

  it("cells see what the network says they see, and nothing else", () => {
    const {
      maps,
      reach: [before, after],
      stride,
      cells,
    } = model.local!;
    tf.tidy(() => {
      const image = tf.randomUniform<tf.Rank.R4>([1, 224, 224, 3], 0, 1, "float32", 6),
        at = 101;
      const spot = tf.buffer([1, 224, 224, 3]);
      for (let channel = 0; channel < 3; channel++) spot.set(1, 0, at, at, channel);
      const changed = tf
        .max(tf.abs(tf.sub(maps(tf.abs(tf.sub(image, spot.toTensor())) as tf.Tensor4D), maps(image))), [0, 2, 3])
        .dataSync();
      const seen = Array.from({ length: cells[0] }, (_, i) => i).filter((i) => changed[i] > 0);
      const may = Array.from({ length: cells[0] }, (_, i) => i).filter(
        (i) => i * stride - before <= at && at <= i * stride + after,
      );
      expect(seen).to.deep.equal(may);
    });
  });
});

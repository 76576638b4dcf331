import { expect } from "chai";
import type * as tf from "@tensorflow/tfjs";
import { integratedGradients } from "../../../lib/attribution/integrated-gradients";
import { occlusion } from "../../../lib/attribution/occlusion";
import { smoothGrad } from "../../../lib/attribution/smooth-grad";
import { hostKey, type NotebookHost } from "../../../lib/runtime/host";
import { InterruptedError } from "../../../lib/core/errors";
import { tensorsLeft } from "../../helpers/backends";
import { tinyImages, tinyModel, tinyPixelsOf, tinyWeights } from "../../helpers/tiny-model";

const model = tinyModel(tinyWeights("relu"));
const holder = globalThis as { [hostKey]?: NotebookHost };

/** Starts a cell of a pretended notebook: a host with a signal of its own. */
function cell(): AbortController {
  const controller = new AbortController();
  holder[hostKey] = { display: () => undefined, clearOutput: () => undefined, signal: controller.signal };
  return controller;
}

describe("interruption of the running cell", () => {
  let images: tf.Tensor4D, before: NotebookHost | undefined;
  beforeEach(() => {
    before = holder[hostKey];
    images = tinyImages(tinyPixelsOf(3));
  });
  afterEach(() => {
    images.dispose();
    if (before) holder[hostKey] = before;
    else delete holder[hostKey];
  });

  const long = {
    "integrated gradients": (onProgress: () => void) =>
      integratedGradients(model, images, { batchSize: 1, onProgress }),
    smoothgrad: (onProgress: () => void) => smoothGrad(model, images, { samples: 20, batchSize: 1, onProgress }),
    occlusion: (onProgress: () => void) => occlusion(model, images, { window: 1, stride: 1, batchSize: 1, onProgress }),
  };
  for (const [name, run] of Object.entries(long)) {
    it(`stops ${name} in the middle, also when another cell has begun since`, async () => {
      const first = cell();
      let steps = 0;
      const left = await tensorsLeft(async () => {
        const error = await run(() => {
          steps++;
          if (steps === 5) cell();
          if (steps === 7) first.abort();
        }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).to.be.instanceOf(InterruptedError);
      });
      expect(steps).to.equal(7);
      expect(left).to.equal(0);
    });
  }
});

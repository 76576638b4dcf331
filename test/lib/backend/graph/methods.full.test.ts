import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import type { AttributionOptions } from "../../../../lib/attribution/attribution";
import { attributionMethods } from "../../../../lib/attribution/methods";
import { ready } from "../../../../lib/backend";
import { fromLayersModel } from "../../../../lib/model/adapters";
import type { VisionModel } from "../../../../lib/model/vision-model";
import { pictures, sequential } from "../../model/tiny-models";
import { methodsCompiled, oftenTested } from "./methods";

describe("compile: the library's methods", function () {
  this.timeout(120_000);
  methodsCompiled(oftenTested);
});

describe("compile: networks that promise nothing", () => {
  it("are called each time, also copies of those that do", async () => {
    await ready();
    const model = fromLayersModel(sequential()),
      images = pictures([1, ...model.inputShape]);
    let calls = 0;
    const counted: VisionModel = Object.assign(Object.create(null), {
      ...model,
      logits: (x: tf.Tensor4D) => {
        calls++;
        return model.logits(x);
      },
    }) as VisionModel;
    const { dispose } = await attributionMethods.smoothgrad.explain(counted, images, {
      samples: 20,
      batchSize: 1,
      target: 0,
    } as AttributionOptions);
    expect(calls).to.equal(20);
    expect([model.pure, counted.pure]).to.deep.equal([true, undefined]);
    dispose();
    images.dispose();
    model.dispose();
  });
});

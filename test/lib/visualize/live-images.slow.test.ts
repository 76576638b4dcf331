import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { hostKey, type MimeBundle, type NotebookHost } from "../../../lib/runtime/host";
import type { VisionModel } from "../../../lib/model/vision-model";
import { classVisualization } from "../../../lib/visualize";
import { tensorsLeft } from "../../helpers/backends";
import { tinyModel, tinyWeights } from "../../helpers/tiny-model";

const tiny: VisionModel = { ...tinyModel(tinyWeights("relu")), normalization: { mean: [0.4, 0.5], std: [0.2, 0.3] } };

describe("live images", () => {
  const holder = globalThis as { [hostKey]?: NotebookHost };
  let before: NotebookHost | undefined, shown: MimeBundle[];
  beforeEach(() => {
    before = holder[hostKey];
    shown = [];
    holder[hostKey] = {
      display: (bundle) => void shown.push(bundle),
      clearOutput: () => undefined,
      signal: new AbortController().signal,
    };
  });
  afterEach(() => {
    if (before) holder[hostKey] = before;
    else delete holder[hostKey];
  });
  const grey: VisionModel = {
    ...tiny,
    inputShape: [6, 5, 1],
    logits: (x) => tf.tidy(() => tiny.logits(tf.tile(x, [1, 1, 1, 2]))),
  };
  const long = async (options: object): Promise<void> => {
    const began = performance.now(),
      slow: VisionModel = {
        ...grey,
        logits: (x) => {
          const until = performance.now() + 150;
          while (performance.now() < until);
          return grey.logits(x);
        },
      };
    (await classVisualization(slow, ["ant", "cat"], { iterations: 16, jitter: 1, ...options })).dispose();
    expect(performance.now() - began).to.be.above(2000);
  };

  it("show the images, the scores and the time left, at most once a second, and in the end only the bar", async () => {
    expect(await tensorsLeft(() => long({}))).to.equal(0);
    const htmls = shown.map((bundle) => String(bundle["text/html"]));
    expect(htmls.length).to.be.within(2, 4);
    expect(htmls[0]).to.match(
      /<progress[^>]*value="\d+".*class visualization: \d+ of 16, scores .*about \d+ s left.*<img [^>]*src="data:image\/png;base64,/,
    );
    const png = Buffer.from(/base64,([^"]+)/.exec(htmls[0])![1], "base64");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)], "two images of 5 by 6 with a gap").to.deep.equal([18, 6]);
    expect(htmls.at(-1))
      .to.match(/16 of 16.*took/)
      .and.not.include("<img");
  });

  it("are left out where they are not wanted", async () => {
    await long({ live: false });
    expect(shown.map((bundle) => String(bundle["text/html"])).join(""))
      .to.include("<progress")
      .and.not.include("<img");
  });

  it("stay where the work is stopped", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1600);
    await long({ signal: controller.signal }).then(
      () => {
        throw new Error("It was not stopped.");
      },
      () => undefined,
    );
    expect(String(shown.at(-1)!["text/html"]))
      .to.match(/stopped after/)
      .and.include("<img");
  });
});

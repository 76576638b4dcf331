import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { animation } from "../../../lib/plot/animation";
import { channelGrid } from "../../../lib/plot/channel-grid";
import { filmstrip } from "../../../lib/plot/filmstrip";
import type { Figure } from "../../../lib/plot/figure";
import type { Snapshot } from "../../../lib/visualize";
import { decodePng } from "./support/pixels";
import { renderPng } from "../../../lib/plot/show";
import { expectSnapshot } from "./support/snapshot";
import { colorful, garment } from "./support/synthetic";

const titles = ["snail", "a class of three words", "hay & straw"];
const faded = (k: number, share: number): number[][][] =>
  colorful(k, 24).map((row) => row.map((pixel) => pixel.map((value) => 0.5 + share * (value - 0.5))));
/** Colours come out of the grey. */
const film = (iterations: readonly number[]): Snapshot[] =>
  iterations.map((iteration, i) => ({
    iteration,
    image: tf.tensor4d([0, 1, 2].map((k) => faded(k, (i + 1) / iterations.length))),
  }));

describe("plots of what comes about", () => {
  let snapshots: Snapshot[];
  beforeEach(() => {
    snapshots = film([0, 10, 100, 10_000]);
  });
  afterEach(() => tf.dispose(snapshots.map(({ image }) => image)));

  it("filmstrip looks as it did", async () =>
    expectSnapshot("filmstrip", await filmstrip(snapshots, { titles, title: "Three classes" })));
  it("animation looks as it did, the last moment in its picture", async () =>
    expectSnapshot("animation", await animation({ snapshots }, { titles, title: "A film" })));
  it("channel grid looks as it did", async () =>
    expectSnapshot(
      "channel-grid",
      await channelGrid(
        { conv1: [garment(0), garment(1)], fire9: [colorful(0), colorful(1), colorful(2)] },
        { channels: { fire9: [3, 64, 511] }, title: "Channels" },
      ),
    ));

  it("a film has a frame and a slider step for each moment, and a play button", async () => {
    const made = await animation(snapshots, { duration: 250 });
    const frames = made.frames as { name: string; traces: number[]; data: { source: string }[] }[];
    expect(frames.map(({ name }) => name)).to.deep.equal(["0", "1", "2", "3"]);
    for (const { traces, data } of frames) expect([traces, data.length]).to.deep.equal([[0, 1, 2], 3]);
    expect(new Set(frames.map(({ data }) => data[1].source)).size).to.equal(4);
    expect(
      frames[3].data.map(({ source }) => source),
      "opens on the last",
    ).to.deep.equal(made.data.map(({ source }) => source));
    const [{ steps, active }] = made.layout.sliders as {
      steps: { label: string; args: unknown[] }[];
      active: number;
    }[];
    expect(steps.map(({ label }) => label)).to.deep.equal(["0", "10", "100", "10,000"]);
    expect(active).to.equal(3);
    expect(JSON.stringify(made.layout.updatemenus)).to.include("play").and.include('"duration":250');
    expect(JSON.parse(JSON.stringify(made))).to.deep.equal({ ...made });
  });

  it("a film of grey images changes their values", async () => {
    const grey = [0, 5].map((iteration) => ({
      iteration,
      image: tf.tidy(() => tf.tensor(garment(iteration)).expandDims(0).expandDims(-1) as tf.Tensor4D),
    }));
    const frames = (await animation(grey)).frames as { data: { z: number[][] }[] }[];
    expect(frames[0].data[0].z).to.not.deep.equal(frames[1].data[0].z);
    tf.dispose(grey.map(({ image }) => image));
  });

  it("shrinks noise until a film weighs at most 2 MB, and a filmstrip's pictures to its panels", async () => {
    const noise = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((iteration) => ({
      iteration,
      image: tf.randomUniform([1, 224, 224, 3], 0, 1, "float32", iteration) as tf.Tensor4D,
    }));
    expect(JSON.stringify(await animation(noise)).length).to.be.within(1e6, 2.1e6);
    const strip = await filmstrip(noise);
    expect(strip.data, "eight of twelve moments").to.have.length(8);
    expect(JSON.stringify(strip).length).to.be.below(2e6);
    tf.dispose(noise.map(({ image }) => image));
  });

  it("names the moments of a filmstrip, and takes the first and the last of many", async () => {
    const many = film([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const said = JSON.stringify((await filmstrip(many)).layout.annotations);
    expect(said).to.include("start").and.include("after 9").and.not.include("after 10");
    tf.dispose(many.map(({ image }) => image));
  });

  it("fits beside JupyterLab's prompt and leaves no tensors behind", async () => {
    const before = tf.memory().numTensors;
    const made: Figure[] = [
      await filmstrip(snapshots, { titles }),
      await animation(snapshots, { columns: 1 }),
      await channelGrid({ a: snapshots[0].image }),
    ];
    expect(tf.memory().numTensors).to.equal(before);
    for (const each of made) {
      expect(each.layout.width).to.be.at.most(900);
      expect(decodePng(await renderPng(each)).width).to.equal(each.layout.width);
    }
  });

  const cases: [string, () => unknown, RegExp][] = [
    [
      "no snapshots",
      () => filmstrip([]),
      /^snapshots is \[\]; allowed: at least one snapshot\. Give classVisualization or maximize the option snapshots/,
    ],
    ["a result without them", () => animation({ snapshots: [] }), /^snapshots is \[\]; allowed: at least one/],
    ["nothing", () => filmstrip(undefined as never), /^snapshots is undefined; allowed: at least one/],
    [
      "bytes",
      () => animation([{ iteration: 0, image: tf.fill([1, 4, 4, 1], 255) as tf.Tensor4D }]),
      /^a value of snapshots\[0\]\[0\] is 255; allowed: 0 to 1/,
    ],
    [
      "other numbers of images",
      () => filmstrip([...film([0]), { iteration: 1, image: tf.zeros([2, 24, 24, 3]) }]),
      /^the number of images of snapshots\[1\] is 2; allowed: 3/,
    ],
    ["too few titles", () => filmstrip(film([0]), { titles: ["one"] }), /^titles is \["one"\]; allowed: 3 texts/],
    [
      "a film too quick to see",
      () => animation(film([0]), { duration: 1 }),
      /^duration is 1; allowed: a number of milliseconds from 20 to 10000/,
    ],
    ["no layers", () => channelGrid({}), /^layers is \{\}; allowed: an object with the images of each layer/],
    [
      "too many channels",
      () => channelGrid({ conv1: tf.zeros([13, 4, 4, 1]) }),
      /^the number of images of conv1 is 13; allowed: at most 12/,
    ],
    [
      "channels of an unknown layer",
      () => channelGrid({ conv1: [garment(0)] }, { channels: { conv2: [1] } }),
      /^a name in channels is "conv2"; allowed: "conv1"/,
    ],
    [
      "too few channels",
      () => channelGrid({ conv1: [garment(0)] }, { channels: { conv1: [] } }),
      /^the number of channels\.conv1 is 0; allowed: 1/,
    ],
  ];
  for (const [name, work, message] of cases) {
    it(`refuses ${name} in one line`, async () => {
      const error = await Promise.resolve()
        .then(work)
        .then(
          () => {
            throw new Error("It was accepted.");
          },
          (thrown: Error) => thrown,
        );
      expect(error.message).to.match(message).and.not.include("\n");
      expect(error.name).to.equal("BadInputError");
    });
  }
});

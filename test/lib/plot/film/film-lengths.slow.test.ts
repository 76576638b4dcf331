import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../../lib/backend";
import type { Figure } from "../../../../lib/plot/figure";
import { recordingFilm } from "../../../../lib/plot/film/recording-film";
import { renderPng } from "../../../../lib/plot/show";
import { recordTraining } from "../../../../lib/training/record-training";
import type { TrainingRecording } from "../../../../lib/training/recording/training-recording";
import { random } from "../../../../lib/core/random";
import { decodePng } from "../support/pixels";

const side = 28;

function garments(count: number, seed: number) {
  const noise = random(seed),
    pixels = Float32Array.from({ length: count * side * side }, () => noise.uniform());
  return {
    pixels,
    labels: Uint8Array.from({ length: count }, (_, i) => i % 2),
    shape: [side, side, 1] as [number, number, number],
  };
}

/** Points of traces that their axes' ranges leave out. */
function outside({ data, layout }: Figure): string[] {
  return data.flatMap((trace, i) =>
    (["x", "y"] as const).flatMap((letter) => {
      const name = String(trace[`${letter}axis`]),
        axis = layout[`${letter}axis${name.slice(1)}`] as { range?: [number, number] };
      const [low, high] = [...(axis.range ?? [-Infinity, Infinity])].sort((a, b) => a - b);
      const values = trace[letter] as (number | null)[];
      return values
        .filter((value) => value !== null && !(value >= low && value <= high))
        .map((value) => `trace ${i}: ${letter} = ${value}`);
    }),
  );
}

describe("recordingFilm of any length", function () {
  this.timeout(120_000);
  let folder: string, recording: TrainingRecording;
  before(async () => {
    await ready();
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-film-"));
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [side, side, 1] }),
        tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.randomNormal({ seed: 1, stddev: 0.01 }) }),
        tf.layers.softmax(),
      ],
    });
    const looked = garments(3, 2),
      images = tf.tensor4d(looked.pixels, [3, side, side, 1]);
    recording = await recordTraining(model, garments(144, 1), {
      folder: path.join(folder, "recording"),
      epochs: 9,
      batchSize: 8,
      learningRate: 1e-3,
      images: { images, labels: [0, 1, 0] },
      classNames: ["left", "right"],
      schedule: { every: 1 },
    });
    images.dispose();
    model.dispose();
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const frames of [2, 14, 16, 20, 24, 28, 50, 130]) {
    it(`draws its last frame, of ${frames} asked for`, async () => {
      const film = await recordingFilm(recording, { frames, images: [0, 1] });
      expect(outside(film)).to.deep.equal([]);
      expect(decodePng(await renderPng(film)).width).to.equal(film.layout.width);
    });
  }
});

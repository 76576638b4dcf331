import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import sharp from "sharp";
import { ready } from "../../../../lib/backend";
import { InterruptedError } from "../../../../lib/core/errors";
import { exportGif, exportMp4 } from "../../../../lib/plot/film/export";
import { recordingFilm } from "../../../../lib/plot/film/recording-film";
import { recordTraining } from "../../../../lib/training/record-training";
import type { TrainingRecording } from "../../../../lib/training/recording/training-recording";
import { random } from "../../../../lib/core/random";
import { spotNetwork, spots } from "../../../helpers/spots";

const ffmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;

describe("recordingFilm", function () {
  this.timeout(120_000);
  let folder: string, recording: TrainingRecording;
  before(async () => {
    await ready();
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-film-"));
    const looked = spots(3, 9),
      images = tf.tensor4d(looked.pixels, [3, 6, 6, 1]);
    recording = await recordTraining(spotNetwork(), spots(96, 1), {
      folder: path.join(folder, "recording"),
      epochs: 2,
      batchSize: 16,
      learningRate: 0.02,
      images: { images, labels: Array.from(looked.labels) },
      classNames: ["left", "right"],
      schedule: { every: 1 },
    });
    images.dispose();
  });
  after(() => rmSync(folder, { recursive: true }));

  type Frame = {
    traces: number[];
    data: Record<string, unknown>[];
    layout: Record<string, { range: [number, number] }>;
  };
  type Sheet = { source: string; xref: string; yref: string; sizex: number; sizey: number };

  it("makes large maps coarser, so that a notebook can hold it, and says so", async () => {
    const side = 150,
      frames = 24,
      model = tf.sequential({
        layers: [
          tf.layers.flatten({ inputShape: [side, side, 3] }),
          tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.randomNormal({ seed: 1, stddev: 0.01 }) }),
          tf.layers.softmax(),
        ],
      });
    const noise = random(4),
      pixels = Float32Array.from({ length: 5 * side * side * 3 }, () => noise.uniform()),
      labels = new Uint8Array([0, 1, 0, 1, 0]);
    const images = tf.tensor4d(pixels, [5, side, side, 3]);
    const large = await recordTraining(
      model,
      { pixels, labels, shape: [side, side, 3] },
      {
        folder: path.join(folder, "large"),
        epochs: frames,
        batchSize: 5,
        learningRate: 1e-4,
        images: { images, labels: [0, 1, 0, 1, 0] },
        classNames: ["left", "right"],
        schedule: { every: 1 },
      },
    );
    images.dispose();
    model.dispose();
    const film = await recordingFilm(large, { channels: "sum" }),
      weight = JSON.stringify(film).length;
    rmSync(path.join(folder, "large"), { recursive: true });
    expect(weight).to.be.within(1e6, 5e6);
    expect(film.caption).to.match(/\(maps are shown coarser than they are\)/);
  });

  it("shows each frame's maps, verdicts, probabilities and place on the curves", async () => {
    const tensors = tf.memory().numTensors,
      film = await recordingFilm(recording, { percentile: 100 });
    expect(tf.memory().numTensors).to.equal(tensors);
    const frames = film.frames as unknown as Frame[];
    expect(frames).to.have.length(13);
    const sheets = (film.layout.images as Sheet[]).slice(3);
    expect(sheets).to.have.length(3);
    for (const i of [0, 7, 12]) {
      const raw = await recording.readRaw(i),
        { probabilities, predictions, step, loss } = recording.summary(raw),
        { traces, data } = frames[i];
      const of = (type: string) =>
        data.filter((_, part) => film.data[traces[part]].type === type || film.data[traces[part]].mode === type);
      of("bar").forEach((bar, image) =>
        (bar.x as number[]).forEach((p, c) => expect(p).to.be.closeTo(probabilities[image][c], 6e-4)),
      );
      const texts = of("text").map(({ text }) => (text as string[])[0]);
      expect(texts[0]).to.contain(step === 0 ? "before training" : `minibatch ${step}`);
      predictions.forEach(({ name }, image) => expect(texts[1 + image]).to.contain(`<b>${name}</b>`));
      const [marker] = of("lines+markers") as { x: number[]; y: (number | null)[] }[];
      expect(marker.x[1]).to.equal(step);
      if (step === 0) expect(marker.y[1]).to.equal(null);
      else expect(marker.y[1]).to.be.closeTo(loss, 1e-3 * loss);
      // The tile on show: red where the map is positive, blue where it is negative, and its largest value the end of
      // the scale.
      for (let image = 0; image < 3; image++) {
        const { source, xref, yref, sizex, sizey } = sheets[image],
          { data: pixels, info } = await sharp(Buffer.from(source.split(",")[1], "base64"))
            .removeAlpha()
            .raw()
            .toBuffer({ resolveWithObject: true });
        const [x, y] = [
          frames[i].layout[`xaxis${xref.slice(1)}`].range[0],
          frames[i].layout[`yaxis${yref.slice(1)}`].range[0],
        ];
        const side = info.width / sizex,
          left = x * side,
          top = (sizey - 1 - y) * (info.height / sizey),
          map = raw.maps.subarray(36 * image, 36 * (image + 1)),
          largest = Math.max(...map.map(Math.abs));
        map.forEach((value, at) => {
          const pixel =
              3 *
              (((top + (Math.floor(at / 6) + 0.5) * (side / 6)) | 0) * info.width +
                ((left + ((at % 6) + 0.5) * (side / 6)) | 0)),
            [red, , blue] = pixels.subarray(pixel, pixel + 3);
          if (Math.abs(value) > 0.1 * largest && Math.abs(value) < 0.9 * largest)
            expect(Math.sign(red - blue), `frame ${i}, image ${image}, pixel ${at}`).to.equal(Math.sign(value));
          if (Math.abs(value) === largest) expect([red, blue]).to.deep.equal(value > 0 ? [0x67, 0x1f] : [0x05, 0x61]);
        });
      }
    }
  });

  it("leaves frames out evenly and says so, and keeps to its weight", async () => {
    const film = await recordingFilm(recording, { frames: 5, images: [1], title: "One spot" });
    expect(film.frames).to.have.length(5);
    expect(film.caption).to.contain("5 of 13 frames are shown").and.contain("1 of 3 images");
    expect(JSON.stringify(film).length).to.be.below(5e6);
  });

  it("names what cannot be", async () => {
    const refused = async (work: Promise<unknown>, message: RegExp): Promise<void> => {
      let failure: Error | undefined;
      await work.catch((error: Error) => {
        failure = error;
      });
      expect(failure?.message).to.match(message);
    };
    await refused(recordingFilm(recording, { frames: 201 }), /^frames is 201; allowed: an integer from 2 to 200/);
    await refused(recordingFilm(recording, { images: [3] }), /^images is 3; allowed: an integer from 0 to 2/);
    await refused(recordingFilm(recording, { titles: ["one"] }), /^titles is \["one"\]; allowed: 3 texts/);
    await refused(recordingFilm({} as TrainingRecording), /^recording is .*; allowed: a recording/);
    await refused(
      exportGif(recording, path.join(folder, "film.png")),
      /^path is ".*film\.png"; allowed: a path that ends in \.gif/,
    );
    await refused(
      exportMp4(recording, path.join(folder, "film.mp4"), { ffmpeg: "no-such-program" }),
      /^There is no program no-such-program.*install ffmpeg.*exportGif/,
    );
    expect(readdirSync(folder)).to.deep.equal(["recording"]);
  });

  it("exports a GIF of the recording, and the same of the film", async () => {
    const reports: number[] = [],
      file = path.join(folder, "film.gif");
    const { frames, bytes } = await exportGif(recording, file, {
      frames: 3,
      onProgress: ({ done }) => {
        reports.push(done);
      },
    });
    expect(frames).to.equal(3);
    expect(reports).to.deep.equal([1, 2, 3]);
    expect(readFileSync(file).length).to.equal(bytes);
    const { pages, delay, width } = await sharp(file, { animated: true }).metadata();
    expect([pages, delay]).to.deep.equal([3, [100, 100, 100]]);
    const film = await recordingFilm(recording, { frames: 3 }),
      other = path.join(folder, "other.gif");
    expect((await exportGif(film, other)).frames).to.equal(3);
    // The panels of a map in the last picture: the same, from the recording and out of the film's sheet.
    const panel = async (gif: string): Promise<Buffer> =>
      sharp(gif, { page: 2 })
        .extract({ left: 80, top: 200, width: Math.min(300, width! - 90), height: 90 })
        .removeAlpha()
        .raw()
        .toBuffer();
    const [a, b] = [await panel(file), await panel(other)];
    expect(a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length).to.be.below(6);
  });

  it("leaves no file when an export is stopped", async () => {
    const stop = new AbortController(),
      file = path.join(folder, "stopped.gif");
    let failure: unknown;
    await exportGif(recording, file, { frames: 6, signal: stop.signal, onProgress: () => stop.abort() }).catch(
      (error: unknown) => {
        failure = error;
      },
    );
    expect(failure).to.be.instanceOf(InterruptedError);
    expect(readdirSync(folder).filter((name) => name.startsWith("stopped"))).to.deep.equal([]);
  });

  (ffmpeg ? it : it.skip)(
    `exports an MP4 that plays as long as it should${ffmpeg ? "" : " [needs service ffmpeg]"}`,
    async () => {
      const file = path.join(folder, "film.mp4"),
        { frames } = await exportMp4(recording, file, { frames: 5, duration: 200 });
      expect(frames).to.equal(5);
      expect(existsSync(file)).to.equal(true);
      const said = JSON.parse(
        execFileSync("ffprobe", ["-v", "error", "-count_frames", "-show_streams", "-of", "json", file], {
          encoding: "utf8",
        }),
      ) as { streams: { codec_name: string; nb_read_frames: string; duration: string; pix_fmt: string }[] };
      expect(said.streams[0]).to.include({ codec_name: "h264", nb_read_frames: "5", pix_fmt: "yuv420p" });
      expect(Number(said.streams[0].duration)).to.be.closeTo(1, 0.01);
    },
  );
});

import type { TrainingRecording } from "../../training/recording/training-recording";
import { bySign, reduceMaps, scaleLimit, signOf, type MapReading, type Sign } from "../map-values";
import type { Picture } from "../pictures";

/** One moment of a recording, as a film shows it. */
export interface FilmMoment {
  readonly step: number;
  readonly epoch: number;
  /** NaN before the first minibatch. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the images shown. */
  readonly probabilities: readonly (readonly number[])[];
  /** One value a pixel. */
  readonly maps: readonly Picture[];
}

/** At most `most` of `count` things in order, evenly, the first and the last among them. */
export function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}

/** Every so many-th of `count` things, at most `most`, with the last one: minibatches stay round numbers so. */
export function thinned(count: number, most: number): number[] {
  const every = Math.max(1, Math.ceil((count - 1) / (most - 1))),
    kept: number[] = [];
  for (let i = 0; i < count - 1; i += every) kept.push(i);
  return [...kept, count - 1];
}

/** Reads moments of a recording for the images shown. */
export class MomentReader {
  private constructor(
    private readonly recording: TrainingRecording,
    private readonly images: readonly number[],
    private readonly reading: MapReading,
    readonly sign: Sign,
  ) {}

  /** The sign that is asked for, or that three moments show. */
  static async open(
    recording: TrainingRecording,
    images: readonly number[],
    reading: MapReading,
  ): Promise<MomentReader> {
    const some = await Promise.all(
      spread(recording.frames, 3).map((frame) => reduced(recording, frame, images, reading)),
    );
    return new MomentReader(recording, images, reading, signOf(some, reading));
  }

  async read(frame: number): Promise<FilmMoment> {
    const raw = await this.recording.readRaw(frame),
      { step, epoch, loss, accuracy, probabilities } = this.recording.summary(raw);
    const maps = bySign(await reduced(this.recording, frame, this.images, this.reading, raw.maps), this.sign);
    return { step, epoch, loss, accuracy, probabilities: this.images.map((image) => probabilities[image]), maps };
  }

  /** The largest value of each image's maps over these frames. */
  async limits(frames: readonly number[]): Promise<number[]> {
    const limits = this.images.map(() => 0);
    for (const frame of frames)
      (await this.read(frame)).maps.forEach((map, i) => {
        limits[i] = Math.max(limits[i], scaleLimit([map], this.reading));
      });
    return limits;
  }
}

async function reduced(
  recording: TrainingRecording,
  frame: number,
  images: readonly number[],
  reading: MapReading,
  read?: Float32Array,
): Promise<Picture[]> {
  const [, height, width, channels] = recording.header.mapShape,
    size = height * width * channels;
  const values = read ?? (await recording.readRaw(frame)).maps;
  return reduceMaps(
    images.map((image) => ({ height, width, channels, values: values.subarray(image * size, (image + 1) * size) })),
    reading,
  );
}

import * as tf from "@tensorflow/tfjs";
import { beginBest, recordBest, type BestSoFar } from "./last-visualization";

/** Reading images back at each step would take a tenth of the step. */
const pause = 200;

/** How images come of the state of a run. */
export interface ImageSource {
  images(state: readonly tf.Tensor[]): tf.Tensor4D;
}

type Held = { readonly state: readonly tf.Tensor[] } | { readonly images: tf.Tensor4D };

/**
 * Of each image the state with the highest score so far: as tensors, which become plain numbers now and then, since an
 * interrupt frees
 * tensors that nobody can reach.
 */
export class BestImages {
  private readonly record: BestSoFar;
  private readonly scores: number[];
  private readonly iterations: number[];
  /** A state all of whose images are the best; or, where they are of several iterations, the images themselves. */
  private held?: Held;
  private unread = false;
  private readAt = -Infinity;

  /** @param shape [images, height, width, channels] */
  constructor(
    private readonly source: ImageSource,
    shape: readonly [number, number, number, number],
  ) {
    this.record = beginBest(shape);
    this.scores = [...this.record.scores];
    this.iterations = [...this.record.iterations];
  }

  /** @param state before the iteration; the caller keeps it @param scores of its images */
  offer(state: readonly tf.Tensor[], scores: readonly number[], iteration: number): void {
    const better = scores.map((score, i) => score > this.scores[i]);
    if (!better.includes(true)) return;
    const before = this.held;
    if (better.includes(false)) {
      this.held = {
        images: tf.tidy(() =>
          tf.where(tf.tensor4d(better, [better.length, 1, 1, 1], "bool"), this.source.images(state), this.images()),
        ),
      };
    } else {
      this.held = { state: state.map((each) => tf.clone(each)) };
    }
    free(before);
    better.forEach((is, i) => {
      if (!is) return;
      this.scores[i] = scores[i];
      this.iterations[i] = iteration;
    });
    this.unread = true;
  }

  /** To be called after each iteration: `done` are done. */
  async advance(done: number, now = performance.now()): Promise<void> {
    this.record.done = done;
    if (now - this.readAt < pause) return;
    await this.read();
    this.readAt = performance.now();
  }

  /** Has `lastVisualization` tell what is the best by now. */
  async read(): Promise<void> {
    if (!this.unread) return;
    const images = tf.tidy(() => this.images());
    try {
      recordBest(this.record, (await images.data()) as Float32Array, this.scores, this.iterations);
      this.unread = false;
    } finally {
      images.dispose();
    }
  }

  dispose(): void {
    free(this.held);
    this.held = undefined;
  }

  private images(): tf.Tensor4D {
    return "images" in this.held! ? tf.clone(this.held.images) : this.source.images(this.held!.state);
  }
}

function free(held: Held | undefined): void {
  if (held) tf.dispose("images" in held ? held.images : [...held.state]);
}

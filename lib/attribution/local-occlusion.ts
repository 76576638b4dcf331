import * as tf from "@tensorflow/tfjs";
import type { LocalLayers, Model } from "../model/vision-model";
import type { Range } from "../core/chunks";
import type { BlockTensors } from "./explain";
import type { Extent, SlidingWindow } from "../core/sliding-window";

/** What part of the map's cells a crop may have and still be worth cutting out. */
const WORTH = 0.8;

/** One side of a window: what is cut out of the image, and which of the map's cells are taken from it. */
interface Side {
  /** First pixel of the crop. */
  readonly pixel: number;
  /** First cell of the crop. */
  readonly cell: number;
  /** The cells that the window changes. */
  readonly first: number;
  readonly last: number;
}

/**
 * Occlusion where a network's first layers are local ({@link LocalLayers}): a window changes a part of their map, which
 * is computed from a crop of the image and put into the map of the whole image. The logits are the same; of the first
 * layers, only so much is computed again.
 */
export class LocalOcclusion {
  /** Cells along a crop's side, and its pixels. */
  private constructor(
    private readonly layers: LocalLayers,
    private readonly windows: SlidingWindow,
    private readonly image: Extent,
    private readonly cells: readonly [number, number],
  ) {}

  /** @returns undefined where the network does not allow it, or the windows are so large that nothing is gained */
  static of(model: Model, windows: SlidingWindow): LocalOcclusion | undefined {
    const { local, inputShape } = model;
    // On a graphics card cutting out and pasting takes longer than whole images do.
    if (!local || tf.getBackend() === "webgpu") return undefined;
    const widest = ([0, 1] as const).map((axis) => {
      const changed = windows.extents(axis).map(([from, to]) => cellsSeeing(local, from, to, local.cells[axis]));
      return Math.max(...changed.map(([first, last]) => last - first + 1)) + 2 * local.margin;
    });
    const fits = widest.every((count, axis) => count <= WORTH * local.cells[axis]);
    return fits ? new LocalOcclusion(local, windows, inputShape, [widest[0], widest[1]]) : undefined;
  }

  /**
   * Row and column numbers of the pixels of each crop, its masks by axis, and where each cell of each map comes from.
   */
  passInputs(run: Range): tf.Tensor[] {
    const { count } = run,
      { cells: all, stride } = this.layers,
      [height, width] = this.cells;
    const sides = [0, 1].map((axis) => this.windows.positionsOf(run, axis).map((extent) => this.side(extent, axis)));
    const pixels = [height, width].map((n) => (n + 1) * stride);
    const numbers = sides.map((list, axis) =>
      tf.tensor2d(
        Int32Array.from(list.flatMap(({ pixel }) => Array.from({ length: pixels[axis] }, (_, i) => pixel + i))),
        [count, pixels[axis]],
        "int32",
      ),
    );
    const masks = this.windows.masks(run).map((rows, axis) => {
      if (axis === 2) return tf.tensor2d(rows, [count, this.image[2]]);
      const cut = sides[axis].flatMap(({ pixel }, i) =>
        Array.from(rows.subarray(i * this.image[axis] + pixel, i * this.image[axis] + pixel + pixels[axis])),
      );
      return tf.tensor2d(cut, [count, pixels[axis]]);
    });
    const sources = new Int32Array(count * all[0] * all[1]),
      patched = new Int32Array(sources.length);
    for (let i = 0, at = 0; i < count; i++)
      for (let row = 0; row < all[0]; row++)
        for (let column = 0; column < all[1]; column++, at++) {
          const [down, right] = [sides[0][i], sides[1][i]];
          const inside = row >= down.first && row <= down.last && column >= right.first && column <= right.last;
          patched[at] = inside ? 1 : 0;
          sources[at] = inside ? (row - down.cell) * width + column - right.cell : row * all[1] + column;
        }
    return [
      ...numbers,
      ...masks,
      ...[sources, patched].map((values) => tf.tensor3d(values, [count, 1, all[0] * all[1]], "int32")),
    ];
  }

  /**
   * Pure. @param inputs as {@link passInputs} made them @returns the target's logit of each image under each window,
   * [run, block]
   */
  logits(
    { inputs, baseline, rows: targets }: BlockTensors,
    [rows, columns, down, right, channels, sources, patched]: readonly tf.Tensor[],
  ): tf.Tensor2D {
    const images = inputs as tf.Tensor4D,
      [block, , width, depth] = images.shape,
      run = rows.shape[0],
      [tall, wide] = [rows.shape[1] as number, columns.shape[1] as number];
    const places = tf.reshape(
      tf.add(tf.mul(tf.reshape(rows, [run, tall, 1]), tf.scalar(width, "int32")), tf.reshape(columns, [run, 1, wide])),
      [-1],
    ) as tf.Tensor1D;
    const cut = (from: tf.Tensor4D): tf.Tensor =>
      tf.transpose(
        tf.reshape(tf.gather(tf.reshape(from, [block, -1, depth]), places, 1), [block, run, tall, wide, depth]),
        [1, 0, 2, 3, 4],
      );
    const mask = tf.mul(
      tf.mul(tf.reshape(down, [run, 1, tall, 1, 1]), tf.reshape(right, [run, 1, 1, wide, 1])),
      tf.reshape(channels, [run, 1, 1, 1, depth]),
    );
    const crops = tf.add(tf.mul(cut(images), tf.sub(1, mask)), tf.mul(cut(baseline as tf.Tensor4D), mask));
    const patches = this.layers.maps(tf.reshape(crops, [run * block, tall, wide, depth]) as tf.Tensor4D);
    const maps = this.layers.maps(images),
      [, mapHeight, mapWidth, filters] = maps.shape,
      size = patches.shape[1] * patches.shape[2];
    const all = tf.concat([tf.reshape(maps, [-1, filters]), tf.reshape(patches, [-1, filters])]);
    const whole = mapHeight * mapWidth,
      numbered = (count: number, step: number, shape: number[]): tf.Tensor =>
        tf.reshape(
          tf.tensor1d(
            Int32Array.from({ length: count }, (_, i) => i * step),
            "int32",
          ),
          shape,
        );
    const ofImage = numbered(block, whole, [1, block, 1]);
    const ofPatch = tf.add(tf.scalar(block * whole, "int32"), numbered(run * block, size, [run, block, 1]));
    const index = tf.add(tf.add(sources, ofImage), tf.mul(patched, tf.sub(ofPatch, ofImage)));
    const pasted = tf.reshape(tf.gather(all, tf.reshape(index, [-1]) as tf.Tensor1D), [
      run * block,
      mapHeight,
      mapWidth,
      filters,
    ]) as tf.Tensor4D;
    return tf.reshape(this.layers.targetLogits(pasted, tf.tile(targets, [run, 1])), [run, block]);
  }

  private side([from, to]: readonly [number, number], axis: number): Side {
    const { margin, cells, stride } = this.layers;
    const [first, last] = cellsSeeing(this.layers, from, to, cells[axis]);
    const cell = Math.min(Math.max(first - margin, 0), cells[axis] - this.cells[axis]);
    return { pixel: cell * stride, cell, first, last };
  }
}

/** The first and the last cell that see a pixel from `from` to before `to`. */
function cellsSeeing(
  { stride, reach: [before, after] }: LocalLayers,
  from: number,
  to: number,
  cells: number,
): readonly [number, number] {
  return [Math.max(0, Math.ceil((from - after) / stride)), Math.min(cells - 1, Math.floor((to - 1 + before) / stride))];
}

import { badInput } from "../core/errors";
import type { Snapshot } from "../visualize";
import { checkChannels, checkCount, checkRange, readPictures, type Picture } from "./pictures";

/** Snapshots of some images, or what has them: the result of `classVisualization` or `maximize`. */
export type Snapshots = readonly Snapshot[] | { readonly snapshots: readonly Snapshot[] };

/** One moment's pictures, one of each image. */
export interface Moment {
  readonly iteration: number;
  readonly pictures: readonly Picture[];
}

/** @throws BadInputError without snapshots, for other numbers of images, or values out of [0, 1] */
export async function readSnapshots(input: Snapshots): Promise<Moment[]> {
  const list = Array.isArray(input)
    ? (input as readonly Snapshot[])
    : (input as { snapshots?: readonly Snapshot[] } | undefined)?.snapshots;
  if (!Array.isArray(list) || list.length === 0) {
    badInput({
      what: "snapshots",
      got: list,
      allowed: "at least one snapshot",
      remedy: "Give classVisualization or maximize the option snapshots: [0, 10, 50, 100].",
    });
  }
  const moments = await Promise.all(
    list.map(async ({ iteration, image }, i) => {
      const pictures = await readPictures(image, `snapshots[${i}]`);
      checkChannels(pictures, `snapshots[${i}]`);
      checkRange(pictures, [0, 1], `snapshots[${i}]`);
      return { iteration, pictures };
    }),
  );
  moments.forEach(({ pictures }, i) =>
    checkCount(
      pictures.length,
      moments[0].pictures.length,
      `images of snapshots[${i}]`,
      "images of the first snapshot",
    ),
  );
  return moments;
}

export const iterationsText = (iteration: number): string =>
  iteration === 0 ? "start" : `after ${iteration.toLocaleString("en")}`;

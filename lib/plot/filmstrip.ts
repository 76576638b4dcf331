import { atWidths } from "./at-widths";
import type { Figure } from "./figure";
import { checkOptions, type Schema } from "../core/options";
import {
  besideEachOther,
  chunks,
  checkedTitles,
  panelColumns,
  plotTexts,
  rowTitleWidth,
  titlesOption,
  writeHeading,
  writeRowTitle,
  writeTitles,
} from "./panel-grid";
import { pictureTrace, shrunk, checkChannels, checkCount, checkRange, readPictures, type Picture } from "./pictures";
import { Sheet } from "./sheet";
import { badInput } from "../core/errors";
import type { Snapshot } from "../visualize";

export interface FilmstripOptions {
  /** Text left of each image's row, one for each: its class, say. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** What the figure shows. Default: the iterations of the first and the last picture. */
  caption?: string;
}

/** What the caption says where none is given. */
export const iterationsShown = "the iterations of the first and the last picture";

export const filmstripOptions = {
  titles: titlesOption("text left of each image's row"),
  ...plotTexts(iterationsShown),
} satisfies Schema<FilmstripOptions>;

/** More would be too small to see. */
const most = 8;

/**
 * One row for each image, one column for each snapshot: how the images came about. Of more than eight snapshots eight
 * are shown, the first and the last among them; `animation` shows all.
 * @throws BadInputError without snapshots, or for another number of titles than images
 * @example show(filmstrip(await classVisualization(model, ["snail", "hay"], { snapshots: [0, 10, 50, 100] }), { titles:
 * ["snail", "hay"] }))
 */
export async function filmstrip(snapshots: Snapshots, options: FilmstripOptions = {}): Promise<Figure> {
  const checked = checkOptions(filmstripOptions, options);
  const moments = chosen(await readSnapshots(snapshots)),
    images = moments[0].pictures;
  const titles = checkedTitles(checked.titles, images.length, "titles");
  let shownAt: number | undefined;
  return atWidths((room) => {
    const left = rowTitleWidth(checked.titles),
      columns = besideEachOther(moments.length, { room, left });
    const grid = panelColumns({
      room,
      columns,
      left,
      aspect: Math.max(...images.map(({ height, width }) => height / width)),
    });
    const { panelWidth: width, panelHeight: height } = grid;
    const sheet = new Sheet(grid.width);
    const lines = chunks(moments, columns);
    // The same at any width: what a panel shows is stored once.
    shownAt ??= 1.05 * width;
    let y = writeHeading(sheet, checked.title);
    images.forEach((_, row) =>
      lines.forEach((line, l) => {
        const titled = row === 0 || lines.length > 1;
        const top = titled
          ? writeTitles(
              sheet,
              line.map(({ iteration }) => iterationsText(iteration)),
              y,
              grid,
            )
          : y;
        y = top + height + 10;
        const place = { top, width, height };
        const title = titles[row];
        if (title && l === 0) writeRowTitle(sheet, title, place);
        line.forEach(({ iteration, pictures }, column) => {
          const picture = shrunk(pictures[row], shownAt!);
          const label = [title, iterationsText(iteration)].filter(Boolean).join(", ");
          sheet.add(
            pictureTrace(picture, { label, shownWidth: width }),
            sheet.picturePanel({ ...place, left: grid.leftOf(column) }, picture),
          );
        });
      }),
    );
    return sheet.finish(y - 10, checked.caption ?? captionOf(moments));
  });
}

const chosen = (moments: readonly Moment[]): Moment[] =>
  moments.length <= most
    ? [...moments]
    : Array.from({ length: most }, (_, i) => moments[Math.round((i * (moments.length - 1)) / (most - 1))]);

function captionOf(moments: readonly Moment[]): string {
  const first = moments[0].iteration,
    last = moments[moments.length - 1].iteration;
  return (
    `${moments[0].pictures.length === 1 ? "The image" : "The images"} from ` +
    `${first === 0 ? "the start" : `${first.toLocaleString("en")} iterations`} on the left to ` +
    `${last.toLocaleString("en")} iterations on the right.`
  );
}

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
    (list as readonly Snapshot[]).map(async ({ iteration, image }, i) => {
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

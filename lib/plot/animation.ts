import { narrowest } from "./style";
import { checkOptions, type Schema } from "../core/options";
import type { Figure, PlotlyTrace } from "./figure";
import { controlsHeight, filmControls } from "./film/reel";
import { sealed } from "./make-figure";
import {
  checkedTitles,
  besideEachOther,
  columnsFor,
  columnsOption,
  durationOption,
  inRows,
  panelColumns,
  plotTexts,
  titlesOption,
  writeHeading,
} from "./panel-grid";
import { pictureTrace, shrunk } from "./pictures";
import { Sheet } from "./sheet";
import { iterationsShown, iterationsText, readSnapshots, type Moment, type Snapshots } from "./filmstrip";

export interface AnimationOptions {
  /** Text above each image, one for each. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** Images in a row. Integer from 1 to 20. Default: all up to 5, else rows of equal length. */
  columns?: number;
  /** How long each picture stays, in milliseconds. Number from 20 to 10,000. Default: 400. */
  duration?: number;
  /** What the figure shows. Default: the iterations of the first and the last picture. */
  caption?: string;
}

export const animationOptions = {
  titles: titlesOption("text above each image"),
  columns: columnsOption(5),
  duration: durationOption(400),
  ...plotTexts(iterationsShown),
} satisfies Schema<AnimationOptions>;

/** What all pictures of a film may weigh together in the notebook, in characters. */
const weight = 2e6;

/**
 * A film of the snapshots, with a play button and a slider; it opens on the last one, which is also what the picture
 * beside it shows. Pictures are shrunk until the film weighs at most 2 MB.
 * @throws BadInputError without snapshots, or for another number of titles than images
 * @example show(animation(await maximize(model, objectives.logit("snail"), { snapshots: [0, 5, 10, 20, 50, 100] })))
 */
export async function animation(snapshots: Snapshots, options: AnimationOptions = {}): Promise<Figure> {
  const checked = checkOptions(animationOptions, options),
    { duration } = checked;
  const moments = await readSnapshots(snapshots),
    last = moments[moments.length - 1];
  const titles = checkedTitles(checked.titles, last.pictures.length, "titles");
  // One layout for all widths: a film is too heavy to be stored in two.
  const room = narrowest,
    columns = besideEachOther(columnsFor(checked.columns, last.pictures.length), { room });
  const grid = panelColumns({
    room,
    columns,
    largest: 224,
    aspect: Math.max(...last.pictures.map(({ height, width }) => height / width)),
  });
  const film = light(moments, titles, grid.panelWidth);

  const sheet = new Sheet(Math.max(grid.width, 420));
  const stills = film[film.length - 1];
  const { bottom } = inRows(sheet, { titles, grid, columns, y: writeHeading(sheet, checked.title) }, (i, frame) =>
    sheet.add(stills[i].trace, sheet.picturePanel(frame, stills[i].size)),
  );
  const still = sheet.finish(bottom + controlsHeight, checked.caption ?? captionOf(moments));
  const frames = film.map((stills, i) => ({
    name: String(i),
    traces: stills.map((_, trace) => trace),
    data: stills.map(({ trace }) => changing(trace)),
  }));
  const labels = moments.map(({ iteration }) => iteration.toLocaleString("en"));
  return sealed({
    ...still,
    layout: {
      ...still.layout,
      ...filmControls({ labels, duration, width: sheet.width, height: Number(still.layout.height), top: bottom + 12 }),
    },
    frames,
  });
}

interface Still {
  trace: PlotlyTrace;
  size: { width: number; height: number };
}

/** The traces of every moment, small enough together. */
function light(moments: readonly Moment[], titles: readonly (string | undefined)[], shownWidth: number): Still[][] {
  let share = 1;
  for (;;) {
    const film = moments.map(({ iteration, pictures }) =>
      pictures.map((picture, i): Still => {
        const small = shrunk(picture, share * picture.width);
        return {
          trace: pictureTrace(small, {
            label: [titles[i], iterationsText(iteration)].filter(Boolean).join(", "),
            shownWidth: share < 1 ? 0 : shownWidth,
          }),
          size: { width: small.width, height: small.height },
        };
      }),
    );
    const weighs = JSON.stringify(film).length;
    if (weighs <= weight || share < 0.1) return film;
    share *= Math.min(0.9, Math.sqrt(weight / weighs));
  }
}

/** What differs from frame to frame. */
const changing = ({ type, source, z, hovertemplate }: PlotlyTrace): PlotlyTrace => ({
  type,
  ...(source !== undefined ? { source } : { z }),
  hovertemplate,
});

function captionOf(moments: readonly Moment[]): string {
  const first = moments[0].iteration,
    last = moments[moments.length - 1].iteration;
  return (
    `The images from ${first === 0 ? "the start" : `${first.toLocaleString("en")} iterations`} to ` +
    `${last.toLocaleString("en")} iterations: press play, or move the slider.`
  );
}

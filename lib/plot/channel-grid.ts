import { atWidths } from "./at-widths";
import { badInput } from "../core/errors";
import type { Figure } from "./figure";
import { checkOptions, other, type Schema } from "../core/options";
import {
  besideEachOther,
  chunks,
  panelColumns,
  plotTexts,
  rowTitleWidth,
  writeHeading,
  writeRowTitle,
  writeTitles,
} from "./panel-grid";
import {
  pictureTrace,
  checkChannels,
  checkCount,
  checkRange,
  readPictures,
  type Picture,
  type Pictures,
  shrunk,
} from "./pictures";
import { Sheet } from "./sheet";

export interface ChannelGridOptions {
  /** The channels' numbers (or other names), layer by layer, one for each image: written above them. Default: none. */
  channels?: Readonly<Record<string, readonly (number | string)[]>>;
  /** Text above all. Default: none. */
  title?: string;
  /** What the figure shows. Default: the layers and the number of channels. */
  caption?: string;
}

export const channelGridOptions = {
  channels: other<NonNullable<ChannelGridOptions["channels"]>>("an object with the channels of each layer", {
    help: "the channels' numbers or names, layer by layer: written above them",
  }),
  ...plotTexts("the layers and the number of channels"),
} satisfies Schema<ChannelGridOptions>;

/** More would be too small to see. */
const most = 12;

/**
 * What hidden channels respond to: one row for each layer, one image for each channel.
 * @param layers images of each layer's channels by the layer's name, grey or RGB in [0, 1], at most twelve a layer
 * @throws BadInputError for a wrong shape, values out of range, too many images, or other numbers of channels than
 * images
 * @example show(channelGrid({ fire2: (await maximize(model, objectives.channel("fire2", [3, 7]))).image }, { channels:
 * { fire2: [3, 7] } }))
 */
export async function channelGrid(
  layers: Readonly<Record<string, Pictures>>,
  options: ChannelGridOptions = {},
): Promise<Figure> {
  const { channels, title, caption } = checkOptions(channelGridOptions, options);
  const rows = await readLayers(layers);
  const numbers = checkedNumbers(channels, rows);
  const longest = Math.max(...rows.map(([, pictures]) => pictures.length));
  const all = rows.flatMap(([, pictures]) => pictures);
  let shownAt: number | undefined;
  return atWidths((room) => {
    const left = rowTitleWidth(rows.map(([name]) => name)),
      columns = besideEachOther(longest, { room, left });
    const grid = panelColumns({
      room,
      columns,
      left,
      largest: 140,
      aspect: Math.max(...all.map(({ height, width }) => height / width)),
    });
    // The same at any width: what a panel shows is stored once.
    shownAt ??= (all.length > 12 ? 1.05 : 1.6) * grid.panelWidth;
    const sheet = new Sheet(grid.width);
    let y = writeHeading(sheet, title);
    for (const [name, pictures] of rows) {
      chunks(pictures, columns).forEach((line, l) => {
        const first = l * columns;
        const top = writeTitles(sheet, numbers[name]?.slice(first, first + columns).map(String) ?? [], y, grid);
        const place = { top, width: grid.panelWidth, height: grid.panelHeight };
        if (l === 0) writeRowTitle(sheet, name, place);
        line.forEach((picture, column) => {
          const small = shrunk(picture, shownAt!);
          const called = numbers[name]?.[first + column];
          const label = [name, typeof called === "number" ? `channel ${called}` : called].filter(Boolean).join(", ");
          sheet.add(
            pictureTrace(small, { label, shownWidth: grid.panelWidth }),
            sheet.picturePanel({ ...place, left: grid.leftOf(column) }, small),
          );
        });
        y = top + grid.panelHeight + 8;
      });
    }
    return sheet.finish(
      y - 8,
      caption ??
        `What ${all.length} channels of ` +
          `${rows.length === 1 ? "one layer respond" : `${rows.length} layers respond`} to most, one image for each.`,
    );
  });
}

async function readLayers(layers: Readonly<Record<string, Pictures>>): Promise<[string, Picture[]][]> {
  const names = typeof layers === "object" && layers !== null && !Array.isArray(layers) ? Object.keys(layers) : [];
  if (names.length === 0)
    badInput({
      what: "layers",
      got: layers,
      allowed: "an object with the images of each layer by its name",
      remedy: "For instance { fire2: images }.",
    });
  return Promise.all(
    names.map(async (name): Promise<[string, Picture[]]> => {
      const pictures = await readPictures(layers[name], `layers.${name}`);
      checkChannels(pictures, `layers.${name}`);
      checkRange(pictures, [0, 1], `layers.${name}`);
      if (pictures.length > most)
        badInput({
          what: `the number of images of ${name}`,
          got: pictures.length,
          allowed: `at most ${most}`,
          remedy: "Show them in several figures.",
        });
      return [name, pictures];
    }),
  );
}

function checkedNumbers(
  channels: ChannelGridOptions["channels"],
  rows: readonly [string, Picture[]][],
): Readonly<Record<string, readonly (number | string)[]>> {
  for (const [name, numbers] of Object.entries(channels ?? {})) {
    const row = rows.find(([known]) => known === name);
    if (!row)
      badInput({ what: "a name in channels", got: name, allowed: rows.map(([known]) => `"${known}"`).join(", ") });
    checkCount(Array.isArray(numbers) ? numbers.length : 0, row[1].length, `channels.${name}`, "images");
  }
  return channels ?? {};
}

import { atWidths } from "./at-widths";
import { badInput } from "../core/errors";
import { checkOptions, number, other, text, texts, type Schema } from "../core/options";
import { checkedNames, namedValues, readValues, type AttributionValues, type MethodValues } from "./attribution-values";
import type { Figure } from "./figure";
import { barBelow, barBelowHeight, rangeOf } from "./map-panel";
import { bySign, mapReading, scaleLimit, signOf, signOption, type Sign } from "./map-values";
import { compact, compactTo, tickText, escaped, wrapText } from "./text";
import {
  checkedTitles,
  methodScaleOption,
  plotTexts,
  rowTitleWidth,
  titlesOption,
  writeHeading,
  writeRowTitle,
} from "./panel-grid";
import { checkCount, type Flat, type Picture } from "./pictures";
import { margin, Sheet, type Frame } from "./sheet";
import { ink, maskColor, seeThrough, textSize } from "./style";

export interface SeriesAttributionOptions {
  /** The channels' names. Default: none for one channel, else `channel 0`, `channel 1`, … */
  names?: readonly string[];
  /**
   * A segment of each series to frame, its first step and the one after its last: for instance where it is known what
   * matters. Default: none.
   */
  segments?: readonly (readonly [from: number, to: number] | undefined)[];
  /**
   * Whose largest absolute value gets the strongest colour: each `method`'s (their units differ), each series' own
   * (`each`), or one for all (`shared`). Default: "method".
   */
  scale?: "method" | "each" | "shared";
  /**
   * Absolute values above this percentile get the strongest colour too. Number above 0 and at most 100. Default: 100.
   */
  percentile?: number;
  /**
   * `signed`: below and above zero differ; `magnitude`: only absolute values count.
   * Default: `signed` if any value of a method is negative.
   */
  sign?: Sign;
  /** Height of a channel's panel in pixels. Number from 30 to 400. Default: 84. */
  height?: number;
  /** What a step is, below each series: "second". Default: "step". */
  step?: string;
  /** Text above each series. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** What the figure shows. Default: what the colours mean, and where the strongest step is. */
  caption?: string;
}

export const seriesAttributionOptions = {
  names: texts({ rule: "none for one channel, else channel 0, channel 1, …", help: "the channels' names" }),
  segments: other<NonNullable<SeriesAttributionOptions["segments"]>>("an array with [from, to] for each series", {
    help: "a segment of each series to frame",
  }),
  scale: methodScaleOption,
  percentile: mapReading.percentile,
  sign: signOption("signed if any value of a method is negative"),
  height: number({ least: 30, most: 400, default: 84, unit: "pixels", help: "height of a channel's panel" }),
  step: text({ words: "a text", default: "step", help: "what a step is, below each series" }),
  titles: titlesOption("text above each series"),
  ...plotTexts("what the colours mean, and where the strongest step is"),
} satisfies Schema<SeriesAttributionOptions>;

/**
 * Series as lines over their attribution: the ground is red at steps that raise the score, blue at those that lower it.
 * One panel for each channel; several series, and several methods, stand below one another.
 * @param series [steps, channels] or [series, steps, channels]
 * @param values an `Attribution`, or numbers in the shape of the series, or with 1 in place of the channels; of several
 *   methods by their names
 * @throws BadInputError for a wrong shape, values not finite, counts and lengths that do not match
 * @example show(seriesAttribution(signals, await saliency(model, signals), { titles: ["normal", "fault"] }))
 */
export async function seriesAttribution(
  series: AttributionValues,
  values: MethodValues,
  options: SeriesAttributionOptions = {},
): Promise<Figure> {
  const checked = checkOptions(seriesAttributionOptions, options),
    { scale, height, step: unit } = checked;
  const shape = "[steps, channels] or [series, steps, channels]";
  const signals = await readValues(series, { what: "series", rank: 2, shape });
  const channels = signals[0].shape[1];
  const names =
    checked.names === undefined && channels === 1
      ? [""]
      : checkedNames(checked.names, channels, { of: "channel", numbered: "channel" });
  const titles = checkedTitles(checked.titles, signals.length, "titles"),
    segments = checkedSegments(checked.segments, signals);
  const methods = await Promise.all(
    namedValues(values, "values").map(async ({ name, what, values }) => {
      const read = await readValues(values, { what, rank: 2, shape });
      checkCount(read.length, signals.length, what, "series");
      const maps = read.map(({ shape: [steps, own], values }, i): Picture => {
        const wanted = signals[i].shape;
        if (steps !== wanted[0] || (own !== wanted[1] && own !== 1))
          badInput({
            what: `the shape of ${what}[${i}]`,
            got: [steps, own],
            allowed: `[${wanted.join(", ")}], its series', or [${wanted[0]}, 1]`,
          });
        return { height: 1, width: steps, channels: own, values };
      });
      const sign = signOf([maps], checked);
      return { name, sign, maps: bySign(maps, sign) };
    }),
  );

  const all = scaleLimit(
    methods.flatMap(({ maps }) => maps),
    checked,
  );
  const limitOf = (maps: readonly Picture[], i: number): number =>
    scale === "shared" ? all : scaleLimit(scale === "each" ? [maps[i]] : maps, checked);
  const limits = methods.map(({ maps }) => signals.map((_, i) => limitOf(maps, i))),
    alike = new Set(limits.flat()).size === 1;
  const rowName = (method: string | undefined, channel: number): string =>
    [method, names[channel]].filter(Boolean).join(": ");
  const rowNames = methods.flatMap(({ name }) => names.map((_, c) => rowName(name, c)));
  return atWidths((room) => {
    const left = margin + (rowNames.some(Boolean) ? rowTitleWidth(rowNames) : 0) + 34,
      width = room - left - margin;
    const sheet = new Sheet(room),
      draw: ((axisOf: ReadonlyMap<Sign, string>) => void)[] = [];
    let y = writeHeading(sheet, checked.title);
    signals.forEach((signal, i) => {
      const title = titles[i];
      if (title) {
        const lines = wrapText(title, width, textSize.title, { maxLines: 3 });
        sheet.text(lines, { x: left, y, anchor: "left", from: "top", color: ink.strong, name: "panel title" });
        y += lines.length * textSize.title * 1.3 + 5;
      }
      const rows = methods.flatMap((method, m) => names.map((_, channel) => ({ ...method, m, channel })));
      rows.forEach(({ name, maps, sign, m, channel }, row) => {
        const frame = { left, top: y, width, height },
          said = rowName(name, channel),
          limit = limits[m][i];
        if (said) writeRowTitle(sheet, said, frame);
        const values = channelOf(
          { shape: [maps[i].width, maps[i].channels], values: maps[i].values },
          Math.min(channel, maps[i].channels - 1),
        );
        const panel: Panel = {
          signal: channelOf(signal, channel),
          values,
          shares: values.map((value) => value / (alike ? 1 : limit)),
          unit,
          label: said,
          last: row === rows.length - 1,
          segment: segments[i],
        };
        draw.push((axisOf) => drawSeries(sheet, frame, panel, axisOf.get(sign)!));
        y += height + 6;
      });
      y += 28;
    });
    const signs = [...new Set(methods.map(({ sign }) => sign))],
      bar = 200;
    const axisOf = new Map(
      signs.map((sign, i) => [
        sign,
        sheet.colorBar({
          scale: seeThrough(sign, 0.8),
          range: rangeOf(sign, alike ? limits[0][0] : 1),
          orientation: "h",
          frame: barBelow({ left: left + i * (bar + 40), top: y - 6, width: bar, height: 1 }),
        }),
      ]),
    );
    for (const each of draw) each(axisOf);
    const share = alike ? "" : ` 1 is the largest value of each ${scale === "each" ? "series" : "method"}.`;
    const framed = segments.some(Boolean) ? ` Framed: the segment that is known to matter.` : "";
    return sheet.finish(
      y - 6 + barBelowHeight,
      checked.caption ?? `${meaningOfSeries(signs)}${share}${framed} ${inWords(methods, titles, unit)}`,
    );
  });
}

interface Panel {
  readonly signal: readonly number[];
  readonly values: readonly number[];
  /** What is coloured: the values, or shares of the largest. */
  readonly shares: readonly number[];
  readonly unit: string;
  readonly label: string;
  /** Of a series: the one with numbers at its axis. */
  readonly last: boolean;
  readonly segment?: readonly [number, number];
}

const channelOf = ({ shape: [steps, channels], values }: Flat, channel: number): number[] =>
  Array.from({ length: steps }, (_, step) => values[step * channels + channel]);

function checkedSegments(
  segments: SeriesAttributionOptions["segments"],
  signals: readonly Flat[],
): readonly (readonly [number, number] | undefined)[] {
  if (segments === undefined) return signals.map(() => undefined);
  if (!Array.isArray(segments))
    badInput({ what: "segments", got: segments, allowed: "an array with [from, to] for each series" });
  checkCount(segments.length, signals.length, "segments", "series");
  segments.forEach((segment: readonly number[] | undefined, i) => {
    const [from, to] = segment ?? [0, 1],
      steps = signals[i].shape[0];
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to > from && to <= steps))
      badInput({ what: `segments[${i}]`, got: segment, allowed: `[from, to] in whole steps, 0 to ${steps}` });
  });
  return segments;
}

function drawSeries(
  sheet: Sheet,
  frame: Frame,
  { signal, values, shares, unit, label, last, segment }: Panel,
  coloraxis: string,
): void {
  const low = Math.min(...signal),
    high = Math.max(...signal),
    room = 0.08 * (high - low) || 1,
    range = [low - room, high + room];
  // Few digits of what differs, also where the whole series lies far from 0.
  const round = compactTo(high - low || 1),
    extra = `<extra>${escaped(label)}</extra>`;
  const common = {
    showgrid: false,
    zeroline: false,
    showline: true,
    mirror: true,
    linecolor: ink.frame,
    ticks: "outside",
    ticklen: 3,
    tickcolor: ink.frame,
    tickfont: { size: textSize.tick, color: ink.normal },
  };
  const axes = sheet.panel(
    frame,
    {
      ...common,
      range: [-0.5, signal.length - 0.5],
      nticks: 10,
      showticklabels: last,
      ...(last
        ? {
            title: {
              text: escaped(wrapText(unit, frame.width, textSize.tick, { maxLines: 1 })[0]),
              standoff: 2,
              font: { size: textSize.tick, color: ink.soft },
            },
          }
        : { ticks: "" }),
    },
    {
      ...common,
      range,
      tickvals: [low, high],
      ticktext: [tickText(low), tickText(high)],
      fixedrange: true,
    },
  );
  // A picture of one row behind the line, from edge to edge.
  sheet.add({ type: "heatmap", z: [shares.map(compact)], x0: 0, dx: 1, y: range, coloraxis, hoverinfo: "skip" }, axes);
  sheet.add(
    {
      type: "scatter",
      mode: signal.length > 1 ? "lines" : "markers",
      x: signal.map((_, step) => step),
      y: signal.map(round),
      line: { color: ink.strong, width: 1.4 },
      marker: { color: ink.strong, size: 6 },
      customdata: values.map(compact),
      hovertemplate: `${escaped(unit)} %{x}<br>value %{y:.4~g}<br>attribution %{customdata:.4~g}${extra}`,
    },
    axes,
  );
  if (segment) {
    const [from, to] = [segment[0] - 0.5, segment[1] - 0.5],
      [bottom, top] = range;
    sheet.add(
      {
        type: "scatter",
        mode: "lines",
        x: [from, to, to, from, from],
        y: [bottom, bottom, top, top, bottom],
        line: { color: maskColor, width: 2 },
        hoverinfo: "skip",
      },
      axes,
    );
  }
}

function meaningOfSeries(signs: readonly Sign[]): string {
  const signed = "Red steps raise the score of the class that is explained, blue ones lower it.",
    magnitude = "The stronger the colour of a step, the more the score depends on it.";
  return [...(signs.includes("signed") ? [signed] : []), ...(signs.includes("magnitude") ? [magnitude] : [])].join(" ");
}

interface Method {
  readonly name?: string;
  readonly maps: readonly Picture[];
}

/** For those who cannot see the colours: where they are strongest. */
function inWords(methods: readonly Method[], titles: readonly (string | undefined)[], unit: string): string {
  const rows = methods.flatMap(({ name, maps }) =>
    maps.map((map, i) => ({ map, said: [name, titles[i]].filter(Boolean).join(", ") })),
  );
  return rows
    .slice(0, 3)
    .map(({ map: { channels, values }, said }) => {
      const sizes = Array.from(values, Math.abs),
        strongest = sizes.indexOf(Math.max(...sizes));
      return `Strongest${said && ` (${said})`}: ${unit} ${Math.floor(strongest / channels)}.`;
    })
    .join(" ");
}

import { atWidths } from "./at-widths";
import { checkedTexts, cutToTexts, namedValues, readVectors, type MethodValues } from "./attribution-values";
import { textWidth } from "./font-metrics";
import { breakTokens, type PlacedToken, compact, signedText, escaped, wrapText } from "./text";
import type { Figure } from "./figure";
import { rangeOf } from "./map-panel";
import { checkOptions, integer, number, oneOf, text, type Schema } from "../core/options";
import { bySign, mapReading, reduceMaps, scaleLimit, signOf, type MapReading, type Sign } from "./map-values";
import { checkedTitles, columnsFor, methodScaleOption, plotTexts, titlesOption, writeHeading } from "./panel-grid";
import type { Picture } from "./pictures";
import { margin, Sheet } from "./sheet";
import { colorAt, diverging, ink, oranges, textSize } from "./style";

export interface TextHighlightsOptions extends MapReading {
  /** What stands between two tokens. Default: nothing if all tokens are single characters, else a space. */
  join?: string;
  /**
   * Where maps have more values than a text has tokens, the rest belongs to padding, which is not shown: `end` if it
   * follows the text, `start` if it comes before. Default: "end".
   */
  padding?: "start" | "end";
  /**
   * Whose largest absolute value (or `percentile`) gets the strongest colour: each `method`'s (their units differ),
   * each text's own (`each`), or one for all (`shared`). Default: "method".
   */
  scale?: "method" | "each" | "shared";
  /** Size of the letters in pixels. Number from 8 to 40. Default: 15. */
  size?: number;
  /** Texts side by side: for short ones. Integer from 1 to 20. Default: 1. */
  columns?: number;
  /** Text above each text, one for each: its class, say. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** What the figure shows. Default: what the colours mean, and the strongest tokens. */
  caption?: string;
}

export const textHighlightsOptions = {
  ...mapReading,
  join: text({
    words: "a text",
    rule: "nothing if all tokens are single characters, else a space",
    help: "what stands between two tokens",
  }),
  padding: oneOf(["start", "end"], {
    default: "end",
    help: "on which side the rest is, where maps have more values than a text has tokens",
  }),
  scale: methodScaleOption,
  size: number({ least: 8, most: 40, default: 15, unit: "pixels", help: "size of the letters" }),
  columns: integer({ least: 1, most: 20, default: 1, help: "texts side by side" }),
  titles: titlesOption("text above each text"),
  ...plotTexts("what the colours mean, and the strongest tokens"),
} satisfies Schema<TextHighlightsOptions>;

/**
 * A text whose tokens (characters or words) stand on a ground of their attribution's colour: red where they raise the
 * score, blue where they lower it. Several texts stand in columns, several methods below one another.
 * @param tokens of one text, or a list of the tokens of each
 * @param values an `Attribution`, or numbers [tokens], [tokens, length of a vector], or with the texts as a first axis;
 *   of several methods by their names. Vectors become one value by `channels`, by default their sum with signs
 * @throws BadInputError for a wrong shape, fewer values than tokens, values not finite, counts that do not match
 * @example show(textHighlights([..."Fleming"], await inputXGradient(model, tokens)))
 */
export async function textHighlights(
  tokens: readonly string[] | readonly (readonly string[])[],
  values: MethodValues,
  options: TextHighlightsOptions = {},
): Promise<Figure> {
  const texts = checkedTexts(tokens);
  const checked = checkOptions(textHighlightsOptions, options),
    { scale, padding, size } = checked;
  const { join = texts.flat().every((token) => [...token].length <= 1) ? "" : " " } = checked;
  const titles = checkedTitles(checked.titles, texts.length, "titles");
  const methods = await Promise.all(
    namedValues(values, "values").map(async ({ name, what, values }) => {
      const reduced = await reduceMaps(
        cutToTexts(await readVectors(values, texts, what), texts, padding, what),
        checked,
      );
      const sign = signOf([reduced], checked);
      return { name, sign, maps: bySign(reduced, sign) };
    }),
  );

  const all = scaleLimit(
    methods.flatMap(({ maps }) => maps),
    checked,
  );
  const limitOf = (maps: readonly Picture[], text: number): number =>
    scale === "shared" ? all : scaleLimit(scale === "each" ? [maps[text]] : maps, checked);
  // Colours are shares of a limit where there are several, so that one bar explains them all.
  const limits = methods.map(({ maps }) => texts.map((_, text) => limitOf(maps, text))),
    alike = new Set(limits.flat()).size === 1;
  const signs = [...new Set(methods.map(({ sign }) => sign))];

  return atWidths((room) => {
    const left = nameColumn(methods.map(({ name }) => name));
    const gap = 24,
      columns = Math.min(
        columnsFor(checked.columns, texts.length),
        Math.max(1, Math.floor((room - 2 * margin - left + gap) / (leastText + gap))),
      ),
      width = Math.floor((room - 2 * margin - left - (columns - 1) * gap) / columns);
    const leftOf = (column: number): number => margin + left + column * (width + gap);
    const sheet = new Sheet(room),
      lineHeight = Math.ceil(size * 1.75);
    const bare = { tickvals: [], showgrid: false, zeroline: false, fixedrange: true };
    const draw: ((axisOf: ReadonlyMap<Sign, string>) => void)[] = [];
    let y = writeHeading(sheet, checked.title);
    for (let first = 0; first < texts.length; first += columns) {
      const row = texts.slice(first, first + columns);
      y = writeTextTitles(sheet, titles.slice(first, first + columns), { top: y, width, leftOf });
      const broken = row.map((text) => breakTokens(text, { join, width, size, lineHeight }));
      methods.forEach(({ name, maps, sign }, m) => {
        const height = Math.max(...broken.map(({ lines }) => lines)) * lineHeight;
        if (name) {
          const lines = wrapText(name, widestName, textSize.title, { maxLines: Math.max(1, Math.floor(height / 17)) });
          const whole = lines[lines.length - 1].endsWith("…") ? name : undefined;
          sheet.text(lines, {
            x: margin,
            y: y + height / 2,
            anchor: "left",
            from: "middle",
            color: ink.strong,
            whole,
            name: "row title",
          });
        }
        broken.forEach(({ placed }, column) => {
          const frame = { left: leftOf(column), top: y, width, height },
            t = first + column,
            limit = limits[m][t];
          const axes = sheet.panel(frame, { ...bare, range: [0, width] }, { ...bare, range: [height, 0] });
          const values = Array.from(maps[t].values),
            shares = values.map((value) => value / (alike ? 1 : limit));
          const said = placed.map(({ token }, i) => `${escaped(named(token))}<br>attribution ${signedText(values[i])}`);
          const colors = values.map((value) => colorOf(value / limit, sign));
          draw.push((axisOf) => {
            sheet.add(grounds(placed, colors, said, lineHeight), axes);
            const look = { colors: colors.map(inkOn), size, shares, coloraxis: axisOf.get(sign)! };
            sheet.add(letters(placed, look), axes);
          });
        });
        y += height + (methods.length > 1 ? 6 : 0);
      });
      y += 10;
    }
    const bar = 176;
    const axisOf = new Map(
      signs.map((sign, i) => [
        sign,
        sheet.colorBar({
          scale: sign === "signed" ? diverging : oranges,
          range: rangeOf(sign, alike ? limits[0][0] : 1),
          orientation: "h",
          frame: { left: margin + left + 24 + i * (bar + 60), top: y, width: bar, height: 8 },
        }),
      ]),
    );
    for (const each of draw) each(axisOf);
    const share = alike
      ? ""
      : ` 1 is the largest value of each ${scale === "each" ? (methods.length > 1 ? "row" : "text") : "method"}.`;
    return sheet.finish(
      y + 26,
      checked.caption ?? `${meaningOfText(signs)}${share} ${inWords(texts, methods, titles)}`,
    );
  });
}

interface TitlePlaces {
  top: number;
  width: number;
  leftOf(column: number): number;
}

/** @returns where the texts may begin */
function writeTextTitles(
  sheet: Sheet,
  titles: readonly (string | undefined)[],
  { top, width, leftOf }: TitlePlaces,
): number {
  const wrapped = titles.map((title) => (title ? wrapText(title, width, textSize.title, { maxLines: 3 }) : []));
  const most = Math.max(...wrapped.map((lines) => lines.length));
  if (most === 0) return top;
  const bottom = top + most * textSize.title * 1.3 + 5;
  wrapped.forEach((lines, column) => {
    if (lines.length === 0) return;
    sheet.text(lines, { x: leftOf(column), y: bottom - 4, anchor: "left", color: ink.strong, name: "panel title" });
  });
  return bottom;
}

const widestName = 160;
/** Narrower columns would break too often. */
const leastText = 120;

/** Width of the column left of the texts, for the methods' names. */
function nameColumn(names: readonly (string | undefined)[]): number {
  const longest = Math.max(...names.map((name) => (name === undefined ? 0 : textWidth(name, textSize.title))));
  return longest === 0 ? 0 : Math.ceil(Math.min(widestName, longest)) + 12;
}

type Color = readonly [red: number, green: number, blue: number];

const colorOf = (share: number, sign: Sign): Color =>
  sign === "signed" ? colorAt(diverging, (share + 1) / 2) : colorAt(oranges, share);

/** Black or white, whichever is easier to read on a colour (by its brightness, ITU-R BT.601). */
const inkOn = ([red, green, blue]: Color): string =>
  0.299 * red + 0.587 * green + 0.114 * blue < 140 ? "#ffffff" : "#111418";

/** Rectangles as bars that begin at the foot of their line: one trace, whose hover belongs to the token. */
function grounds(
  placed: readonly PlacedToken[],
  colors: readonly Color[],
  said: readonly string[],
  lineHeight: number,
): Record<string, unknown> {
  return {
    type: "bar",
    x: placed.map(({ left, width }) => compact(left + width / 2)),
    width: placed.map(({ width }) => compact(width)),
    base: placed.map(({ line }) => line * lineHeight + 2),
    y: placed.map(() => lineHeight - 4),
    marker: { color: colors.map((color) => `rgb(${color.map(Math.round).join(",")})`), line: { width: 0 } },
    customdata: said,
    hovertemplate: "%{customdata}<extra></extra>",
  };
}

interface Letters {
  colors: readonly string[];
  size: number;
  shares: readonly number[];
  coloraxis: string;
}

/**
 * The tokens themselves. Their points cannot be seen, but tie the colour bar to the figure: where bars do that, Plotly
 * complains of each colour.
 */
function letters(
  placed: readonly PlacedToken[],
  { colors, size, shares, coloraxis }: Letters,
): Record<string, unknown> {
  return {
    type: "scatter",
    mode: "markers+text",
    x: placed.map(({ left, width }) => compact(left + width / 2)),
    y: placed.map(({ middle }) => middle),
    text: placed.map(({ shown }) => escaped(shown)),
    textposition: "middle center",
    textfont: { size, color: colors },
    cliponaxis: false,
    hoverinfo: "skip",
    marker: { size: 1, opacity: 0, color: shares.map(compact), coloraxis },
  };
}

/** What cannot be seen has a name. */
const named = (token: string): string =>
  ({ " ": "(space)", "\n": "(new line)", "\t": "(tab)", "": "(empty)" })[token] ?? token;

function meaningOfText(signs: readonly Sign[]): string {
  const signed = "Red text raises the score of the class that is explained, blue text lowers it.",
    magnitude = "The stronger the orange, the more the score depends on the text.";
  return [...(signs.includes("signed") ? [signed] : []), ...(signs.includes("magnitude") ? [magnitude] : [])].join(" ");
}

interface Method {
  readonly name?: string;
  readonly maps: readonly Picture[];
}

/** For those who cannot see the colours: the strongest tokens of a few texts. */
function inWords(
  texts: readonly (readonly string[])[],
  methods: readonly Method[],
  titles: readonly (string | undefined)[],
): string {
  const rows = texts.flatMap((text, t) =>
    methods.map(({ name, maps }) => ({
      text,
      values: Array.from(maps[t].values),
      said: [titles[t], name].filter(Boolean).join(", "),
    })),
  );
  return rows
    .slice(0, 3)
    .map(({ text, values, said }) => {
      const strongest = values
        .map((_, i) => i)
        .sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]))
        .slice(0, 3);
      const tokens = strongest.map((i) => `${named(text[i])} ${signedText(values[i])}`);
      return `Strongest${said && ` (${said})`}: ${tokens.join(", ")}.`;
    })
    .join(" ");
}

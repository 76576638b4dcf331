import { atWidths } from "./at-widths";
import {
  checkedNames,
  namedValues,
  readValues,
  valueText,
  type AttributionValues,
  type MethodValues,
  type NamedValues,
} from "./attribution-values";
import type { Figure } from "./figure";
import { signOption, type Sign } from "./map-values";
import { checkOptions, integer, oneOf, other, texts, type Schema } from "../core/options";
import { textWidth } from "./font-metrics";
import { compact, signedText, tickText, escaped, wrapText } from "./text";
import { chunks, checkedTitles, methodScaleOption, plotTexts, titlesOption, writeHeading } from "./panel-grid";
import { checkCount } from "./pictures";
import { margin, Sheet, type Frame } from "./sheet";
import { ink, signColors, textSize } from "./style";

export interface FeatureBarsOptions {
  /** The features' names, as many as an input has. Default: `feature 0`, `feature 1`, … */
  names?: readonly string[];
  /**
   * What the inputs themselves are, in the shape of the values: shown beside the names, or, where several inputs share
   * those, when one points at a bar. Default: not shown.
   */
  inputs?: AttributionValues;
  /**
   * `given`: features in their own order; `size`: the largest first, by absolute value over the panels side by side.
   * Default: `given`, with `top` `size`.
   */
  order?: "given" | "size";
  /** How many features, the largest first. Integer ≥ 1. Default: all up to 20, else 20. */
  top?: number;
  /**
   * `signed`: bars go left and right of 0; `magnitude`: only absolute values count.
   * Default: `signed` if any value of a method is negative.
   */
  sign?: Sign;
  /**
   * Whose largest value fills a panel: each `method`'s (their units differ), each panel's own (`each`), or one for all
   * (`shared`). Default: "method".
   */
  scale?: "method" | "each" | "shared";
  /** Text for each input: above its bars, or with several methods above its row. Default: none. */
  titles?: readonly string[];
  /** Text above all. Default: none. */
  title?: string;
  /** What the figure shows. Default: what the colours mean, and the largest features. */
  caption?: string;
}

export const featureBarsOptions = {
  names: texts({ rule: "feature 0, feature 1, …", help: "the features' names" }),
  inputs: other<AttributionValues>("numbers in the shape of the values", {
    rule: "not shown",
    help: "what the inputs themselves are",
  }),
  order: oneOf(["given", "size"], { rule: "given, with top size", help: "features in their own order, or by size" }),
  top: integer({ least: 1, rule: "all up to 20, else 20", help: "how many features, the largest first" }),
  sign: signOption("signed if any value of a method is negative"),
  scale: methodScaleOption,
  titles: titlesOption("text for each input"),
  ...plotTexts("what the colours mean, and the largest features"),
} satisfies Schema<FeatureBarsOptions>;

const barHeight = 19;
const widestName = 190;

/**
 * What each feature of a table's row counts: one horizontal bar for each, red to the right where it raises the score,
 * blue to the left where it lowers it. Several inputs stand side by side; several methods too, one row for each input.
 * @param values an `Attribution` of inputs [features], or numbers [features] or [inputs, features]; of several methods
 *   by their names
 * @throws BadInputError for a wrong shape, values not finite, counts that do not match
 * @example show(featureBars({ gradient: await saliency(model, row), IG: await integratedGradients(model, row) }))
 */
export async function featureBars(values: MethodValues, options: FeatureBarsOptions = {}): Promise<Figure> {
  const checked = checkOptions(featureBarsOptions, options),
    { scale } = checked;
  const methods = await Promise.all(namedValues(values, "values").map((method) => readMethod(method, checked.sign)));
  const count = methods[0].rows.length,
    features = methods[0].rows[0].length;
  methods.forEach(({ what, rows }) => {
    checkCount(rows.length, count, `inputs of ${what}`, "inputs of the first method");
    rows.forEach((row) => checkCount(row.length, features, `features of ${what}`, "features of the first input"));
  });
  const names = checkedNames(checked.names, features, { of: "feature", numbered: "feature" });
  const titles = checkedTitles(checked.titles, count, "titles");
  const inputs = checked.inputs === undefined ? undefined : await readTable(checked.inputs, "inputs", count, features);
  const { top = features > 20 ? 20 : undefined } = checked,
    bySize = (checked.order ?? (top === undefined ? "given" : "size")) === "size";

  const limitOf = (rows: readonly (readonly number[])[]): number => Math.max(...rows.flat().map(Math.abs)) || 1;
  const limits = methods.map(({ rows }) => limitOf(rows));
  const panelOf = (method: number, input: number): Panel => {
    const { name, rows, sign } = methods[method];
    const sharing = scale === "each" ? [rows[input]] : scale === "method" ? rows : methods.flatMap(({ rows }) => rows);
    return {
      values: rows[input],
      sign,
      extent: extentOf(sharing),
      label: methods.length > 1 ? name : titles[input],
      input,
      limit: limits[method],
    };
  };
  // Panels that stand side by side share their features' order and names.
  const strips: Panel[][] =
    methods.length > 1
      ? Array.from({ length: count }, (_, input) => methods.map((_, method) => panelOf(method, input)))
      : chunks(
          Array.from({ length: count }, (_, input) => panelOf(0, input)),
          3,
        );

  const order = (panels: readonly Panel[]): number[] => {
    const all = Array.from({ length: features }, (_, i) => i),
      size = (i: number): number => Math.max(...panels.map(({ values, limit }) => Math.abs(values[i]) / limit));
    const largest = [...all].sort((a, b) => size(b) - size(a) || a - b).slice(0, top);
    return bySize ? largest : largest.sort((a, b) => a - b);
  };
  const orders = methods.length > 1 ? strips.map(order) : strips.map(() => order(strips.flat()));
  const nameOf = (feature: number, panels: readonly Panel[]): string => {
    const alone = new Set(panels.map(({ input }) => input)).size === 1;
    return inputs && alone ? `${names[feature]} = ${valueText(inputs[panels[0].input][feature])}` : names[feature];
  };

  // The same for all panels, so that their zeros lie in the same places.
  const roomForNumber =
    Math.max(
      ...methods.flatMap(({ rows, sign }) =>
        rows.flat().map((value) => textWidth(numberOf(value, sign), textSize.tick)),
      ),
    ) + 8;
  return atWidths((room) => {
    const nameWidth =
      Math.ceil(
        Math.min(
          widestName,
          Math.max(
            ...strips.flatMap((panels, s) => orders[s].map((i) => textWidth(nameOf(i, panels), textSize.label))),
          ),
        ),
      ) + 8;
    // Room for bars between the numbers at their ends.
    const least = Math.max(90, 2 * roomForNumber + 24),
      gap = 18,
      most = Math.max(1, Math.floor((room - 2 * margin - nameWidth + gap) / (least + gap))),
      columns = Math.min(most, Math.max(...strips.map((panels) => panels.length)));
    const width = Math.max(
      90,
      Math.floor(Math.min(columns === 1 ? 420 : 280, (room - 2 * margin - nameWidth - (columns - 1) * gap) / columns)),
    );
    const left = (column: number): number => margin + nameWidth + column * (width + gap);
    const lines = strips.flatMap((panels, s) => chunks(panels, columns).map((panels, line) => ({ panels, s, line })));
    const sheet = new Sheet(Math.max(420, left(columns - 1) + width + margin));
    let y = writeHeading(sheet, checked.title);
    lines.forEach(({ panels, s, line }) => {
      const rowTitle = methods.length > 1 && line === 0 ? titles[s] : undefined;
      if (rowTitle) {
        const lines = wrapText(rowTitle, sheet.width - 2 * margin, textSize.title, { face: "sans-bold", maxLines: 2 });
        sheet.text(lines, {
          x: margin,
          y: y + 2,
          anchor: "left",
          from: "top",
          color: ink.strong,
          bold: true,
          name: "row title",
        });
        y += lines.length * textSize.title * 1.3 + 2;
      }
      const wrapped = panels.map(({ label }) =>
        label ? wrapText(label, width + gap - 6, textSize.title, { maxLines: 3 }) : [],
      );
      y += Math.max(...wrapped.map((lines) => lines.length)) * textSize.title * 1.3 + 6;
      const height = orders[s].length * barHeight + 4;
      panels.forEach((panel, column) => {
        const frame = { left: left(column), top: y, width, height };
        if (wrapped[column].length)
          sheet.text(wrapped[column], {
            x: frame.left + width / 2,
            y: y - 4,
            color: ink.strong,
            name: "panel title",
          });
        const called = orders[s].map((i) => nameOf(i, panels)),
          pointed = orders[s].map((i) =>
            escaped(inputs ? `${names[i]} = ${valueText(inputs[panel.input][i])}` : names[i]),
          );
        drawBars(sheet, frame, panel, {
          shown: orders[s],
          called: column === 0 ? called : undefined,
          pointed,
          room: roomForNumber,
        });
      });
      y += height + 12;
    });
    const leftOut = features - orders[0].length;
    const said = [
      meaningOfBars(methods.map(({ sign }) => sign)),
      inWords(methods, names, titles),
      ...(leftOut > 0 ? [`The ${orders[0].length} largest of ${features} features.`] : []),
    ];
    return sheet.finish(y - 12, checked.caption ?? said.join(" "));
  });
}

interface Method extends NamedValues {
  readonly rows: readonly (readonly number[])[];
  readonly sign: Sign;
}

interface Panel {
  readonly values: readonly number[];
  readonly sign: Sign;
  /** What the axis must hold. */
  readonly extent: readonly [low: number, high: number];
  readonly label?: string;
  readonly input: number;
  /** The method's largest absolute value. */
  readonly limit: number;
}

interface Shown {
  /** Which features, from top to bottom. */
  readonly shown: readonly number[];
  /** Their names, where they stand beside the bars. */
  readonly called?: readonly string[];
  /** The text shown when a bar is pointed at. */
  readonly pointed: readonly string[];
  /** Pixels for the number at a bar's end. */
  readonly room: number;
}

const shapes = {
  rank: 1,
  shape: "[features] or [inputs, features]",
  remedy: "seriesAttribution draws [steps, channels], textHighlights the vectors of tokens.",
};

async function readMethod(method: NamedValues, asked: Sign | undefined): Promise<Method> {
  const rows = (await readValues(method.values, { what: method.what, ...shapes })).map(({ values }) =>
    Array.from(values),
  );
  const sign = asked ?? (rows.some((row) => row.some((value) => value < 0)) ? "signed" : "magnitude");
  return { ...method, sign, rows: sign === "signed" ? rows : rows.map((row) => row.map(Math.abs)) };
}

async function readTable(table: AttributionValues, what: string, count: number, features: number): Promise<number[][]> {
  const rows = (await readValues(table, { what, ...shapes, remedy: undefined })).map(({ values }) =>
    Array.from(values),
  );
  checkCount(rows.length, count, what, "inputs of the values");
  rows.forEach((row) => checkCount(row.length, features, `features of ${what}`, "features of the values"));
  return rows;
}

function extentOf(rows: readonly (readonly number[])[]): [number, number] {
  const all = rows.flat(),
    low = Math.min(0, ...all),
    high = Math.max(0, ...all);
  return low === high ? [0, 1] : [low, high];
}

const numberOf = (value: number, sign: Sign): string => (sign === "signed" ? signedText(value) : tickText(value));

function drawBars(
  sheet: Sheet,
  frame: Frame,
  { values, sign, extent: [low, high] }: Panel,
  { shown, called, pointed, room }: Shown,
): void {
  const texts = shown.map((i) => numberOf(values[i], sign));
  const perPixel = (high - low) / Math.max(20, frame.width - (low < 0 ? 2 : 1) * room);
  const axes = sheet.panel(
    frame,
    {
      range: [low < 0 ? low - room * perPixel : 0, high + room * perPixel],
      tickvals: [],
      showgrid: false,
      fixedrange: true,
      zeroline: true,
      zerolinecolor: ink.frame,
      zerolinewidth: 1,
    },
    {
      range: [shown.length - 0.4, -0.6],
      fixedrange: true,
      showgrid: false,
      zeroline: false,
      ticks: "",
      tickvals: called ? shown.map((_, i) => i) : [],
      ticktext: (called ?? []).map((name) => escaped(wrapText(name, widestName, textSize.label, { maxLines: 1 })[0])),
      tickfont: { size: textSize.label, color: ink.normal },
    },
  );
  const color = (value: number): string =>
    sign === "magnitude" ? signColors.magnitude : value < 0 ? signColors.lowers : signColors.raises;
  sheet.add(
    {
      type: "bar",
      orientation: "h",
      x: shown.map((i) => compact(values[i])),
      y: shown.map((_, i) => i),
      marker: { color: shown.map((i) => color(values[i])) },
      text: texts,
      textposition: "outside",
      constraintext: "none",
      textfont: { size: textSize.tick, color: ink.normal },
      cliponaxis: false,
      customdata: pointed,
      hovertemplate: "%{customdata}<br>attribution %{x:.4~g}<extra></extra>",
    },
    axes,
  );
}

function meaningOfBars(signs: readonly Sign[]): string {
  const signed = "Red bars raise the score of the class that is explained, blue ones lower it.",
    magnitude = "The longer a grey bar, the more the score depends on the feature.";
  return [...(signs.includes("signed") ? [signed] : []), ...(signs.includes("magnitude") ? [magnitude] : [])].join(" ");
}

/** For those who cannot see the bars: the largest of each, of a few panels. */
function inWords(
  methods: readonly Method[],
  names: readonly string[],
  titles: readonly (string | undefined)[],
): string {
  const panels = methods.flatMap(({ name, rows, sign }) =>
    rows.map((row, i) => ({ said: [name, titles[i]].filter(Boolean).join(", "), row, sign })),
  );
  return panels
    .slice(0, 3)
    .map(({ said, row, sign }) => {
      const largest = row
        .map((_, i) => i)
        .sort((a, b) => Math.abs(row[b]) - Math.abs(row[a]))
        .slice(0, 2);
      const features = largest.map((i) => `${names[i]} ${numberOf(row[i], sign)}`);
      return `Largest${said && ` (${said})`}: ${features.join(", ")}.`;
    })
    .join(" ");
}

// A figure sealed: caption, alternative text, plain data.
import { displayKey, type MimeBundle } from "../runtime/host";
import { badInput } from "../core/errors";
import type { Figure, PlotlyLayout, PlotlyTrace } from "./figure";
import { mimeBundle } from "./show";
import { fontFamily, ink, narrowest, textSize } from "./style";
import { escaped, wrapText } from "./text";

/** What a plot of one's own is made of. */
export interface FigureParts {
  /**
   * Plotly traces (https://plotly.com/javascript/reference/): `[{type: "scatter", x: [1, 2], y: [3, 4]}]`. Typed arrays
   * are allowed.
   */
  data: readonly PlotlyTrace[];
  /** Plotly layout. Default: 700 by 420 pixels, no title. */
  layout?: PlotlyLayout;
  /** One or two sentences that say what is seen; drawn below the plot and read by those who cannot see it. */
  caption: string;
}

/**
 * A figure from Plotly traces of your own.
 * @example show(figure({ data: [{ type: "bar", x: ["cat", "dog"], y: [0.9, 0.1] }], caption: "The network is sure." }))
 * @throws BadInputError without traces or a caption
 */
export function figure({ data, layout = {}, caption }: FigureParts): Figure {
  if (!Array.isArray(data) || data.length === 0)
    badInput({
      what: "data",
      got: data,
      allowed: "an array with at least one Plotly trace",
      remedy: 'For instance [{type: "bar", x: ["a"], y: [1]}].',
    });
  const said = checkedCaption(caption);
  const given = plainJson(layout, "layout") as PlotlyLayout;
  const { title, margin } = given as { title?: unknown; margin?: Record<string, number> };
  const wide = Number(given.width ?? 700);
  const layoutAt = (width: number): PlotlyLayout => {
    const height = Number(given.height ?? 420),
      left = margin?.l ?? 70,
      right = margin?.r ?? 30,
      below = margin?.b ?? 72,
      block = captionBlock(said, width - 32);
    const note = {
      ...block.annotation,
      xref: "paper",
      yref: "paper",
      x: 0,
      y: 0,
      xshift: 16 - left,
      yshift: -below,
      yanchor: "top",
    };
    return {
      font: { family: fontFamily, size: textSize.title, color: ink.normal },
      paper_bgcolor: "#ffffff",
      plot_bgcolor: "#ffffff",
      ...given,
      // Plotly 3 dropped titles that are plain strings.
      ...(typeof title === "string" ? { title: { text: title } } : {}),
      width,
      height: height + block.height,
      margin: { t: title ? 60 : 30, ...margin, l: left, r: right, b: below + block.height },
      annotations: [...((given.annotations as unknown[]) ?? []), note],
    };
  };
  return sealed({
    data: plainJson(data, "data") as PlotlyTrace[],
    layout: layoutAt(wide),
    ...(wide > narrowest ? { narrow: { layout: layoutAt(narrowest), traces: {} } } : {}),
    caption: said,
  });
}

/** Gives a figure the method by which a kernel shows it as a cell's last expression. */
export function sealed(parts: Figure): Figure {
  const figure: Figure = { ...parts };
  Object.defineProperty(figure, displayKey, {
    enumerable: false,
    value: (): Promise<MimeBundle> => mimeBundle(figure),
  });
  return figure;
}

export function checkedCaption(caption: unknown): string {
  if (typeof caption !== "string" || caption.trim() === "") {
    badInput({
      what: "caption",
      got: caption,
      allowed: "a sentence or two",
      remedy: "Say what the figure shows; readers who cannot see it depend on it.",
    });
  }
  return caption.trim();
}

const lineHeight = 1.3;

/**
 * A caption set in lines of at most `width` pixels: its annotation, without a position, and the height to leave for it.
 */
export function captionBlock(caption: string, width: number): { annotation: Record<string, unknown>; height: number } {
  const lines = wrapText(caption, width, textSize.caption);
  return {
    annotation: {
      text: lines.map(escaped).join("<br>"),
      showarrow: false,
      borderpad: 0,
      borderwidth: 0,
      align: "left",
      xanchor: "left",
      font: { size: textSize.caption, color: ink.soft },
      name: "caption",
    },
    height: Math.ceil(lines.length * textSize.caption * lineHeight) + 14,
  };
}

/**
 * A copy that JSON can hold: typed arrays become arrays, what is not a finite number becomes null (a gap in a line).
 */
function plainJson(value: unknown, what: string): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Float32Array)
    return Array.from(value, (item) => (Number.isFinite(item) ? Number(item.toPrecision(7)) : null));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>, (item) => plainJson(item, what));
  if (Array.isArray(value)) return value.map((item, i) => plainJson(item, `${what}[${i}]`));
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object") badInput({ what, got: value, allowed: "numbers, text, arrays and plain objects" });
  if ("dataSync" in value)
    badInput({
      what,
      got: "a tensor",
      allowed: "numbers or arrays of numbers",
      remedy: "Read it first: await tensor.array().",
    });
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, plainJson(item, `${what}.${key}`)]),
  );
}

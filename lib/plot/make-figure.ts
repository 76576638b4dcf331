import { displayKey, type MimeBundle } from "../runtime/host";
import { badInput } from "../core/errors";
import { captionBlock } from "./caption";
import type { Figure, PlotlyLayout, PlotlyTrace } from "./figure";
import { mimeBundle } from "./mime-bundle";
import { plainJson } from "./plain-json";
import { fontFamily, ink, textSize } from "./style";

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
  const [width, height] = [Number(given.width ?? 700), Number(given.height ?? 420)];
  const left = margin?.l ?? 70;
  const right = margin?.r ?? 30;
  const below = margin?.b ?? 72;
  const block = captionBlock(said, width - 32);
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
  return sealed({
    data: plainJson(data, "data") as PlotlyTrace[],
    layout: {
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
    },
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

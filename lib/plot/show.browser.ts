// Where a figure goes in a browser: into an element of the page, drawn by Plotly.
import { badInput } from "../core/errors";
import { notebookHost, type MimeBundle } from "../runtime/host";
import type { Figure } from "./figure";
import { checkFigure, plotlyConfig, plotlyMime } from "./shown-figure";

/** The little of Plotly that is used here. */
export interface Plotly {
  react(element: HTMLElement, figure: object): Promise<unknown>;
}

export interface ShowOptions {
  /** Where to draw: an element, or its id. What it shows is replaced. */
  element: HTMLElement | string;
  /** `import Plotly from "plotly.js-dist"`. Default: the page's own `Plotly`, as its script tag leaves it. */
  plotly?: Plotly;
}

/**
 * Draws a figure into an element, as wide as that is: its wide layout where it fits, else its narrow one. In a notebook
 * that runs in the browser it is shown there.
 * @throws BadInputError for what is no figure, without an element, and without Plotly
 */
export async function show(figure: Figure | Promise<Figure>, options?: ShowOptions): Promise<void> {
  const drawn = await figure;
  checkFigure(drawn);
  const host = notebookHost();
  if (host && !options) return host.display(await mimeBundle(drawn));
  const { element: given, plotly = (globalThis as { Plotly?: Plotly }).Plotly } = options ?? {};
  const element = typeof given === "string" ? document.getElementById(given) : given;
  if (!element) return badInput({ what: "element", got: given, allowed: "an element of the page, or its id" });
  if (!plotly)
    return badInput({
      what: "plotly",
      got: plotly,
      allowed: 'Plotly: import Plotly from "plotly.js-dist"',
      remedy: "npm install plotly.js-dist",
    });
  const { data, layout, narrow, frames, caption } = drawn;
  const fits = !narrow || Number(layout.width) <= element.clientWidth;
  const traces = fits ? data : data.map((trace, i) => ({ ...trace, ...narrow.traces[i] }));
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", caption);
  await plotly.react(element, { data: traces, layout: fits ? layout : narrow.layout, config: plotlyConfig, frames });
}

/** What a notebook stores of a figure; a page makes no picture beside it. */
export const mimeBundle = ({ data, layout, narrow, frames, caption }: Figure): Promise<MimeBundle> =>
  Promise.resolve({
    [plotlyMime]: { data, layout, config: plotlyConfig, ...(narrow ? { narrow } : {}), ...(frames ? { frames } : {}) },
    "text/plain": caption,
  });

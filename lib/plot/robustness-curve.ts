import type { RobustnessPoint } from "../attack/criterion";
import { badInput } from "../core/errors";
import { boolean, checkOptions, integer, text, type Schema } from "../core/options";
import type { Figure } from "./figure";
import { figure } from "./make-figure";
import { plotTexts } from "./panel-grid";
import { textWidth } from "./font-metrics";
import { compact } from "./text";
import { ink, lineColors, textSize, narrowest } from "./style";

export interface RobustnessCurveOptions {
  /** Text above all. Default: none. */
  title?: string;
  /**
   * How many inputs the shares are of: pointing at a point then shows the number as well. Integer ≥ 1. Default: not
   * shown.
   */
  count?: number;
  /** What stands at the horizontal axis. Default: "size of the perturbation (epsilon)". */
  axis?: string;
  /**
   * What is counted of the inputs, at the vertical axis "share that stays …": `recognised`, where labels are asked for.
   * Default: "unfooled".
   */
  counted?: string;
  /** Epsilons by their logarithm; 0 is left out then. Default: false. */
  logarithmic?: boolean;
  /** What the figure shows. Default: in words, from what share to what. */
  caption?: string;
}

export const robustnessCurveOptions = {
  count: integer({ least: 1, rule: "not shown", help: "how many inputs the shares are of" }),
  axis: text({
    words: "a text",
    default: "size of the perturbation (epsilon)",
    help: "what stands at the horizontal axis",
  }),
  counted: text({ words: "a word", default: "unfooled", help: "what is counted of the inputs, at the vertical axis" }),
  logarithmic: boolean({ default: false, help: "epsilons by their logarithm; 0 is left out then" }),
  ...plotTexts("in words, from what share to what"),
} satisfies Schema<RobustnessCurveOptions>;

const markers = ["circle", "square", "diamond", "triangle-up", "x", "star"];

/**
 * The share of inputs that stay unfooled (or recognised, or whatever is counted) over the size of the perturbation, one
 * line for each attack or network.
 * @param curves name → points, as `robustAccuracy` gives them
 * @throws BadInputError for no curves, no points, or shares outside [0, 1]
 * @example show(robustnessCurve({ FGSM: robustAccuracy(results) }, { count: 20 }))
 */
export function robustnessCurve(
  curves: Readonly<Record<string, readonly RobustnessPoint[]>>,
  options: RobustnessCurveOptions = {},
): Figure {
  const { count, logarithmic, axis, counted, title, caption } = checkOptions(robustnessCurveOptions, options);
  const names = Object.keys(curves ?? {});
  if (names.length === 0)
    badInput({
      what: "curves",
      got: curves,
      allowed: "an object with the points of each curve",
      remedy: "{ FGSM: robustAccuracy(results) }",
    });
  for (const name of names) checkPoints(curves[name], `curves.${name}`);
  const shown = names.map((name) => (logarithmic ? curves[name].filter(({ epsilon }) => epsilon > 0) : curves[name]));
  return figure({
    data: shown.map((points, i) => ({
      type: "scatter",
      mode: "lines+markers",
      name: names[i],
      x: points.map(({ epsilon }) => compact(epsilon)),
      y: points.map(({ share }) => compact(share)),
      ...(count !== undefined && { customdata: points.map(({ share }) => `${Math.round(share * count)} of ${count}`) }),
      line: { color: lineColors[i % lineColors.length], width: 2 },
      marker: { size: 8, symbol: markers[i % markers.length] },
      hovertemplate:
        `epsilon %{x:.4~g}<br>${counted} %{y:.1%}${count !== undefined ? ", %{customdata}" : ""}` +
        "<extra>%{fullData.name}</extra>",
    })),
    layout: {
      ...(title !== undefined && {
        title: {
          text: title,
          xref: "container",
          x: 0,
          xanchor: "left",
          yref: "container",
          y: 1,
          yanchor: "top",
          pad: { l: 16, t: 16 },
        },
      }),
      xaxis: {
        title: { text: axis },
        type: logarithmic ? "log" : "linear",
        rangemode: "tozero",
        ...(logarithmic && ticksAt(shown)),
        gridcolor: ink.frame,
        zeroline: false,
        linecolor: ink.frame,
        showline: true,
        ticks: "outside",
      },
      yaxis: {
        title: { text: `share that stays ${counted}` },
        range: [-0.03, 1.05],
        tickformat: ".0%",
        gridcolor: ink.frame,
        zeroline: false,
        linecolor: ink.frame,
        showline: true,
      },
      // Above the plot: a line may lie anywhere in it.
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" },
      margin: { t: (title === undefined ? 30 : 64) + 20 * legendRows(names) },
      showlegend: true,
    },
    caption: caption ?? captionOf(names, shown, counted),
  });
}

/** Plotly's own ticks on a logarithmic axis leave out all but one digit. */
function ticksAt(curves: readonly (readonly RobustnessPoint[])[]): Record<string, unknown> {
  const epsilons = [...new Set(curves.flatMap((points) => points.map(({ epsilon }) => compact(epsilon))))].sort(
    (a, b) => a - b,
  );
  return { tickvals: epsilons, ticktext: epsilons.map(String), tickangle: 0 };
}

/** Entries that do not fit in one row, in the narrower of two layouts, stand in columns as wide as the longest. */
function legendRows(names: readonly string[]): number {
  const widths = names.map((name) => textWidth(name, textSize.title) + 50),
    room = narrowest - 130;
  if (widths.reduce((a, b) => a + b) <= room) return 1;
  return Math.ceil(names.length / Math.max(1, Math.floor(room / Math.max(...widths))));
}

function checkPoints(points: readonly RobustnessPoint[], what: string): void {
  if (!Array.isArray(points) || points.length === 0)
    badInput({
      what,
      got: points,
      allowed: "at least one point { epsilon, share }",
      remedy: "robustAccuracy makes them.",
    });
  for (const { epsilon, share } of points) {
    if (!(epsilon >= 0 && epsilon < Infinity))
      badInput({ what: `an epsilon of ${what}`, got: epsilon, allowed: "a number ≥ 0" });
    if (!(share >= 0 && share <= 1))
      badInput({ what: `a share of ${what}`, got: share, allowed: "a number from 0 to 1" });
  }
}

function captionOf(names: readonly string[], curves: readonly (readonly RobustnessPoint[])[], counted: string): string {
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  return `Inputs that stay ${counted}: ${names
    .map((name, i) => {
      const [first, last] = [curves[i][0], curves[i][curves[i].length - 1]];
      const [from, to] = [first, last].map(({ share, epsilon }) => `${percent(share)} at ${compact(epsilon)}`);
      return `${name} from ${from} to ${to}`;
    })
    .join("; ")}.`;
}

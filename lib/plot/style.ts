/**
 * The looks that all figures share. Colours are told apart by people with any common colour vision:
 * the diverging scale is ColorBrewer's RdBu (blue below zero, red above), the sequential one viridis,
 * the bars' colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/).
 */
export const fontFamily = "'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";

export const textSize = { heading: 15, title: 12.5, label: 11.5, tick: 10.5, caption: 11.5 } as const;

export const ink = { strong: "#1f2328", normal: "#3c4249", soft: "#646b73", frame: "#c4c9cf" } as const;

export const barColors = {
  predicted: "#0072B2",
  trueClass: "#E69F00",
  both: "#009E73",
  other: "#c3c8ce",
  before: "#8a9199",
} as const;

/** Bars of either sign, from the diverging scale; of magnitudes. */
export const signColors = { raises: "#b2182b", lowers: "#2166ac", magnitude: "#646b73" } as const;

/** Marks occluded regions. */
export const maskColor = "#D55E00";

/** Boxes of up to four kinds: told apart by their dash as well, light enough for the dark ground they are drawn on. */
export const boxLines = [
  { color: "#E69F00", dash: "solid" },
  { color: "#56B4E9", dash: "6px,3px" },
  { color: "#F28CC8", dash: "2px,2px" },
  { color: "#F0E442", dash: "solid" },
] as const;

/** Lines side by side, Okabe and Ito's without yellow, which is lost on white. */
export const lineColors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"] as const;

/** The most that fits beside JupyterLab's prompt and file browser in a window of 1,250 pixels. */
export const widest = 800;
/** What every figure must fit into. */
export const narrowest = 568;

export type ColorScale = readonly (readonly [at: number, color: string])[];

const evenly = (colors: readonly string[]): ColorScale =>
  colors.map((color, i) => [Number((i / (colors.length - 1)).toFixed(4)), color]);

export const greys: ColorScale = evenly(["#000000", "#ffffff"]);
export const diverging: ColorScale = evenly([
  "#053061",
  "#2166ac",
  "#4393c3",
  "#92c5de",
  "#d1e5f0",
  "#f7f7f7",
  "#fddbc7",
  "#f4a582",
  "#d6604d",
  "#b2182b",
  "#67001f",
]);
export const sequential: ColorScale = evenly([
  "#440154",
  "#482878",
  "#3e4989",
  "#31688e",
  "#26828e",
  "#1f9e89",
  "#35b779",
  "#6ece58",
  "#b5de2b",
  "#fde725",
]);

/** A ground for text: pale where there is little (ColorBrewer's Oranges). */
export const oranges: ColorScale = evenly([
  "#f7f7f7",
  "#feedde",
  "#fdd0a2",
  "#fdae6b",
  "#fd8d3c",
  "#e6550d",
  "#a63603",
]);

/** The colour of a place on a scale of even steps, as bytes. @param at 0 to 1 */
export function colorAt(scale: ColorScale, at: number): [red: number, green: number, blue: number] {
  const place = Math.min(1, Math.max(0, at)) * (scale.length - 1),
    low = Math.floor(place);
  const bytes = (index: number): number[] =>
    [1, 3, 5].map((digit) => parseInt(scale[index][1].slice(digit, digit + 2), 16));
  const [from, to] = [bytes(low), bytes(Math.min(low + 1, scale.length - 1))];
  return from.map((byte, c) => byte + (place - low) * (to[c] - byte)) as [number, number, number];
}

/** Scales to lay over a picture: nothing is painted where the value is 0. */
export function seeThrough(sign: "signed" | "magnitude", opacity: number): ColorScale {
  return sign === "signed"
    ? [
        [0, `rgba(5,48,130,${opacity})`],
        [0.25, `rgba(20,90,190,${0.75 * opacity})`],
        [0.5, "rgba(247,247,247,0)"],
        [0.75, `rgba(205,40,40,${0.75 * opacity})`],
        [1, `rgba(140,0,30,${opacity})`],
      ]
    : [
        [0, "rgba(213,94,0,0)"],
        [0.5, `rgba(213,94,0,${0.7 * opacity})`],
        [1, `rgba(150,20,0,${opacity})`],
      ];
}

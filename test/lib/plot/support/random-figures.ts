import type { Figure, PlotlyLayout, PlotlyTrace } from "../../../../lib/plot/figure";
import { random } from "../../../../lib/core/random";

type Chance = ReturnType<typeof random>;
type Drawn = Pick<Figure, "data" | "layout">;

const extremes = [
  1e308,
  -1e308,
  -1e30,
  1e30,
  1e21,
  1e9,
  -1e5,
  1e-300,
  5e-324,
  -0,
  0,
  NaN,
  Infinity,
  -Infinity,
  null,
  undefined,
  "",
  "x",
];
const symbols = ["circle", "x-open", "arrow", "star-diamond-dot"];
const axisTypes = ["linear", "log", "date", "category", "-"];

/** A figure of a kind that Plotly takes, with values that nobody meant to draw: the same for the same seed. */
export function randomFigure(seed: number): Drawn {
  const chance = random(seed),
    panels = 1 + chance.integer(3);
  const axes = Array.from({ length: panels }, (_, i) => (i === 0 ? "" : String(i + 1)));
  const data = Array.from({ length: 1 + chance.integer(4) }, () => {
    const axis = axes[chance.integer(panels)];
    return {
      ...randomTrace(chance),
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      ...sometimes(chance, { opacity: chance.uniform() }),
    };
  });
  const layout: PlotlyLayout = {
    width: one(chance, [10, 11, 60, 300, 700]),
    height: one(chance, [10, 12, 50, 420]),
    ...sometimes(chance, { margin: { l: 0, r: 0, t: 0, b: 0 } }),
    ...sometimes(chance, { grid: { rows: 1, columns: panels, pattern: "independent" } }),
    annotations: many(chance, 3, () => randomNote(chance)),
    shapes: many(chance, 3, () => randomShape(chance)),
    ...sometimes(chance, { title: { text: randomText(chance) } }),
    ...sometimes(chance, { coloraxis: { cmin: value(chance), cmax: value(chance), colorscale: "Viridis" } }),
    ...sometimes(chance, { barmode: one(chance, ["stack", "group", "overlay", "relative"]), bargap: chance.uniform() }),
  };
  for (const axis of axes) for (const side of ["x", "y"]) layout[`${side}axis${axis}`] = randomAxis(chance);
  return { data: data as PlotlyTrace[], layout };
}

function randomTrace(chance: Chance): PlotlyTrace {
  const count = one(chance, [0, 1, 2, 30]),
    list = (): unknown[] => Array.from({ length: count }, () => value(chance));
  const marker = {
    size: one<unknown>(chance, [6, 0, 1e4, list()]),
    opacity: one<unknown>(chance, [1, 0, 0.4, list()]),
    symbol: one(chance, symbols),
    color: one<unknown>(chance, ["red", list(), "nothing"]),
    line: { width: one(chance, [0, 2, 1e5]) },
  };
  switch (chance.integer(6)) {
    case 0:
      return {
        type: "heatmap",
        z: Array.from({ length: one(chance, [0, 1, 4]) }, list),
        ...sometimes(chance, { x: list(), y: list() }),
        ...sometimes(chance, { coloraxis: "coloraxis" }),
        zsmooth: one<unknown>(chance, [false, "fast", "best"]),
        zmin: value(chance),
        zmax: value(chance),
      };
    case 1:
      return {
        type: "image",
        z: Array.from({ length: one(chance, [0, 1, 3]) }, () => list().map(() => [value(chance), value(chance), 128])),
        dx: one<unknown>(chance, [1, 1e30, value(chance)]),
        x0: value(chance),
        y0: value(chance),
      };
    case 2:
      return {
        type: "image",
        source: one(chance, [pixel, "data:image/png;base64,AAAA", "data:,"]),
        dx: one<unknown>(chance, [1, 1e9, value(chance)]),
        x0: value(chance),
      };
    case 3:
      return {
        type: "bar",
        orientation: one(chance, ["h", "v"]),
        x: list(),
        y: list(),
        text: list(),
        width: one<unknown>(chance, [undefined, 1e30, list()]),
        marker: { color: "blue", opacity: 0.5 },
        error_y: { type: "data", array: list(), visible: true },
      };
    case 4:
      return {
        type: "histogram",
        x: list(),
        ...sometimes(chance, {
          xbins: { start: value(chance), end: value(chance), size: one<unknown>(chance, [1, 0.1, 1e30]) },
        }),
      };
    default:
      return {
        type: "scatter",
        mode: one(chance, ["lines", "markers", "text", "lines+markers+text"]),
        x: list(),
        y: list(),
        text: list().map(() => randomText(chance)),
        marker,
        fill: one(chance, ["none", "tozeroy", "toself"]),
        line: {
          dash: one(chance, ["solid", "dot", "1px,1e9px"]),
          width: one(chance, [0, 1, 1e4]),
          shape: one(chance, ["linear", "spline", "hv"]),
        },
        cliponaxis: chance.uniform() < 0.5,
        error_x: { type: "data", array: list(), visible: true },
      };
  }
}

/** Without `dtick`: Plotly counts for ever with some, in a browser too. */
const randomAxis = (chance: Chance): Record<string, unknown> => ({
  type: one(chance, axisTypes),
  visible: chance.uniform() < 0.8,
  ...sometimes(chance, {
    range: one(chance, [
      [0, 1],
      [1, 0],
      [50, 51],
      [-1e30, 1e30],
      [1e300, 1e308],
      [0, 1e-300],
      [value(chance), value(chance)],
    ]),
  }),
  ...sometimes(chance, { nticks: one(chance, [0, 3, 40]) }),
  ...sometimes(chance, {
    tickvals: Array.from({ length: 5 }, () => value(chance)),
    ticktext: Array.from({ length: 5 }, () => randomText(chance)),
  }),
});

const randomNote = (chance: Chance): Record<string, unknown> => ({
  text: randomText(chance),
  x: value(chance),
  y: value(chance),
  ...sometimes(chance, { xref: "paper", yref: "paper" }),
  showarrow: chance.uniform() < 0.5,
  ax: one(chance, [0, -40, 1e6]),
  ay: one(chance, [0, -40, -1e30]),
  opacity: one(chance, [1, 0.5]),
  textangle: one(chance, [0, 45, 1e9]),
  font: { size: one(chance, [1, 12, 1e4, 1e9]) },
  bgcolor: "#eee",
  bordercolor: "red",
  borderwidth: one(chance, [0, 1, 1e6]),
});

const randomShape = (chance: Chance): Record<string, unknown> => ({
  type: one(chance, ["line", "rect", "circle", "path"]),
  x0: value(chance),
  x1: value(chance),
  y0: value(chance),
  y1: value(chance),
  path: "M0,0L1e30,5L-1e308,1e9Z",
  opacity: one(chance, [1, 0.5]),
  fillcolor: "green",
  ...sometimes(chance, { xref: "paper", yref: "paper" }),
  line: { width: one(chance, [0, 1, 1e6]), dash: one(chance, ["solid", "dash"]) },
});

const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E" +
  "rkJggg==";

const value = (chance: Chance): unknown =>
  chance.uniform() < 0.6 ? Math.round(1e3 * (chance.uniform() - 0.5)) / 100 : one<unknown>(chance, extremes);
const randomText = (chance: Chance): string =>
  one(chance, [
    "",
    "a",
    "<b>bold</b><br><i>x</i><sup>2</sup>",
    "<script>&amp;</b",
    "Ärger \u{1f600} \u0000\u202e\ud800",
    "long ".repeat(300),
    "<br>".repeat(60),
    "https://x <a href='y'>z</a>",
  ]);
const many = <T>(chance: Chance, most: number, make: () => T): T[] =>
  Array.from({ length: chance.integer(most + 1) }, make);
const sometimes = (chance: Chance, some: object): object => (chance.uniform() < 0.4 ? some : {});

function one<T>(chance: Chance, all: readonly T[]): T {
  return all[chance.integer(all.length)];
}

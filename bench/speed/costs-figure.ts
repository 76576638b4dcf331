import { figure } from "../../lib/plot/make-figure";
import type { Figure } from "../../lib/plot/figure";
import { lineColors } from "../../lib/plot/style";
import type { Costs } from "./costs";

const sides = [
  { name: "Vitrine", ms: "oursMs", memory: "oursMemory", files: "oursFiles", symbol: "circle" },
  { name: "PyTorch + Captum", ms: "theirsMs", memory: "theirsMemory", files: "theirsFiles", symbol: "square" },
] as const;
/** What is drawn of each side, and in which row. */
const lines = [
  { what: "time", row: 0, dash: "solid" },
  { what: "memory", row: 1, dash: "solid" },
  { what: "memory without mapped files", row: 1, dash: "dot" },
] as const;

/** Time above, memory below, one column for each thing that costs grow with. */
export function costsFigure(all: readonly Costs[], machine: string): Figure {
  const data = all.flatMap(({ costs }, column) =>
    sides.flatMap(({ name, ms, memory, files, symbol }, side) =>
      lines.map(({ what, row, dash }) => {
        const own = what === "memory without mapped files",
          id = row * all.length + column + 1,
          axis = id === 1 ? "" : String(id);
        return {
          type: "scatter",
          mode: "lines+markers",
          name: own ? `${name}, ${what}` : name,
          legendgroup: name,
          showlegend: column === 0 && what !== "memory",
          xaxis: `x${axis}`,
          yaxis: `y${axis}`,
          x: costs.map(({ size }) => size),
          y: costs.map((cost) => (what === "time" ? cost[ms] / 1000 : (cost[memory] - (own ? cost[files] : 0)) / 1e6)),
          line: { color: lineColors[side], width: 2, dash },
          marker: { size: 7, symbol },
        };
      }),
    ),
  );
  const axesOf = Object.fromEntries(
    all.flatMap(({ axis, what }, column) =>
      [0, 1].flatMap((row) => {
        const id = row * all.length + column + 1,
          suffix = id === 1 ? "" : String(id);
        return [
          [`xaxis${suffix}`, { title: { text: row === 0 ? what : axis }, rangemode: "tozero", anchor: `y${suffix}` }],
          [
            `yaxis${suffix}`,
            {
              title: { text: column > 0 ? "" : row === 0 ? "seconds" : "most memory, MB" },
              rangemode: "tozero",
              anchor: `x${suffix}`,
            },
          ],
        ];
      }),
    ),
  );
  return figure({
    data,
    layout: {
      width: 1000,
      height: 560,
      grid: { rows: 2, columns: all.length, pattern: "independent", xgap: 0.16, ygap: 0.32 },
      ...axesOf,
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.04, yanchor: "bottom" },
      showlegend: true,
      margin: { t: 50 },
    },
    caption:
      `Time and most memory of a process, interpreter included (dotted: without mapped files, such as libraries), ` +
      `by the number of images, steps and windows; SqueezeNet at 224 × 224, at most 25 images at once where the ` +
      `library can be told so. ${machine}.`,
  });
}

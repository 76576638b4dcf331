// One figure for two widths: as wide as a laptop's notebook lets it be, and for a window half that wide.
import { widest, narrowest } from "./style";
import type { Figure, PlotlyTrace } from "./figure";
import { sealed } from "./make-figure";

/** The same at any width, and far too long to be compared. */
const content = new Set(["z", "source"]);

/**
 * Lays a figure out twice, in all the room there is and in the least that is meant (`narrowest`): fewer panels in a
 * row, lines broken earlier. What a panel shows is stored once. JupyterLab and the exported page choose by the width
 * they have; pictures and other front ends take the wide one.
 * @param draw a figure at most `room` pixels wide; the same traces in the same order for every room
 */
export function atWidths(draw: (room: number) => Figure): Figure {
  const wide = draw(widest);
  if (Number(wide.layout.width) <= narrowest) return wide;
  const { layout, data } = draw(narrowest);
  if (data.length !== wide.data.length)
    throw new Error(`A figure has ${wide.data.length} traces where it is wide and ${data.length} where it is narrow.`);
  const traces: Record<number, PlotlyTrace> = {};
  data.forEach((trace, i) => {
    const changed = Object.entries(trace).filter(
      ([key, value]) => !content.has(key) && JSON.stringify(value) !== JSON.stringify(wide.data[i][key]),
    );
    if (changed.length) traces[i] = Object.fromEntries(changed);
  });
  return sealed({ ...wide, narrow: { layout, traces } });
}

import type { Pixels } from "../../data/image-files";
import type { Figure, PlotlyTrace } from "../figure";
import type { Axes } from "../sheet";

/** What changes in a figure from one picture of a film to the next. */
export interface ReelFrame {
  /** Which traces, and what of them. */
  readonly traces: readonly number[];
  readonly data: readonly PlotlyTrace[];
  /** The picture in each of the reel's panels. */
  readonly tiles: readonly Pixels[];
}

/** A film whose pictures are made as they are asked for: however long, one is in memory. */
export interface Reel {
  /** What stays: without the buttons, with empty panels. */
  readonly still: Figure;
  /** Panels that have another picture in each frame. */
  readonly panels: readonly Axes[];
  readonly count: number;
  /** What each frame is called: how many minibatches were done. */
  readonly labels: readonly string[];
  /** How long each stays, in milliseconds. */
  readonly duration: number;
  frame(index: number): Promise<ReelFrame>;
}

/** The traces as they are at a frame. */
export function tracesAt(
  data: readonly PlotlyTrace[],
  { traces, data: changes }: Pick<ReelFrame, "traces" | "data">,
): PlotlyTrace[] {
  const changed = [...data];
  traces.forEach((trace, i) => {
    changed[trace] = { ...changed[trace], ...changes[i] };
  });
  return changed;
}

/** `x2` → `xaxis2`: under which a layout has an axis. */
export const axisKey = (axis: string): string => `${axis[0]}axis${axis.slice(1)}`;

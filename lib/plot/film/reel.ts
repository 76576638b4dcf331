import type { Figure, PlotlyTrace } from "../figure";

/** What changes in a figure from one picture of a film to the next. */
export interface ReelFrame {
  /** Which traces, and what of them. */
  readonly traces: readonly number[];
  readonly data: readonly PlotlyTrace[];
}

/** A film whose pictures are made as they are asked for: however long, one is in memory. */
export interface Reel {
  /** The last picture, without the buttons. */
  readonly still: Figure;
  readonly count: number;
  /** What each picture is called: how many minibatches were done. */
  readonly labels: readonly string[];
  /** How long each stays, in milliseconds. */
  readonly duration: number;
  frame(index: number): Promise<ReelFrame>;
}

/** The figure as it is at a frame. */
export function pictureAt({ data, layout, caption }: Figure, { traces, data: changes }: ReelFrame): Figure {
  const changed = [...data];
  traces.forEach((trace, i) => { changed[trace] = { ...changed[trace], ...changes[i] }; });
  return { data: changed, layout, caption };
}

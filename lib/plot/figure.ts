/** A Plotly trace, as plain JSON (https://plotly.com/javascript/reference/). */
export type PlotlyTrace = Record<string, unknown>;
/** A Plotly layout, as plain JSON. */
export type PlotlyLayout = Record<string, unknown>;

/** A figure: what every plot function returns, what `show` draws, and what a cell's last expression displays. */
export interface Figure {
  readonly data: readonly PlotlyTrace[];
  readonly layout: PlotlyLayout;
  /** Animation frames, where the figure is a film. */
  readonly frames?: readonly Record<string, unknown>[];
  /** For places narrower than `layout`: another layout, and by their places what differs in the traces. */
  readonly narrow?: { readonly layout: PlotlyLayout; readonly traces: Readonly<Record<number, PlotlyTrace>> };
  /** One or two sentences that say what is seen; becomes the text beside the picture. */
  readonly caption: string;
}

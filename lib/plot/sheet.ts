// A figure in the making: panels, texts and colour bars at pixels, traces in them.
import { captionBlock, checkedCaption, sealed } from "./make-figure";
import type { Figure, PlotlyLayout, PlotlyTrace } from "./figure";
import { fontFamily, ink, textSize, type ColorScale } from "./style";
import { pictureAxes, type Picture } from "./pictures";
import { tickText, escaped } from "./text";

/** A rectangle in pixels from the figure's top left corner. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The names by which a trace refers to its axes. */
export interface Axes {
  xaxis: string;
  yaxis: string;
}

export interface TextPlace {
  x: number;
  y: number;
  /** Which point of the text lies at (x, y). Default: center, bottom. */
  anchor?: "left" | "center" | "right";
  from?: "top" | "middle" | "bottom";
  size?: number;
  color?: string;
  bold?: boolean;
  /** Text is Plotly's HTML already. */
  raw?: boolean;
  /** What pointing at the text shows, where it had to be cut. */
  whole?: string;
  /** Finds the text again, in tests. */
  name?: string;
}

export interface ColorBar {
  scale: ColorScale;
  range: readonly [number, number];
  /** Horizontal bars lie in the frame's top edge, vertical ones in its left edge. */
  frame: Frame;
  orientation: "h" | "v";
  title?: string;
  /** What the ends of the range are called. Default: the range. */
  called?: readonly [number, number];
}

/** Pixels kept free at the figure's sides. */
export const margin = 16;

/**
 * A figure laid out in pixels: panels, texts and colour bars at given places, turned at the end into Plotly's
 * fractions of the whole. Plotly's own margins and their automatic growth are off, so nothing moves or overlaps.
 */
export class Sheet {
  private readonly traces: PlotlyTrace[] = [];
  private readonly placed: ((width: number, height: number) => void)[] = [];
  private readonly annotations: Record<string, unknown>[] = [];
  private readonly layout: PlotlyLayout = {};
  private panels = 0;
  private bars = 0;

  constructor(readonly width: number) {}

  /** Adds a panel with axes of its own; `x` and `y` are Plotly's axis settings. */
  panel(frame: Frame, x: Record<string, unknown>, y: Record<string, unknown>): Axes {
    const suffix = ++this.panels === 1 ? "" : String(this.panels);
    this.placed.push((width, height) => {
      this.layout[`xaxis${suffix}`] = {
        ...x,
        anchor: `y${suffix}`,
        domain: [frame.left / width, (frame.left + frame.width) / width],
      };
      this.layout[`yaxis${suffix}`] = {
        ...y,
        anchor: `x${suffix}`,
        domain: [1 - (frame.top + frame.height) / height, 1 - frame.top / height],
      };
    });
    return { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
  }

  /** Adds a panel for a picture: its pixels stay square, also when zoomed into. */
  picturePanel(frame: Frame, picture: Pick<Picture, "width" | "height">): Axes {
    const [x, y] = pictureAxes(picture);
    return this.panel(frame, x, { ...y, scaleanchor: `x${this.panels === 0 ? "" : this.panels + 1}` });
  }

  /** @returns the trace's place among all, by which a film changes it */
  add(trace: PlotlyTrace, axes: Axes): number {
    return this.traces.push({ ...trace, ...axes, showlegend: false }) - 1;
  }

  text(
    lines: readonly string[],
    {
      x,
      y,
      anchor = "center",
      from = "bottom",
      size = textSize.title,
      color = ink.normal,
      bold,
      raw,
      whole,
      name,
    }: TextPlace,
  ): void {
    const text = lines.map((line) => (raw ? line : escaped(line))).join("<br>");
    this.placed.push((width, height) =>
      this.annotations.push({
        text: bold ? `<b>${text}</b>` : text,
        xref: "paper",
        yref: "paper",
        x: x / width,
        y: 1 - y / height,
        xanchor: anchor,
        yanchor: from,
        align: anchor,
        showarrow: false,
        borderpad: 0,
        borderwidth: 0,
        font: { size, color },
        ...(whole ? { hovertext: escaped(whole) } : {}),
        ...(name ? { name } : {}),
      }),
    );
  }

  /** Adds a colour scale and the bar that explains it. @returns its name for traces' `coloraxis` */
  colorBar({ scale, range, frame, orientation, title, called = range }: ColorBar): string {
    const name = `coloraxis${++this.bars === 1 ? "" : this.bars}`;
    const [low, high] = range;
    const places = orientation === "h" ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
    const along = ([from, to]: readonly [number, number]): number[] =>
      places.map((at) => (at === 1 ? to : from + at * (to - from)));
    this.placed.push((width, height) => {
      this.layout[name] = {
        cmin: low,
        cmax: high,
        colorscale: scale,
        colorbar: {
          orientation,
          x: frame.left / width,
          y: 1 - frame.top / height,
          xanchor: "left",
          yanchor: "top",
          xpad: 0,
          ypad: 0,
          lenmode: "pixels",
          len: orientation === "h" ? frame.width : frame.height,
          thicknessmode: "pixels",
          thickness: orientation === "h" ? frame.height : frame.width,
          tickvals: along(range),
          ticktext: along(called).map(tickText),
          ticks: "outside",
          ticklen: 3,
          tickcolor: ink.frame,
          tickfont: { size: textSize.tick, color: ink.normal },
          outlinecolor: ink.frame,
          outlinewidth: 1,
          ...(title
            ? {
                title: {
                  text: escaped(title),
                  side: orientation === "h" ? "bottom" : "right",
                  font: { size: textSize.tick, color: ink.soft },
                },
              }
            : {}),
        },
      };
    });
    return name;
  }

  /** Ends the figure `bottom` pixels down, with the caption below. */
  finish(bottom: number, caption: string): Figure {
    const said = checkedCaption(caption);
    const { annotation, height: captionHeight } = captionBlock(said, this.width - 2 * margin);
    const height = Math.ceil(bottom + 12 + captionHeight);
    for (const place of this.placed) place(this.width, height);
    this.annotations.push({
      ...annotation,
      xref: "paper",
      yref: "paper",
      x: margin / this.width,
      y: 1 - (bottom + 12) / height,
      yanchor: "top",
    });
    return sealed({
      data: this.traces,
      layout: {
        width: this.width,
        height,
        autosize: false,
        margin: { l: 0, r: 0, t: 0, b: 0, autoexpand: false },
        font: { family: fontFamily, size: textSize.label, color: ink.normal },
        paper_bgcolor: "#ffffff",
        plot_bgcolor: "#ffffff",
        hoverlabel: { align: "left" },
        dragmode: "zoom",
        bargap: 0.25,
        ...this.layout,
        annotations: this.annotations,
      },
      caption: said,
    });
  }
}

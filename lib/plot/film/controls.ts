import { margin } from "../sheet";
import { ink, textSize } from "../style";

/** Height that the play button and the slider take. */
export const controlsHeight = 64;

export interface FilmControls {
  /** What the slider calls each frame; frame i has the name `String(i)`. */
  labels: readonly string[];
  /** How long each frame stays, in milliseconds. */
  duration: number;
  /** Of the figure, in pixels, and where the controls may begin. */
  width: number;
  height: number;
  top: number;
}

/** A play and a pause button and a slider, as a part of a layout. */
export function filmControls({ labels, duration, width, height, top }: FilmControls): Record<string, unknown> {
  const to = (wait: number): Record<string, unknown> => ({
    mode: "immediate",
    fromcurrent: true,
    transition: { duration: 0 },
    frame: { duration: wait, redraw: true },
  });
  const font = { size: textSize.tick, color: ink.normal },
    y = 1 - (top + 6) / height;
  const button = (label: string, args: unknown[]): Record<string, unknown> => ({ label, method: "animate", args });
  return {
    updatemenus: [
      {
        type: "buttons",
        direction: "left",
        showactive: false,
        x: margin / width,
        y,
        xanchor: "left",
        yanchor: "top",
        pad: { t: 0, r: 0, b: 0, l: 0 },
        font: { ...font, size: textSize.label },
        buttons: [button("▶ play", [null, { ...to(duration), fromcurrent: false }]), button("❚❚", [[null], to(0)])],
      },
    ],
    sliders: [
      {
        active: labels.length - 1,
        x: (margin + 118) / width,
        y,
        xanchor: "left",
        yanchor: "top",
        len: (width - 2 * margin - 118) / width,
        pad: { t: 4, b: 0, l: 0, r: 0 },
        currentvalue: { visible: false },
        font,
        ticklen: 3,
        minorticklen: 0,
        tickcolor: ink.frame,
        bordercolor: ink.frame,
        steps: labels.map((label, i) => ({ label, method: "animate", args: [[String(i)], to(0)] })),
      },
    ],
  };
}

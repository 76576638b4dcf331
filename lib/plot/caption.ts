import { ink, textSize } from "./style";
import { escaped, wrapText } from "./wrap-text";

const lineHeight = 1.3;

/**
 * A caption set in lines of at most `width` pixels: its annotation, without a position, and the height to leave for it.
 */
export function captionBlock(caption: string, width: number): { annotation: Record<string, unknown>; height: number } {
  const lines = wrapText(caption, width, textSize.caption);
  return {
    annotation: {
      text: lines.map(escaped).join("<br>"),
      showarrow: false,
      borderpad: 0,
      borderwidth: 0,
      align: "left",
      xanchor: "left",
      font: { size: textSize.caption, color: ink.soft },
      name: "caption",
    },
    height: Math.ceil(lines.length * textSize.caption * lineHeight) + 14,
  };
}

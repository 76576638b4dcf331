import { expect } from "chai";
import { VitrineError } from "../../../../lib/core/errors";
import { renderPng } from "../../../../lib/plot/show";
import { decodePng } from "./pixels";
import { randomFigure } from "./random-figures";

/**
 * Draws random figures; each must become a picture of its size, or one line of ours. @returns how many became pictures
 */
export async function drawOdd(first: number, count: number): Promise<number> {
  let drawn = 0;
  for (let seed = first; seed < first + count; seed++) {
    const figure = randomFigure(seed);
    try {
      const { width, height } = decodePng(await renderPng(figure));
      expect([width, height], `figure ${seed}`).to.deep.equal([figure.layout.width, figure.layout.height]);
      drawn++;
    } catch (error) {
      if (!(error instanceof VitrineError)) throw error;
      expect(error.message, `figure ${seed}`).to.match(
        /^(Plotly could not draw the figure: |The figure could not be drawn as a picture )[^\n\r]+$/,
      );
    }
  }
  return drawn;
}

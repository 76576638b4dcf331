import { expect } from "chai";
import type { PlotlyLayout, PlotlyTrace } from "../../../lib/plot/figure";
import { figure } from "../../../lib/plot/make-figure";
import { renderPng } from "../../../lib/plot/show";
import { pathPoints } from "../../../lib/plot/render/svg-geometry";
import { decodePng, pixelAt } from "./support/pixels";

const layout: PlotlyLayout = { width: 300, height: 200, xaxis: { range: [0, 1] }, yaxis: { range: [0, 1] } };
const drawn = async (trace: PlotlyTrace, more: PlotlyLayout = {}) =>
  decodePng(await renderPng(figure({ data: [trace], layout: { ...layout, ...more }, caption: "Far." })));

describe("what lies far outside of a figure's axes", () => {
  for (const far of [5, -20, 400, -1e5, 1e9, 1e30]) {
    it(`is left out: a half transparent marker and its text at ${far}`, async () => {
      const trace = {
        type: "scatter",
        mode: "markers+text",
        textposition: "top center",
        marker: { opacity: 0.5, size: 12 },
      };
      const without = await drawn({ ...trace, x: [0.5], y: [0.5], text: ["in"] });
      const beside = await drawn({ ...trace, x: [0.5, far, 0.5], y: [0.5, 0.5, far], text: ["in", "out", "above"] });
      expect(Buffer.from(beside.rgba).equals(Buffer.from(without.rgba))).to.equal(true);
    });
  }

  it("is cut where it begins inside: rectangles and bars fill their panel", async () => {
    const shape = {
      type: "rect",
      x0: 0.5,
      x1: 1e12,
      y0: -1e30,
      y1: 1e30,
      fillcolor: "#00ff00",
      line: { width: 0 },
      opacity: 0.5,
    };
    const shapes = await drawn(
      { type: "scatter", x: [0], y: [0] },
      { shapes: [shape], margin: { l: 0, r: 0, t: 0, b: 0 } },
    );
    expect(pixelAt(shapes, 290, 50)).to.satisfy(([r, g]: number[]) => r < 150 && g > 240);
    expect(pixelAt(shapes, 10, 50)).to.deep.equal([255, 255, 255]);
    const bars = await drawn({
      type: "bar",
      x: [0.5],
      y: [1e21],
      width: [1],
      marker: { color: "#0000ff", opacity: 0.5 },
    });
    expect(pixelAt(bars, 150, 100)).to.satisfy(([r, , b]: number[]) => r < 150 && b > 240);
  });

  it("is measured right: numbers that JavaScript writes with an exponent", () => {
    expect(pathPoints("M1e+21,-2e-7L5,1e3Z")).to.deep.equal([
      [1e21, -2e-7],
      [5, 1000],
      [1e21, -2e-7],
    ]);
  });

  it("characters that XML has not are left out of texts", async () => {
    const of = (text: string) => drawn({ type: "scatter", mode: "text", x: [0.5], y: [0.5], text: [text] });
    expect(Buffer.from((await of("a\u0000b\ud800c")).rgba).equals(Buffer.from((await of("abc")).rgba))).to.equal(true);
  });
});

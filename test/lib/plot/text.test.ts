import { expect } from "chai";
import { fontFile, textWidth, type Face } from "../../../lib/plot/font-metrics";
import { tickText, compact, compactTo, wrapText } from "../../../lib/plot/text";
import {
  boundingBox,
  clientBox,
  type SvgElement,
  pathLength,
  pathPoints,
  pointAlong,
} from "../../../lib/plot/render/svg-geometry";

interface Fonts {
  GlobalFonts: { registerFromPath(path: string, family: string): unknown };
  createCanvas(
    width: number,
    height: number,
  ): { getContext(kind: "2d"): { font: string; measureText(text: string): { width: number } } };
}

describe("text of plots", () => {
  it("is measured as a canvas measures it", function () {
    let canvas: Fonts;
    try {
      canvas = require("@napi-rs/canvas") as Fonts;
    } catch {
      return this.skip(); // @napi-rs/canvas has no binary for this machine
    }
    for (const face of ["sans", "sans-bold", "mono"] as Face[]) {
      canvas.GlobalFonts.registerFromPath(fontFile(face), `test ${face}`);
      const context = canvas.createCanvas(1, 1).getContext("2d");
      context.font = `100px "test ${face}"`;
      // Pairs without kerning: single characters, and digits.
      for (const text of ["a", "W", "é", "−", "×", "■", "…", "0.8581"])
        expect(textWidth(text, 100, face), `${face} ${text}`).to.be.closeTo(context.measureText(text).width, 0.6);
    }
  });

  it("breaks into lines that fit, and says when something was cut", () => {
    const text = "an extraordinarily-long-single-word and some short ones";
    const lines = wrapText(text, 90, 12);
    for (const line of lines) expect(textWidth(line, 12)).to.be.at.most(90);
    expect(lines.join("").replace(/\s/g, "")).to.equal(text.replace(/\s/g, ""));
    const cut = wrapText(text, 90, 12, { maxLines: 2 });
    expect(cut).to.have.length(2);
    expect(cut[1].endsWith("…")).to.equal(true);
    expect(textWidth(cut[1], 12)).to.be.at.most(90);
  });

  it("writes numbers briefly", () => {
    expect([0, 1.44, -0.71, 0.00012, -9.1e-5, 12345].map(tickText)).to.deep.equal([
      "0",
      "1.4",
      "−0.71",
      "1.2e−4",
      "−9.1e−5",
      "1.2e4",
    ]);
    expect([0.123456, -0, 1e-9 / 3].map(compact)).to.deep.equal([0.1235, 0, 3.333e-10]);
    expect([0.123456, 0.00001].map(compactTo(0.5))).to.deep.equal([0.1235, 0]);
    expect(Object.is(compact(-0), 0)).to.equal(true);
  });

  it("lies where a browser would put it", () => {
    const { JSDOM } = require("jsdom") as {
      JSDOM: new (html: string) => { window: { document: { getElementById(id: string): SvgElement } } };
    };
    const { document } = new JSDOM(`<svg><g id="g" transform="translate(10,20)"><text id="t" x="5" y="30"
        style="font-size: 20px; text-anchor: middle">Aé<tspan style="font-weight:bold">W</tspan></text>
      <rect id="r" x="1" y="2" width="30" height="40" transform="rotate(90)"/>
      <path id="p" d="M0,0H10V5h-4l-1,-1Z"/></g></svg>`).window;
    const element = (id: string): SvgElement => document.getElementById(id);
    const width = textWidth("Aé", 20) + textWidth("W", 20, "sans-bold");
    const text = boundingBox(element("t"));
    expect(text.width).to.be.closeTo(width, 1e-9);
    expect(text.x).to.be.closeTo(5 - width / 2, 1e-9);
    expect(text.y)
      .to.be.below(30 - 14)
      .and.above(30 - 20);
    // Turned by 90 degrees (x, y) becomes (−y, x), then it is moved.
    const rect = clientBox(element("r"));
    (
      [
        ["x", -42 + 10],
        ["y", 1 + 20],
        ["width", 40],
        ["height", 30],
      ] as const
    ).forEach(([key, value]) => expect(rect[key], key).to.be.closeTo(value, 1e-9));
    expect(boundingBox(element("p"))).to.deep.equal({ x: 0, y: 0, width: 10, height: 5 });
    const all = boundingBox(element("g"));
    expect([all.x, all.y]).to.deep.equal([-42, 0]);
    expect([all.x + all.width, all.y + all.height][1]).to.be.closeTo(text.y + text.height, 1e-9);
    const points = pathPoints("M0,0L3,4l0,6");
    expect(pathLength(points)).to.equal(11);
    expect(pointAlong(points, 7)).to.deep.equal([3, 6]);
  });
});

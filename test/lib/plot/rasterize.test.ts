import { expect } from "chai";
import { VitrineError } from "../../../lib/core/errors";
import { rasterPixels, rasterPng } from "../../../lib/plot/render/rasterize";
import { decodePng, pixelAt } from "./support/pixels";

const svg = (inside: string, size = 20): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">${inside}</svg>`;
const red = svg(`<rect width="20" height="20" fill="#ff0000"/>`);
/** What ended the process in resvg's native build: half transparent, and more than two pictures away. */
const stops = svg(`<rect x="900" width="5" height="5" opacity="0.5"/>`);

async function refused(text: string): Promise<string> {
  const error = await rasterPng(text, 1).then(
    () => expect.fail("drawn"),
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(VitrineError);
  return (error as Error).message;
}

describe("the rasterizer", () => {
  it("says in one line that it stopped, and draws the next picture", async () => {
    for (let turn = 0; turn < 3; turn++) {
      expect(await refused(stops)).to.match(
        /^The figure could not be drawn as a picture \(the rasterizer stopped\)\. Leave out values far outside/,
      );
      expect(pixelAt(decodePng(await rasterPng(red, 1)), 10, 10)).to.deep.equal([255, 0, 0]);
    }
  });

  it("draws what is asked for while another picture fails", async () => {
    const all = await Promise.allSettled([
      rasterPng(stops, 1),
      rasterPng(red, 1),
      rasterPng(stops, 1),
      rasterPng(red, 1),
    ]);
    expect(all.map(({ status }) => status)).to.deep.equal(["rejected", "fulfilled", "rejected", "fulfilled"]);
  });

  it("refuses what is no SVG in resvg's words, and a picture that no memory holds", async () => {
    expect(await refused("<svg")).to.match(/\(SVG data parsing failed[^\n]*\)/);
    expect(await refused(svg("<rect width='9' height='9'/>", 90_000))).to.match(/the rasterizer stopped/);
    expect((await rasterPng(red, 1)).length).to.be.above(60);
  });

  it("gives pixels as well, at any scale", async () => {
    const { width, height, pixels } = await rasterPixels(red, 1.5);
    expect([width, height, pixels.length]).to.deep.equal([30, 30, 3600]);
    expect(Array.from(pixels.subarray(0, 4))).to.deep.equal([255, 0, 0, 255]);
  });
});

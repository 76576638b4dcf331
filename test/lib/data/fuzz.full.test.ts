import { expect } from "chai";
import { canvas } from "../../../lib/data/canvas";
import { decodeImage } from "../../../lib/data/image";
import { fuzz } from "./helpers";
import { fuzzTargets } from "./fuzz-targets";

describe("many damaged files are read or refused, never worse", () => {
  for (const [format, { good, read }] of Object.entries(fuzzTargets)) {
    it(format, async function () {
      this.timeout(600_000);
      const before = process.memoryUsage().rss;
      for (let seed = 1; seed <= 10; seed++) await fuzz(good, 2000, read, seed);
      expect(process.memoryUsage().rss - before, "bytes of memory gained").to.be.below(1e9);
    });
  }
  it("jpeg", async function () {
    this.timeout(600_000);
    const surface = canvas().library.createCanvas(64, 48), context = surface.getContext("2d");
    for (let x = 0; x < 64; x++) { context.fillStyle = `rgb(${4 * x}, ${(x * x) % 256}, 90)`; context.fillRect(x, 0, 1, 48); }
    const good = (surface as unknown as { toBuffer(type: string): Buffer }).toBuffer("image/jpeg");
    await fuzz(good, 2000, (bytes) => decodeImage(bytes, "x"));
  });
});

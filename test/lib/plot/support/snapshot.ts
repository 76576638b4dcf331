import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Figure } from "../../../../lib/plot/figure";
import { renderPng } from "../../../../lib/plot/show";
import { decodePng } from "./pixels";

const committed = join(__dirname, "..", "snapshots");
const failed = join(__dirname, "..", "..", "..", "output");

/** A pixel counts as different when a channel is off by more; canvases and rasterizers may round otherwise. */
const channelTolerance = 40;
/** The largest share of different pixels: less than one letter that is elsewhere. */
const pixelTolerance = 0.0004;

/**
 * Compares a figure's picture with the committed one; `UPDATE_SNAPSHOTS=1` writes it again. A picture that differs is
 * left in test/output to be looked at.
 */
export async function expectSnapshot(name: string, figure: Figure): Promise<void> {
  const png = await renderPng(figure);
  const file = join(committed, `${name}.png`);
  if (process.env.UPDATE_SNAPSHOTS) return writeFileSync(file, png);
  const fail = (why: string): never => {
    mkdirSync(failed, { recursive: true });
    writeFileSync(join(failed, `${name}.png`), png);
    return expect.fail(`${name}: ${why}; see test/output/${name}.png, and UPDATE_SNAPSHOTS=1 if it is right`);
  };
  if (!existsSync(file)) fail("no snapshot is committed");
  const [seen, wanted] = [decodePng(png), decodePng(readFileSync(file))];
  if (seen.width !== wanted.width || seen.height !== wanted.height)
    fail(`${seen.width}×${seen.height} pixels instead of ${wanted.width}×${wanted.height}`);
  let different = 0;
  for (let at = 0; at < seen.rgba.length; at += 4) {
    if ([0, 1, 2].some((c) => Math.abs(seen.rgba[at + c] - wanted.rgba[at + c]) > channelTolerance)) different++;
  }
  const most = Math.ceil(pixelTolerance * seen.width * seen.height);
  if (different > most) fail(`${different} pixels differ, at most ${most} may`);
}

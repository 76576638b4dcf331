import { expect } from "chai";
import { printed, type Notebook } from "./course";
import type { SheetFacts } from "./sheet-harness";

export const facts: SheetFacts = {
  sheet: "04-fashion-mnist-occlusion",
  plots: 16,
  checks: { "check-1": 4, "check-2": 5, "check-3": 5 },
};

const found =
  /^(Trouser \d|Sure pullover|Unsure pullover)( \(stand-in\))?: probability of (\S+) ([\d.]+) before, ([\d.]+) after; now predicted: (.+) ([\d.]+)\n +(\d+) pixels set to 0 in (\d+) windows?, (\d+) of them not 0 before$/gm;
const share =
  /^(saliency|guided backprop|integrated gradients) +(.+?) +share inside before +([\d.]+) %, after +([\d.]+) % \(area +([\d.]+) %\)$/gm;

/** What holds whatever the garments are. */
export function promises(run: () => Notebook): void {
  it("prints what the attack finds: sure before, not after, another class, some pixels", () => {
    const rows = [...printed(run(), "attack").matchAll(found)];
    expect(rows).to.have.length(4);
    for (const [line, garment, , name, before, after, now, probability, pixels, windows, lit] of rows) {
      expect(name, line).to.equal(garment.startsWith("Trouser") ? "Trouser" : "Pullover");
      if (garment !== "Unsure pullover") expect(Number(before), line).to.be.within(0.8, 1);
      expect(Number(after), line).to.be.below(0.5).and.below(Number(before));
      expect(now, line).to.not.equal(name);
      expect(Number(probability), line).to.be.above(Number(after));
      expect(Number(pixels), line).to.be.within(1, 16 * Number(windows));
      expect(Number(lit), line).to.be.within(1, Number(pixels));
    }
  });

  it("the unsure pullover leads a coat by less than the sure one does", () => {
    const [sure, unsure] = [...printed(run(), "coat").matchAll(/lead (-?[\d.]+)/g)].map(([, lead]) => Number(lead));
    expect(unsure).to.be.above(0).and.below(sure);
  });

  it("larger squares make a sandal of more trousers", () => {
    const made = [...printed(run(), "rectangle").matchAll(/One square of \d+ × \d+: (\d+) of 100 trousers/g)].map(
      ([, count]) => Number(count),
    );
    expect(made).to.have.length(3);
    expect(made[1]).to.be.at.least(made[0]);
    expect(made[2]).to.be.at.least(made[1]);
  });

  it("prints each map's share of mass in the occluded region, before and after", () => {
    const rows = [...printed(run(), "shares").matchAll(share)].map(([, method, , before, after, area]) => ({
      method,
      before: Number(before),
      after: Number(after),
      area: Number(area),
    }));
    expect(rows).to.have.length(12);
    for (const { before, after, area } of rows)
      for (const value of [before, after, area]) expect(value).to.be.within(0, 100);
    // x − x′ is 0 there: by construction.
    for (const row of rows.filter(({ method }) => method === "integrated gradients")) expect(row.after).to.equal(0);
    // It often becomes the most salient: most of these maps point there more than before, and more than evenly.
    const others = rows.filter(({ method }) => method !== "integrated gradients");
    expect(others.filter(({ before, after, area }) => after > before && after > area).length).to.be.above(
      others.length / 2,
    );
  });

  it("the sums approach completeness", () => {
    const gaps = [
      ...printed(run(), "completeness").matchAll(/(\d+) points: the sums miss the change by at most ([\d.]+)/g),
    ].map(([, , gap]) => Number(gap));
    expect(gaps).to.have.length(4);
    expect(gaps[3]).to.be.below(gaps[0]).and.below(3);
  });
}

import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cellOf, errorsOf, execute, missing, notebookPath, printed, type Notebook } from "./course";

const sheet = "04-fashion-mnist-occlusion";
const found = /^(Trouser|Pullover) (\d)( \(stand-in\))?: probability of (\S+) ([\d.]+) before, ([\d.]+) after; now predicted: (.+) ([\d.]+)\n +(\d+) pixels set to 0 in (\d+) windows?, (\d+) of them not 0 before$/gm;
const share = /^(saliency|guided backprop|integrated gradients) +(.+?) +share inside before +([\d.]+) %, after +([\d.]+) % \(area +([\d.]+) %\)$/gm;

/** What holds whatever the garments are. */
function promises(run: () => Notebook): void {
  it("every cell runs without an error", () => {
    expect(errorsOf(run()).map(({ cell, evalue }) => `${cell}: ${evalue}`)).to.deep.equal([]);
  });

  it("the solutions pass their checks", () => {
    for (const [id, lines] of [["check-1", 4], ["check-2", 5], ["check-3", 4]] as const) {
      const said = printed(run(), id).trim().split("\n");
      expect(said, id).to.have.length(lines);
      for (const line of said) expect(line).to.match(/^✓ /);
    }
  });

  it("prints what the attack finds: sure before, not after, another class, some pixels", () => {
    const rows = [...printed(run(), "attack").matchAll(found)];
    expect(rows).to.have.length(4);
    for (const [line, garment, , , name, before, after, now, probability, pixels, windows, lit] of rows) {
      expect(name, line).to.equal(garment);
      expect(Number(before), line).to.be.within(0.8, 1);
      expect(Number(after), line).to.be.below(0.5).and.below(Number(before));
      expect(now, line).to.not.equal(garment);
      expect(Number(probability), line).to.be.above(Number(after));
      expect(Number(pixels), line).to.be.within(1, 16 * Number(windows));
      expect(Number(lit), line).to.be.within(1, Number(pixels));
    }
  });

  it("prints each map's share of mass in the occluded region, before and after", () => {
    const rows = [...printed(run(), "shares").matchAll(share)].map(([, method, , before, after, area]) => ({ method, before: Number(before), after: Number(after), area: Number(area) }));
    expect(rows).to.have.length(12);
    for (const { before, after, area } of rows) for (const value of [before, after, area]) expect(value).to.be.within(0, 100);
    // x − x′ is 0 there: by construction.
    for (const row of rows.filter(({ method }) => method === "integrated gradients")) expect(row.after).to.equal(0);
    // It often becomes the most salient: most of these maps point there more than before, and more than evenly.
    const others = rows.filter(({ method }) => method !== "integrated gradients");
    expect(others.filter(({ before, after, area }) => after > before && after > area).length).to.be.above(others.length / 2);
  });

  it("the sums approach completeness", () => {
    const gaps = [...printed(run(), "completeness").matchAll(/(\d+) points: the sums miss the change by at most ([\d.]+)/g)].map(([, , gap]) => Number(gap));
    expect(gaps).to.have.length(4);
    expect(gaps[3]).to.be.below(gaps[0]).and.below(3);
  });

  it("every plot has Plotly's JSON, a PNG and a text beside, and no HTML", () => {
    const displays = run().cells.flatMap((cell) => (cell.outputs ?? []).filter(({ output_type }) => output_type === "display_data").map(({ data }) => ({ id: cell.id, data: data ?? {} })));
    const plots = displays.filter(({ data }) => "application/vnd.plotly.v1+json" in data);
    expect(plots).to.have.length(10);
    for (const { id, data } of plots) {
      expect(Object.keys(data).sort(), id).to.deep.equal(["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
      const figure = data["application/vnd.plotly.v1+json"] as { data: unknown[]; layout: object };
      expect(figure.data.length, id).to.be.above(0);
      expect(Buffer.from(String(data["image/png"]), "base64").subarray(1, 4).toString(), id).to.equal("PNG");
      expect(String(data["text/plain"]).length, id).to.be.above(20);
    }
  });
}

describe("notebooks: sheet 4, executed in the real kernel", function () {
  this.timeout(600_000);
  before(function () {
    if (missing()) this.skip();
  });

  describe("on the data there is", () => {
    let run: Notebook, seconds: number;
    before(() => {
      const start = Date.now();
      run = execute(notebookPath("source", sheet), "executed");
      seconds = (Date.now() - start) / 1000;
    });
    promises(() => run);

    it("shows nothing on stderr but where data come from", () => {
      const noise = run.cells.flatMap((cell) => (cell.outputs ?? []).filter(({ output_type, name, text }) => output_type === "stream" && name === "stderr" && !/stand in for it|Downloading|downloaded/.test(String(text))));
      expect(noise).to.deep.equal([]);
    });

    it("takes minutes at most, and says how long", function () {
      if (this.test) this.test.title += ` (${seconds.toFixed(0)} s)`;
      expect(seconds).to.be.below(240);
    });
  });

  describe("without the data set: on stand-ins, which it says by itself", () => {
    let run: Notebook, cache: string;
    before(() => {
      cache = mkdtempSync(join(tmpdir(), "vitrine-empty-cache-"));
      run = execute(notebookPath("source", sheet), "stand-ins", { env: { VITRINE_MIRROR: "", VITRINE_OFFLINE: "1", XDG_CACHE_HOME: cache } });
    });
    after(() => cache && rmSync(cache, { recursive: true, force: true }));
    promises(() => run);

    it("names them as stand-ins above the plots and in the plots' titles", () => {
      expect(printed(run, "setup")).to.match(/STAND-INS/);
      const layout = JSON.stringify(cellOf(run, "garments-show").outputs);
      expect(layout).to.match(/STAND-IN GARMENTS drawn by a generator, not Fashion-MNIST/).and.match(/Trouser 1 \(stand-in\)/);
      expect(printed(run, "attack")).to.match(/^Trouser 1 \(stand-in\): /m);
    });
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import sharp from "sharp";
import { ready } from "../../../lib/backend";
import { displayKey, hostKey, type MimeBundle, type NotebookHost } from "../../../lib/runtime/host";
import type { Figure } from "../../../lib/plot/figure";
import { imageGrid } from "../../../lib/plot/image-grid";
import { figure } from "../../../lib/plot/make-figure";
import { mimeBundle, renderPng, show } from "../../../lib/plot/show";
import { decodePng } from "./support/pixels";

const hosts = globalThis as { [hostKey]?: NotebookHost };

async function printed(work: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines;
}

describe("show", () => {
  const bundles: MimeBundle[] = [];
  beforeEach(() => {
    bundles.length = 0;
  });
  afterEach(() => {
    delete hosts[hostKey];
    delete process.env.VITRINE_PLOTS;
  });
  const enterNotebook = (): void => {
    hosts[hostKey] = {
      display: (bundle) => void bundles.push(bundle),
      clearOutput: () => undefined,
      signal: new AbortController().signal,
    };
  };

  it("gives a notebook one bundle a figure: live plot, picture, caption, no HTML", async () => {
    enterNotebook();
    const made = await imageGrid([[[0, 1]]], { caption: "Black and white." });
    await show([made, Promise.resolve(figure({ data: [{ type: "bar", y: [1] }], caption: "One." }))]);
    expect(bundles).to.have.length(2);
    expect(Object.keys(bundles[0])).to.have.members(["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
    expect(bundles[0]["text/plain"]).to.equal("Black and white.");
    const live = bundles[0]["application/vnd.plotly.v1+json"] as Figure & { config: object };
    expect(live.data).to.deep.equal(made.data);
    expect(live.layout).to.deep.equal(made.layout);
    expect(live.config).to.include({ showSendToCloud: false });
    expect(JSON.parse(JSON.stringify(bundles[0]))).to.deep.equal(bundles[0]);
    const picture = decodePng(Buffer.from(bundles[0]["image/png"] as string, "base64"));
    expect([picture.width, picture.height]).to.deep.equal([made.layout.width, made.layout.height]);
  });

  it("packs large pictures: a third of the bytes, the same to the eye", async () => {
    await ready();
    const noise = tf.randomUniform([2, 224, 224, 3], 0, 1, "float32", 3);
    const made = await imageGrid(noise);
    const packed = Buffer.from((await mimeBundle(made))["image/png"] as string, "base64"),
      whole = await renderPng(made);
    expect(packed.length).to.be.below(0.6 * whole.length);
    const raw = (png: Buffer) => sharp(png).removeAlpha().toColourspace("srgb").raw().toBuffer();
    const [a, b] = [await raw(packed), await raw(whole)];
    expect(a.length).to.equal(b.length);
    const difference = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
    expect(difference, "mean difference of a byte").to.be.below(12);
    noise.dispose();
  });

  it("is what a kernel shows of a figure that is a cell's last expression", async () => {
    enterNotebook();
    const made = await imageGrid([[[0, 1]]]);
    expect(Object.keys(made)).to.have.members(["data", "layout", "caption"]);
    const bundle = await (made as unknown as { [displayKey](): Promise<MimeBundle> })[displayKey]();
    await show(made);
    expect(bundle).to.deep.equal(bundles[0]);
  });

  it("prints captions where there is no notebook", async () => {
    const made = await imageGrid([[[0, 1]]], { caption: "Black and white." });
    expect(await printed(() => show([made, made]))).to.deep.equal(["Black and white.", "Black and white."]);
  });

  it("writes pictures where VITRINE_PLOTS asks for them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vitrine-plots-"));
    try {
      process.env.VITRINE_PLOTS = join(folder, "new");
      const made = await imageGrid([[[0, 1]]], { caption: "Black & white." });
      const lines = await printed(() => show([made, made]));
      const files = readdirSync(join(folder, "new")).sort();
      expect(files).to.have.length(2);
      expect(files[0]).to.match(/^\d\d-black-white\.png$/);
      expect(lines[0]).to.include("Black & white.").and.include(files[0]);
      expect(decodePng(readFileSync(join(folder, "new", files[1]))).width).to.equal(made.layout.width);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("keeps a caption drawn in every figure", async () => {
    const own = figure({
      data: [{ type: "bar", y: [1] }],
      layout: { title: "Bars", annotations: [{ text: "mine" }] },
      caption: "Say < this & that.",
    });
    const texts = (own.layout.annotations as { text: string }[]).map(({ text }) => text);
    expect(texts).to.deep.equal(["mine", "Say &lt; this &amp; that."]);
    expect(own.layout.title).to.deep.equal({ text: "Bars" });
  });
});

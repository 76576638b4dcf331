import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../../../lib/data/image-files";
import { loadImages } from "../../../lib/data/image";
import { places } from "../../../lib/data/registry";
import { saliency } from "../../../lib/attribution/saliency";
import type { VisionModel } from "../../../lib/model/vision-model";
import { loadModel } from "../../../lib/model/load-model";
import { realModel } from "../../helpers/real-data";
import { root } from "../../notebooks/course";
import { chromiumPath } from "../../notebooks/lab";
import { answersIn, keptPictures } from "../data/picture-files";
import { openPage, type Opened } from "./page";

const folder = (name: string) => join(root, "models", name);
/** A picture of our own: a disc on a gradient. */
const drawn = (size: number): Uint8Array =>
  encodePng({
    height: size,
    width: size,
    channels: 3,
    data: Uint8Array.from({ length: size * size * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % size,
        y = Math.floor(i / 3 / size);
      return Math.hypot(x - size / 2, y - size / 3) < size / 4
        ? 230 - 60 * (i % 3)
        : Math.round((160 * (x + y)) / (2 * size));
    }),
  });
const weights = join(places().mirror ?? places().cache, "models", "squeezenet_v1_1.safetensors");

describe(`data and models in a browser${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(120_000);
  let opened: Opened;
  const asked: string[] = [];

  before(async function () {
    if (!chromiumPath) return this.skip();
    const answers = (path: string) => {
      asked.push(path);
      const bytes = (file: string, type = "application/octet-stream") => ({ type, body: readFileSync(file) });
      if (path.startsWith("/models/")) return bytes(join(root, path));
      if (path === "/squeezenet.safetensors") return bytes(weights);
      if (path === "/disc.png") return { type: "image/png", body: drawn(224) };
      if (path === "/small.png") return { type: "image/png", body: drawn(28) };
      if (path.startsWith("/page-instead/")) return { type: "text/html", body: "<!doctype html><p>Not found" };
      if (path.startsWith("/broken/"))
        return path.endsWith(".json")
          ? bytes(join(folder("fashion-deep"), "model.json"))
          : {
              type: "application/octet-stream",
              body: readFileSync(join(folder("fashion-deep"), path.split("/").at(-1)!)).subarray(0, 1000),
            };
      return undefined;
    };
    opened = await openPage(join(__dirname, "data.page.browser.ts"), { answers });
    await opened.page.waitForFunction("typeof kept === 'function'");
    await opened.page.evaluate('ready({ backend: "wasm", wasmPaths: "/wasm/" })');
  });
  after(() => opened?.close());

  const call = <T>(name: string, ...given: unknown[]): Promise<T> =>
    opened.page.evaluate(`${name}(${given.map((each) => JSON.stringify(each)).join(", ")})`);

  it("pictures are read as PIL reads them, or refused by name", async () => {
    const refused: string[] = [];
    let read = 0;
    for (const { name, file, height, width, pixels } of answersIn(keptPictures).files) {
      const found = await call<{ height: number; width: number; data: number[] } | string>("pixelsOf", file, name);
      if (typeof found === "string") {
        refused.push(found);
        continue;
      }
      read++;
      expect([found.height, found.width], name).to.deep.equal([height, width]);
      const right = Buffer.from(pixels, "base64"),
        apart = found.data.reduce((most, value, at) => Math.max(most, Math.abs(value - right[at])), 0);
      // Decoders of lossy formats differ a little, more where what they lose is laid over white; and so does rounding.
      expect(apart, name).to.be.at.most(name === "alpha.avif" ? 12 : /jpg|avif|lossy|cmyk/.test(name) ? 4 : 2);
    }
    expect(refused.filter((said) => !/is TIFF, which browsers do not read/.test(said))).to.deep.equal([]);
    expect(read).to.be.above(20);
  });

  it("one picture is the same as a file, an <img>, a canvas, an ImageData, an ImageBitmap and an address", async () => {
    expect(await call("inEveryWay", Buffer.from(drawn(40)).toString("base64"))).to.deep.equal({
      "<img>": 0,
      canvas: 0,
      ImageData: 0,
      ImageBitmap: 0,
      address: 0,
    });
  });

  it("what is no picture, cut off, or too large is refused in one line", async () => {
    const png = Buffer.from(drawn(40));
    expect(await call("pixelsOf", Buffer.from("<html>").toString("base64"), "a.png")).to.match(/^a\.png is no picture/);
    expect(await call("pixelsOf", png.subarray(0, png.length - 20).toString("base64"), "b.png")).to.match(
      /^b\.png is truncated/,
    );
  });

  async function sameAsHere(model: VisionModel, address: string, image: string, png: Uint8Array): Promise<void> {
    const found = await call<{ values: number[]; target: number[]; said: string[]; told: number } | string>(
      "explained",
      address,
      image,
      {},
    );
    expect(found).to.be.an("object");
    const { values, target, said, told } = found as Exclude<typeof found, string>;
    const [size, , channels] = model.inputShape as [number, number, 1 | 3];
    const images = await loadImages(new Blob([png as Uint8Array<ArrayBuffer>]), { size, channels });
    const here = await saliency(model, images),
      [right] = await model.predict(images, { top: 3 });
    expect(said).to.deep.equal(right.map(({ name }) => name));
    expect(target).to.deep.equal([...here.target]);
    expect(told).to.be.above(0);
    // ReLU and max-pool kinks within rounding change single pixels: most of the map must agree.
    const own = Array.from(await here.values.data()),
      largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      apart = own.map((value, i) => Math.abs(value - values[i]) / largest).sort((a, b) => a - b);
    expect(apart[Math.floor(0.99 * apart.length)]).to.be.below(1e-3);
    tf.dispose([images, here.values]);
  }

  it("a layers model from its address gives the map that it gives in Node", async () => {
    const model = await loadModel(folder("fashion-deep"));
    await sameAsHere(model, "/models/fashion-deep/model.json", "/small.png", drawn(28));
    model.dispose();
  });

  it("SqueezeNet from a .safetensors file gives the map as in Node, kept by its hash and offline", async function () {
    const model = await realModel(this as never, "squeezenet1_1");
    await sameAsHere(model, "/squeezenet.safetensors", "/disc.png", drawn(224));
    model.dispose();
    expect(await call<string[]>("kept")).to.include("/squeezenet.safetensors");
    const fetched = () => asked.filter((path) => path === "/squeezenet.safetensors").length,
      before = fetched(),
      sha256 = createHash("sha256").update(readFileSync(weights)).digest("hex");
    expect(await call("explained", "/squeezenet.safetensors", "/disc.png", { sha256 })).to.be.an("object");
    expect(fetched()).to.equal(before);
    await opened.page.context().setOffline(true);
    try {
      expect(await call("said", "/squeezenet.safetensors")).to.equal("squeezenet1_1: 224 × 224 × 3");
    } finally {
      await opened.page.context().setOffline(false);
    }
  });

  it("files that are dropped on a page are a model, too", async () => {
    const { weightsManifest } = JSON.parse(readFileSync(join(folder("fashion-deep"), "model.json"), "utf8")) as {
      weightsManifest: { paths: string[] }[];
    };
    const names = ["model.json", ...weightsManifest.flatMap(({ paths }) => paths)];
    const addresses = names.map((name) => `/models/fashion-deep/${name}`);
    expect(await call("dropped", addresses, names)).to.equal("fashion-deep: 28 × 28 × 1");
    expect(await call("dropped", addresses.slice(0, 1), names)).to.match(/is missing: model\.json names it/);
    expect(await call("dropped", addresses.slice(1), names.slice(1))).to.match(/is no model\.json/);
  });

  it("HTML, a file cut off, another hash, an address that nobody shares: one line each, nothing kept", async () => {
    const said = (address: string, options = {}) => call<string>("explained", address, "/small.png", options);
    const kept = await call<string[]>("kept");
    expect(await said("/page-instead/model.json")).to.match(/is a page of HTML, not a model\.json/);
    expect(await said("/nowhere/model.json")).to.match(/could not be fetched: 404/);
    expect(await said("/broken/model.json")).to.match(/is truncated: 1000 bytes, where .* says \d+/);
    expect(await said("/models/fashion-standins/model.json", { sha256: "0".repeat(64) })).to.match(
      /is damaged or another file: its SHA-256 is [0-9a-f]{64}, where 0{64} is wanted/,
    );
    expect(await said("squeezenet1_1")).to.match(
      /^the model is "squeezenet1_1"; allowed: an address .* Names are known in Node/,
    );
    // Another port is another site, and this server shares with none.
    const elsewhere = await openPage(join(__dirname, "data.page.browser.ts"));
    try {
      expect(await said(`${elsewhere.address}page.js?x.json`)).to.match(
        /could not be fetched: .*does its server allow other pages to read it \(CORS\)\?$/,
      );
    } finally {
      await elsewhere.close();
    }
    const now = await call<string[]>("kept");
    expect(now.filter((path) => !kept.includes(path))).to.deep.equal([]);
  });

  it("no tensor is left, and nothing was thrown that nobody caught", async () => {
    expect(await call("numTensors")).to.equal(0);
    expect(opened.complaints).to.deep.equal([]);
  });
});

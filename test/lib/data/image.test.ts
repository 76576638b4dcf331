import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { ready } from "../../../lib/backend";
import { loadImage, loadImages, tensorToPixels, writeNpy, writePng } from "../../../lib/data";
import { canvas } from "../../../lib/data/image-decoders";
import { crc32 } from "../../../lib/data/zip";
import { encodePng, withChannels, type Pixels } from "../../../lib/data/image-files";
import { decodeImage, readImage } from "../../../lib/data/image";
import { centreCrop, fit, resize, resizeShorterSide } from "../../../lib/data/resize";
import { failure, noise, temporaryFolder } from "./helpers";
import { keptFiles, resizesAsPil } from "./python-files";

const picture = (height: number, width: number, channels: 1 | 3 = 3): Pixels => ({
  height,
  width,
  channels,
  data: Uint8Array.from(noise(height * width * channels)),
});

/** A JPEG made by whichever canvas is there. */
function jpeg(height: number, width: number): Buffer {
  const surface = canvas().library.createCanvas(width, height),
    context = surface.getContext("2d");
  context.fillStyle = "#c08040";
  context.fillRect(0, 0, width, height);
  return (surface as unknown as { toBuffer(type: string): Buffer }).toBuffer("image/jpeg");
}

describe("images", () => {
  const folder = temporaryFolder();
  before(() => ready());

  it("encodes PNG that decodes to the same pixels, colour and grey", async () => {
    const colour = picture(5, 7),
      grey = picture(6, 3, 1);
    expect((await decodeImage(encodePng(colour), "x")).data).to.deep.equal(colour.data);
    expect((await decodeImage(encodePng(grey), "x")).data).to.deep.equal(withChannels(grey, 3).data);
    expect((await failure(() => encodePng({ ...colour, height: 6 }))).message).to.match(/105 values/);
  });
  it("knows the checksum of the standard's example", () => {
    expect(crc32(Buffer.from("123456789")).toString(16)).to.equal("cbf43926");
  });
  it("lays what is transparent over white", async () => {
    const chunk = (kind: string, body: Buffer): Buffer => {
      const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(kind), body, Buffer.alloc(4)]);
      framed.writeUInt32BE(body.length, 0);
      framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4);
      return framed;
    };
    const header = Buffer.from([0, 0, 0, 2, 0, 0, 0, 1, 8, 6, 0, 0, 0]);
    const png = Buffer.concat([
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
      chunk("IHDR", header),
      chunk("IDAT", zlib.deflateSync(Buffer.from([0, 10, 20, 30, 0, 40, 50, 60, 255]))),
      chunk("IEND", Buffer.alloc(0)),
    ]);
    expect([...(await decodeImage(png, "x")).data]).to.deep.equal([255, 255, 255, 40, 50, 60]);
  });
  it("reads JPEG", async () => {
    const { height, width, data } = await decodeImage(jpeg(20, 30), "x");
    expect([height, width]).to.deep.equal([20, 30]);
    [0xc0, 0x80, 0x40].forEach((value, channel) => expect(data[3 * 333 + channel]).to.be.closeTo(value, 4));
  });
  it("loads tensors in [0, 1], cropped to size, grey on request, and keeps nothing else", async () => {
    const file = path.join(folder(), "x.png");
    await writePng(file, picture(8, 12));
    const before = tf.memory().numTensors;
    const [whole, small, grey] = [
      await loadImage(file),
      await loadImage(file, { size: 4 }),
      await loadImage(file, { size: [3, 9], channels: 1 }),
    ];
    expect([whole.shape, small.shape, grey.shape]).to.deep.equal([
      [8, 12, 3],
      [4, 4, 3],
      [3, 9, 1],
    ]);
    expect((await tensorToPixels(whole)).data).to.deep.equal(picture(8, 12).data);
    expect(tf.memory().numTensors).to.equal(before + 3);
    tf.dispose([whole, small, grey]);
    expect((await failure(() => loadImage(file, { size: 0 }))).message).to.match(/is 0; allowed: an integer ≥ 1/);
    expect((await failure(() => loadImage(file, { channels: 4 as never }))).message).to.match(/channels is 4/);
    expect(tf.memory().numTensors).to.equal(before);
  });
  it("loads batches from .npy: one image or many, bytes or fractions", async () => {
    const file = path.join(folder(), "x.npy"),
      shapeOf = async (): Promise<unknown> => {
        const images = await loadImages(file);
        const seen = [images.shape, [...images.dataSync()]];
        images.dispose();
        return seen;
      };
    await writeNpy(file, { dtype: "uint8", shape: [1, 2, 1], data: Uint8Array.of(0, 255) });
    expect(await shapeOf()).to.deep.equal([
      [1, 1, 2, 1],
      [0, 1],
    ]);
    await writeNpy(file, { dtype: "float32", shape: [2, 1, 1, 1], data: Float32Array.of(0.5, 0.25) });
    expect(await shapeOf()).to.deep.equal([
      [2, 1, 1, 1],
      [0.5, 0.25],
    ]);
    const said = async (array: Parameters<typeof writeNpy>[1]): Promise<string> => {
      await writeNpy(file, array);
      return (await failure(() => loadImages(file))).message;
    };
    expect(await said({ dtype: "float32", shape: [1, 1, 1], data: Float32Array.of(7) })).to.match(
      /x\.npy is 7; allowed: numbers in \[0, 1\], or uint8\. Divide by 255/,
    );
    expect(await said({ dtype: "float32", shape: [1, 1, 1], data: Float32Array.of(NaN) })).to.match(
      /x\.npy is NaN; allowed: numbers in \[0, 1\], or uint8\. Look where it comes from/,
    );
    expect(await said({ dtype: "float32", shape: [0, 28, 28, 1], data: new Float32Array(0) })).to.match(
      /shape \[0, 28, 28, 1\], which is empty/,
    );
    expect(await said({ dtype: "float32", shape: [1, 1, 1], data: Float32Array.of(NaN) })).to.match(/is NaN/);
    expect(await said({ dtype: "float32", shape: [4], data: new Float32Array(4) })).to.match(/shape \[4\]; images are/);
    expect(await said({ dtype: "float32", shape: [0, 2, 2, 1], data: new Float32Array(0) })).to.match(
      /shape \[0, 2, 2, 1\]/,
    );
    expect(await said({ dtype: "int64", shape: [1, 1, 1], data: BigInt64Array.of(1n) })).to.match(/holds int64/);
  });
  it("refuses what is cut, too large, or no picture, by name", async () => {
    const png = Buffer.from(encodePng(picture(20, 20))),
      photo = jpeg(40, 40);
    for (const whole of [png, photo])
      for (const length of [9, 30, whole.length >> 1, whole.length - 3]) {
        expect((await failure(() => decodeImage(whole.subarray(0, length), "cut.png"))).message).to.match(
          /^cut\.png is (truncated|corrupt)/,
        );
      }
    const flipped = Buffer.from(png);
    flipped[60] ^= 1;
    expect((await failure(() => decodeImage(flipped, "x"))).message).to.match(/checksum of a PNG chunk is wrong/);
    const vast = Buffer.from(png);
    vast.writeUInt32BE(1e9, 16);
    vast.writeUInt32BE(crc32(vast.subarray(12, 29)), 29);
    expect((await failure(() => decodeImage(vast, "x"))).message).to.match(/has 1000000000 × 20 pixels/);
    expect((await failure(() => decodeImage(Buffer.from("plain text"), "x.gif"))).message).to.equal(
      "x.gif is no picture that is read. Allowed: PNG, JPEG, WebP, AVIF, GIF or TIFF.",
    );
    expect((await failure(() => readImage(path.join(folder(), "none.png")))).message).to.match(
      /none\.png does not exist/,
    );
  });
});

describe("resizing", () => {
  it("leaves a flat picture flat and a ramp a ramp", () => {
    const flat: Pixels = { height: 7, width: 9, channels: 1, data: new Uint8Array(63).fill(77) };
    for (const [height, width] of [
      [3, 4],
      [20, 31],
      [7, 2],
    ])
      expect([...new Set(resize(flat, height, width).data)]).to.deep.equal([77]);
    const ramp: Pixels = { height: 1, width: 64, channels: 1, data: Uint8Array.from({ length: 64 }, (_, x) => 4 * x) };
    // In the middle, halving averages symmetrically about 2x + 0.5.
    const half = resize(ramp, 1, 32).data;
    for (let x = 1; x < 31; x++) expect(half[x]).to.equal(4 * (2 * x + 0.5));
  });
  it("equals the triangle filter of the definition, computed the slow way", () => {
    const image = picture(11, 17),
      height = 5,
      width = 23,
      { data } = resize(image, height, width);
    const weight = (from: number, to: number, inside: number, out: number): number => {
      const scale = from / to,
        reach = Math.max(1, scale);
      return Math.max(0, 1 - Math.abs((inside + 0.5 - (out + 0.5) * scale) / reach));
    };
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) {
          let sum = 0,
            weights = 0;
          for (let i = 0; i < 11; i++)
            for (let j = 0; j < 17; j++) {
              const w = weight(11, height, i, y) * weight(17, width, j, x);
              sum += w * image.data[(i * 17 + j) * 3 + c];
              weights += w;
            }
          expect(data[(y * width + x) * 3 + c]).to.be.closeTo(sum / weights, 1.01);
        }
  });
  it("crops the middle and keeps the shorter side", async () => {
    const image: Pixels = { height: 4, width: 6, channels: 1, data: Uint8Array.from({ length: 24 }, (_, i) => i) };
    expect([...centreCrop(image, 2, 2).data]).to.deep.equal([8, 9, 14, 15]);
    expect(resizeShorterSide(picture(40, 30), 15)).to.include({ height: 20, width: 15 });
    expect(fit(picture(40, 30), 10, 10)).to.include({ height: 10, width: 10 });
    expect(fit(picture(9, 100), 20, 40)).to.include({ height: 20, width: 40 });
    // Of the right height already: nothing is squeezed, the middle is cut out.
    expect(fit(picture(20, 60), 20, 40)).to.deep.equal(centreCrop(picture(20, 60), 20, 40));
    expect(fit(picture(60, 20), 40, 20)).to.deep.equal(centreCrop(picture(60, 20), 40, 20));
    expect((await failure(() => centreCrop(image, 5, 2))).message).to.match(/at most the image's 4 × 6/);
  });
  it("resizes as PIL does", () => resizesAsPil(keptFiles));
});

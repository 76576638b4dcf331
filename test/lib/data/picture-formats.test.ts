import { expect } from "chai";
import sharp from "sharp";
import { crc32 } from "../../../lib/data/zip";
import { decodeImage } from "../../../lib/data/image";
import { sharpFor, type Sharp } from "../../../lib/data/image-decoders";
import { failure } from "./helpers";
import { fitsAsTorchvision, keptPictures, picturesAreRead, writtenPicture } from "./picture-files";

describe("picture files", () => {
  for (const ending of ["png", "webp", "jpg", "tif", "avif"]) {
    it(`turns ${ending} upright, from all eight orientations, as PIL does`, async () => {
      expect(await picturesAreRead(keptPictures, new RegExp(`^orientation-\\d\\.${ending}$`))).to.equal(8);
    });
  }
  it("takes a picture for upright whose EXIF is damaged", async () => {
    const whole = writtenPicture("orientation-6.png"),
      start = whole.indexOf("eXIf");
    const ending = start + 4 + whole.readUInt32BE(start - 4),
      upright = await decodeImage(writtenPicture("orientation-1.png"), "x");
    // Beyond the end, more entries than there are, no such entry, and values that are none.
    const damages = [{ 4: 0xff }, { 9: 0xff, 10: 0xff }, { 10: 0xff }, { 18: 9 }, { 19: 9 }, { 19: 0 }];
    for (const damage of damages) {
      const damaged = Buffer.from(whole);
      for (const [at, value] of Object.entries(damage)) damaged[start + 4 + Number(at)] = value;
      damaged.writeUInt32BE(crc32(damaged.subarray(start, ending)), ending);
      expect(await decodeImage(damaged, "x"), JSON.stringify(damage)).to.deep.equal(upright);
    }
  });
  it("reads grey, black and white, palettes, CMYK and packed files as PIL does", async () => {
    expect(await picturesAreRead(keptPictures, /^(grey|black-and-white|palette|cmyk|packed|lossy)\./)).to.equal(12);
  });
  it("lays what is transparent over white as PIL does, in every format that has it", async () => {
    expect(await picturesAreRead(keptPictures, /^(alpha|clear-palette|grey-alpha)\./)).to.equal(7);
  });
  it("lays grey that is transparent over white where sharp reads it", async () => {
    const file = await sharp(Uint8Array.of(100, 255, 100, 51, 100, 0), { raw: { width: 3, height: 1, channels: 2 } })
      .toColourspace("b-w")
      .tiff({ compression: "lzw" })
      .toBuffer();
    expect((await sharp(file).metadata()).channels).to.equal(2);
    expect([...(await decodeImage(file, "x")).data]).to.deep.equal([100, 100, 100, 224, 224, 224, 255, 255, 255]);
  });
  it("takes the upper of two bytes, in colour and transparency as well", async () => {
    expect(await picturesAreRead(keptPictures, /^16-bit\./)).to.equal(2);
    const values = Uint16Array.of(0x12ff, 0x3400, 0x5680, 0xffff, 0x12ff, 0x3400, 0x5680, 0);
    const deep = sharp(values, { raw: { width: 2, height: 1, channels: 4 } }).toColourspace("rgb16");
    for (const each of [deep.clone().png(), deep.clone().tiff({ compression: "lzw" })]) {
      const file = await each.toBuffer();
      expect((await sharp(file).metadata()).depth).to.equal("ushort");
      expect([...(await decodeImage(file, "x")).data]).to.deep.equal([0x12, 0x34, 0x56, 255, 255, 255]);
    }
  });
  it("reads the first frame of a moving picture, and the first page of several", async () => {
    expect(await picturesAreRead(keptPictures, /^(moving|pages)\./)).to.equal(3);
  });
  it("tells the format by the content, whatever the name", async () => {
    expect(await decodeImage(writtenPicture("palette.gif"), "x.png")).to.include({ height: 12, width: 16 });
  });
  it("refuses what is cut, by name and format", async () => {
    for (const name of ["orientation-1.webp", "orientation-1.avif", "orientation-1.tif", "palette.gif"]) {
      const whole = writtenPicture(name);
      for (const length of [40, whole.length >> 1, whole.length - 3]) {
        const { message } = await failure(() => decodeImage(whole.subarray(0, length), name));
        expect(message, `${length} bytes`)
          .to.match(/^\S+\.\w+ cannot be decoded as (WebP|AVIF|TIFF|GIF): /)
          .and.include(name);
      }
    }
  });
  it("refuses too many pixels before it unpacks them", async () => {
    const vast = writtenPicture("orientation-1.tif"),
      directory = vast.readUInt32LE(4);
    // The entries for width and height come first: tag, type, count, value.
    for (const at of [directory + 10, directory + 22]) vast.writeUInt32LE(65_000, at);
    expect((await failure(() => decodeImage(vast, "x.tif"))).message).to.equal(
      "x.tif has 65000 × 65000 pixels; 1 to 64 million are read.",
    );
  });
  it("refuses numbers whose range nobody knows", async () => {
    const file = await sharp(Float32Array.of(0.5, 7), { raw: { width: 2, height: 1, channels: 1 } })
      .tiff({ compression: "none" })
      .toColourspace("scrgb")
      .toBuffer();
    expect((await sharp(file).metadata()).depth).to.equal("float");
    expect((await failure(() => decodeImage(file, "x.tif"))).message).to.equal(
      "x.tif holds float pixels; 8 or 16 bits a channel are read. Save them as .npy, in [0, 1].",
    );
  });
  it("names the format and the remedy where sharp is missing or lacks it", async () => {
    const missing = (): Sharp => {
      throw new Error("Cannot find module 'sharp'\nRequire stack: …");
    };
    expect((await failure(() => sharpFor("WebP", "x.webp", missing))).message).to.equal(
      "x.webp is WebP, which the package sharp reads, and that cannot be loaded (Cannot find module 'sharp'). " +
        "Convert it to PNG or JPEG, or install sharp: npm install.",
    );
    const none = { input: { file: false, buffer: false, stream: false } };
    const formats = { ...sharp.format, webp: none, gif: none, tiff: none, heif: none };
    const poor = { versions: sharp.versions, format: formats };
    for (const format of ["WebP", "AVIF", "GIF", "TIFF"] as const) {
      expect((await failure(() => sharpFor(format, "x", () => poor as unknown as Sharp))).message).to.equal(
        `x is ${format}, which sharp ${sharp.versions.sharp} here cannot read. Convert it to PNG or JPEG.`,
      );
      expect(sharpFor(format, "x")).to.equal(sharp);
    }
    const iphone = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");
    expect((await failure(() => decodeImage(iphone, "x.heic"))).message).to.equal(
      `x.heic is HEIC, which sharp ${sharp.versions.sharp} here cannot read. Convert it to PNG or JPEG.`,
    );
  });
});

describe("fitting pictures", () => {
  it("is torchvision's resize and center_crop, pixel for pixel, at sizes of both parities", () =>
    fitsAsTorchvision(keptPictures));
});

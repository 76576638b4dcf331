import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { encodePng } from "../../lib/data/image-files";
import { fitsAsTorchvision, fitted, picturesAreRead } from "../lib/data/picture-files";
import { runReference } from "./oracle";

describe("pictures of PIL and torchvision, as they make them today [needs both]", function () {
  this.timeout(180_000);
  let folder: string;
  before(function () {
    folder = mkdtempSync(join(tmpdir(), "vitrine-pictures-"));
    for (const [name, image] of Object.entries(fitted)) writeFileSync(join(folder, `${name}.png`), encodePng(image));
    runReference(this, "pictures.py", folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("we read what PIL writes, every format, depth and orientation", async () => {
    expect(await picturesAreRead(folder, /./)).to.be.above(60);
  });
  it("resizing and cropping is torchvision's, pixel for pixel", () => fitsAsTorchvision(folder));
});

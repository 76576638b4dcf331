import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  numpyFilesAreRead,
  readsOurs,
  resizedPng,
  resizesAsPil,
  torchFilesAreRead,
  writeOurs,
} from "../lib/data/python-files";
import { runReference } from "./oracle";

describe("files of NumPy, PyTorch and PIL, as they write them today [needs all three]", function () {
  this.timeout(180_000);
  let folder: string, said: string;
  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "vitrine-data-files-"));
    writeFileSync(join(folder, "picture.png"), resizedPng());
    await writeOurs(folder);
    said = runReference(this, "data_files.py", folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("NumPy reads what we write, every type and shape", () => readsOurs(said));
  it("we read what NumPy writes", () => numpyFilesAreRead(folder));
  it("we read what PyTorch writes, bit for bit", () => torchFilesAreRead(folder));
  it("pictures are resized as PIL does it", () => resizesAsPil(folder));
});

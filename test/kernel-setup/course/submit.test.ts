import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { unzipSync } from "fflate";
import type { SubmissionManifest } from "../../../kernel-setup/course/sheet/submission";
import { joined, notebookPath, readNotebook } from "../../notebooks/course";
import { vitrineHere } from "../../lib/cli/run-cli";

const sheet = "04-fashion-mnist-occlusion";

describe("vitrine submit", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vitrine-submit-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A student's copy under another name. */
  const mine = (change: (text: string) => string = (text) => text): string => {
    const file = join(folder, "my answers (final).ipynb");
    writeFileSync(file, change(readFileSync(notebookPath("release", sheet), "utf8")));
    return file;
  };

  it("writes the notebook byte for byte and a manifest with hash and versions, whatever the file's name", async () => {
    const file = mine(),
      out = join(folder, "out.zip");
    const { status, stdout } = await vitrineHere("submit", file, "--out", out);
    expect(status).to.equal(0);
    const entries = unzipSync(readFileSync(out));
    expect(Object.keys(entries).sort()).to.deep.equal([`${sheet}.ipynb`, "manifest.json"]);
    const bytes = readFileSync(file),
      manifest = JSON.parse(Buffer.from(entries["manifest.json"]).toString()) as SubmissionManifest;
    expect(Buffer.from(entries[`${sheet}.ipynb`]).equals(bytes)).to.equal(true);
    expect(manifest).to.include({ format: "vitrine-submission", version: 1, sheet });
    expect(manifest.notebook).to.deep.equal({
      path: `${sheet}.ipynb`,
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
    expect(manifest.versions)
      .to.include({ node: process.version, tfjs: "4.22.0" })
      .and.have.keys("vitrine", "node", "tfjs", "typescript", "platform");
    expect(Date.now() - Date.parse(manifest.created)).to.be.within(0, 60_000);
    expect(stdout).to.include("Hand in this file.");
  });

  it("reminds of what is not done, and of nothing that is", async () => {
    const before = await vitrineHere("submit", mine(), "--out", join(folder, "out.zip"));
    for (const cell of ["task-1", "task-2", "task-3", "answer-1", "answer-2", "answer-3"])
      expect(before.stdout).to.include(`The cell ${cell} is as it was handed out`);
    const solved = readNotebook(notebookPath("source", sheet));
    for (const cell of solved.cells)
      if (joined(cell.source) && cell.cell_type === "code")
        cell.outputs = [{ output_type: "stream", name: "stdout", text: "done" }];
    const after = await vitrineHere(
      "submit",
      mine(() => JSON.stringify(solved)),
      "--out",
      join(folder, "out.zip"),
    );
    expect(after.stdout).to.not.match(/handed out|missing|No cell/);
    const gone = await vitrineHere(
      "submit",
      mine(() => JSON.stringify({ ...solved, cells: solved.cells.filter(({ id }) => id !== "task-2") })),
      "--out",
      join(folder, "out.zip"),
    );
    expect(gone.stdout).to.include("The cell task-2 is missing");
  });

  it("refuses in one line what is no sheet of the course, and writes nothing", async () => {
    const foreign = JSON.stringify({ cells: [{ id: "a", cell_type: "code", source: "1", metadata: {} }] });
    const cases: [() => string, RegExp][] = [
      [() => mine(() => "no JSON"), /cannot be read as a notebook/],
      [() => mine(() => "{}"), /is no notebook: it has no cells/],
      [() => mine(() => foreign), /allowed: a sheet of this course/],
      [() => join(folder, "nowhere.ipynb"), /allowed: a notebook's path/],
    ];
    for (const [file, words] of cases) {
      const { status, stderr } = await vitrineHere("submit", file(), "--out", join(folder, "never.zip"));
      expect([status, stderr.trim().split("\n").length], stderr).to.deep.equal([1, 1]);
      expect(stderr).to.match(words);
    }
    expect(readdirSync(folder)).to.not.include("never.zip");
  });
});

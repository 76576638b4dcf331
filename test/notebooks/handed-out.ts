import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { expect } from "chai";
import { joined, notebookPath, notebooks, readNotebook, type Notebook } from "./course";

export const script = join(notebooks, "tools", "release.mjs");

/** What holds of each sheet as it is handed out. */
export function describeRelease(sheet: string): void {
  describe(sheet, () => {
    let again: string, folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "vitrine-release-test-"));
      const words = [sheet, folder].map((word) => JSON.stringify(word)).join(", ");
      const code = `import(${JSON.stringify(script)}).then(({ release }) => release(${words}))`;
      const made = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
      expect(made.status, made.stderr).to.equal(0);
      again = readFileSync(join(folder, sheet, `${sheet}.ipynb`), "utf8");
    });
    after(() => folder && rmSync(folder, { recursive: true, force: true }));

    it("what is committed is what the source gives now", () => {
      expect(
        readFileSync(notebookPath("release", sheet), "utf8") === again,
        "run: node notebooks/tools/release.mjs",
      ).to.equal(true);
    });

    it("no line of a solution, model answer, rubric or hidden test is in it", () => {
      const source = readNotebook(notebookPath("source", sheet)),
        released = readNotebook(notebookPath("release", sheet));
      const text = released.cells.map((cell) => joined(cell.source)).join("\n");
      expect(text).to.not.match(/BEGIN|END SOLUTION|HIDDEN|Model answer|Rubric/);
      for (const cell of source.cells) {
        const whole = joined(cell.source),
          nbgrader = cell.metadata.nbgrader;
        if (!nbgrader?.solution) continue;
        const secret =
          cell.cell_type === "markdown" ? whole : whole.split("/// BEGIN SOLUTION")[1].split("/// END SOLUTION")[0];
        const lines = secret
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line.length > 25);
        expect(lines.length, cell.id).to.be.above(0);
        for (const line of lines) expect(text, line).to.not.include(line);
      }
      for (const cell of released.cells) expect(cell.outputs ?? []).to.deep.equal([]);
    });

    it("no hidden test comes along", () => {
      expect(readdirSync(join(folder, sheet), { recursive: true })).to.deep.equal([`${sheet}.ipynb`]);
    });

    it("locks what is not the student's, and keeps the points", () => {
      const released = readNotebook(notebookPath("release", sheet));
      const check = released.cells.find(({ id }) => id === "check-1") as { metadata: Record<string, unknown> };
      expect(check.metadata.editable).to.equal(false);
      const pointsOf = ({ cells }: Notebook): number =>
        cells.reduce((sum, { metadata }) => sum + (metadata.nbgrader?.points ?? 0), 0);
      expect(pointsOf(released))
        .to.equal(pointsOf(readNotebook(notebookPath("source", sheet))))
        .and.be.above(0);
    });
  });
}

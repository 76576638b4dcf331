import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

describe("npx vitrine before set-up", () => {
  it("says in one line what to run", () => {
    const folder = mkdtempSync(join(tmpdir(), "vitrine-bin-"));
    try {
      cpSync(join(__dirname, "../../../lib/bin"), join(folder, "bin"), { recursive: true });
      const { status, stderr } = spawnSync(process.execPath, [join(folder, "bin/vitrine.cjs"), "doctor"], {
        encoding: "utf8",
      });
      expect(stderr).to.equal(
        "vitrine is not compiled yet. Run `npm run setup` in the project's folder: it sets up all that is missing.\n",
      );
      expect(status).to.equal(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { load, root } from "./load";

describe("JupyterLab's settings", () => {
  const venv = mkdtempSync(join(tmpdir(), "vitrine-lab-"));
  after(() => rmSync(venv, { recursive: true }));
  const read = (file: string): any => JSON.parse(readFileSync(join(venv, file), "utf8"));

  it("ask for no news, save soon; what is right is not written again", async () => {
    const { writeLabSettings } = await load<{ writeLabSettings(project: object): void }>("lab-settings.mjs");
    const file = "share/jupyter/lab/settings/overrides.json";
    writeLabSettings({ venv });
    expect(read(file)["@jupyterlab/apputils-extension:notification"].fetchNews).to.equal("false");
    expect(read(file)["@jupyterlab/docmanager-extension:plugin"].autosaveInterval).to.be.within(5, 20);
    const before = statSync(join(venv, file)).ino;
    writeLabSettings({ venv });
    expect(statSync(join(venv, file)).ino).to.equal(before);
  });

  it("give students nothing of nbgrader's, and authors its tools but for the validation that passes what fails", () => {
    const disabled = (role: string): Record<string, boolean> =>
      JSON.parse(readFileSync(join(root, "kernel-setup/lab", role, "labconfig/page_config.json"), "utf8"))
        .disabledExtensions;
    expect(disabled("student")).to.deep.equal({ "@jupyter/nbgrader": true });
    // What an older set-up wrote into .venv may say otherwise.
    expect(disabled("author")).to.include({
      "@jupyter/nbgrader": false,
      "@jupyter/nbgrader:formgrader": false,
      "@jupyter/nbgrader:create-assignment": false,
      "@jupyter/nbgrader:validate-assignment": true,
    });
  });
});

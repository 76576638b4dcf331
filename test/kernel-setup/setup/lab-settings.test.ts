import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { load } from "./load";

describe("JupyterLab's settings", () => {
  const venv = mkdtempSync(join(tmpdir(), "vitrine-lab-"));
  after(() => rmSync(venv, { recursive: true }));
  const read = (file: string): any => JSON.parse(readFileSync(join(venv, file), "utf8"));

  it("ask for no news, save soon; teachers' tools are for authors; what is right is not written again", async () => {
    const { writeLabSettings } = await load<{ writeLabSettings(project: object, options?: object): void }>(
      "lab-settings.mjs",
    );
    const page = "etc/jupyter/labconfig/page_config.json";
    writeLabSettings({ venv });
    const overrides = read("share/jupyter/lab/settings/overrides.json");
    expect(overrides["@jupyterlab/apputils-extension:notification"].fetchNews).to.equal("false");
    expect(overrides["@jupyterlab/docmanager-extension:plugin"].autosaveInterval).to.be.within(5, 20);
    expect(read(page).disabledExtensions).to.include({
      "@jupyter/nbgrader:create-assignment": true,
      "@jupyter/nbgrader:formgrader": true,
    });
    const before = statSync(join(venv, page)).ino;
    writeLabSettings({ venv });
    expect(statSync(join(venv, page)).ino).to.equal(before);
    writeLabSettings({ venv }, { author: true });
    expect(read(page).disabledExtensions["@jupyter/nbgrader:create-assignment"]).to.equal(false);
  });
});

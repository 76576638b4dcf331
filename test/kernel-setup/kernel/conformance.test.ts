import { expect } from "chai";
import { spawnSync } from "child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { kernelCommand, projectRoot } from "../../helpers/jupyter-client";

const python = path.join(projectRoot, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

describe("kernel: Jupyter's own tests and clients", function () {
  this.timeout(180000);
  let said: string, ended: number | null;

  before(function () {
    if (!existsSync(python)) {
      this.test!.parent!.title += " [skipped: no .venv]";
      return this.skip();
    }
    const jupyterPath = mkdtempSync(path.join(tmpdir(), "vitrine-jupyter-"));
    try {
      const folder = path.join(jupyterPath, "kernels/vitrine-under-test");
      mkdirSync(folder, { recursive: true });
      const argv = [...kernelCommand(), "{connection_file}"];
      writeFileSync(
        path.join(folder, "kernel.json"),
        JSON.stringify({ argv, display_name: "under test", language: "typescript", interrupt_mode: "message" }),
      );
      const options = {
        encoding: "utf8",
        env: { ...process.env, JUPYTER_PATH: jupyterPath },
        cwd: projectRoot,
      } as const;
      ({ stderr: said, status: ended } = spawnSync(python, [path.join(__dirname, "conformance.py")], options));
    } finally {
      rmSync(jupyterPath, { recursive: true, force: true });
    }
    if (/No module named 'jupyter_kernel_test'/.test(said)) {
      this.test!.parent!.title +=
        " [skipped: jupyter_kernel_test is not installed; kernel-setup/requirements-test.txt]";
      return this.skip();
    }
  });

  it("jupyter_kernel_test passes, all but the pager, which we have not", () => {
    expect(ended, said).to.equal(0);
    const skipped = said
      .split("\n")
      .filter((line) => line.includes("... skipped"))
      .map((line) => line.split(" ")[0]);
    expect(skipped, said).to.deep.equal(["test_pager"]);
    const passed = said.match(/^test_\w+ \(\w+\.VitrineKernel\S*\)[^]*?\.\.\. ok$/gm);
    expect(passed?.length, said).to.be.at.least(10);
  });

  for (const [title, test] of [
    ["nbclient runs a notebook", "executes_a_notebook"],
    ["nbclient stops at a type error", "stops_at_a_type_error"],
    ["nbclient interrupts a cell that takes too long", "interrupts_a_cell_that_takes_too_long"],
  ]) {
    it(title, () => {
      // A warning may stand between a test's name and what became of it.
      const [, outcome] = new RegExp(`^test_nbclient_${test} [^]*?\\b(ok|FAIL|ERROR|skipped.*)$`, "m").exec(said) ?? [];
      expect(outcome, said).to.equal("ok");
    });
  }
});

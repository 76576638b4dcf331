import { expect } from "chai";
import { spawnSync, type SpawnSyncReturns } from "child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { kernelMain, projectRoot } from "../../helpers/jupyter-client";

const python = path.join(projectRoot, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

describe("kernel: Jupyter's own tests and clients", function () {
  this.timeout(180000);
  let jupyterPath: string;

  before(function () {
    if (!existsSync(python)) {
      this.test!.parent!.title += " [skipped: no .venv]";
      return this.skip();
    }
    jupyterPath = mkdtempSync(path.join(tmpdir(), "vitrine-jupyter-"));
    const folder = path.join(jupyterPath, "kernels/vitrine-under-test");
    mkdirSync(folder, { recursive: true });
    const argv = [process.execPath, "--no-force-async-hooks-checks", kernelMain, "--connection-file", "{connection_file}"];
    writeFileSync(path.join(folder, "kernel.json"), JSON.stringify({ argv, display_name: "under test", language: "typescript", interrupt_mode: "message" }));
  });
  after(() => { if (jupyterPath) rmSync(jupyterPath, { recursive: true, force: true }); });

  const run = (args: string[], input?: string): SpawnSyncReturns<string> =>
    spawnSync(python, args, { encoding: "utf8", input, env: { ...process.env, JUPYTER_PATH: jupyterPath }, cwd: projectRoot });

  it("jupyter_kernel_test passes, all but the pager, which we have not", function () {
    if (run(["-c", "import jupyter_kernel_test"]).status !== 0) {
      this.test!.title += " [skipped: jupyter_kernel_test is not installed; kernel-setup/requirements-test.txt]";
      return this.skip();
    }
    const { status, stderr } = run([path.join(__dirname, "conformance.py")]);
    expect(status, stderr).to.equal(0);
    const skipped = stderr.split("\n").filter((line) => line.includes("... skipped")).map((line) => line.split(" ")[0]);
    expect(skipped, stderr).to.deep.equal(["test_pager"]);
    expect(stderr).to.match(/^Ran 1\d tests/m);
  });

  it("nbclient runs a notebook, stops at a type error, and interrupts a cell that takes too long", () => {
    const { status, stdout, stderr } = run(["-"], `
import nbformat, nbclient
def notebook(*cells):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
def client(nb, **options):
    return nbclient.NotebookClient(nb, kernel_name="vitrine-under-test", timeout=60, **options)
nb = client(notebook("const a = 1; console.log('x')", "a + 1")).execute()
print([[o.output_type for o in c.outputs] for c in nb.cells], nb.cells[1].outputs[0].data["text/plain"])
try:
    client(notebook("const n: number = 'a'", "1")).execute()
except nbclient.exceptions.CellExecutionError as error:
    print(error.ename)
try:
    slow = notebook("1", "while (true);", "2")
    slow_client = nbclient.NotebookClient(slow, kernel_name="vitrine-under-test", timeout=15, interrupt_on_timeout=True, allow_errors=True)
    slow_client.execute()
    print(slow.cells[1].outputs[-1].ename, slow.cells[2].outputs[0].data["text/plain"])
except Exception as error:
    print(type(error).__name__, error)
`);
    expect(status, stderr).to.equal(0);
    expect(stdout.trim().split("\n")).to.deep.equal(["[['stream'], ['execute_result']] 2", "TypeScriptError", "KeyboardInterrupt 2"]);
  });
});

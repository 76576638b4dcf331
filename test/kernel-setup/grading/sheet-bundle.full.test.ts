import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { unzipSync } from "fflate";
import { openCourse, sheetOf } from "../../../kernel-setup/grading/sheet/course";
import { writeBundle } from "../../../kernel-setup/grading/sheet/bundle";
import { joined, missing, notebookPath, readNotebook, root } from "../../notebooks/course";

const sheet = "00-warm-up";

/**
 * What students are handed, in a folder of its own; packages that are installed here already are linked, the rest is
 * set up by its own scripts.
 */
describe("sheets: the bundle runs", function () {
  this.timeout(400_000);
  let folder: string, bundle: string;
  const here = (...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, args, { cwd: bundle, encoding: "utf8" });
  const vitrine = (...args: string[]): SpawnSyncReturns<string> =>
    here(join(bundle, "node_modules", ".bin", "vitrine"), ...args);

  before(async function () {
    if (missing()) return this.skip();
    folder = mkdtempSync(join(tmpdir(), "vitrine-bundle-runs-"));
    bundle = join(folder, "sheets");
    await writeBundle([sheetOf(openCourse(), sheet)], bundle);
    linkPackages(bundle);
    const steps = `import { compile } from "./kernel-setup/setup/compile.mjs";
      import { vitrineKernel } from "./kernel-setup/setup/kernelspec.mjs";
      import { doSteps } from "./kernel-setup/setup/steps.mjs";
      import { project } from "./kernel-setup/setup/project.mjs";
      await doSteps([compile, vitrineKernel], { project, env: process.env });`;
    const made = here("--input-type=module", "-e", steps);
    expect(made.status, made.stdout + made.stderr).to.equal(0);
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  it("its library and kernel compile without the code that grades", () => {
    for (const made of ["lib/dist/cli/main.js", "kernel-setup/dist/kernel/main.js"])
      expect(existsSync(join(bundle, made)), made).to.equal(true);
    expect(existsSync(join(bundle, "kernel-setup", "dist", "grading"))).to.equal(false);
    expect(
      JSON.stringify(
        readFileSync(join(bundle, ".venv", "share", "jupyter", "kernels", "vitrine", "kernel.json"), "utf8"),
      ),
    ).to.include(bundle);
  });

  it("a sheet is checked in its kernel: what is solved passes, what is not is named", () => {
    const work = join(bundle, "notebooks", "work", sheet, `${sheet}.ipynb`),
      solved = readNotebook(notebookPath("source", sheet));
    cpSync(join(bundle, "notebooks", "release", sheet), join(bundle, "notebooks", "work", sheet), { recursive: true });
    const notebook = readNotebook(work);
    for (const cell of notebook.cells)
      if (cell.id === "task-1" || cell.id === "task-3")
        cell.source = joined(solved.cells.find(({ id }) => id === cell.id)!.source);
    writeFileSync(work, JSON.stringify(notebook));
    const { status, stdout, stderr } = vitrine("check", sheet),
      said = stdout + stderr;
    expect(said)
      .to.include("✓ Values: each pixel and each colour has its own mean.")
      .and.include("✓ Linear: each pixel's weight times its value.");
    expect(said)
      .to.include("✗ Task 2 is not implemented yet")
      .and.not.include(root + "/");
    expect(status).to.equal(1);
  });

  it("and packed to hand in, without a word of what is done already", () => {
    const out = join(folder, "handed-in.zip"),
      { status, stdout, stderr } = vitrine("submit", sheet, "--out", out);
    expect(status, stderr).to.equal(0);
    expect(Object.keys(unzipSync(readFileSync(out))).sort()).to.deep.equal([`${sheet}.ipynb`, "manifest.json"]);
    expect(stdout).to.include("The cell task-2 is as it was handed out").and.not.include("task-1 is as it was");
  });
});

/** node_modules and .venv as set-up makes them, but for `vitrine` and the kernel, which are the bundle's own. */
function linkPackages(bundle: string): void {
  const link = (from: string, to: string, without: readonly string[]): void => {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) if (!without.includes(name)) symlinkSync(join(from, name), join(to, name));
  };
  link(join(root, "node_modules"), join(bundle, "node_modules"), ["vitrine", ".bin"]);
  link(join(root, "lib", "node_modules"), join(bundle, "lib", "node_modules"), []);
  symlinkSync(join(bundle, "lib"), join(bundle, "node_modules", "vitrine"));
  mkdirSync(join(bundle, "node_modules", ".bin"));
  symlinkSync(join("..", "vitrine", "bin", "vitrine.cjs"), join(bundle, "node_modules", ".bin", "vitrine"));
  link(join(root, ".venv"), join(bundle, ".venv"), ["share", "etc", "vitrine", "jupyter"]);
  // What set-up writes there names its own folder: the tests that run beside this one read this checkout's.
  link(join(root, ".venv", "etc", "jupyter"), join(bundle, ".venv", "etc", "jupyter"), ["nbgrader_config.py"]);
  link(join(root, ".venv", "share", "jupyter"), join(bundle, ".venv", "share", "jupyter"), ["kernels"]);
}

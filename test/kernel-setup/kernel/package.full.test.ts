import { expect } from "chai";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "fs";
import * as path from "path";
import { Machine, python, type Step } from "./installed-package";

/** What takes longer than the quick run may: other ways to install it, and Jupyter's own tests on it. */
describe("kernel: the package of its own, at length", function () {
  this.timeout(240_000);
  let machine: Machine;

  before(async function () {
    if (process.platform === "win32" || !existsSync(python)) {
      this.test!.parent!.title += " [skipped: no .venv]";
      return this.skip();
    }
    machine = await Machine.withPackage();
    await machine.makeProject();
    expect(machine.command("install").status).to.equal(0);
  });
  after(() => machine?.end());

  it("passes Jupyter's own tests, jupyter_kernel_test and nbclient, in somebody's project", function () {
    const script = path.join(__dirname, "conformance.py");
    const env = { KERNEL_UNDER_TEST: "vitrine-kernel" };
    const { status, stderr } = machine.run(python, [script], { cwd: machine.project, env });
    if (/No module named 'jupyter_kernel_test'/.test(stderr)) {
      this.test!.title += " [skipped: jupyter_kernel_test is not installed; kernel-setup/requirements-test.txt]";
      return this.skip();
    }
    expect(status, stderr).to.equal(0);
    expect(stderr.match(/ \.\.\. ok$/gm)?.length, stderr).to.be.at.least(13);
  });

  it("doctor names what is there, tries a kernel, and ends with 0", () => {
    const { status, stdout } = machine.command("doctor");
    expect(stdout).to.match(
      /^ok +Node v[\d.]+, TypeScript 5[^]*^ok +kernel vitrine-kernel [^]*^ok +a kernel starts \(/m,
    );
    expect(status, stdout).to.equal(0);
  });

  it("doctor names what is missing, and ends with 1: a kernelspec's kernel, ZeroMQ's program", () => {
    const specs = path.join(machine.home, ".local/share/jupyter/kernels");
    const text = readFileSync(path.join(specs, "vitrine-kernel/kernel.json"), "utf8");
    mkdirSync(path.join(specs, "moved"));
    writeFileSync(path.join(specs, "moved/kernel.json"), text.replaceAll(machine.installed, "/gone"));
    const build = path.join(machine.installed, "node_modules/zeromq/build");
    renameSync(build, `${build}-away`);
    const { status, stdout, stderr } = machine.command("doctor");
    renameSync(`${build}-away`, build);
    expect(stdout).to.match(/^missing +kernel moved, in \S+, starts \/gone\S+, which is gone: vitrine-kernel install/m);
    expect(stdout).to.match(/^missing +zeromq has no program for .*: npm install -g --allow-scripts=zeromq/m);
    expect([status, stderr]).to.deep.equal([1, ""]);
  });

  it("says why it died, and a variable of the kernelspec reaches it", () => {
    const env = "NODE_OPTIONS=--max-old-space-size=900";
    expect(machine.command("install", "--name", "small", "--env", env).status).to.equal(0);
    const heap = 'import { getHeapStatistics } from "v8"; getHeapStatistics().heap_size_limit < 1e9';
    const [small, died] = machine.ask("small", [
      ["cell", heap],
      ["cell", 'import { execSync } from "child_process"; execSync(`kill -9 ${process.pid}`)'],
    ]);
    expect(small.shown[0]["text/plain"]).to.equal("true");
    expect(died.error).to.match(/^KernelDied: The kernel has ended while this cell ran: somebody killed it/);
  });

  it("as a dependency of a project: npm lays its parts beside it, and cells get the same", async () => {
    await machine.npm(["install", "-D", machine.packed], machine.project);
    expect(existsSync(path.join(machine.project, "node_modules/typescript"))).to.equal(true);
    const prefix = path.join(machine.folder, "prefix");
    const bin = path.join(machine.project, "node_modules/.bin/vitrine-kernel");
    expect(machine.run(bin, ["install", "--prefix", prefix, "--name", "local"]).status).to.equal(0);
    const spec = readFileSync(path.join(prefix, "share/jupyter/kernels/local/kernel.json"), "utf8");
    expect(spec).to.include(path.join(machine.project, "node_modules/vitrine-kernel/dist/main.js"));
    const env = { JUPYTER_PATH: path.join(prefix, "share/jupyter") };
    const ask = (cell: string): string => {
      const [{ shown, error }] = machine.ask("local", [["cell", cell]], env);
      return (error as string) ?? shown[0]["text/plain"];
    };
    const host =
      'import { notebookHost } from "vitrine-kernel"; import { display } from "tslab"; import { sep } from "path";\n' +
      "const all: [number | undefined, typeof display, string] = [notebookHost()?.outputLimit, display, sep];\n" +
      "all[0]! > 1e6";
    expect(ask(host)).to.equal("true");
    // In another folder what the kernel lends lies beside it, in the project; the rest of the project is not seen.
    const elsewhere = path.join(machine.folder, "elsewhere");
    mkdirSync(elsewhere);
    const cells = [
      'import { display } from "tslab"; import { sep } from "path"; display.html(sep);',
      'import "tiny-units"',
    ];
    const [lent, own] = machine.ask(
      "local",
      cells.map((cell): Step => ["cell", cell]),
      env,
      elsewhere,
    );
    expect(lent.shown, lent.error).to.deep.equal([{ "text/html": "/" }]);
    expect(own.error).to.match(/Cannot find module 'tiny-units'/);
  });
});

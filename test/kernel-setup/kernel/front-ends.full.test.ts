import { expect } from "chai";
import { spawn, spawnSync } from "child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { kernelCommand, plain, projectRoot, type Content } from "../../helpers/jupyter-client";

const python = path.join(projectRoot, ".venv/bin/python");
const papermill = path.join(projectRoot, "kernel-setup/kernel/front-ends/papermill_typescript.py");
/** What is not among the packages of set-up is used where `PYTHONPATH` has it. */
const without = (module: string): string =>
  spawnSync(python, ["-c", `import ${module}`]).status === 0 ? "" : ` [needs service ${module}]`;

describe("kernel: other front ends", function () {
  this.timeout(180_000);
  let folder: string, env: NodeJS.ProcessEnv;
  before(() => {
    // A kernelspec of this kernel, whatever else is installed.
    folder = mkdtempSync(path.join(tmpdir(), "vitrine-front-ends-"));
    const kernels = path.join(folder, "share/kernels/typescript-test");
    const spec = {
      argv: [...kernelCommand(), "{connection_file}"],
      display_name: "TypeScript",
      language: "typescript",
      interrupt_mode: "message",
    };
    spawnSync("mkdir", ["-p", kernels]);
    writeFileSync(path.join(kernels, "kernel.json"), JSON.stringify(spec));
    env = { ...process.env, JUPYTER_PATH: path.join(folder, "share"), NO_COLOR: "1" };
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const cell = (source: string, tags: string[] = []): Content => ({
    cell_type: "code",
    source,
    metadata: { tags },
    outputs: [],
    execution_count: null,
  });
  function notebook(name: string, cells: Content[]): string {
    const file = path.join(folder, name);
    const metadata = { kernelspec: { name: "typescript-test", display_name: "TypeScript", language: "typescript" } };
    writeFileSync(file, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 4 }));
    return file;
  }
  const read = (name: string): Content[] =>
    (JSON.parse(readFileSync(path.join(folder, name), "utf8")) as { cells: Content[] }).cells;
  const joined = (text: string | string[]): string => plain([text].flat().join(""));
  const printed = (shown: Content): string =>
    (shown.outputs as Content[]).map(({ text, data }) => joined(text ?? data?.["text/plain"] ?? "")).join("");

  function run(args: string[], status = 0): string {
    const { status: ended, stdout, stderr } = spawnSync(python, args, { cwd: folder, env, encoding: "utf8" });
    expect(ended, stdout + stderr).to.equal(status);
    return plain(stdout + stderr);
  }

  it("nbconvert --execute keeps what cells show, and stops at an error with the cell's line", () => {
    notebook("plain.ipynb", [cell("const x: number = 6;\nconsole.log('printed');"), cell("x * 7")]);
    run(["-m", "nbconvert", "--execute", "--to", "notebook", "--output", "plain-done.ipynb", "plain.ipynb"]);
    expect(read("plain-done.ipynb").map(printed)).to.deep.equal(["printed\n", "42"]);
    expect(run(["-m", "nbconvert", "--to", "script", "--stdout", "plain.ipynb"])).to.contain("const x: number = 6;");
    notebook("wrong.ipynb", [cell("const y = 1;\nthrow new RangeError('here');"), cell("'never'")]);
    const said = run(["-m", "nbconvert", "--execute", "--to", "notebook", "--output", "no.ipynb", "wrong.ipynb"], 1);
    expect(said).to.match(/RangeError: here/);
    expect(said).to.match(/2 .*throw new RangeError/);
    run(["-m", "nbconvert", "--execute", "--allow-errors", "--to", "html", "--output", "wrong.html", "wrong.ipynb"]);
    expect(plain(readFileSync(path.join(folder, "wrong.html"), "utf8"))).to.match(/RangeError[^]*never/);
  });

  it(`papermill gives parameters to the cell that is tagged for them${without("papermill")}`, function () {
    if (without("papermill")) this.skip();
    notebook("report.ipynb", [
      cell('let rate = 0.5; // how fast\nlet names: string[] = ["a"];\nlet title = "none";', ["parameters"]),
      cell("[rate * 2, names.length, title, deep.n, big, none, sure]"),
    ]);
    const parameters = path.join(folder, "values.yaml");
    writeFileSync(
      parameters,
      'names: [x, "y\\"z"]\ndeep: {n: -1.5e-7}\nbig: 9007199254740993\nnone: null\nsure: true\ntitle: "a`${1}\\n"\n',
    );
    run([papermill, "report.ipynb", "report-done.ipynb", "-p", "rate", "2", "-f", parameters]);
    const [, given, last] = read("report-done.ipynb");
    expect(given.metadata.tags).to.deep.equal(["injected-parameters"]);
    expect(joined(given.source)).to.contain("let rate = 2;");
    expect(printed(last).replace(/\s+/g, " ")).to.equal(
      "[ 4, 2, 'a`${1}\\n', -1.5e-7, 9007199254740993n, null, true ]",
    );
    expect(run([papermill, "--help-notebook", "report.ipynb"])).to.match(
      /rate: [^\n]*\(default 0\.5\)\s*how fast[^]*names: string\[\]/,
    );
    notebook("fails.ipynb", [cell("let n = 1;", ["parameters"]), cell("throw new Error('stopped at ' + n)")]);
    expect(run([papermill, "fails.ipynb", "fails-done.ipynb", "-p", "n", "3"], 1)).to.contain("stopped at 3");
  });

  it(`jupyter console runs what is typed, asks for input and ends${without("jupyter_console")}`, async function () {
    if (without("jupyter_console")) this.skip();
    const console_ = spawn(
      python,
      ["-m", "jupyter_console", "--simple-prompt", "--kernel", "typescript-test", "--no-confirm-exit"],
      { cwd: folder, env: { ...env, TERM: "dumb" } },
    );
    let said = "";
    for (const stream of [console_.stdout, console_.stderr])
      stream.on("data", (bytes: Buffer) => {
        said += plain(String(bytes));
      });
    const until = async (pattern: RegExp): Promise<void> => {
      for (let waited = 0; !pattern.test(said); waited += 50) {
        if (waited > 60_000) throw new Error(`no ${String(pattern)} in: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    try {
      await until(/In \[1\]/);
      console_.stdin.write("const six: number = 6\n");
      await until(/In \[2\]/);
      console_.stdin.write("six * 7\n");
      await until(/Out\[2\]:\s*42/);
      console_.stdin.write("nobody.knows\n");
      await until(/Cannot find name 'nobody'/);
      console_.stdin.end();
      expect(await new Promise((resolve) => console_.on("exit", resolve))).to.equal(0);
    } finally {
      console_.kill();
    }
  });
});

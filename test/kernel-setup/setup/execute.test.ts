import { expect } from "chai";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load, setupFolder, withFolder } from "./load";

interface Project {
  python: string;
  root: string;
}
interface Notebook {
  cells: { outputs: { output_type: string }[] }[];
}
interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
  sheets: Record<string, { page: string; notebook: Notebook }>;
}

const code = (source: string, id?: string): object => ({
  cell_type: "code",
  id: `c${Math.random().toString(36).slice(2, 9)}`,
  metadata: id ? { nbgrader: { grade_id: id } } : {},
  source,
  outputs: [],
  execution_count: null,
});
const text = (source: string): object => ({
  cell_type: "markdown",
  id: `m${Math.random().toString(36).slice(2, 9)}`,
  metadata: {},
  source,
});

describe("npm start -- --execute", function () {
  this.timeout(180_000);

  /** Notebooks in one call, each under its name. */
  const execute = async (notebooks: Record<string, object[]>): Promise<Run> => {
    const { project } = await load<{ project: Project }>("project.mjs");
    const { labEnvironment } = await load<{ labEnvironment(project: Project, token: string): NodeJS.ProcessEnv }>(
      "jupyter.mjs",
    );
    return withFolder(async (folder) => {
      const kernelspec = { name: "vitrine", language: "typescript", display_name: "TypeScript (Vitrine)" };
      const files = Object.entries(notebooks).map(([name, cells]) => {
        const file = join(folder, `${name}.ipynb`);
        writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells }));
        return file;
      });
      const executed = join(folder, "executed");
      mkdirSync(executed);
      const child = spawn(
        project.python,
        [join(setupFolder, "execute", "execute_sheets.py"), "vitrine", executed, ...files],
        { cwd: project.root, env: labEnvironment(project, ""), timeout: 150_000 },
      );
      const said = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const)
        child[name].on("data", (chunk) => {
          said[name] += String(chunk);
        });
      const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
      const sheets = Object.keys(notebooks).map((name) => {
        expect(existsSync(join(executed, `${name}.html`)), `a page; ${said.stderr}`).to.equal(true);
        return [
          name,
          {
            page: readFileSync(join(executed, `${name}.html`), "utf8"),
            notebook: JSON.parse(readFileSync(join(executed, `${name}.ipynb`), "utf8")) as Notebook,
          },
        ] as const;
      });
      return { status, ...said, sheets: Object.fromEntries(sheets) };
    });
  };

  const figure = { data: [{ type: "bar", y: [1, 2] }], layout: { title: { text: "</script><b>bold" } } };
  const display =
    `(globalThis as any)[Symbol.for("vitrine.host")].display({ "application/vnd.plotly.v1+json": ` +
    `${JSON.stringify(figure)}, "image/png": "iVBORw0KGgo=", "text/plain": "a plot" })`;
  /** One call for what is well and one for what is not, side by side. */
  let well: Run, unwell: Run;
  before(async () => {
    [well, unwell] = await Promise.all([
      execute({
        trial: [text("The norm $\\lVert x \\rVert_2$ costs $5 or $6; `$a$` is code."), code(display), code(display)],
      }),
      execute({
        dies: [code("import { execSync } from 'child_process';\nexecSync('kill -9 ' + process.pid)")],
        fails: [
          code("const a = 1;\na"),
          text("Task"),
          code('throw new RangeError("out of trousers")', "task-1"),
          code("console.log('never')"),
        ],
      }),
    ]);
  });

  it("a page shows plots live, once with plotly.js, and nothing from outside", () => {
    const {
      status,
      stdout,
      sheets: {
        trial: { page },
      },
    } = well;
    expect(status).to.equal(0);
    expect(stdout).to.match(/^trial {2}2\/2 cells, \d+\.\d s {2}→ .*trial\.html\n$/);
    expect(page.match(/class="vitrine-plot"/g)).to.have.length(2);
    expect(page.match(/plotly\.js v\d/g), "plotly.js once").to.have.length(1);
    expect(page).to.contain("\\u003c/script>\\u003cb>bold").and.not.contain("</script><b>bold");
    expect(page).to.contain('src="data:image/png;base64,iVBORw0KGgo="');
    expect(page).to.contain("<math").and.contain("costs $5 or $6").and.contain("<code>$a$</code>");
    expect(page).not.to.match(/<(script|link|img|iframe)[^>]*\s(src|href)=["']?(https?:)?\/\//);
  });

  it("an error names sheet, cell and error, exits 1, and the page shows how far it came", () => {
    const {
      status,
      stderr,
      sheets: {
        fails: { page, notebook },
      },
    } = unwell;
    expect(status).to.equal(1);
    expect(stderr).to.match(/^Error in fails, code cell 2 \(task-1\): RangeError: out of trousers$/m);
    expect(page).to.contain("out of trousers");
    expect(notebook.cells[2].outputs.map(({ output_type }) => output_type)).to.include("error");
    expect(notebook.cells[3].outputs).to.deep.equal([]);
  });

  it("a kernel that dies is said so, and the next sheet is executed", () => {
    const { status, stderr, stdout } = unwell;
    expect(stderr).to.match(/^Error in dies, code cell 1: KernelDied: The kernel has ended while this cell ran: /m);
    expect(stdout).to.match(/^fails {2}/m);
    expect(status).to.equal(1);
  });
});

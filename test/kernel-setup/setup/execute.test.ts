import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load, setupFolder, withFolder } from "./load";

interface Project { python: string; root: string }
interface Run { status: number | null; stdout: string; stderr: string; page: string; notebook: { cells: { outputs: { output_type: string }[] }[] } }

const code = (source: string, id?: string): object => ({ cell_type: "code", id: `c${Math.random().toString(36).slice(2, 9)}`, metadata: id ? { nbgrader: { grade_id: id } } : {}, source, outputs: [], execution_count: null });
const text = (source: string): object => ({ cell_type: "markdown", id: `m${Math.random().toString(36).slice(2, 9)}`, metadata: {}, source });

describe("npm start -- --execute", function () {
  this.timeout(180_000);

  const execute = async (cells: object[]): Promise<Run> => {
    const { project } = await load<{ project: Project }>("project.mjs");
    const { labEnvironment } = await load<{ labEnvironment(project: Project, token: string): NodeJS.ProcessEnv }>("jupyter.mjs");
    return withFolder((folder) => {
      const file = join(folder, "trial.ipynb");
      const kernelspec = { name: "vitrine", language: "typescript", display_name: "TypeScript (Vitrine)" };
      writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells }));
      const executed = join(folder, "executed");
      mkdirSync(executed);
      const args = [join(setupFolder, "execute", "execute_sheets.py"), "vitrine", executed, file];
      const { status, stdout, stderr } = spawnSync(project.python, args, { cwd: project.root, env: labEnvironment(project, ""), encoding: "utf8", timeout: 150_000 });
      expect(existsSync(join(executed, "trial.html")), `a page; ${stderr}`).to.equal(true);
      return { status, stdout, stderr, page: readFileSync(join(executed, "trial.html"), "utf8"), notebook: JSON.parse(readFileSync(join(executed, "trial.ipynb"), "utf8")) as Run["notebook"] };
    });
  };

  it("a page shows plots live, once with plotly.js, and nothing from outside", async () => {
    const figure = { data: [{ type: "bar", y: [1, 2] }], layout: { title: { text: "</script><b>bold" } } };
    const display = `(globalThis as any)[Symbol.for("vitrine.host")].display({ "application/vnd.plotly.v1+json": ${JSON.stringify(figure)}, "image/png": "iVBORw0KGgo=", "text/plain": "a plot" })`;
    const { status, stdout, page } = await execute([text("The norm $\\lVert x \\rVert_2$ costs $5 or $6; `$a$` is code."), code(display), code(display)]);
    expect(status).to.equal(0);
    expect(stdout).to.match(/^trial {2}2\/2 cells, \d+\.\d s {2}→ .*trial\.html\n$/);
    expect(page.match(/class="vitrine-plot"/g)).to.have.length(2);
    expect(page.match(/plotly\.js v\d/g), "plotly.js once").to.have.length(1);
    expect(page).to.contain("\\u003c/script>\\u003cb>bold").and.not.contain("</script><b>bold");
    expect(page).to.contain('src="data:image/png;base64,iVBORw0KGgo="');
    expect(page).to.contain("<math").and.contain("costs $5 or $6").and.contain("<code>$a$</code>");
    expect(page).not.to.match(/<(script|link|img|iframe)[^>]*\s(src|href)=["']?(https?:)?\/\//);
  });

  it("an error names sheet, cell and error, exits 1, and the page shows how far it came", async () => {
    const { status, stderr, page, notebook } = await execute([code("const a = 1;\na"), text("Task"), code('throw new RangeError("out of trousers")', "task-1"), code("console.log('never')")]);
    expect(status).to.equal(1);
    expect(stderr).to.match(/^Error in trial, code cell 2 \(task-1\): RangeError: out of trousers\n/);
    expect(page).to.contain("out of trousers");
    expect(notebook.cells[2].outputs.map(({ output_type }) => output_type)).to.include("error");
    expect(notebook.cells[3].outputs).to.deep.equal([]);
  });

  it("a kernel that dies is said so", async () => {
    const { status, stderr } = await execute([code("import { execSync } from 'child_process';\nexecSync('kill -9 ' + process.pid)")]);
    expect(stderr).to.match(/^Error in trial, code cell 1: the kernel died/);
    expect(status).to.equal(1);
  });
});

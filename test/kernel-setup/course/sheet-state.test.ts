import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { codeOf, keepPassed } from "../../../kernel-setup/course/sheet/check-record";
import { codeMark, stateOfSheet, wordsOf, type SheetState } from "../../../kernel-setup/course/sheet/sheet-state";
import { everySheet, openStudentSheet } from "../../../kernel-setup/course/sheet/student-sheet";
import { cellOf, joined, notebookPath, notebooks, readNotebook, type Notebook } from "../../notebooks/course";
import { vitrineHere } from "../../lib/cli/run-cli";

const sheet = "04-fashion-mnist-occlusion";
const solved = readNotebook(notebookPath("source", sheet));
const passed = { output_type: "stream", name: "stdout", text: "✓ Shape" };
const failed = { output_type: "error", ename: "CheckFailed", evalue: "✗ Sign", traceback: [] };

describe("how far a student's sheet is", () => {
  let work: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), "vitrine-state-test-"));
    cpSync(join(notebooks, "release", sheet), join(work, sheet), { recursive: true });
  });
  afterEach(() => rmSync(work, { recursive: true, force: true }));

  const file = (): string => join(work, sheet, `${sheet}.ipynb`);
  const state = (): SheetState =>
    stateOfSheet(
      everySheet(work).find(({ name }) => name === sheet)!,
      [work],
    );
  const change = (edit: (notebook: Notebook) => void): void => {
    const notebook = readNotebook(file());
    edit(notebook);
    writeFileSync(file(), JSON.stringify(notebook));
  };
  const solve = (notebook: Notebook, id: string): void => {
    cellOf(notebook, id).source = cellOf(solved, id).source;
  };
  /** As Jupyter saves a cell that ran; `at` is JupyterLab's own note (kernel-setup/lab). */
  const ran = (notebook: Notebook, id: string, number: number, outputs: object[] = [], at?: string): void => {
    const cell = cellOf(notebook, id);
    Object.assign(cell, { execution_count: number, outputs });
    if (at) cell.metadata.vitrine = { code: codeMark(joined(cell.source)), at };
  };
  const check = (n: number): string => state().checks[n - 1].state;

  it("as handed out, half done, done; with a bonus that nobody has to write", () => {
    expect(state()).to.deep.include({ stage: "not begun", points: 20, packed: undefined, problem: undefined });
    expect(state().tasks.map(({ written }) => written)).to.deep.equal(["untouched", "untouched", "untouched"]);
    expect(state().checks.map(({ state: each }) => each)).to.deep.equal(["not run", "not run", "not run"]);
    change((notebook) => {
      solve(notebook, "task-1");
      ran(notebook, "task-1", 1);
      ran(notebook, "check-1", 2, [passed]);
      ran(notebook, "check-2", 3, [failed]);
      cellOf(notebook, "answer-1").source = "A trouser looks like nothing else.";
      notebook.cells = notebook.cells.filter(({ id }) => id !== "answer-2");
    });
    const half = state();
    expect(half.stage).to.equal("begun");
    expect(half.tasks.map(({ written }) => written)).to.deep.equal(["written", "untouched", "untouched"]);
    expect(half.checks).to.deep.equal([
      { id: "check-1", points: 3, state: "passed" },
      // Its task was never run: what it says is not of this notebook's code.
      { id: "check-2", points: 4, state: "outdated" },
      { id: "check-3", points: 5, state: "not run" },
    ]);
    expect(half.answers.map(({ written, bonus }) => [written, bonus])).to.deep.equal([
      ["written", false],
      ["missing", false],
      ["untouched", false],
      ["untouched", true],
    ]);
    cpSync(notebookPath("release", sheet), file());
    change((notebook) => {
      for (const n of [1, 2, 3]) {
        solve(notebook, `task-${n}`);
        ran(notebook, `task-${n}`, 2 * n);
        ran(notebook, `check-${n}`, 2 * n + 1, [passed]);
        cellOf(notebook, `answer-${n}`).source = "It depends.";
      }
    });
    expect(state().stage).to.equal("done");
    change((notebook) => ran(notebook, "check-3", 8, [failed]));
    expect(state().stage).to.equal("begun");
    expect(check(3)).to.equal("failed");
  });

  it("a check does not count as passed for code that was changed, or run, after it; nor one that was rewritten", () => {
    const good = (): void => {
      cpSync(notebookPath("release", sheet), file());
      change((notebook) => {
        solve(notebook, "task-1");
        ran(notebook, "task-1", 5, [], "2026-12-01T10:00:00.000Z");
        ran(notebook, "check-1", 6, [passed], "2026-12-01T10:00:05.000Z");
      });
      expect(check(1)).to.equal("passed");
    };
    good();
    change((notebook) => {
      cellOf(notebook, "task-1").source = `${joined(cellOf(notebook, "task-1").source)}\n// maen`;
    });
    expect(check(1), "edited and not run").to.equal("outdated");
    good();
    // A new kernel numbers from 1 again.
    change((notebook) => ran(notebook, "task-1", 1, [], "2026-12-01T11:00:00.000Z"));
    expect(check(1), "run again, by the clock").to.equal("outdated");
    good();
    change((notebook) => {
      delete cellOf(notebook, "task-1").metadata.vitrine;
      cellOf(notebook, "task-1").execution_count = 7;
    });
    expect(check(1), "run again, by its number").to.equal("outdated");
    good();
    change((notebook) => {
      cellOf(notebook, "check-1").source = 'console.log("✓");';
    });
    expect(check(1), "another check").to.equal("not run");
    // Handed out again in other words: the copy of before is not begun for that.
    cpSync(notebookPath("release", sheet), file());
    change((notebook) => {
      const task = cellOf(notebook, "task-2");
      task.source = `// in other words\n${joined(task.source)}`;
    });
    expect(state()).to.include({ stage: "not begun" });
  });

  it("what npx vitrine check found holds for that very code, and for no other", async () => {
    change((notebook) => solve(notebook, "task-1"));
    expect(check(1)).to.equal("not run");
    const mine = openStudentSheet(file());
    await keepPassed(mine, { code: codeOf(mine), passed: { "check-1": true, "check-2": false, "check-3": false } });
    expect(state().checks.map(({ state: each }) => each)).to.deep.equal(["passed", "failed", "failed"]);
    // Text and outputs are no code.
    change((notebook) => {
      cellOf(notebook, "answer-1").source = "Because.";
    });
    expect(check(1)).to.equal("passed");
    change((notebook) => {
      cellOf(notebook, "task-2").source = `${joined(cellOf(notebook, "task-2").source)}\n`;
    });
    expect(check(1)).to.equal("not run");
  });

  it("packed, and changed since then", async () => {
    const out = join(work, `${sheet}-submission.zip`);
    expect((await vitrineHere("submit", file(), "--out", out)).status).to.equal(0);
    expect(state().packed).to.deep.include({ file: out, current: true });
    change((notebook) => solve(notebook, "task-1"));
    expect(state().packed).to.deep.include({ file: out, current: false });
    writeFileSync(out, "no zip");
    expect(state().packed).to.equal(undefined);
  });

  it("a copy that is not there, or cannot be read, is said to be so", async () => {
    const before = await vitrineHere("status", "--work", work);
    expect(before.status).to.equal(0);
    expect(before.stdout).to.include(`${sheet}  What does the network look at?`).and.include("not begun");
    change((notebook) => {
      solve(notebook, "task-1");
      ran(notebook, "task-1", 1);
      ran(notebook, "check-1", 2, [passed]);
    });
    expect((await vitrineHere("status", "--work", work)).stdout).to.include(
      "1 of 3 tasks written, 1 of 3 checks passed, 0 of 3 answers written",
    );
    writeFileSync(file(), readFileSync(file(), "utf8").slice(0, 1000));
    const states = JSON.parse((await vitrineHere("status", "--json", "--work", work)).stdout) as SheetState[];
    const [broken] = states.filter(({ name }) => name === sheet);
    expect(broken.problem).to.match(/cannot be read as a notebook/);
    expect(states.filter(({ name }) => name !== sheet).map(({ file: none }) => none)).to.deep.equal(
      states.slice(1).map(() => undefined),
    );
    mkdirSync(join(work, "elsewhere"));
    expect((await vitrineHere("status", "--wrok", work)).stderr).to.match(/Did you mean --work/);
  });

  it("takes title, what it is about and the time needed from the sheet's first words", () => {
    const first = (source: string): Notebook =>
      ({ cells: [{ id: "a", cell_type: "markdown", source, metadata: {} }] }) as unknown as Notebook;
    expect(
      wordsOf(
        first(
          "# 7 · Bags\n\n*Feuille 7*\n\n**Time needed:** about two hours.\n\nYou ask *why*, in\n[two](x) ways.\n\n- a",
        ),
      ),
    ).to.deep.equal({ title: "7 · Bags", about: "You ask why, in two ways.", time: "about two hours" });
    expect(wordsOf(first("# 8\n\nIt takes time."))).to.deep.equal({
      title: "8",
      about: "It takes time.",
      time: undefined,
    });
    for (const { released } of everySheet()) {
      const { title, about } = wordsOf(released.notebook);
      expect(title).to.match(/^\d · \S/);
      expect(about)
        .to.match(/^[A-Z].{60,}\.$/)
        .and.not.match(/[*`[\]]/);
    }
  });
});

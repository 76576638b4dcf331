import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelClient, projectRoot } from "../../../helpers/jupyter-client";

const right = "function twice(x: number): number { return 2 * x; }";
const misspelt = "function twice(x: number): number { return 2 * y; }";
const check = 'if ((await callStudent("Task 1", () => twice(3))) === 6) console.log("✓ Twice.");';

/** What a student does: a cell is run (its id, its text), the notebook is saved, a cell is deleted. */
type Deed =
  { run: string; code: string; interrupted?: true } | { save: Readonly<Record<string, string>> } | { remove: string };

const run = (id: string, code: string): Deed => ({ run: id, code });

/** The deeds before the check, and what it says; nothing: it passes. */
const stories: readonly (readonly [title: string, deeds: readonly Deed[], said?: RegExp])[] = [
  ["right code", [run("task", right)]],
  [
    "changed, does not compile",
    [run("task", right), run("task", misspelt)],
    /the cell of `twice` was changed and does not compile \(In \[\d+\]\)\. What would be tried is the code of In \[\d+\]\. Mend/,
  ],
  ["mended", [run("task", right), run("task", misspelt), run("task", right)]],
  [
    "changed so that it is no TypeScript at all",
    [run("task", right), run("task", "function twice(x { return")],
    /comp/,
  ],
  [
    "changed, fails before the declaration",
    [
      run("task", "const twice = (x: number) => 2 * x;"),
      run("task", 'throw Error("a"); const twice = (x: number) => x;'),
    ],
    /Cannot find name 'twice'.*\n`twice` is declared in a cell that did not come so far when it ran last \(In/,
  ],
  [
    "changed, fails before an assignment to what another cell declared",
    [
      run("first", "let twice = (x: number) => 2 * x;"),
      run("task", "twice = (x) => 2 * x; const two = () => 2;"),
      run("first", 'throw Error("a"); let twice = (x: number) => 3 * x;'),
    ],
    /did not come so far/,
  ],
  ["fails after the declaration", [run("task", right), run("task", `${right} // new\nthrow Error("a");`)]],
  ["fails as it is", [run("task", `${right}\nconsole.log(1);`), run("task", `${right}\nconsole.log(1);`)]],
  [
    "interrupted before the declaration",
    [
      run("task", "const twice = (x: number) => 2 * x;"),
      { run: "task", code: "await new Promise(() => {}); const twice = (x: number) => 3 * x;", interrupted: true },
    ],
    /Cannot find name 'twice'.*\n`twice` is declared in a cell that did not come so far when it ran last \(In/,
  ],
  [
    "another name",
    [run("task", right), run("task", right.replace("twice", "twise"))],
    /was changed and does not declare it any more \(In/,
  ],
  [
    "declared in another cell, too, which ran later",
    [
      run("task", right),
      { save: { task: right, mine: "// mine\nfunction twice(x: number) { return 5; }" } },
      run("mine", "// mine\nfunction twice(x: number) { return 5; }"),
    ],
    /the cell of `twice` is not the task's: two cells declare it\. What would be tried is the code of In \[\d+\], `\/\/ mine`/,
  ],
  [
    "declared in another cell, after which the task's ran",
    [
      run("mine", right.replace("2", "5")),
      { save: { task: right, mine: right.replace("2", "5") } },
      run("task", right),
    ],
  ],
  ["another cell fails that declares it, too", [run("task", right), run("mine", misspelt)]],
  ["deleted", [run("task", right), { remove: "task" }], /cell of `twice` is not in the notebook any more/],
  [
    "deleted after it was saved",
    [{ save: { task: right } }, run("task", right), { remove: "task" }],
    /cell of `twice` is not in the notebook any more/,
  ],
  [
    "deleted, run, brought back and saved",
    [run("task", right), { remove: "task" }, run("else", "1"), { save: { task: right } }],
  ],
  ["deleted and saved", [run("task", right), { save: {} }], /cell of `twice` is not in the notebook any more/],
  [
    "edited and saved",
    [run("task", right), { save: { task: misspelt } }],
    /cell of `twice` was edited after it had run/,
  ],
  ["edited, saved, and run", [run("task", misspelt), { save: { task: right } }, run("task", right)]],
  ["run, and saved as it is", [run("task", right), { save: { task: `${right}\n` } }]],
  ["saved, edited, and run without saving", [{ save: { task: misspelt } }, run("task", right)]],
  [
    "what it uses does not compile",
    [
      run("help", "const two = () => 2;"),
      run("task", "function twice(x: number) { return two() * x; }"),
      run("help", "const two = () => thre;"),
    ],
    /the cell of `two`, which your code uses, was changed and does not compile/,
  ],
  [
    "what has the name of an argument does not compile",
    [run("help", "const x = 2;"), run("task", right), run("help", "const x = thre;")],
  ],
];

describe("checks in the kernel: is what they try what the notebook says?", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "vitrine-old-code-")),
    file = join(folder, "sheet.ipynb");
  let kernel: KernelClient;
  const start = async (): Promise<KernelClient> => {
    rmSync(file, { force: true });
    const started = await KernelClient.start({
      cwd: join(projectRoot, "test/kernel-setup"),
      env: { JPY_SESSION_NAME: file },
    });
    await started.execute('import { callStudent } from "vitrine-course";', {}, { cellId: "setup" });
    return started;
  };
  before(async () => {
    kernel = await start();
  });
  after(async () => {
    await kernel?.kill();
    rmSync(folder, { recursive: true });
  });

  /** Cells are named for their story, since all stories share a kernel. */
  async function live(story: string, deeds: readonly Deed[]): Promise<string[]> {
    const named = (id: string): string => `${story}: ${id}`;
    let deletedCells: string[] = [];
    for (const deed of deeds) {
      if ("save" in deed) {
        const cells = Object.entries({ ...deed.save, check }).map(([id, source]) => ({
          cell_type: "code",
          id: named(id),
          source: source.split(/(?<=\n)/),
          metadata: { nbgrader: { solution: id === "task" } },
        }));
        writeFileSync(file, JSON.stringify({ cells, story }));
      } else if ("remove" in deed) deletedCells.push(named(deed.remove));
      else {
        const done = kernel.execute(deed.code, {}, { cellId: named(deed.run), deletedCells });
        if (deed.interrupted) {
          await new Promise((resolve) => setTimeout(resolve, 500));
          await kernel.interrupt();
        }
        await done;
        deletedCells = [];
      }
    }
    return deletedCells;
  }

  for (const [title, deeds, said] of stories)
    it(`${title}: ${said ? "says so, and nothing else" : "passes"}`, async () => {
      const deletedCells = await live(title, deeds);
      const { reply, stdout } = await kernel.execute(check, {}, { cellId: `${title}: check`, deletedCells });
      rmSync(file, { force: true });
      if (!said) return expect(stdout, JSON.stringify(reply)).to.equal("✓ Twice.\n");
      expect(stdout).to.equal("");
      expect(reply.evalue)
        .to.match(said)
        .and.match(/^✗ Not checked: .* then run this check again\.$|Mend that cell and run it first/);
    });

  it("without names of cells (nbclient): a cell that fails and declares the name, and nothing else", async () => {
    await kernel.execute(right);
    expect((await kernel.execute(check)).stdout).to.equal("✓ Twice.\n");
    await kernel.execute(misspelt);
    expect((await kernel.execute(check)).reply.evalue).to.match(/`twice` was changed and does not compile/);
    await kernel.execute(right);
    expect((await kernel.execute(check)).stdout).to.equal("✓ Twice.\n");
  });

  it("after a restart: the check alone says which cell has to run, or to be mended, first", async () => {
    await kernel.kill();
    kernel = await start();
    await live("new", [{ save: { task: `// Task 1\n${right}` } }]);
    const { reply } = await kernel.execute(check, {}, { cellId: "new: check" });
    expect(reply.evalue).to.match(
      /Cannot find name 'twice'.*\n`twice` is declared in a cell that has not run since the kernel started \(`\/\/ Task 1`\)\. Run it first/,
    );
    // Another of the compiler's messages has a line of its own; the missing name is the cause of both.
    expect((await kernel.execute("twice([1]).map((v) => v)", {}, { cellId: "new: after" })).reply.evalue).to.match(
      /\(TS7006\)\n`twice` is declared in a cell that has not run since the kernel started/,
    );
    await live("new", [run("task", misspelt)]);
    expect((await kernel.execute(check, {}, { cellId: "new: check" })).reply.evalue).to.match(
      /`twice` is declared in a cell that did not come so far when it ran last \(In \[4\]\)\. Mend that cell/,
    );
  });
});

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { unzipSync } from "fflate";
import { openCourse, sheetOf, type Course } from "../../../kernel-setup/grading/sheet/course";
import { searched, writeBundle } from "../../../kernel-setup/grading/sheet/bundle";
import { joined, missing, notebookPath, notebooks, readNotebook, root, sheets } from "../../notebooks/course";

const released = "04-fashion-mnist-occlusion";

describe("sheets: the bundle that students get", function () {
  this.timeout(240_000);
  let folder: string, course: Course, files: Map<string, Buffer>;
  before(async function () {
    if (missing()) return this.skip();
    folder = mkdtempSync(join(tmpdir(), "vitrine-bundle-test-"));
    course = openCourse();
    await writeBundle([sheetOf(course, released)], join(folder, "sheets.zip"));
    files = new Map(
      Object.entries(unzipSync(readFileSync(join(folder, "sheets.zip")))).map(([path, content]) => [
        path,
        Buffer.from(content),
      ]),
    );
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  it("has one folder at the top, with the sheet, the library, set-up and the packages' versions", () => {
    const paths = [...files.keys()];
    expect(new Set(paths.map((path) => path.split("/")[0]))).to.deep.equal(new Set(["sheets"]));
    for (const path of [
      `notebooks/release/${released}/${released}.ipynb`,
      "lib/index.ts",
      "lib/bin/vitrine.cjs",
      "kernel-setup/start.mjs",
      "kernel-setup/kernel/main.ts",
      "package.json",
      "package-lock.json",
      "data/registry.json",
      "models/fashion-deep/weights.bin",
      "README.md",
    ]) {
      expect(paths, path).to.include(`sheets/${path}`);
    }
  });

  it("has no source, hidden test, grading, test, built or installed file, and no other sheet", () => {
    for (const path of files.keys())
      expect(path).to.not.match(
        /notebooks\/(?!release\/04)|\/judge\/|\/grading\/|sheets\/test\/|\/node_modules\/|\/dist\/|\.venv|models\/.*\.ts|gradebook/,
      );
  });

  // Another way than the bundle's own search: every sheet's secret lines, taken here, in every file's text.
  it("no line of any sheet's solutions, model answers, rubrics or hidden tests is in any of its files", () => {
    const secrets = sheets()
      .flatMap((sheet) => {
        const { cells } = readNotebook(notebookPath("source", sheet));
        const open = cells.map((cell) =>
          cell.metadata.nbgrader?.solution
            ? joined(cell.source).replace(/\/\/\/ BEGIN SOLUTION[\s\S]*\/\/\/ END SOLUTION/, "")
            : joined(cell.source),
        );
        const own = cells
          .filter(({ metadata }) => metadata.nbgrader?.solution)
          .flatMap(({ cell_type, source }) =>
            (cell_type === "markdown"
              ? joined(source)
              : joined(source).split("/// BEGIN SOLUTION")[1].split("/// END SOLUTION")[0]
            ).split("\n"),
          );
        const tests = cells.flatMap(({ id }) => {
          const file = join(notebooks, "source", sheet, "judge", `${id}.ts`);
          return existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
        });
        return [...own, ...tests.filter((line) => !open.join("\n").includes(line.trim()))].map((line) => line.trim());
      })
      .filter((line) => line.length >= 40);
    expect(secrets.length).to.be.above(400);
    const text = [...files]
      .filter(([path]) => !path.endsWith(".bin"))
      .map(([path, content]) => (path.endsWith(".ipynb") ? readNotebookText(content) : content.toString("utf8")))
      .join("\n");
    for (const line of secrets) if (text.includes(line)) throw new Error(`In the bundle: ${line}`);
  });

  it("a bundle with a secret in it is not written", () => {
    const [line] = readFileSync(join(notebooks, "source", released, "judge", "task-1.ts"), "utf8")
      .split("\n")
      .filter((each) => each.length > 40);
    const found = searched(
      [
        { path: "lib/notes.md", content: Buffer.from(`see ${line}`) },
        { path: "kernel-setup/grading/x.ts", content: Buffer.from("") },
      ],
      course,
    ).leaks;
    expect(found.map(({ file }) => file)).to.deep.equal(["lib/notes.md", "kernel-setup/grading/x.ts"]);
  });

  it("its scripts and packages fit its lock file", () => {
    const own = JSON.parse(files.get("sheets/package.json")!.toString()) as Record<string, unknown>,
      whole = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>;
    expect(own.dependencies).to.deep.equal(whole.dependencies);
    expect(Object.keys(own.scripts as object)).to.deep.equal(["start", "setup", "build"]);
  });
});

const readNotebookText = (content: Buffer): string =>
  (JSON.parse(content.toString()) as { cells: { source: string | string[] }[] }).cells
    .map(({ source }) => joined(source))
    .join("\n");

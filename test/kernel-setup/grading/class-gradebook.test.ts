import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { expect } from "chai";
import { JSDOM } from "jsdom";
import sharp from "sharp";
import type { Course } from "../../../kernel-setup/grading/class/course";
import { classResults } from "../../../kernel-setup/grading/class/class-results";
import { gradeClass, type GradeClassOptions, type Graded } from "../../../kernel-setup/grading/class/grade-class";
import { ingest, readGradebook, type GradebookEntry } from "../../../kernel-setup/grading/class/gradebook";
import { type Runner, pool } from "../../../kernel-setup/grading/class/jobs";
import { writeRoster } from "../../../kernel-setup/grading/class/roster";
import { joined, missing, python, type Notebook, type Output } from "../../notebooks/course";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

describe("grading a class: nbgrader's gradebook", function () {
  this.timeout(120_000);
  let course: Course, remove: () => void, first: Record<string, GradebookEntry>;
  const failures = new Map<string, string>();
  before(async function () {
    if (missing()) return this.skip();
    ({ course, remove } = temporaryCourse());
    process.env.FAKE_LOG = join(course.root, "log.txt");
    // nbgrader takes seconds to start: one class for all tests.
    hand("ann", "perfect", { "answer-2": "Because of the sleeves." });
    hand("bob", "half");
    hand("cat", "errs");
    // An editor that takes metadata away; a cell deleted, and the answer in another.
    const bare = handedIn({ "task-1": "// perfect", "answer-1": "Trousers are certain." });
    for (const cell of bare.cells) cell.metadata = {};
    bare.cells = bare.cells.filter(({ id }) => id !== "answer-3");
    submit(course, "bare", bare);
    below("below", "Trousers are certain.");
    below("eve-5", "Trousers.");
    await writeRoster(course, sheet, { "eve-5": { name: "=HYPERLINK(1) @Evil", platform: "moodle", number: "5" } });
    submit(course, "dan", "this is no notebook {");
    // To colour it took formgrader seven seconds, in which nobody else was served.
    hand("line", "perfect", { "task-2": `const x = ${"a.".repeat(9_000)}a;\nconst short = 1;` });
    submit(course, "mallory", hostileNotebook());
    // The judge would get to the bottom of it, and Python would not.
    submit(
      course,
      "deep",
      JSON.stringify(handedIn()).replace('"metadata":{', `"metadata":{"x":${"[".repeat(900)}${"]".repeat(900)},`),
    );
    submit(course, "pat", await notebookWithPictures());
    if (process.platform !== "win32") {
      // Another's work in the place of one's own, and what never ends.
      for (const student of ["link", "pipe"]) mkdirSync(course.submitted(student, sheet), { recursive: true });
      symlinkSync(
        join(course.submitted("ann", sheet), `${sheet}.ipynb`),
        join(course.submitted("link", sheet), `${sheet}.ipynb`),
      );
      execFileSync("mkfifo", [join(course.submitted("pipe", sheet), `${sheet}.ipynb`)]);
    }
    // What nbgrader would copy beside each notebook that it grades.
    mkdirSync(join(course.source(sheet), "judge"));
    writeFileSync(join(course.source(sheet), "judge", "task-1.ts"), "// the hidden test");
    // What somebody tried out there is no notebook that is to be handed in.
    writeFileSync(join(course.source(sheet), "scratch.ipynb"), "{");
    first = await run({ settings: { due: "2026-11-20T00:00:00Z", penalty: 10 } });
  });
  after(() => remove?.());

  const judge = (): Runner => pool({ script: join(__dirname, "class-fake-judge.cjs"), unsafe: false, jobs: 2 });
  const grade = async (options: Partial<GradeClassOptions> = {}, signal?: AbortSignal): Promise<void> => {
    const afterwards = async (graded: Graded): Promise<void> => {
      for (const failure of await ingest(course, sheet, graded, signal)) failures.set(...failure);
    };
    await gradeClass({ course, sheet, runner: judge(), ...options, afterwards });
  };
  const run = async (options: Partial<GradeClassOptions> = {}): Promise<Record<string, GradebookEntry>> => {
    await grade(options);
    return readGradebook(course, sheet);
  };
  const hand = (student: string, mark: string, more: Record<string, string> = {}): string =>
    submit(course, student, handedIn({ "task-1": `// ${mark}`, "answer-1": "Trousers are certain.", ...more }));
  /** The answer in a cell of the student's own, below the one for it. */
  const below = (student: string, answer: string): string => {
    const notebook = handedIn({ "task-1": "// perfect", "answer-2": "Because of the sleeves." });
    const at = notebook.cells.findIndex(({ id }) => id === "answer-1");
    notebook.cells.splice(at + 1, 0, { ...notebook.cells[at], id: "mine", metadata: {}, source: answer });
    return submit(course, student, notebook);
  };
  const person = (given: Record<string, Record<string, { points: number; comment?: string }>>): unknown =>
    execFileSync(python, [
      join(__dirname, "class-person.py"),
      join(course.root, "gradebook.db"),
      sheet,
      JSON.stringify(given),
    ]);
  const autograded = (student: string): Notebook =>
    JSON.parse(readFileSync(join(course.autograded(student, sheet), `${sheet}.ipynb`), "utf8")) as Notebook;
  const points = (entry: GradebookEntry, ...cells: string[]): unknown[] =>
    cells.map((cell) => [entry.grades[cell].auto, entry.grades[cell].manual, entry.grades[cell].needsPerson]);

  it(
    "has the judge's points, what people have to grade, errors apart from zero, reasons as comments, and starts no " +
      "kernel",
    () => {
      expect([...failures]).to.deep.equal([]);
      const { ann, bob, cat, dan } = first;
      expect(points(ann, "check-1", "check-2", "check-3", "answer-1")).to.deep.equal([
        [3, null, false],
        [4, null, false],
        [5, null, false],
        [null, null, true],
      ]);
      expect(points(bob, "check-1", "check-2")).to.deep.equal([
        [1.5, null, false],
        [0, null, false],
      ]);
      // What nobody answered is nbgrader's 0.
      expect(points(bob, "answer-2")).to.deep.equal([[0, null, false]]);
      expect(points(cat, "check-1", "check-3")).to.deep.equal([
        [0, null, true],
        [0, null, true],
      ]);
      expect(points(dan, "check-1", "answer-1")).to.deep.equal([
        [0, null, true],
        [0, null, true],
      ]);
      expect(autograded("dan").cells[0].source).to.match(/could not be read/);
      expect(autograded("deep").cells[0].source).to.match(
        /could not be read:\*\* the file has lists.* more than 200 deep/,
      );
      const outputs = autograded("bob").cells.find(
        ({ metadata }) => metadata.nbgrader?.grade_id === "check-1",
      )!.outputs!;
      expect(JSON.stringify(outputs)).to.match(/1\.5 of 3 points: check-1: <b>the map differs<\/b>/);
      // The time of the run would tell of a kernel: there is no execution count but ours.
      expect(autograded("bob").cells.filter(({ execution_count }) => execution_count).length).to.equal(0);
      expect(readdirSync(course.root)).to.not.include("release");
    },
  );

  it(
    "no hidden test lies beside what was graded, and nbgrader's own autograde is refused from the shell, wherever " +
      "it is run",
    () => {
      const files = (readdirSync(join(course.root, "autograded"), { recursive: true }) as string[]).filter((file) =>
        /\.\w+$/.test(file),
      );
      expect(files.filter((file) => !/\/[^/]+\.ipynb$|timestamp\.txt$/.test(file))).to.deep.equal([]);
      const before = readFileSync(join(course.autograded("ann", sheet), `${sheet}.ipynb`), "utf8");
      // From elsewhere with settings, without any, and by a program of one's own, as nbgrader's manual has it.
      const unread = { JUPYTER_NO_CONFIG: "1", JUPYTER_CONFIG_PATH: tmpdir(), JUPYTER_CONFIG_DIR: tmpdir() };
      const own = `import sys
from traitlets.config import Config
from nbgrader.apps import NbGraderAPI
config = Config()
config.CourseDirectory.root = sys.argv[1]
done = NbGraderAPI(config=config).autograde(sys.argv[2], "ann")
print(done.get("log"), done.get("error"))
sys.exit(done["success"])`;
      for (const args of [
        ["-m", "nbgrader", "autograde", sheet, "--student=ann", "--force", `--course-dir=${course.root}`],
        ["-c", own, course.root, sheet],
      ]) {
        const { status, stdout, stderr } = spawnSync(python, args, {
          cwd: tmpdir(),
          encoding: "utf8",
          env: { ...process.env, ...unread },
        });
        expect(status, stderr).to.equal(args[0] === "-c" ? 0 : 1);
        expect(stdout + stderr).to.match(new RegExp(`is refused in this course\\. Use: npx vitrine grade ${sheet}`));
      }
      for (const cwd of [course.root, tmpdir()]) {
        const args = ["-m", "nbgrader", "autograde", sheet, "--student=ann", "--force", `--course-dir=${course.root}`];
        const { status, stderr } = spawnSync(python, args, {
          cwd,
          encoding: "utf8",
          env: { ...process.env, VITRINE_COURSE_ROOT: course.root },
        });
        expect({ cwd, status }).to.deep.equal({ cwd, status: 1 });
        expect(stderr)
          .to.match(new RegExp(`is refused in this course\\. Use: npx vitrine grade ${sheet}`))
          .and.not.match(/Traceback/);
      }
      expect(readFileSync(join(course.autograded("ann", sheet), `${sheet}.ipynb`), "utf8")).to.equal(before);
    },
  );

  it("nbgrader's validation runs nothing handed in, and in a course without settings of its own no HTML acts", () => {
    const [folder, handed] = [join(course.root, "submitted", "eve", sheet), join(course.root, "mine")];
    for (const place of [folder, handed]) mkdirSync(place, { recursive: true });
    const code = `import os, sys
from nbgrader.apps.baseapp import NbGrader
from nbgrader.validator import Validator
app = NbGrader()
app.load_config_file()
print(app.config.HTMLExporter.filters["markdown2html"].__module__)
Validator._preprocess = lambda self, notebook: sys.exit("it is run")
print(Validator().validate(sys.argv[1]))
print(Validator().validate(sys.argv[3]))
Validator().validate(sys.argv[2])`;
    const paths = [folder, handed].map((place) => {
      writeFileSync(join(place, "x.ipynb"), JSON.stringify(handedIn()));
      return join(place, "x.ipynb");
    });
    // A teacher's link to what was handed in, beside the course.
    const link = join(course.root, "eves-work");
    symlinkSync(folder, link, "junction");
    paths.push(join(link, "x.ipynb"));
    const { stdout, stderr } = spawnSync(python, ["-c", code, ...paths], { cwd: tmpdir(), encoding: "utf8" });
    rmSync(link);
    rmSync(join(course.root, "submitted", "eve"), { recursive: true });
    expect(stdout).to.match(/^safe_markdown\n(?:.*This was handed in: .*npx vitrine grade.*\n){2}$/);
    expect(stderr.trim()).to.match(/it is run$/);
  });

  it("nothing hostile gets through: metadata, duplicates, deletions, outputs, HTML", () => {
    const { mallory } = first;
    expect(mallory.grades["check-1"]).to.include({ auto: 3, max: 3 });
    expect(mallory.grades["check-3"]).to.include({ auto: 5 });
    const made = autograded("mallory"),
      text = JSON.stringify(made);
    expect(text.match(/evil|alert\([5-8]\)|text\/html|svg.{0,30}/g) ?? []).to.deep.equal([]);
    expect(text.length).to.be.below(750_000);
    const printed = made.cells.flatMap(({ outputs = [] }) => outputs).map(({ text: said }) => joined(said ?? ""));
    // A notebook of nothing but printed text and pictures that are none took formgrader a minute.
    expect(printed.join("").length, "printed").to.be.below(500_000);
    expect(printed.length, "outputs").to.be.below(1020);
    const pasted = made.cells.flatMap((cell) => Object.keys((cell as { attachments?: object }).attachments ?? {}));
    expect(pasted.length, "attachments").to.be.within(200, 400);
    // Ten thousand rows of a table, in as many characters, took the page seconds for each answer.
    expect(mallory.answers["answer-3"]).to.match(/shown as text: it makes more than 4000 elements/);
    // Of five thousand formulas MathJax had for a quarter of a minute; of three thousand with a name for a long one,
    // without end.
    expect(mallory.answers["answer-2"]).to.match(/shown as text: it has more than 500 formulas/);
    expect(joined(made.cells.find(({ metadata }) => metadata.nbgrader?.grade_id === "check-1")!.source)).to.not.match(
      /forged/,
    );
    expect(made.cells.filter(({ metadata }) => metadata.nbgrader?.grade_id === "check-1")).to.have.length(1);
    expect(made.cells.filter(({ outputs }) => (outputs ?? []).some(({ data }) => data?.["image/png"]))).to.have.length(
      1,
    );
    const answer = mallory.answers["answer-1"];
    expect(answer)
      .to.match(/fine <strong>bold<\/strong>/)
      .and.match(/never closed[^]*and the rest/)
      .and.not.match(/\\href|&#92;href/);
    const { document } = new JSDOM(answer).window;
    // What MathJax sees, which reads no entities but after the browser.
    expect(document.body.textContent)
      .to.match(/<é<&#92;\$/)
      .and.not.match(/\\(href|unicode|def|newcommand|DeclareMathOperator)/);
    expect(document.querySelectorAll("script, [src], [href], [onclick], [onerror]")).to.have.length(0);
  });

  it("an answer whose cell has no metadata is read by its id; one whose cell is gone is asked about, and no 0", () => {
    expect(points(first.bare, "answer-1", "answer-2", "answer-3")).to.deep.equal([
      [null, null, true],
      [0, null, false],
      [null, null, true],
    ]);
    expect(first.bare.answers["answer-1"]).to.include("Trousers are certain.");
  });

  it("an answer in a cell below its own is asked about, again once it has changed, and is no 0", async () => {
    expect(points(first.below, "answer-1", "answer-2")).to.deep.equal(Array(2).fill([null, null, true]));
    expect(points(first.ann, "answer-3")).to.deep.equal([[0, null, false]]);
    person({ below: { "answer-1": { points: 2 } }, "eve-5": { "answer-1": { points: 2 } } });
    below("below", "Trousers are certain, and bags.");
    submit(course, "eve-5", readFileSync(below("eve-5", "Trousers."), "utf8").replace("// perfect", "// half"));
    const entries = await run();
    expect(points(entries.below, "answer-1")).to.deep.equal([[null, 2, true]]);
    expect(points(entries["eve-5"], "answer-1", "check-1")).to.deep.equal([
      [null, 2, false],
      [1.5, null, false],
    ]);
  });

  it("no name in the gradebook is one that a spreadsheet would calculate: nbgrader writes them as they are", () => {
    const code = `import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT first_name, last_name FROM student WHERE id = 'eve-5'").fetchone())`;
    const names = execFileSync(python, ["-c", code, join(course.root, "gradebook.db")], { encoding: "utf8" });
    expect(names).to.equal("('HYPERLINK(1)', 'Evil')\n");
  });

  it("who was taken out of the gradebook is put in again, or whose notebook was; names there stay", async () => {
    const book = join(course.root, "gradebook.db");
    const inBook = (code: string): string =>
      execFileSync(
        python,
        [
          "-c",
          `import sys\nfrom nbgrader.api import Gradebook\n` +
            `with Gradebook("sqlite:///" + sys.argv[1], "vitrine") as book:\n    ${code}`,
          book,
        ],
        { encoding: "utf8" },
      );
    inBook('book.remove_student("cat"); book.update_or_create_student("bob", last_name="Brown")');
    rmSync(course.autograded("bob", sheet), { recursive: true });
    const entries = await run();
    expect(entries).to.include.keys("bob", "cat");
    expect(autograded("bob").cells.length).to.be.above(10);
    expect(inBook('print(book.find_student("bob").last_name)')).to.equal("Brown\n");
  });

  it("a link to another's notebook is not shown as one's own, and a pipe keeps nobody waiting", function () {
    if (process.platform === "win32") return this.skip();
    for (const [student, words] of [
      ["link", /could not be read:\*\* It is a symbolic link/],
      ["pipe", /could not be read:\*\* It is not a plain file/],
    ] as const) {
      expect(autograded(student).cells[0].source, student).to.match(words);
      expect(JSON.stringify(autograded(student)), student).to.not.include("Because of the sleeves");
      expect(points(first[student], "check-1"), student).to.deep.equal([[0, null, true]]);
    }
  });

  it("a line of code without end is cut, which would keep formgrader busy", () => {
    const code = joined(
      autograded("line").cells.find(({ metadata }) => metadata.nbgrader?.grade_id === "task-2")!.source,
    );
    expect(code.split("\n").map((line) => line.length)).to.deep.equal([1008, 16]);
    expect(code).to.match(/… \(cut\)\nconst short = 1;$/);
  });

  it(
    "photographs are shown, upright and with nothing of the file but its pixels; what cannot be shown says so in " +
      "its place",
    async () => {
      expect([...failures]).to.deep.equal([]);
      const { document } = new JSDOM(first.pat.answers["answer-1"]).window;
      const images = [...document.querySelectorAll("img")].map((image) => [image.alt, image.src] as const);
      expect(images.map(([alt]) => alt)).to.deep.equal([
        "by phone",
        "spaces",
        "webp",
        ...Array.from({ length: 25 }, (_, i) => `no ${i}`),
      ]);
      const bytes = Buffer.from(images[0][1].replace("data:image/jpeg;base64,", ""), "base64");
      // Taken lying on its side, as its EXIF says.
      const seen = await sharp(bytes).metadata();
      expect(seen).to.include({ format: "jpeg", width: 30, height: 40 });
      expect(seen.exif).to.equal(undefined);
      expect(bytes.includes("secret")).to.equal(false);
      expect([...document.querySelectorAll("em")].map(({ textContent }) => textContent)).to.deep.equal([
        "[picture “a.svg”: an SVG drawing is not shown here: paste it as PNG or JPEG]",
        "[picture “gone.png”: it is not in the notebook]",
        "[picture “bad.jpg”: it is not a PNG, JPEG, GIF, WebP or BMP picture]",
        "[picture “bomb.png”: it has more than 50 million pixels]",
        "[picture “passes.jpg”: it is saved in more than 100 passes]",
        "[picture “photo.jpg”: it is shown above]",
        "[picture “text.txt”: it is no picture]",
        "[picture “<b>”: it is not in the notebook]",
      ]);
      const plots = autograded("pat").cells.find(
        ({ id, metadata }) => (metadata.nbgrader?.grade_id ?? id) === "task-1",
      )!.outputs!;
      expect(plots.map(({ data, text }) => Object.keys(data ?? {})[0] ?? joined(text!))).to.deep.equal([
        "image/jpeg",
        "[a picture that is not shown: an SVG drawing is not shown here: paste it as PNG or JPEG]\n",
      ]);
      // Elements in each other would take the renderer minutes.
      expect(first.pat.answers["answer-2"])
        .to.match(/shown as text: it has more than 20000 characters/)
        .and.match(/&lt;div&gt;\n&lt;div&gt;/);
    },
  );

  it(
    "a new run replaces the old points; a person's points and comments stay, and are asked about again only where " +
      "the answer changed",
    async () => {
      person({
        ann: { "answer-1": { points: 2.5, comment: "Why certain?" }, "answer-2": { points: 2 } },
        bob: { "answer-1": { points: 2.5 } },
      });
      hand("ann", "half", { "answer-2": "Because of the collar." });
      // An error takes the points away as well, and says so.
      submit(course, "bob", "{");
      // Interrupted before it is in the book, it is put in by the next run, though nothing is graded then.
      await grade({}, AbortSignal.abort()).then(
        () => expect.fail("not interrupted"),
        (error: Error) => expect(error.name).to.equal("InterruptedError"),
      );
      const { ann, bob } = await run();
      expect([...failures]).to.deep.equal([]);
      expect(points(ann, "check-1", "check-2", "answer-1", "answer-2")).to.deep.equal([
        [1.5, null, false],
        [0, null, false],
        [null, 2.5, false],
        [null, 2, true],
      ]);
      expect(ann.comments).to.deep.equal({ "answer-1": "Why certain?" });
      expect(points(bob, "check-1", "answer-1")).to.deep.equal([
        [0, null, true],
        [0, 2.5, true],
      ]);
      // What is in the book is not put in again.
      writeFileSync(join(course.autograded("ann", sheet), "mark"), "");
      await grade();
      expect(readdirSync(course.autograded("ann", sheet))).to.include("mark");
    },
  );

  it(
    "a submission at which nbgrader does not come to an end is said, the others go on, and the next run tries it " +
      "again",
    async () => {
      hand("ann", "perfect");
      hand("bob", "perfect");
      let late = new Map<string, string>();
      await gradeClass({
        course,
        sheet,
        runner: judge(),
        afterwards: async (graded) => {
          late = await ingest(course, sheet, graded, undefined, { seconds: 0.001 });
        },
      });
      expect([...late]).to.deep.equal(
        ["ann", "bob"].map((student) => [student, "nbgrader took longer than 0.001 s for it and was stopped."]),
      );
      const { ann, bob } = await run();
      expect([...failures]).to.deep.equal([]);
      expect([...points(ann, "check-2"), ...points(bob, "check-2")]).to.deep.equal([
        [4, null, false],
        [4, null, false],
      ]);
    },
  );

  it("a gradebook in the place of another one gets what is not in it: a new one, an older copy", async () => {
    const book = join(course.root, "gradebook.db"),
      old = join(course.root, "old.db");
    hand("ann", "half");
    const before = await run();
    copyFileSync(book, old);
    hand("ann", "perfect");
    const now = (await run()).ann;
    expect(points(now, "check-2")).to.not.deep.equal(points(before.ann, "check-2"));
    copyFileSync(old, book);
    writeFileSync(join(course.autograded("bob", sheet), "mark"), "");
    expect(points((await run()).ann, "check-2"), "an older copy").to.deep.equal(points(now, "check-2"));
    // What is in the copy is not put in again.
    expect(readdirSync(course.autograded("bob", sheet))).to.include("mark");
    // A new one, which has been changed more often than the one before.
    execFileSync(python, [
      "-c",
      `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table other (x)")
for i in range(2000):
    db.execute("insert into other values (1)")
    db.commit()
db.execute("drop table other")
db.commit()`,
      `${book}.new`,
    ]);
    renameSync(`${book}.new`, book);
    const entries = await run();
    expect(Object.keys(entries).sort()).to.deep.equal(Object.keys(before).sort());
    expect(points(entries.ann, "check-2")).to.deep.equal(points(now, "check-2"));
    expect([...failures]).to.deep.equal([]);
  });

  it("exports and feedback tell who is not graded yet, and whose notebook is another one now", async () => {
    const other = temporaryCourse();
    try {
      const gradeThem = (students?: string[]): Promise<Graded> =>
        gradeClass({ course: other.course, sheet, runner: judge(), students });
      const remarks = async (): Promise<string[]> => (await classResults(other.course, sheet)).remarks;
      for (const student of ["ann", "bob", "cat"]) submit(other.course, student, handedIn({ "task-1": "// perfect" }));
      await gradeThem(["ann", "bob"]);
      submit(other.course, "ann", handedIn({ "task-1": "// half" }));
      expect(await remarks()).to.deep.equal([
        `not graded yet, and left out: cat. npx vitrine grade ${sheet} grades them.`,
        `graded before the notebook that is there now: ann. npx vitrine grade ${sheet} grades them.`,
      ]);
      await gradeThem();
      expect(await remarks()).to.deep.equal([]);
      const path = join(other.course.source(sheet), `${sheet}.ipynb`);
      writeFileSync(path, readFileSync(path, "utf8").replace(/"points":3\b/, '"points":6'));
      expect(await remarks(), "the sheet's points are others now").to.deep.equal([
        `graded before the sheet, its hidden tests or the grader changed: ann, bob, cat. npx vitrine grade ${sheet} ` +
          `grades them.`,
      ]);
    } finally {
      other.remove();
    }
  });

  it("who writes more below a task of nbgrader's is asked about again; who changes other things is not", async () => {
    const other = temporaryCourse();
    try {
      const source = join(other.course.source(sheet), `${sheet}.ipynb`),
        notebook = JSON.parse(readFileSync(source, "utf8")) as Notebook;
      const nbgrader = { grade: false, grade_id: "essay", locked: true, points: 4, schema_version: 3 };
      const task = {
        cell_type: "markdown",
        id: "essay",
        metadata: { nbgrader: { ...nbgrader, solution: false, task: true } },
        source: "Write an essay below.",
      } as unknown as Notebook["cells"][number];
      notebook.cells.push(task);
      writeFileSync(source, JSON.stringify(notebook));
      const write = async (essay: string, scratch: string): Promise<boolean> => {
        const given = handedIn({ "task-1": "// perfect" }),
          own = (text: string): typeof task => ({ ...task, id: text, metadata: {}, source: text });
        given.cells.unshift(own(scratch));
        given.cells.push(task, own(essay));
        submit(other.course, "ann", given);
        const afterwards = async (graded: Graded): Promise<void> => {
          expect([...(await ingest(other.course, sheet, graded))]).to.deep.equal([]);
        };
        await gradeClass({ course: other.course, sheet, runner: judge(), afterwards });
        return (await readGradebook(other.course, sheet)).ann.grades.essay.needsPerson;
      };
      expect(await write("My essay.", "one")).to.equal(true);
      const given = JSON.stringify({ ann: { essay: { points: 3 } } });
      execFileSync(python, [join(__dirname, "class-person.py"), join(other.course.root, "gradebook.db"), sheet, given]);
      expect(await write("My essay.", "two")).to.equal(false);
      expect(await write("My better essay.", "two")).to.equal(true);
    } finally {
      other.remove();
    }
  });

  it("a question more after grading is told with what to do, and that puts the class in again", async () => {
    const other = temporaryCourse();
    try {
      submit(other.course, "ann", handedIn({ "task-1": "// perfect" }));
      const put = (): Promise<unknown> =>
        gradeClass({
          course: other.course,
          sheet,
          runner: judge(),
          afterwards: async (graded) => void (await ingest(other.course, sheet, graded)),
        });
      await put();
      const source = join(other.course.source(sheet), `${sheet}.ipynb`),
        notebook = JSON.parse(readFileSync(source, "utf8")) as Notebook;
      const first = notebook.cells.find(({ id }) => id === "answer-1")!;
      notebook.cells.push({
        ...first,
        id: "answer-9",
        metadata: { nbgrader: { ...first.metadata.nbgrader!, grade_id: "answer-9" } },
      });
      writeFileSync(source, JSON.stringify(notebook));
      const said = await put().then(
        () => "",
        (error: Error) => error.message,
      );
      expect(said).to.match(/^The sheet has questions more or fewer than the gradebook, [^\n]*$/);
      const [, nbgrader, rest] = / in it: (\S+) (db assignment remove .*)\. Then /.exec(said)!;
      execFileSync(nbgrader, rest.split(" "), { stdio: "pipe" });
      await put();
      expect(Object.keys((await readGradebook(other.course, sheet)).ann.grades)).to.include("answer-9");
    } finally {
      other.remove();
    }
  });
});

/** Photographs of handwriting, and what is none. */
async function notebookWithPictures(): Promise<Notebook> {
  const grey = sharp({ create: { width: 40, height: 30, channels: 3, background: "#888888" } });
  const photo = await grey
    .clone()
    .withExif({ IFD0: { ImageDescription: "secret", Orientation: "6" } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const webp = await grey.clone().webp().toBuffer(),
    huge = Buffer.from(png, "base64");
  huge.writeUInt32BE(60_000, 16);
  huge.writeUInt32BE(60_000, 20);
  // With its checksum, so that it is taken for what it says.
  huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
  const many = Array.from({ length: 25 }, (_, i) => [`n${i}.png`, { "image/png": png }] as const);
  const names = ["photo.jpg", "with%20space.jpg", "x.webp"],
    alts = ["by phone", "spaces", "webp"];
  const answer = [
    ...names.map((name, i) => `![${alts[i]}](attachment:${name})`),
    ...many.map(([name], i) => `![no ${i}](attachment:${name})`),
    ...["a.svg", "gone.png", "bad.jpg", "bomb.png", "passes.jpg", "photo.jpg", "text.txt", "&lt;b&gt;"].map(
      (name) => `![x](attachment:${name})`,
    ),
  ].join("\n\n");
  const notebook = handedIn({ "task-1": "// perfect", "answer-1": answer, "answer-2": "<div>\n".repeat(30_000) });
  const at = (id: string) =>
    notebook.cells.find((cell) => cell.id === id)! as Notebook["cells"][number] & { attachments?: object };
  at("answer-1").attachments = {
    "photo.jpg": { "image/jpeg": photo.toString("base64") },
    "with space.jpg": { "image/jpeg": photo.toString("base64") },
    "x.webp": { "image/webp": webp.toString("base64") },
    ...Object.fromEntries(many),
    "a.svg": { "image/svg+xml": "<svg onload=alert(1)>" },
    "bad.jpg": { "image/jpeg": Buffer.from("no picture at all").toString("base64") },
    "bomb.png": { "image/png": huge.toString("base64") },
    "text.txt": { "text/plain": "<script>" },
    "passes.jpg": {
      "image/jpeg": Buffer.concat([photo, ...Array<Buffer>(101).fill(Buffer.from([0xff, 0xda, 0, 2]))]).toString(
        "base64",
      ),
    },
  };
  at("task-1").outputs = [
    { output_type: "display_data", data: { "image/jpeg": photo.toString("base64") } },
    { output_type: "display_data", data: { "image/svg+xml": "<svg>" } },
  ] as Output[];
  return notebook;
}

/** All black, a bit for each pixel. */
function blankPng(side: number): Buffer {
  const chunk = (kind: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(kind), data]),
      ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(side);
  header.writeUInt32BE(side, 4);
  const pixels = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** What a student changed who wants points, or to act on whoever opens it. */
function hostileNotebook(): Notebook {
  const prose =
    `<script>alert(1)</script>\n\n[x](javascript:alert(2)) <img src=x onerror=alert(3)> ![spy](http://spy/x.png) ` +
    (`<b onclick="alert(4)">b</b> $\\href{javascript:alert(4)}{a}$ $\\hr<!-- -->ef{javascript:alert(4)}{a}$ ` +
      `&#92;href{javascript:alert(4)}{a}\n\n`) +
    (`<div>$\\h&#x72;ef{javascript:alert(4)}{a} &bsol;&#104;re&#0102;{javascript:alert(4)}{a} \\un&#105code{x} ` +
      `\\def\\a{x\\a} \\newc&#111mmand{\\b}{\\a\\a} \\DeclareMathOperator{\\c}{\\b} ` +
      `&lt;&eacute;&#60;&amp;#92;$</div>`) +
    // Ten thousand pixels square in sixteen thousand letters.
    (`<img src="data:image/png;base64,${blankPng(10_000).toString("base64")}">\n\nfine **bold**\n\n<!-- never ` +
      `closed\n\nand the rest`);
  const notebook = handedIn({ "task-1": "// perfect", "answer-1": prose }) as Notebook & {
    metadata: Record<string, unknown>;
  };
  const at = (id: string): Notebook["cells"][number] => notebook.cells.find((cell) => cell.id === id)!;
  notebook.metadata.kernelspec = { name: "evil", display_name: "<script>" };
  notebook.metadata.widgets = { evil: "<script>" };
  (at("check-1").metadata.nbgrader as { points: number }).points = 1000;
  at("check-1").source = "forged();";
  at("setup").outputs = [
    {
      output_type: "display_data",
      data: {
        "image/png": png,
        "text/html": "<script>alert(5)</script>",
        "application/javascript": "alert(6)",
        "image/svg+xml": "<svg onload=alert(7)>",
      },
    },
    { output_type: "display_data", data: { "image/png": `${png}"><script>alert(8)</script>` } },
    { output_type: "stream", name: "stdout", text: "<script>alert(9)</script>" + "x".repeat(100_000) },
  ] as Output[];
  at("answer-2").source = "$a$ ".repeat(4900);
  at("answer-3").source = `|a|\n|-|\n${"|\n".repeat(9000)}`;
  const stream = { output_type: "stream", name: "stdout", text: "y".repeat(3000) };
  const none = { output_type: "display_data", data: { "image/png": "!" } };
  const outputs = [...Array<object>(20).fill(stream), ...Array<object>(30).fill(none)] as Output[];
  const flood = { ...at("task-1"), metadata: {}, outputs };
  const attachments = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`${i}.png`, { "image/png": "!" }]));
  const pasting = { ...at("answer-1"), metadata: {}, source: "", attachments };
  notebook.cells.push(...Array.from({ length: 25 }, (_, i) => ({ ...flood, id: `flood-${i}` })));
  notebook.cells.push({ ...pasting, id: "paste-1" }, { ...pasting, id: "paste-2" });
  notebook.cells = notebook.cells.filter(({ id }) => id !== "check-3");
  const later = { nbgrader: { ...at("answer-1").metadata.nbgrader!, schema_version: 99 } };
  notebook.cells.push(
    { ...at("check-1"), id: "again" },
    { ...at("answer-1"), id: "again-2", source: "another answer", metadata: later },
  );
  return notebook;
}

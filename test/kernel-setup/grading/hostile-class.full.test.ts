import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readGradebook, type GradebookEntry } from "../../../kernel-setup/grading/class/gradebook";
import { readResults, resultsFile, type Results } from "../../../kernel-setup/grading/class/results";
import { missing, root } from "../../notebooks/course";
import { handedIn, sheet, temporaryCourse, zip } from "./class-course";
import { readCsv } from "./class-read-csv";
import {
  addCell,
  Attacks,
  byName,
  cellOf,
  functionCell,
  HostileCourse,
  noSandbox,
  processesWith,
  solved,
  withAttack,
  type Code,
  type Notebook,
} from "./hostile-course";
import { forgeries, notBelieved } from "./hostile-forge-attacks";
import { limitAttacks } from "./hostile-limits-attacks";
import { altered, changed, unreadable } from "./hostile-notebooks-attacks";
import { listen, reachAttacks, reachNames, secretVariable, type Listeners } from "./hostile-reach-attacks";
import { bare, ending, endingSlowly, taskCount, withTasks, writeHostileSheet } from "./hostile-sheet";

/** What is expected of one task of a submission. */
interface Expected {
  readonly what: string;
  readonly points: number;
  seen(reason: string): void;
}

interface Member {
  readonly student: string;
  readonly notebook: Notebook;
  /** Of the sheet's own three tasks. */
  readonly own: readonly [number, number, number];
  readonly tasks: Readonly<Record<number, Expected>>;
}

const right: Code & { name: string } = {
  name: "none: right, after the process was ended",
  body:
    `return tf.grad((x) => tf.sum(tf.mul(model.logits(x as tf.Tensor4D), tf.oneHot(tf.tensor1d(target, "int32"), ` +
    `10))))(images);`,
};
const limit = (name: string) => byName(limitAttacks, name),
  forgery = (name: string) => ({ reason: notBelieved, ...byName(forgeries, name) });
/** What it changes is changed when it is called, so that it stands in nobody's way before. */
const whenCalled = ({ before, body, ...attack }: ReturnType<typeof forgery>): ReturnType<typeof forgery> => ({
  ...attack,
  body: `${before ?? ""}\n${body}`,
});
const failing = ({ name, reason }: { name: string; reason: RegExp }): Expected => ({
  what: name,
  points: 0,
  seen: (said) =>
    expect(said)
      .to.match(reason)
      .and.not.match(/[\u0000-\u0008\u001b]/),
});
const tasksFrom = <T>(all: readonly T[], first = 4): Record<number, T> =>
  Object.fromEntries(all.map((each, i) => [first + i, each]));
const mapped = <T, R>(all: Readonly<Record<number, T>>, to: (each: T) => R): Record<number, R> =>
  Object.fromEntries(Object.entries(all).map(([key, each]) => [key, to(each)]));

const all: readonly [number, number, number] = [3, 4, 5],
  none: readonly [number, number, number] = [0, 0, 0];

/** A submission with attacks in further tasks. */
function member(
  student: string,
  notebook: Notebook,
  own: Member["own"],
  attacks: Readonly<Record<number, Code & { name: string; reason: RegExp }>>,
  more: Member["tasks"] = {},
): Member {
  return { student, notebook: withTasks(notebook, attacks), own, tasks: { ...mapped(attacks, failing), ...more } };
}

/** Those of the altered notebooks that are to have so many points, in one. */
const altering = (wanted: (each: (typeof altered)[number]) => boolean): Notebook =>
  changed(...altered.filter(wanted).map(({ change }) => change));
const apart = /^none|a thousand cells|all cells of the sheet deleted/;

const reached = [
  "files of the course",
  "other work, source, gradebook, home: not read",
  "/proc",
  "the network",
  "programs",
  "the answers",
  "other work, source, gradebook, home: not written",
].map((start) => reachNames.findIndex((name) => name.startsWith(start)));

/** Each kind of attack; each attack alone is in the soak run. */
function theClass(course: string, reach: ReturnType<typeof reachAttacks>): Member[] {
  const ends = tasksFrom([
    limit("process.exit in the function"),
    limit("kills itself"),
    limit("Node's own exit, which process.exit calls"),
    right,
    limit("a loop before anything else"),
  ] as (Code & { name: string; reason: RegExp })[]);
  const forged = tasksFrom(
    [
      ...[
        "vm.runInThisContext and vm.Script say yes",
        "assert and chai never fail",
        "the network made constant, so that a map of zeros would be right",
        "forged replies on the protocol's socket, for every number",
        "says that it is ready again and again",
        "prints results",
        "writes results.json wherever it can",
        "throws what a passed check would",
        "throws null",
        "throws an error whose message throws",
      ].map(forgery),
      ...["disk: one endless file", "disk: large files", "recursion without end"].map(limit),
      ...["the library's own functions", "JSON.stringify and JSON.parse"].map(forgery),
    ].map(whenCalled as (each: Code & { name: string; reason: RegExp }) => Code & { name: string; reason: RegExp }),
  );
  const looks = tasksFrom(reached.map((i) => reach[i]));
  const own = {
    name: "writes into the course that it is graded for",
    reason: /^.*reached (ENOENT|EROFS|EACCES)(,(ENOENT|EROFS|EACCES)){3}$/,
    body: writingInto(course),
  };
  const tricks = withAttack(limit("a cell that ends the process beside a right answer"));
  tricks.cells = tricks.cells.filter(({ id }) => /^(task-|mine)/.test(id!));
  const busy = altering(({ name, score }) => score === 12 && !apart.test(name));
  for (const each of ["timers without end beside a right answer", "late errors beside a right answer"])
    addCell(busy, limit(each).cell!);
  const loops = solved();
  cellOf(loops, "task-1").source = functionCell("myGradient", limit("the solution's cell loops"));

  return [
    member(
      "ends its process",
      bare(),
      none,
      { ...ends, [ending]: limit("a promise that nobody settles") },
      { 7: { what: right.name, points: 1, seen: (reason) => expect(reason).to.equal("") } },
    ),
    member(
      "loops in a cell",
      loops,
      [0, 0, 5],
      { [ending]: limit("an answer of a hundred million values") },
      { 1: failing(limit("the solution's cell loops")) },
    ),
    member("forges", bare(), none, { ...forged, [ending]: whenCalled(forgery("toJSON of every object")) }),
    member(
      "looks around",
      bare(),
      none,
      { 11: own, [endingSlowly]: limit("memory: buffers") },
      mapped(looks, ({ name, seen }) => ({ what: name, points: 0, seen })),
    ),
    member("writes types", withAttack(limit("types that the compiler does not finish")), all, {
      [ending]: limit("threads without end"),
    }),
    member("ends a cell", tricks, all, { [endingSlowly]: limit("memory: lists") }),
    member("reads the nonce", bare(), none, { 4: forgery("the nonce read off the socket, and used first") }),
    member("changes prototypes", bare(), none, {
      [ending]: whenCalled(forgery("prototypes of Object, Array, Number, Function, Promise")),
    }),
    member("alters harmlessly", busy, all, { [ending]: limit("prints past the console") }),
    member(
      "alters for points",
      altering(({ score, reason }) => score === 5 && reason?.test("Not implemented yet.") === true),
      [0, 0, 5],
      { [ending]: limit("answers without end, one line") },
      {
        1: {
          what: "points, test cells, metadata and doubled cells that say otherwise",
          points: 0,
          seen: (reason) => expect(reason).to.equal("Not implemented yet."),
        },
      },
    ),
    member(
      "takes away",
      altering(({ name }) => ["a solution deleted", "a solution that reads the sheet's own variables"].includes(name)),
      none,
      { [ending]: limit("answers without end, many lines") },
      {
        1: failing({
          name: "a solution that reads the sheet's own variables",
          reason: byName(altered, "a solution that reads the sheet's own variables").reason!,
        }),
        3: failing({ name: "a solution deleted", reason: byName(altered, "a solution deleted").reason! }),
      },
    ),
    member(
      "hands in the stub",
      handedIn() as Notebook,
      none,
      { [ending]: limit("children without end") },
      { 1: { what: "none: the stub", points: 0, seen: (reason) => expect(reason).to.equal("Not implemented yet.") } },
    ),
    member("honest", solved(), all, {}),
    member("as honest", solved(), all, { [endingSlowly]: limit("memory: WebAssembly") }),
  ].map((each) => ({ ...each, notebook: withLooks(each, looks) }));
}

/** What looks around is not in `member`'s own list, since it says itself what is to be seen. */
const withLooks = ({ student, notebook }: Member, looks: Readonly<Record<number, Code>>): Notebook =>
  student === "looks around" ? withTasks(notebook, looks) : notebook;

const writingInto = (course: string): string => {
  const files = ["submitted/honest/x", "results/honest/x", "gradebook.db", `source/${sheet}/judge/task-1.ts`].map(
    (file) => JSON.stringify(join(course, file)),
  );
  return (
    `const fs = require("fs"), seen: string[] = []; for (const file of [${files.join()}]) { try { ` +
    `fs.writeFileSync(file, "+100"); seen.push("written"); } catch (error: any) { seen.push(error.code); } } throw ` +
    `new Error("reached " + seen.join());`
  );
};

describe(
  `grading: hostile submissions, graded as a class with honest ` +
    `ones${noSandbox ? " [needs service bubblewrap]" : ""}`,
  function () {
    this.timeout(900_000);
    const { course, remove } = temporaryCourse();
    const vitrine = async (...args: string[]): Promise<string> => {
      const child = spawn(
        process.execPath,
        [join(root, "lib", "bin", "vitrine.cjs"), ...args, "--course", course.root],
        {
          stdio: ["ignore", "pipe", "pipe"],
        },
      );
      let out = "",
        err = "";
      child.stdout.on("data", (chunk) => (out += chunk));
      child.stderr.on("data", (chunk) => (err += chunk));
      const status = await new Promise((resolve) => child.once("close", resolve));
      expect(status, `${args.join(" ")}: ${err}`).to.equal(0);
      return out;
    };
    const sourceState = (): string =>
      (readdirSync(course.source(sheet), { recursive: true }) as string[])
        .sort()
        .map((file) => {
          const path = join(course.source(sheet), file);
          return statSync(path).isFile() ? `${file} ${readFileSync(path).toString("base64")}` : file;
        })
        .join("\n");
    // The names of tests have to be known before anything is there to be reached.
    const nowhere = { root: "/nowhere", secret: "" } as HostileCourse,
      deaf = { port: 0, udpPort: 0, path: "", abstract: "", connections: () => 0, close: () => undefined };
    const planned = theClass(course.root, reachAttacks(nowhere, deaf));
    const idOf = (student: string): string => student.replaceAll(" ", "-");
    const broken = unreadable.map(({ name, content, reason }, i) => ({
      name,
      content,
      reason,
      student: `unreadable-${i}`,
    }));
    const everybody = [...planned.map(({ student }) => idOf(student)), ...broken.map(({ student }) => student)].sort();
    const resultsOf = (student: string): Results => readResults(resultsFile(course, idOf(student), sheet));
    let members: Member[] = [],
      said = "",
      untouched: string,
      reachable: HostileCourse,
      listeners: Listeners,
      book: Record<string, GradebookEntry>;

    // Another grader on this machine has sandboxes of its own.
    const others = processesWith("/grade/kernel-setup");

    before(async function () {
      if (noSandbox || missing()) return this.skip();
      writeHostileSheet(course);
      reachable = new HostileCourse();
      listeners = await listen(reachable);
      process.env[secretVariable] = reachable.secret;
      members = theClass(course.root, reachAttacks(reachable, listeners));
      const download = join(course.root, "download.zip");
      writeFileSync(
        download,
        zip(
          Object.fromEntries(
            members.map(({ student, notebook }) => [
              `${idOf(student)}/${sheet}/${sheet}.ipynb`,
              JSON.stringify(notebook),
            ]),
          ),
        ),
      );
      for (const { student, content } of broken) submitFile(student, content);
      symlinkSync(join(course.root, "submitted", "honest"), join(course.root, "submitted", "linked"));
      untouched = sourceState();
      const started = performance.now();
      said = await vitrine("grade", sheet, "--from", download, "--jobs", "2");
      console.log(
        `      ${everybody.length} submissions by two jobs, with the gradebook: ` +
          `${((performance.now() - started) / 1000).toFixed(0)} s`,
      );
      writeTable();
      book = await readGradebook(course, sheet);
    });
    after(() => {
      delete process.env[secretVariable];
      listeners?.close();
      reachable?.remove();
      remove();
    });

    /** What became of each attack, for people to read. */
    function writeTable(): void {
      const table = new Attacks("class", reachable);
      for (const { student, tasks } of members) {
        for (const [task, { what }] of Object.entries(tasks)) {
          const { points, max, reason, seconds } = resultsOf(student).vitrine.tasks[Number(task) - 1];
          table.add({
            attack: what,
            happened: reason.split("\n")[0] || "nothing: graded like any other",
            points: `${points} of ${max}`,
            seconds,
          });
        }
      }
      table.finish();
    }

    function submitFile(student: string, content: string | Buffer): void {
      const folder = course.submitted(student, sheet);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${sheet}.ipynb`), content);
    }

    for (const [i, { student, own, tasks }] of planned.entries()) {
      for (const [task, { what }] of Object.entries(tasks)) {
        it(`${what}${tasks[Number(task)].points ? "" : ": not a point, and the reason"}`, () => {
          const { points, seen } = members[i].tasks[Number(task)],
            result = resultsOf(student).vitrine.tasks[Number(task) - 1];
          expect(result, JSON.stringify(result)).to.include({
            task: `task-${task}`,
            points,
            status: points ? "passed" : "failed",
          });
          seen(result.reason);
        });
      }

      it(`${student}: graded, with the points of what is right and no more`, () => {
        const {
          score,
          vitrine: { status, reason, tasks: results },
        } = resultsOf(student);
        expect(status, reason).to.equal("graded");
        expect(
          results.slice(0, 3).map(({ points }) => points),
          JSON.stringify(results.slice(0, 3)),
        ).to.deep.equal([...own]);
        expect(score).to.equal(
          [...own, ...Object.values(tasks).map(({ points }) => points)].reduce((sum, points) => sum + points, 0),
        );
        for (const each of results) if (each.points < each.max) expect(each.reason, each.task).to.not.equal("");
      });
    }

    for (const { name, student, reason } of broken) {
      it(`${name}: an error, which is not 0 points`, () => {
        const { score, vitrine } = resultsOf(student);
        expect([vitrine.status, score]).to.deep.equal(["error", 0]);
        expect(vitrine.reason).to.match(reason);
      });
    }

    it("the same solutions have the same points, part for part", () => {
      const parts = (student: string): unknown[] =>
        resultsOf(student).tests.filter(({ name }) => /^task-[123]:/.test(name));
      expect(parts("as honest")).to.have.length(8);
      expect(parts("as honest")).to.deep.equal(parts("honest"));
    });

    it("the summary has a row for each", () => {
      const [head, ...rows] = readCsv(readFileSync(join(course.reports(sheet), "summary.csv"), "utf8"));
      expect(rows.map(([student]) => student)).to.deep.equal(everybody);
      for (const row of rows) {
        expect(row).to.have.length(head.length);
        const [, , status] = row,
          lost = row[head.indexOf("judge")] !== String(12 + taskCount - 3);
        expect(status).to.be.oneOf(["graded", "error"]);
        if (lost) expect(row[head.indexOf("reasons")], row.join()).to.not.equal("");
        if (status === "graded") expect(Number(row[head.indexOf("memory MiB")])).to.be.within(100, 4000);
      }
      expect(said).to.match(
        new RegExp(
          `${everybody.length} submissions: ${members.length} graded, ${broken.length} with an error; ` +
            `${everybody.length} graded now`,
        ),
      );
    });

    it("the gradebook has the judge's points of each, and of nobody more", () => {
      expect(Object.keys(book).sort()).to.deep.equal(everybody);
      for (const student of everybody) {
        const { status, tasks } = resultsOf(student).vitrine;
        for (const { cell, points, max } of tasks) {
          const grade = book[student].grades[cell];
          expect(grade.max, student).to.equal(max);
          if (status === "error") expect(grade.needsPerson, student).to.equal(true);
          else
            expect([grade.auto, grade.manual, grade.extra ?? 0], `${student}, ${cell}`).to.deep.equal([
              points,
              null,
              0,
            ]);
        }
      }
    });

    it("exports and feedback: a row and a page each, nothing for an unknown grade, no formula", async () => {
      for (const format of ["moodle", "canvas", "plain"]) {
        await vitrine("export", sheet, "--format", format, "--partial");
        const text = readFileSync(join(course.reports(sheet), `grades-${format}.csv`), "utf8"),
          rows = readCsv(text).slice(format === "canvas" ? 2 : 1);
        expect(rows).to.have.length(everybody.length);
        expect(text).to.not.match(/(^|,)"?[=+@]/m);
        const at = { moodle: 3, canvas: 5, plain: rows[0].length - 3 }[format]!;
        everybody.forEach((student, i) => {
          const {
            score,
            vitrine: { status },
          } = resultsOf(student);
          expect(rows[i][at], `${format}: ${student}`).to.equal(status === "error" ? "" : String(score));
        });
      }
      await vitrine("feedback", sheet);
      for (const student of everybody)
        expect(statSync(join(course.feedback(student, sheet), `${sheet}.html`)).size).to.be.above(500);
    });

    it("the next run has nothing to do; with --force one is graded again, and has the same points", async () => {
      expect(await vitrine("grade", sheet)).to.match(new RegExp(`0 graded now, ${everybody.length} unchanged`));
      const before = resultsOf("honest");
      expect(await vitrine("grade", sheet, "--force", "--students", "honest", "--no-gradebook")).to.match(
        /1 graded now/,
      );
      expect(resultsOf("honest").tests).to.deep.equal(before.tests);
    });

    it("nothing was changed in the course or beside it, and nothing is left running", () => {
      expect(sourceState() === untouched, "the source was changed").to.equal(true);
      expect(readdirSync(join(course.root, "submitted")).sort()).to.deep.equal([...everybody, "linked"].sort());
      reachable.expectUntouched();
      expect(processesWith(course.root)).to.deep.equal([]);
      const left = processesWith("/grade/kernel-setup").filter((id) => !others.includes(id));
      expect(left, "sandboxes").to.deep.equal([]);
    });
  },
);

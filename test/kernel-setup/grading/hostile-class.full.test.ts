import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readGradebook } from "../../../kernel-setup/grading/class/gradebook";
import { readResults, resultsFile } from "../../../kernel-setup/grading/class/results";
import { missing, notebooks, root } from "../../notebooks/course";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";
import { readCsv } from "./class-read-csv";
import { asTask1, noSandbox, processesWith, solved } from "./hostile-course";
import { forgeries } from "./hostile-forge-attacks";
import { limitAttacks } from "./hostile-limits-attacks";
import { altered, unreadable } from "./hostile-notebooks-attacks";

interface Member {
  readonly student: string;
  readonly attack: string;
  readonly content: unknown;
  /** Points that it may have, "error" where nobody knows any. */
  readonly score: readonly number[] | "error";
}

/** Short, so that the whole class is graded in minutes; honest solutions need a tenth of it. */
const limits = "limits: { seconds: 2, memoryMiB: 256 },";

const needs = noSandbox ? " [needs service bubblewrap]" : "";

describe(`grading: all hostile submissions in one class, with honest ones${needs}`, function () {
  this.timeout(1_800_000);
  const { course, remove } = temporaryCourse();
  const vitrine = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "lib", "bin", "vitrine.cjs"), ...args, "--course", course.root], { encoding: "utf8", maxBuffer: 64 << 20 });
    expect(status, `${args.join(" ")}: ${stderr}`).to.equal(0);
    return stdout;
  };
  let members: Member[] = [], said = "";
  const sourceState = (): string => (readdirSync(course.source(sheet), { recursive: true }) as string[]).sort().map((file) => {
    const path = join(course.source(sheet), file);
    return statSync(path).isFile() ? `${file} ${readFileSync(path).toString("base64")}` : file;
  }).join("\n");
  let untouched: string;

  before(function () {
    if (noSandbox || missing()) return this.skip();
    cpSync(join(notebooks, "source", sheet, "judge"), join(course.source(sheet), "judge"), { recursive: true });
    for (const task of [1, 2, 3]) {
      const file = join(course.source(sheet), "judge", `task-${task}.ts`), text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace("defineTask({", `defineTask({\n  ${limits}`));
    }
    // Others' work, and the whole course, from the place where they would be were there no sandbox.
    const reach = asTask1(`const fs = require("fs"), seen: string[] = []; for (const file of [${["submitted/m00/x", "results/m00/x", "gradebook.db", `source/${sheet}/judge/task-1.ts`].map((file) => JSON.stringify(join(course.root, file))).join()}]) { try { fs.writeFileSync(file, "+100"); seen.push("written"); } catch (error: any) { seen.push(error.code); } } throw new Error("reached " + seen.join());`);
    const attackers = [
      ...limitAttacks.map(({ name, notebook, score = 5, greedy }) => ({ attack: name, content: notebook, score: greedy ? Array.from({ length: score + 1 }, (_, points) => points) : [score] })),
      ...forgeries.map(({ name, notebook }) => ({ attack: name, content: notebook, score: [0, 5, 9] })),
      ...altered.map(({ name, notebook, score }) => ({ attack: name, content: notebook, score: [score] })),
      ...unreadable.map(({ name, content }) => ({ attack: name, content, score: "error" as const })),
      { attack: "writes into the course", content: reach, score: [5] },
      { attack: "none: the stub", content: handedIn(), score: [0] },
    ];
    const honest = { attack: "none: honest", content: solved(), score: [12] };
    // Every fifteenth is honest.
    const all = attackers.flatMap((each, i) => (i % 15 === 7 ? [honest, each] : [each]));
    members = all.map((each, i) => ({ student: `m${String(i).padStart(2, "0")}`, ...each }));
    for (const { student, content } of members) submit(course, student, Buffer.isBuffer(content) ? "" : content);
    for (const { student, content } of members) if (Buffer.isBuffer(content)) writeFileSync(join(course.submitted(student, sheet), `${sheet}.ipynb`), content);
    symlinkSync(join(course.root, "submitted", members[0].student), join(course.root, "submitted", "linked"));
    untouched = sourceState();
    const started = performance.now();
    said = vitrine("grade", sheet, "--jobs", "2");
    console.log(`      ${members.length} submissions by two jobs, with the gradebook: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  });
  after(() => remove());

  it("honest ones have all points, no attacker has one more than alone, and each has a status and a reason", () => {
    for (const { student, attack, score } of members) {
      const results = readResults(resultsFile(course, student, sheet)), { status, reason = "", tasks } = results.vitrine, about = `${student}: ${attack}: ${reason} ${JSON.stringify(tasks)}`;
      if (score === "error") expect([status, results.score, reason.length > 0], about).to.deep.equal(["error", 0, true]);
      else {
        expect(status, about).to.equal("graded");
        expect(results.score, about).to.be.oneOf([...score]);
      }
      for (const task of tasks) if (task.points < task.max) expect(task.reason, about).to.not.equal("");
    }
    expect(members.filter(({ attack }) => attack === "none: honest").length).to.be.above(3);
    expect(new Set(members.map(({ attack }) => attack)).size).to.be.above(60);
  });

  it("the summary has a row for each", () => {
    const [head, ...rows] = readCsv(readFileSync(join(course.reports(sheet), "summary.csv"), "utf8"));
    expect(rows.map(([student]) => student)).to.deep.equal(members.map(({ student }) => student));
    for (const row of rows) {
      expect(row).to.have.length(head.length);
      const [, , status] = row, lost = row[head.indexOf("judge")] !== "12";
      expect(status).to.be.oneOf(["graded", "error"]);
      if (lost) expect(row[head.indexOf("reasons")], row.join()).to.not.equal("");
      if (status === "graded") expect(Number(row[head.indexOf("memory MiB")])).to.be.within(100, 4000);
    }
    expect(said).to.match(new RegExp(`${members.length} submissions: \\d+ graded, ${unreadable.length} with an error`));
  });

  it("the gradebook has the judge's points of each, and of nobody more", async () => {
    const book = await readGradebook(course, sheet);
    expect(Object.keys(book).sort()).to.deep.equal(members.map(({ student }) => student));
    for (const { student, attack, score } of members) {
      for (const { cell, points, max } of readResults(resultsFile(course, student, sheet)).vitrine.tasks) {
        const grade = book[student].grades[cell];
        expect(grade.max, `${student}: ${attack}`).to.equal(max);
        if (score === "error") expect(grade.needsPerson, `${student}: ${attack}`).to.equal(true);
        else expect([grade.auto, grade.manual, grade.extra ?? 0], `${student}: ${attack}, ${cell}`).to.deep.equal([points, null, 0]);
      }
    }
  });

  it("exports and feedback: a row and a page for each, nothing for a grade that nobody knows, no formula", () => {
    for (const format of ["moodle", "canvas", "plain"]) {
      vitrine("export", sheet, "--format", format, "--partial");
      const text = readFileSync(join(course.reports(sheet), `grades-${format}.csv`), "utf8"), rows = readCsv(text).slice(format === "canvas" ? 2 : 1);
      expect(rows).to.have.length(members.length);
      expect(text).to.not.match(/(^|,)"?[=+@]/m);
      const at = { moodle: 3, canvas: 5, plain: rows[0].length - 3 }[format]!;
      members.forEach(({ student, attack, score }, i) => {
        const judged = readResults(resultsFile(course, student, sheet)).score;
        expect(rows[i][at], `${format}: ${student}: ${attack}`).to.equal(score === "error" ? "" : String(judged));
      });
    }
    vitrine("feedback", sheet);
    for (const { student } of members) expect(statSync(join(course.feedback(student, sheet), `${sheet}.html`)).size).to.be.above(500);
  });

  it("nothing was changed in the course, and nothing is left running", () => {
    expect(sourceState() === untouched, "the source was changed").to.equal(true);
    expect(readdirSync(join(course.root, "submitted")).sort()).to.deep.equal([...members.map(({ student }) => student), "linked"].sort());
    expect(processesWith(course.root)).to.deep.equal([]);
  });
});

import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { VitrineError } from "vitrine/dist/kit";
import { courseAt, type Course, lateness } from "../../../kernel-setup/grading/class/course";
import { gradeClass, type GradeClassOptions, type Graded } from "../../../kernel-setup/grading/class/grade-class";
import { judgeFingerprint } from "../../../kernel-setup/grading/class/fingerprint";
import { withLock } from "../../../kernel-setup/grading/class/lock";
import { pool, type PoolOptions } from "../../../kernel-setup/grading/class/jobs";
import { readResults, resultsFile, type Results } from "../../../kernel-setup/grading/class/results";
import { taskStatistics } from "../../../kernel-setup/grading/class/statistics/figures";
import { summaryCsv, summaryText } from "../../../kernel-setup/grading/class/summary";
import { root } from "../../notebooks/course";
import { processesWith } from "./hostile-course";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";
import { readCsv } from "./class-read-csv";

const script = join(__dirname, "class-fake-judge.cjs");

const until = async (there: () => boolean): Promise<void> => {
  while (!there()) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe("grading a class: the run", function () {
  this.timeout(60_000);
  let course: Course, remove: () => void, log: string;
  beforeEach(() => {
    ({ course, remove } = temporaryCourse());
    log = join(course.root, "log.txt");
    writeFileSync(log, "");
    process.env.FAKE_LOG = log;
  });
  afterEach(() => remove());

  const hand = (student: string, mark: string): string => submit(course, student, handedIn({ "task-1": `// ${mark}` }));
  const grade = (options: Partial<GradeClassOptions> = {}, how: Partial<PoolOptions> = {}): Promise<Graded> =>
    gradeClass({ course, sheet, runner: pool({ script, unsafe: false, jobs: 3, ...how }), ...options });
  /** Those that wait may go on. */
  const letGo = (): void => writeFileSync(`${log}.go`, "");
  const ran = (): number => readFileSync(log, "utf8").trim().split("\n").filter(Boolean).length;
  const resultsOf = (student: string): Results => readResults(resultsFile(course, student, sheet));
  const leftovers = (): string[] =>
    readdirSync(join(course.root, "results"), { recursive: true, encoding: "utf8" }).filter((name) =>
      /incoming|tmp/.test(name),
    );

  it("grades everybody, and again only what changed; --force all", async () => {
    hand("ann", "perfect");
    hand("bob", "half");
    hand("cat", "nothing");
    const first = await grade();
    expect(first.fresh).to.deep.equal(["ann", "bob", "cat"]);
    expect([...first.results].map(([student, { score }]) => [student, score])).to.deep.equal([
      ["ann", 12],
      ["bob", 1.5],
      ["cat", 0],
    ]);
    expect((await grade()).fresh).to.deep.equal([]);
    hand("bob", "perfect");
    expect((await grade()).fresh).to.deep.equal(["bob"]);
    expect(resultsOf("bob").score).to.equal(12);
    expect((await grade({ students: ["ann"], force: true })).fresh).to.deep.equal(["ann"]);
    // A changed hidden test is a changed grade.
    mkdirSync(join(course.source(sheet), "judge"));
    writeFileSync(join(course.source(sheet), "judge", "task-1.ts"), "// stricter");
    expect((await grade()).fresh).to.deep.equal(["ann", "bob", "cat"]);
    // So is what it shares with other sheets.
    const shared = join(course.root, "source", "shared", "reference.ts");
    mkdirSync(dirname(shared));
    writeFileSync(shared, "export * from './more';");
    writeFileSync(join(dirname(shared), "more.ts"), "export const right = 1;");
    writeFileSync(join(course.source(sheet), "judge", "task-1.ts"), 'import { right } from "../../shared/reference";');
    await grade();
    expect((await grade()).fresh).to.deep.equal([]);
    writeFileSync(join(dirname(shared), "more.ts"), "export const right = 2;");
    expect((await grade()).fresh).to.deep.equal(["ann", "bob", "cat"]);
    expect((await grade({ settings: { seed: 7 } })).fresh).to.have.length(3);
    expect((await grade({ force: true })).fresh).to.have.length(3);
    expect(ran()).to.equal(20);
    expect(leftovers()).to.deep.equal([]);
  });

  it("what a submission gets depends on the grader, and on all that its sandbox is made of", () => {
    const project = mkdtempSync(join(tmpdir(), "vitrine-project-"));
    const print = (): string => judgeFingerprint(course, sheet, 1, project);
    try {
      const parts = [
        "kernel-setup/dist/grading/judge/expect.js",
        "kernel-setup/dist/kernel/cell/executor.js",
        "kernel-setup/dist/kernel/shared/home.js",
        "kernel-setup/course/dist/checks/maps.js",
        "lib/dist/index.js",
        "lib/dist/index.d.ts",
        "node_modules/@tensorflow/tfjs/package.json",
        "node_modules/typescript/package.json",
      ].map((part) => join(project, part));
      for (const part of parts) {
        mkdirSync(dirname(part), { recursive: true });
        writeFileSync(part, "1");
      }
      for (const part of parts) {
        const before = print();
        writeFileSync(part, "2");
        expect(print(), part).not.to.equal(before);
      }
    } finally {
      rmSync(project, { recursive: true });
    }
  });

  it("a course's folder may be named from where one stands", () => {
    expect(courseAt("somewhere").root).to.equal(join(process.cwd(), "somewhere"));
  });

  it("reports are of everybody, whoever was asked for", async () => {
    hand("ann", "perfect");
    hand("bob", "half");
    await grade({ students: ["ann", "bob"] });
    hand("cat", "nothing");
    hand("bob", "perfect");
    const graded = await grade({ students: ["ann"], force: true });
    expect(
      [...graded.results].map(([student, { score, vitrine }]) => [student, score, Boolean(vitrine.waiting)]),
    ).to.deep.equal([
      ["ann", 12, false],
      ["bob", 1.5, false],
      ["cat", 0, true],
    ]);
    expect(graded.fresh).to.deep.equal(["ann"]);
    expect(existsSync(resultsFile(course, "cat", sheet))).to.equal(false);
    const table = readCsv(summaryCsv(graded));
    expect(table.map((row) => [row[0], row[2], row[6]])).to.deep.equal([
      ["student", "status", "judge"],
      ["ann", "graded", "12"],
      ["bob", "graded", "1.5"],
      ["cat", "waiting", "waiting"],
    ]);
    expect(table[2].at(-1)).to.match(/note: graded before the notebook, the sheet or the grader changed/);
    const text = summaryText(graded);
    expect(text)
      .to.match(/^ann /m)
      .and.not.match(/^(bob|cat) /m);
    expect(text).to.match(
      /3 submissions: 2 graded, 0 with an error, 1 not graded yet; 1 graded now, 0 unchanged, 2 not asked for/,
    );
    expect(taskStatistics(graded)[0]).to.include({ full: 1, some: 1, none: 0, error: 0 });
  });

  it(
    "a crash is tried again; what crashes twice, hangs or is no plain file is an error, not 0 points, and grades " +
      "nobody else",
    async () => {
      hand("ann", "perfect");
      hand("bob", "crash");
      hand("cat", "once perfect");
      hand("dan", "hang");
      hand("eve", "errs");
      mkdirSync(course.submitted("fay", sheet), { recursive: true });
      symlinkSync("/etc/passwd", join(course.submitted("fay", sheet), `${sheet}.ipynb`));
      mkdirSync(course.submitted("gus", sheet), { recursive: true });
      mkdirSync(join(course.root, "submitted", "-rf", sheet), { recursive: true });
      const { results, refused } = await grade({}, { seconds: 2 });
      const said = Object.fromEntries(
        [...results].map(
          ([
            student,
            {
              vitrine: { status, reason },
            },
          ]) => [student, `${status} ${reason ?? ""}`],
        ),
      );
      expect(said).to.include({ ann: "graded ", cat: "graded ", eve: "error the kernel died" });
      expect(said.bob).to.match(/^error The grader ended without results \(exit 3\): out of luck\.$/);
      expect(said.dan).to.match(/^error The grader did not end within 2 s/);
      expect(said.fay).to.match(/^error It is a symbolic link/);
      expect(said.gus).to.match(/^error There is no 04-fashion/);
      expect(refused.join()).to.match(/"-rf".*cannot stand for a student/);
      for (const student of ["bob", "dan", "fay"])
        expect(resultsOf(student).vitrine.tasks.map(({ status, points }) => [status, points])).to.deep.equal(
          Array(3).fill(["error", 0]),
        );
      // The machine's failures are tried again next time, the submissions' own are not.
      const next: string[] = [];
      await grade({
        runner: async (jobs, done) => {
          next.push(...jobs.map(({ student }) => student));
          for (const job of jobs) await done({ job, failed: "Not today." });
        },
      });
      expect(next).to.deep.equal(["bob", "dan", "bob", "dan"]);
    },
  );

  it("an interruption keeps what was done, ends what was under way, and the next run goes on", async () => {
    for (const student of ["a1", "a2"]) hand(student, "perfect");
    for (const student of ["b1", "b2", "b3", "b4"]) hand(student, "perfect waits");
    const stop = new AbortController();
    const stopped = grade({ signal: stop.signal }, { jobs: 2 }).then(
      () => undefined,
      (each: Error) => each,
    );
    await until(
      () => existsSync(resultsFile(course, "a1", sheet)) && existsSync(resultsFile(course, "a2", sheet)) && ran() === 4,
    );
    stop.abort();
    const error = await stopped;
    expect(error?.message).to.match(/Interrupted: what was graded is kept/);
    expect(resultsOf("a1").score).to.equal(12);
    expect(existsSync(resultsFile(course, "b4", sheet))).to.equal(false);
    expect(readdirSync(course.reports(sheet)).filter((name) => /lock/.test(name))).to.deep.equal([]);
    letGo();
    expect((await grade({}, { jobs: 4 })).fresh).to.deep.equal(["b1", "b2", "b3", "b4"]);
  });

  it(
    "kill -9 of the grader loses nothing, half-writes nothing and leaves no process; two at once do not disturb " +
      "each other",
    async () => {
      for (let i = 0; i < 4; i++) hand(`a${i}`, "perfect");
      for (let i = 0; i < 6; i++) hand(`b${i}`, "perfect waits");
      const start = () => {
        const child = spawn(process.execPath, [join(__dirname, "class-driver.cjs"), course.root, sheet, "2"], {
          cwd: root,
          env: process.env,
          stdio: ["ignore", "pipe", "pipe"],
        });
        let said = "";
        child.stdout.on("data", (chunk) => (said += chunk));
        child.stderr.on("data", (chunk) => (said += chunk));
        return {
          child,
          ended: new Promise<string>((resolve) =>
            child.once("close", (code, signal) => resolve(`${signal ?? code} ${said.trim()}`)),
          ),
        };
      };
      const first = start();
      await until(() => existsSync(resultsFile(course, "a3", sheet)) && ran() === 6);
      // While the first is at work a second one says so and does nothing.
      const second = start();
      expect(await second.ended).to.match(/^1 Sheet 04-fashion.* is being worked on by process \d+ on/);
      const before = ran();
      first.child.kill("SIGKILL");
      expect(await first.ended).to.match(/^SIGKILL/);
      await until(() => processesWith(course.root).length === 0);
      expect(ran()).to.equal(before);
      letGo();
      for (const name of readdirSync(join(course.root, "results")))
        if (existsSync(resultsFile(course, name, sheet))) expect(resultsOf(name).score).to.equal(12);
      const third = start();
      expect(await third.ended).to.match(/^0 [^]*^fresh: b0,b1,b2,b3,b4,b5/m);
      for (let i = 0; i < 6; i++) expect(resultsOf(`b${i}`).score).to.equal(12);
      expect(leftovers()).to.deep.equal([]);
    },
  );

  it("what a killed grader's jobs had written is taken over without grading it again", async () => {
    hand("ann", "perfect");
    const { results } = await grade();
    const { print } = results.get("ann")!.vitrine;
    const done = readFileSync(resultsFile(course, "ann", sheet), "utf8");
    rmSync(resultsFile(course, "ann", sheet));
    writeFileSync(join(course.results("ann", sheet), `incoming-${print!.slice(0, 16)}.json`), done);
    expect((await grade()).fresh).to.deep.equal(["ann"]);
    expect(ran()).to.equal(1);
    expect(leftovers()).to.deep.equal([]);
  });

  it("a lock is waited for, refused, and taken over from the dead, by one of many", async () => {
    const file = join(course.root, "some.lock");
    let inside = 0,
      most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside--;
    };
    // A process number that was given to another process meanwhile.
    writeFileSync(
      file,
      JSON.stringify({ pid: process.pid, host: hostname(), since: "then", token: "dead", born: "1" }),
    );
    await Promise.all(Array.from({ length: 8 }, () => withLock(file, "It", work, { wait: 30_000 })));
    expect(most).to.equal(1);
    writeFileSync(file, JSON.stringify({ pid: 1, host: "another-machine", since: "then", token: "far" }));
    const error = await withLock(file, "It", work).catch((each: Error) => each);
    expect(String(error)).to.match(/It is being worked on by process 1 on another-machine since then/);
    expect(readdirSync(course.root).filter((name) => name.startsWith("some.lock"))).to.deep.equal(["some.lock"]);
  });

  it("where no lock can be written, the reason is in words", async () => {
    const plain = join(course.root, "plain");
    writeFileSync(plain, "");
    for (const file of [join(plain, "some.lock"), join(plain, "below", "some.lock")]) {
      const error = await withLock(file, "It", async () => undefined).catch((each: Error) => each);
      expect(error).to.be.instanceOf(VitrineError);
      expect(String(error)).to.match(/some\.lock cannot be written: \w+/);
    }
  });

  it("a lock with nothing in it, as a machine leaves it that lost its power, holds for a minute", async () => {
    const file = join(course.root, "some.lock"),
      old = new Date(Date.now() - 61_000);
    for (const text of ["", "{", "null", "{}"]) {
      writeFileSync(file, text);
      const error = await withLock(file, "It", async () => undefined).catch((each: Error) => each);
      expect(String(error), text).to.match(
        /It is being worked on by somebody: .*some\.lock does not say by whom, and holds for a minute\.$/,
      );
      utimesSync(file, old, old);
      expect(await withLock(file, "It", async () => "done"), text).to.equal("done");
      expect(
        readdirSync(course.root).filter((name) => name.startsWith("some.lock")),
        text,
      ).to.deep.equal([]);
    }
  });

  it("what was kept and is damaged is named, with what to do, and nothing is graded by half of it", async () => {
    hand("ann", "perfect");
    await grade();
    const before = readFileSync(resultsFile(course, "ann", sheet), "utf8");
    for (const [name, text, words] of [
      ["settings.json", "", /settings\.json is damaged: it is not JSON\. Remove it/],
      ["settings.json", "null", /settings\.json is damaged: it has no named parts\. Remove it/],
      ["settings.json", '{"penalty":"10%"}', /settings\.json: penalty is "10%"; allowed: a number from 0 to 100/],
      ["settings.json", '{"due":"next week"}', /due is "next week"; allowed: a time such as/],
      ["settings.json", '{"due":"11.12.2026 23:59"}', /due is "11\.12\.2026 23:59"; allowed: a time such as/],
      ["settings.json", '{"grace":-1}', /grace is -1; allowed/],
      ["settings.json", '{"seed":1.5}', /seed is 1\.5; allowed: a whole number/],
      ["settings.json", '{"due":"+010000-01-01T00:59:00.000Z"}', /due is .*; allowed: a time such as/],
      ["roster.json", '{"ann":', /roster\.json is damaged: it is not JSON\. Put a copy back/],
      ["roster.json", "[]", /roster\.json is damaged: it has no named parts/],
      ["roster.json", '{"ann":null}', /roster\.json is damaged: it has no name for "ann"\. Put a copy back/],
      ["roster.json", '{"ann":{"name":5}}', /no name for "ann"/],
    ] as const) {
      const file = join(course.reports(sheet), name),
        kept = existsSync(file) ? readFileSync(file) : undefined;
      writeFileSync(file, text);
      const error = await grade({ force: true }).catch((each: Error) => each);
      expect(String(error), text)
        .to.match(words)
        .and.match(/^\w+: [^\n]*$/);
      if (kept) writeFileSync(file, kept);
      else rmSync(file);
    }
    // Nor is anything kept that could not be read the next time.
    for (const said of [{ seed: 2 ** 53 }, { grace: Infinity }, { due: "+010000-01-01T00:59:00.000Z" }])
      expect(String(await grade({ settings: said }).catch((each: Error) => each))).to.match(/ is .*; allowed: /);
    expect(readFileSync(resultsFile(course, "ann", sheet), "utf8")).to.equal(before);
    writeFileSync(resultsFile(course, "ann", sheet), "");
    expect(() => resultsOf("ann")).to.throw(
      /results\.json cannot be read: it is not JSON\. npx vitrine grade makes it again\.$/,
    );
    await grade();
    expect(resultsOf("ann").vitrine.status).to.equal("graded");
  });

  it("nobody there, and names that are not there, are said", async () => {
    const fails = async (options: Partial<GradeClassOptions>): Promise<string> =>
      grade(options).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await fails({})).to.match(/submissions is 0; allowed: folders submitted\/STUDENT/);
    hand("ann", "perfect");
    expect(await fails({ students: ["anne"] })).to.match(/--students is "anne".*Did you mean ann\?/);
    expect(await fails({ sheet: "04-fashon" })).to.match(
      /SHEET is "04-fashon".*Did you mean 04-fashion-mnist-occlusion/,
    );
  });

  it("coming late costs by the day begun, after the grace", () => {
    const due = "2026-11-20T23:59:00Z",
      policy = { due, penalty: 10, grace: 15 };
    const days = (submitted: string, more = {}) => lateness(policy, { submitted, ...more }, 20);
    expect(days("2026-11-21T00:13:00Z")).to.deep.equal({ days: 0, points: 0 });
    expect(days("2026-11-21T00:15:00Z")).to.deep.equal({ days: 1, points: 2 });
    expect(days("2026-11-23T00:15:00Z")).to.deep.equal({ days: 3, points: 6 });
    expect(days("2027-11-23T00:15:00Z").points).to.equal(20);
    expect(lateness({ penalty: 10 }, { late: true }, 20)).to.deep.equal({ days: 1, points: 2 });
    expect(days("2026-11-23T00:15:00Z", { platform: "canvas" })).to.deep.equal({ days: 0, points: 0 });
    expect(days("2026-11-23T00:15:00Z", { platform: "canvas", late: true })).to.deep.equal({ days: 3, points: 6 });
    expect(lateness({}, { submitted: due }, 20)).to.deep.equal({ days: 0, points: 0 });
  });
});

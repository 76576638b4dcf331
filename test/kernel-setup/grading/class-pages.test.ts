import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { expect } from "chai";
import { JSDOM } from "jsdom";
import sharp from "sharp";
import type { Submission } from "../../../kernel-setup/grading/class/class-results";
import { crc32 } from "../../../lib/data/zip";
import { csv } from "../../../kernel-setup/grading/class/export/csv";
import {
  aboveMaximum,
  canvasTable,
  moodleTable,
  plainTable,
} from "../../../kernel-setup/grading/class/export/run-export";
import { feedbackPage } from "../../../kernel-setup/grading/class/feedback/page";
import { notebookParts } from "../../../kernel-setup/grading/class/feedback/notebook-parts";
import { finalGrade } from "../../../kernel-setup/grading/class/final-grade";
import type { Graded } from "../../../kernel-setup/grading/class/grade-class";
import type { GradebookEntry } from "../../../kernel-setup/grading/class/gradebook";
import { errorResults, type Results } from "../../../kernel-setup/grading/class/results";
import type { RosterEntry } from "../../../kernel-setup/grading/class/roster";
import type { Settings } from "../../../kernel-setup/grading/class/course";
import { gradeCells, type GradeCell } from "../../../kernel-setup/grading/class/sheet-cells";
import { classFigures, taskStatistics } from "../../../kernel-setup/grading/class/statistics/figures";
import { NO_GRADIENT } from "../../../kernel-setup/grading/judge/student-fault";
import { classPage } from "../../../kernel-setup/grading/class/statistics/page";
import { summaryCsv, summaryText } from "../../../kernel-setup/grading/class/summary";
import { firstLines, oneLine } from "../../../kernel-setup/grading/class/words";
import type { Output } from "../../notebooks/course";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";
import { readCsv } from "./class-read-csv";

const resultsWith = (
  points: Record<string, number>,
  cells: readonly GradeCell[],
  reason = "the map differs by 0.31",
): Results => {
  const tasks = cells
    .filter(({ by }) => by === "judge")
    .map(({ cell, task, points: max }) => ({
      task,
      cell,
      points: points[cell] ?? 0,
      max,
      seconds: 0.5,
      reason: (points[cell] ?? 0) < max ? reason : "",
      status:
        (points[cell] ?? 0) >= max ? ("passed" as const) : points[cell] ? ("partial" as const) : ("failed" as const),
    }));
  return {
    score: tasks.reduce((sum, task) => sum + task.points, 0),
    max_score: 12,
    execution_time: 1.5,
    output: "",
    tests: [],
    vitrine: { sheet, status: "graded", tasks },
  };
};
const bookWith = (
  grades: Record<string, [auto: number | null, manual: number | null, needsPerson: boolean]>,
  more: Partial<GradebookEntry> = {},
): GradebookEntry => ({
  grades: Object.fromEntries(
    Object.entries(grades).map(([cell, [auto, manual, needsPerson]]) => [
      cell,
      { auto, manual, needsPerson, extra: null, max: 0 },
    ]),
  ),
  comments: {},
  penalty: 0,
  answers: {},
  ...more,
});

describe("grading a class: feedback, exports, statistics", () => {
  const { course, remove } = temporaryCourse();
  after(() => remove());
  const cells = gradeCells(course, sheet);
  const open = bookWith({ "answer-1": [null, null, true], "answer-2": [0, null, false], "answer-3": [null, 3, false] });
  const done = bookWith(
    { "answer-1": [null, 2.5, false], "answer-2": [0, null, false], "answer-3": [null, 3, false] },
    {
      comments: { "answer-1": "Why?\n<img src=x onerror=alert(1)>", "task-1": "Neat." },
      answers: { "answer-1": "<p>Trousers</p>" },
    },
  );
  const submission = (
    student: string,
    results: Results,
    entry?: GradebookEntry,
    roster: RosterEntry = { name: student },
    settings: Settings = {},
  ): Submission => ({ student, roster, results, entry, grade: finalGrade(cells, results, entry, roster, settings) });
  const all = { "check-1": 3, "check-2": 4, "check-3": 5 };

  it("knows the sheet's cells, and who grades which", () => {
    expect(cells.map(({ cell, points, by, task, title }) => [cell, points, by, task, title])).to.deep.equal([
      ["answer-1", 3, "person", "answer-1", "Question 1"],
      ["check-1", 3, "judge", "task-1", "Task 1"],
      ["check-2", 4, "judge", "task-2", "Task 2"],
      ["check-3", 5, "judge", "task-3", "Task 3"],
      ["answer-2", 2, "person", "answer-2", "Question 2"],
      ["answer-3", 3, "person", "answer-3", "Question 3"],
      ["bonus-answer", 0, "person", "bonus-answer", "Bonus"],
    ]);
  });

  it("a task of nbgrader's that a person grades counts, as in formgrader", () => {
    const path = join(course.source(sheet), `${sheet}.ipynb`),
      before = readFileSync(path, "utf8");
    try {
      const nbgrader = { grade_id: "essay", grade: false, solution: false, locked: true, task: true, points: 5 };
      writeFileSync(path, before.replace('"cells":[', `"cells":[${JSON.stringify({ metadata: { nbgrader } })},`));
      const [essay] = gradeCells(course, sheet);
      expect(essay).to.deep.equal({ cell: "essay", points: 5, by: "person", task: "essay", title: "essay" });
      const given = bookWith({ essay: [null, 4, false] });
      expect(finalGrade([essay], resultsWith({}, []), given, { name: "a" }, {})).to.include({ total: 4, max: 5 });
    } finally {
      writeFileSync(path, before);
    }
  });

  it("cells of one number are told apart by their names: in a plot two of one title are one bar", () => {
    const path = join(course.source(sheet), `${sheet}.ipynb`),
      before = readFileSync(path, "utf8");
    try {
      writeFileSync(path, before.replaceAll('"check-2"', '"check-b-1"'));
      expect(gradeCells(course, sheet).map(({ title }) => title)).to.deep.equal([
        "Question 1",
        "check-1",
        "check-b-1",
        "Task 3",
        "Question 2",
        "Question 3",
        "Bonus",
      ]);
    } finally {
      writeFileSync(path, before);
    }
  });

  it("adds up judge, people, extra credit and lateness; open and error are neither a grade nor 0", () => {
    const grade = (...args: Parameters<typeof submission>) => submission(...args).grade;
    expect(grade("a", resultsWith(all, cells), done)).to.include({ status: "graded", total: 17.5, max: 20 });
    expect(grade("a", resultsWith(all, cells), open)).to.include({ status: "open", total: 15 });
    expect(grade("a", resultsWith(all, cells))).to.include({ status: "open", total: 12 });
    const late = { name: "a", late: true };
    expect(grade("a", resultsWith(all, cells), done, late, { penalty: 10 }).total).to.equal(15.5);
    expect(grade("a", resultsWith({}, cells), bookWith({}), late, { penalty: 100 }).total).to.equal(0);
    // A person's word on a task that the judge graded, or could not.
    expect(
      grade("a", resultsWith({ ...all, "check-1": 1 }, cells), {
        ...done,
        grades: { ...done.grades, "check-1": { auto: 1, manual: 2, extra: null, max: 3, needsPerson: false } },
      }).total,
    ).to.equal(16.5);
    const broken = errorResults(
      sheet,
      "a",
      "It is not JSON.",
      cells.filter(({ by }) => by === "judge"),
    );
    expect(grade("a", broken, bookWith({ "answer-1": [0, null, true] })).status).to.equal("error");
    expect(grade("a", broken, bookWith({})).cells.map(({ points }) => points)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      0,
    ]);
    // Extra credit: more points than the cell has.
    expect(grade("a", resultsWith({ ...all, "check-3": 6 }, cells), done)).to.include({ total: 18.5, max: 20 });
  });

  it("CSV: what other readers read, and nothing that a spreadsheet calculates", () => {
    const hostile = [
      '=HYPERLINK("http://x")',
      "+1",
      "-2+3",
      "@SUM(A1)",
      "\tx",
      "\rx",
      " =1+1",
      "＝1",
      "\ufeff=1",
      "\u0001=1+1",
      'say "hi", you',
      "a;b",
      "line\nline",
      "O'Brien",
      "-",
      "normal",
      "ends ",
    ];
    const back = readCsv(csv([hostile, [1, -2.5, 0, NaN]]));
    expect(back[1]).to.deep.equal(["1", "-2.5", "0", ""]);
    for (const [i, text] of back[0].entries()) expect(text, hostile[i]).to.not.match(/^[\s\ufeff]*[=+\-@\t\r＝]/);
    expect([back[0][10], back[0][11], back[0][12], back[0][13]]).to.deep.equal([
      'say "hi", you',
      "a;b",
      "line line",
      "O'Brien",
    ]);
    expect(back[0][0]).to.equal('\'=HYPERLINK("http://x")');
    for (const line of csv([hostile]).split("\r\n").slice(0, -1)) expect(line).to.not.match(/[\r\n]/);
  });

  it("CSV: nor what is calculated where semicolons or tabs part the fields, as in half of Europe", () => {
    for (const text of [
      "x;=1+1;y",
      "x; =1+1;y",
      'x;"=1+1;',
      "x\t=1+1\ty",
      "x;@SUM(1)",
      "x;\u00a0-1;",
      "x;＝1",
      "a;=1;+2;-3",
      "x\n;\n=1",
    ]) {
      const line = csv([["ann", text, "b"]]).trimEnd();
      for (const parted of line.split(/[;\t]/))
        expect(parted.replace(/^[\s\u00a0"]*/, ""), text).to.not.match(/^[=+\-@＝]/);
    }
    expect(csv([["Task 1 −1: too small; Task 2 −2: a-b; c=d"]])).to.equal(
      '"Task 1 −1: too small; Task 2 −2: a-b; c=d"\r\n',
    );
  });

  it("exports: Moodle by participant, Canvas by number, plain with all; empty where there is no grade", () => {
    const moodle = (number: string, name: string): RosterEntry => ({ name, number, platform: "moodle" });
    const broken = errorResults(
      sheet,
      "c",
      "It is not JSON.",
      cells.filter(({ by }) => by === "judge"),
    );
    const list = [
      submission("a", resultsWith(all, cells), done, moodle("11", "=Ann, A")),
      submission("b", resultsWith({}, cells), open, moodle("12", "Bob")),
      submission("c", broken, undefined, moodle("13", "Cat")),
    ];
    const options = { partial: false, assignment: "Sheet 4 (77)" };
    const table = readCsv(csv(moodleTable(list, cells, options)));
    expect(table.map((row) => row.slice(0, 5))).to.deep.equal([
      ["Identifier", "Full name", "Status", "Grade", "Maximum grade"],
      ["Participant 11", "'=Ann, A", "graded", "17.5", "20"],
      ["Participant 12", "Bob", "open", "", "20"],
      ["Participant 13", "Cat", "error: It is not JSON.", "", "20"],
    ]);
    // Without this column Moodle takes no worksheet (init() of its assignfeedback_offline_grade_importer).
    expect(table.map((row) => row[5])).to.deep.equal(["Last modified (grade)", "", "", ""]);
    expect(aboveMaximum(list, options)).to.equal(undefined);
    const best = submission("d", resultsWith({ ...all, "check-1": 9.5 }, cells), done, moodle("14", "Dan"));
    expect(aboveMaximum([...list, best], options)).to.match(
      /^1 of 4 have more than the sheet's 20 .* set that to 24 or/,
    );
    expect(readCsv(csv(moodleTable(list, cells, { ...options, partial: true }))).map((row) => row[3])).to.deep.equal([
      "Grade",
      "17.5",
      "3",
      "",
    ]);
    const canvas = readCsv(
      csv(
        canvasTable(
          [submission("a", resultsWith(all, cells), done, { name: "annab", number: "123", platform: "canvas" })],
          cells,
          options,
        ),
      ),
    );
    expect(canvas).to.deep.equal([
      ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Sheet 4 (77)"],
      ["    Points Possible", "", "", "", "", "20"],
      ["annab", "123", "", "", "", "17.5"],
    ]);
    const plain = readCsv(csv(plainTable(list, cells, options)));
    expect(plain[0].slice(0, 5)).to.deep.equal(["student", "name", "status", "answer-1 /3", "check-1 /3"]);
    expect([plain[3][2], plain[3][4], plain[3].at(-3), plain[2].at(-3)]).to.deep.equal(["error", "error", "", ""]);
  });

  it(
    "the summary has a row for each and the reason of every lost point, in one line each, without signs that steer " +
      "a terminal",
    () => {
      const reason = "the map differs\nby \u001b[31m0.31";
      const graded: Graded = {
        cells,
        roster: { ann: { name: "Ann" }, bob: { name: "Bob", late: true, notes: ["2 candidates"] } },
        settings: { penalty: 10 },
        fresh: ["ann"],
        refused: [],
        results: new Map([
          ["ann", resultsWith({ ...all, "check-2": 1.5 }, cells, reason)],
          [
            "bob",
            errorResults(
              sheet,
              "bob",
              "It is not JSON.",
              cells.filter(({ by }) => by === "judge"),
            ),
          ],
        ]),
      };
      const text = summaryText(graded);
      expect(text)
        .to.match(/^student +Task 1 \/3 +Task 2 \/4 +Task 3 \/5 +judge \/12/)
        .and.not.match(/\u001b/);
      expect(text)
        .to.match(/^ann +3 +1\.5 +5 +9\.5 +1\.5 +graded$/m)
        .and.match(/^bob +error +error +error +error +1 d −2 +error$/m);
      expect(text)
        .to.match(/ann: Task 2 −2\.5: the map differs by \[31m0\.31$/m)
        .and.match(/bob: error: It is not JSON\.$/m)
        .and.match(/bob: note: 2 candidates/);
      expect(text).to.match(/2 submissions: 1 graded, 1 with an error; 1 graded now, 1 unchanged; mean 9\.5 of 12/);
      const other = graded.results.get("bob")!;
      graded.results.set("bob", { ...other, vitrine: { ...other.vitrine, otherSheet: "01-saliency" } });
      expect(summaryText(graded)).to.match(/1 with an error \(1 of another sheet\)/);
      expect(readCsv(summaryCsv(graded))[2].slice(0, 7)).to.deep.equal([
        "bob",
        "Bob",
        "error",
        "error",
        "error",
        "error",
        "error",
      ]);
    },
  );

  it("words from outside are one line of a terminal, however many they are", () => {
    expect(oneLine("a\u001b[2J\u009b31m\n\tb\u202e\u2028c\u200b")).to.equal("a[2J31m b c").and.not.match(/\p{C}/u);
    const start = process.cpuUsage();
    expect(oneLine("\u001b ".repeat(10e6))).to.equal("");
    expect(oneLine("x".repeat(10e6))).to.equal(`${"x".repeat(299)}…`);
    expect(process.cpuUsage(start).user / 1e6).to.be.below(1);
    expect(firstLines(["a", "b", "c"], 2)).to.deep.equal(["a", "b", "and 1 more"]);
    expect(firstLines(["a", "b"], 2)).to.deep.equal(["a", "b"]);
  });

  it("a class's page has no word of a student's own: of errors the kind alone, though they have many lines", () => {
    const failing = (output: string): Results => {
      const results = resultsWith({}, cells, output);
      return {
        ...results,
        tests: [
          {
            name: "task-1: a part",
            number: "1.1",
            score: 0,
            max_score: 3,
            status: "failed",
            output,
            visibility: "visible",
          },
        ],
      };
    };
    const own = "Your function stopped with an error: ";
    const results = new Map(
      [
        `${own}Ann Smith was here\nAnn Smith again`,
        `${own}TypeError: annSmith is not a function`,
        `${own}AnnSmith: no`,
        "There is no function myMap that compiles: Cannot find name 'annSmith'.",
        NO_GRADIENT,
        `${own}TensorFlow.js found no way. Ann Smith copied from Bob.`,
      ].map((output, i) => [`s${i}`, failing(output)]),
    );
    const graded: Graded = {
      cells,
      roster: Object.fromEntries([...results.keys()].map((student) => [student, { name: student }])),
      settings: {},
      results,
      fresh: [],
      refused: [],
    };
    expect(taskStatistics(graded)[0].reasons).to.deep.equal([
      { reason: "Your function stopped with an error", count: 3 },
      { reason: "Your function stopped with an error: TypeError", count: 1 },
      { reason: "There is no function myMap that compiles", count: 1 },
      { reason: NO_GRADIENT.slice(0, 160), count: 1 },
    ]);
    expect(classPage(sheet, graded).replace(/<script>[^]*/, "")).to.not.match(/ann ?smith/i);
  });

  it("Moodle takes comments for HTML: there is none in them", () => {
    const list = [
      submission("a", resultsWith({}, cells, "<img src=x onerror=alert(1)>"), done, {
        name: "A",
        number: "1",
        platform: "moodle",
      }),
    ];
    const comment = String(moodleTable(list, cells, { partial: true, assignment: "x" })[1].at(-1));
    expect(comment)
      .to.match(/&#60;img src=x onerror=alert\(1\)&#62;/)
      .and.not.match(/</);
  });

  it("feedback: points, reasons, comments, own plots; no script, nothing from outside, nobody else", async () => {
    const picture = await sharp({ create: { width: 30, height: 20, channels: 3, background: "#369" } })
      .png()
      .toBuffer();
    const polyglot = Buffer.concat([picture, Buffer.from("<script>alert(1)</script>")]).toString("base64");
    const notebook = handedIn({ "task-1": "const x = '</pre><script>alert(2)</script>';" });
    notebook.cells.find(({ id }) => id === "task-2")!.outputs = [
      { output_type: "display_data", data: { "image/png": polyglot, "text/html": "<script>alert(3)</script>" } },
      { output_type: "display_data", data: { "image/png": 'AAAA"><script>alert(4)</script>'.repeat(9) } },
    ] as Output[];
    submit(course, "ann", notebook);
    const parts = await notebookParts(course, "ann", sheet);
    const name = `"><script>alert(5)</script>`,
      reason = "differs\n<script>alert(6)</script>";
    const html = feedbackPage(
      sheet,
      submission("ann", resultsWith({ "check-2": 4 }, cells, reason), done, { name }),
      parts,
    );
    const { document } = new JSDOM(html).window;
    expect(
      document.querySelectorAll("script, iframe, object, embed, link, form, svg, [onerror], [onload], [onclick]"),
    ).to.have.length(0);
    for (const each of document.querySelectorAll("[src], [href]"))
      expect(each.getAttribute("src") ?? each.getAttribute("href")).to.match(
        /^data:image\/png;base64,[A-Za-z0-9+/=]+$/,
      );
    expect(document.querySelector("meta[http-equiv=Content-Security-Policy]")!.getAttribute("content")).to.match(
      /default-src 'none'.*script-src 'none'/,
    );
    const images = [...document.querySelectorAll("img")];
    expect(images).to.have.length(1);
    const drawn = Buffer.from(images[0].src.split(",")[1], "base64");
    expect(await sharp(drawn).metadata()).to.include({ width: 30, height: 20 });
    expect(drawn.includes("alert")).to.equal(false);
    // A table of sixty columns in it is moved, and not the page.
    const answer = [...document.querySelectorAll<HTMLElement>("details > div")].find(({ textContent }) =>
      textContent.includes("Trousers"),
    )!;
    expect(answer.style.overflowX).to.equal("auto");
    const text = document.body.textContent!;
    expect(text)
      .to.include("Neat.")
      .and.include("Why?")
      .and.include("differs")
      .and.include("<script>alert(2)</script>")
      .and.include(`Feedback for ${name}`)
      .and.match(/9\.5 \/ 20/);
  });

  it(
    "feedback shows large pictures smaller, and of too many the first: no notebook makes a page that nothing can " +
      "hold",
    async () => {
      const large = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: "#369" } })
        .jpeg()
        .toBuffer();
      const notebook = handedIn(),
        plot = { output_type: "display_data", data: { "image/jpeg": large.toString("base64") } };
      notebook.cells.find(({ id }) => id === "task-1")!.outputs = Array<object>(20).fill(plot) as Output[];
      submit(course, "big", notebook);
      const plots = [...(await notebookParts(course, "big", sheet)).plots.values()].flat();
      // A hundred million pixels are read.
      expect(plots).to.have.length(16);
      expect(await sharp(Buffer.from(plots[0].replace("data:image/jpeg;base64,", ""), "base64")).metadata()).to.include(
        {
          format: "jpeg",
          width: 1600,
          height: 1067,
        },
      );
    },
  );

  it("feedback shows nothing of a notebook that the judge does not read", async () => {
    const notebook = handedIn({ "task-1": "// mine" }),
      text = JSON.stringify(notebook);
    submit(course, "deep", text);
    expect((await notebookParts(course, "deep", sheet)).code.get("task-1")).to.equal("// mine");
    submit(course, "deep", text.replace('"metadata":{', `"metadata":{"x":${"[".repeat(300)}${"]".repeat(300)},`));
    expect((await notebookParts(course, "deep", sheet)).code.size).to.equal(0);
  });

  it("feedback shows no picture of millions of rows, which takes half a minute to make small", async () => {
    const chunk = (kind: string, data: Buffer): Buffer => {
      const body = Buffer.concat([Buffer.from(kind, "latin1"), data]),
        size = Buffer.alloc(4),
        sum = Buffer.alloc(4);
      size.writeUInt32BE(data.length);
      sum.writeUInt32BE(crc32(body));
      return Buffer.concat([size, body, sum]);
    };
    // One column of black and white pixels, each row a byte behind its filter's.
    const tall = (rows: number): string => {
      const head = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
      head.writeUInt32BE(rows, 4);
      return Buffer.concat([
        Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
        chunk("IHDR", head),
        chunk("IDAT", deflateSync(Buffer.alloc(2 * rows))),
        chunk("IEND", Buffer.alloc(0)),
      ]).toString("base64");
    };
    const notebook = handedIn();
    notebook.cells[3].outputs = [tall(30_000), tall(30_001), tall(5_000_000)].map((data) => ({
      output_type: "display_data",
      metadata: {},
      data: { "image/png": data },
    }));
    submit(course, "tall", notebook);
    expect([...(await notebookParts(course, "tall", sheet)).plots.values()].flat()).to.have.length(1);
  });

  it("feedback gives up on damaged pictures after some hundreds: a notebook may have a hundred thousand", async () => {
    const damaged = await sharp({ create: { width: 1, height: 1, channels: 3, background: "#369" } })
      .png()
      .toBuffer();
    damaged[damaged.indexOf("IDAT") + 5] ^= 0xff;
    const notebook = handedIn(),
      [task] = notebook.cells.filter(({ id }) => id === "task-1");
    const plot = { output_type: "display_data", data: { "image/png": damaged.toString("base64") } };
    const more = { ...task, metadata: {}, outputs: Array<object>(50).fill(plot) as Output[] };
    notebook.cells.push(...Array<typeof task>(200).fill(more));
    submit(course, "damaged", notebook);
    const started = performance.now();
    expect([...(await notebookParts(course, "damaged", sheet)).plots.values()].flat()).to.deep.equal([]);
    // All of them take a quarter of a minute.
    expect(performance.now() - started).to.be.below(4000);
  });

  it(
    "feedback reads a picture's pixels alone: no texts that are a thousand times as long as they look, and no more " +
      "than 100 passes",
    async () => {
      const size = { width: 30, height: 20, channels: 3, background: "#369" } as const;
      const png = await sharp({ create: size }).png().toBuffer(),
        jpeg = await sharp({ create: size }).jpeg().toBuffer();
      const body = Buffer.concat([Buffer.from("zTXtlong\0\0", "latin1"), deflateSync(Buffer.alloc(40 * 2 ** 20))]);
      const chunk = Buffer.alloc(body.length + 8);
      chunk.writeUInt32BE(body.length - 4);
      body.copy(chunk, 4);
      chunk.writeUInt32BE(crc32(body), body.length + 4);
      // After the header: 33 bytes.
      const long = Buffer.concat([png.subarray(0, 33), ...Array<Buffer>(100).fill(chunk), png.subarray(33)]);
      const passes = Buffer.concat([
        jpeg.subarray(0, -2),
        ...Array<Buffer>(101).fill(Buffer.from([0xff, 0xda, 0, 2])),
        jpeg.subarray(-2),
      ]);
      const notebook = handedIn();
      notebook.cells.find(({ id }) => id === "task-1")!.outputs = [
        ["png", long],
        ["jpeg", passes],
      ].map(([kind, bytes]) => ({
        output_type: "display_data",
        data: { [`image/${kind}`]: (bytes as Buffer).toString("base64") },
      })) as Output[];
      submit(course, "texts", notebook);
      const started = performance.now();
      const plots = [...(await notebookParts(course, "texts", sheet)).plots.values()].flat();
      expect(plots.map((each) => each.slice(0, 14))).to.deep.equal(["data:image/png"]);
      // All texts are read in a quarter of a minute.
      expect(performance.now() - started).to.be.below(4000);
    },
  );

  it("feedback of what could not be graded says that it is not 0 points", async () => {
    const broken = errorResults(
      sheet,
      "bob",
      "It is not JSON.",
      cells.filter(({ by }) => by === "judge"),
    );
    submit(course, "bob", "{");
    const text = new JSDOM(feedbackPage(sheet, submission("bob", broken), await notebookParts(course, "bob", sheet)))
      .window.document.body.textContent!;
    expect(text)
      .to.match(/– \/ 20/)
      .and.match(/It is not JSON/)
      .and.match(/not 0 points/);
  });

  it("feedback of what the judge could not grade, and a person did, says nothing of that", async () => {
    const broken = errorResults(
      sheet,
      "bob",
      "It is not JSON.",
      cells.filter(({ by }) => by === "judge"),
    );
    const byHand = (count: number): GradebookEntry =>
      bookWith(Object.fromEntries(cells.slice(0, count).map(({ cell }) => [cell, [null, 1, false]])));
    const textOf = async (count: number): Promise<string> => {
      const parts = await notebookParts(course, "bob", sheet);
      return new JSDOM(feedbackPage(sheet, submission("bob", broken, byHand(count)), parts)).window.document.body
        .textContent!;
    };
    expect(await textOf(cells.length))
      .to.match(/7 \/ 20/)
      .and.not.match(/not 0 points|It could not be graded/);
    expect(await textOf(2)).to.match(/not 0 points/);
  });

  it("a comment reaches the student from whatever cell of a solution it stands below", () => {
    const path = join(course.source(sheet), `${sheet}.ipynb`),
      before = readFileSync(path, "utf8");
    try {
      const solution = (name: string): object => ({
        metadata: { nbgrader: { grade_id: name, grade: false, solution: true, locked: false, task: false } },
      });
      const notebook = JSON.parse(before) as ReturnType<typeof handedIn>;
      const at = notebook.cells.findIndex(({ id }) => id === "task-1");
      notebook.cells.splice(at, 0, solution("helper-1") as (typeof notebook.cells)[0]);
      notebook.cells.push(solution("helper-9") as (typeof notebook.cells)[0]);
      writeFileSync(path, JSON.stringify(notebook));
      const comments = { "helper-1": "Of the helper.", "task-1": "Of the task.", "helper-9": "Of the last." };
      const graded = finalGrade(
        gradeCells(course, sheet),
        resultsWith({}, []),
        bookWith({}, { comments }),
        { name: "a" },
        {},
      );
      expect(graded.cells.flatMap(({ cell, comment }) => (comment ? [[cell.cell, comment]] : []))).to.deep.equal([
        ["check-1", "Of the helper.\nOf the task."],
        ["bonus-answer", "Of the last."],
      ]);
    } finally {
      writeFileSync(path, before);
    }
  });

  it("statistics: the plot of points reaches to whoever has the most, with extra credit too", () => {
    const { scores } = classFigures({
      cells,
      roster: { ann: { name: "Ann" } },
      settings: {},
      fresh: [],
      refused: [],
      results: new Map([["ann", resultsWith({ ...all, "check-3": 9 }, cells)]]),
    }) as Record<string, { data: [{ x: number[]; xbins: { end: number } }]; layout: { xaxis: { range: number[] } } }>;
    expect(scores.data[0].x).to.deep.equal([16]);
    expect(Math.min(scores.data[0].xbins.end, scores.layout.xaxis.range[1])).to.be.above(16);
  });

  it("statistics: who solved what, the commonest mistakes, tasks nobody solved; one plotly.js, no name", () => {
    const results = new Map<string, Results>(
      Array.from({ length: 10 }, (_, i) => [
        `student-${i}`,
        resultsWith(i < 6 ? { "check-1": 3, "check-2": i } : {}, cells, `off by 0.${i}</script><img src="x">`),
      ]),
    );
    results.set(
      "student-x",
      errorResults(
        sheet,
        "student-x",
        "lost",
        cells.filter(({ by }) => by === "judge"),
      ),
    );
    const graded: Graded = {
      cells,
      roster: Object.fromEntries([...results.keys()].map((student) => [student, { name: `Name ${student}` }])),
      settings: {},
      results,
      fresh: [],
      refused: [],
    };
    const [first, second, third] = taskStatistics(graded);
    expect(first).to.include({ full: 6, some: 0, none: 4, error: 1, mean: 1.8 });
    expect(second).to.include({ full: 2, some: 3, none: 5, error: 1 });
    expect(third).to.include({ full: 0, some: 0, none: 10 });
    expect(first.reasons).to.deep.equal([{ reason: `off by …</script><img src="x">`, count: 4 }]);
    const html = classPage(sheet, graded);
    expect(html).to.not.match(/student-\d|Name student/);
    expect(html.match(/plotly\.js v\d/g)!.length).to.be.below(3);
    const { document } = new JSDOM(html).window;
    expect(document.querySelectorAll("script")).to.have.length(2);
    expect(document.querySelectorAll("img")).to.have.length(0);
    expect(document.body.textContent).to.include(`off by …</script><img src="x">`);
    expect(document.body.textContent).to.match(/Solved by nobodyTask 3: nobody has a point/);
  });
});

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { zipSync } from "fflate";
import type { Course } from "../../../kernel-setup/grading/class/course";
import { chooseNotebook } from "../../../kernel-setup/grading/class/intake/choose";
import { openFolder } from "../../../kernel-setup/grading/class/intake/folder-files";
import type { Budget } from "../../../kernel-setup/grading/class/intake/incoming";
import { originOf, isStudentId, studentId } from "../../../kernel-setup/grading/class/intake/names";
import { takeIn } from "../../../kernel-setup/grading/class/intake/take-in";
import { readRoster, writeRoster } from "../../../kernel-setup/grading/class/roster";
import { timeOf, timeOfStamp } from "../../../kernel-setup/grading/class/times";
import { handedIn, sheet, submit, temporaryCourse, zip, type ZipContent } from "./class-course";

describe("grading a class: what comes in", () => {
  let course: Course, remove: () => void;
  beforeEach(() => {
    ({ course, remove } = temporaryCourse());
  });
  afterEach(() => remove());

  const notebook = (mark: string): string => JSON.stringify(handedIn({ "task-1": `// ${mark}` }));
  const got = (student: string): string =>
    /"\/\/ ([^"\\]*)"/.exec(readFileSync(join(course.submitted(student, sheet), `${sheet}.ipynb`), "utf8"))?.[1] ?? "";
  const download = async (entries: ZipContent): ReturnType<typeof takeIn> => {
    const path = join(course.root, "download.zip");
    writeFileSync(path, zip(entries));
    return takeIn(course, sheet, path);
  };
  const entry = (student: string) => readRoster(course, sheet).roster[student];

  it("Moodle: names, numbers and times, in folders and flat", async () => {
    const mtime = new Date(2026, 10, 20, 18, 30, 0);
    const { students, refused } = await download({
      [`Ada Lovelace_1234567_assignsubmission_file_/${sheet}.ipynb`]: { content: notebook("ada"), mtime },
      [`José Núñez-Ortega_77_assignsubmission_file/${sheet} (1).ipynb`]: notebook("jose"),
      [`王 小明_88_assignsubmission_file_${sheet}.ipynb`]: notebook("wang"),
      [`Ada Lovelace_1234567_assignsubmission_onlinetext_/onlinetext.html`]: "<p>hello",
      [`__MACOSX/x_1_assignsubmission_file_/._${sheet}.ipynb`]: "junk",
    });
    expect(students).to.deep.equal(["ada-lovelace-1234567", "jose-nunez-ortega-77", "王-小明-88"]);
    expect(refused).to.deep.equal([]);
    expect(students.map(got)).to.deep.equal(["ada", "jose", "wang"]);
    expect(entry("王-小明-88")).to.include({ name: "王 小明", number: "88", platform: "moodle" });
    expect(entry("ada-lovelace-1234567").submitted).to.equal(mtime.toISOString());
    expect(readFileSync(join(course.submitted("ada-lovelace-1234567", sheet), "timestamp.txt"), "utf8")).to.match(
      /^2026-11-20 \d\d:30:00 UTC\n$/,
    );
  });

  it("what is no file of a student's is listed; who only typed a text is on record", async () => {
    const { students, refused } = await download({
      [`Ada Lovelace_1_assignsubmission_file_/${sheet}.ipynb`]: notebook("ada"),
      "Bob B_2_assignsubmission_onlinetext_/onlinetext.html": "<p>My answer is 42.",
      "Cat C_3_assignsubmission_onlinetext_onlinetext.html": "<p>Mine, too.",
      "readme.txt": "hello",
      ".DS_Store": "junk",
    });
    expect(students).to.deep.equal(["ada-lovelace-1", "bob-b-2", "cat-c-3"]);
    for (const student of ["bob-b-2", "cat-c-3"])
      expect(entry(student).problem).to.equal("Only a text was typed in, and no notebook handed in.");
    expect(refused).to.deep.equal(['"readme.txt": its name says no student.']);
  });

  it("a student's own file that is named like another platform's is still that student's", async () => {
    const odd = `smithann_123_456_Bob B_99_assignsubmission_file_${sheet}.ipynb`;
    expect(
      (await download({ [`lovelaceada_7_8_${sheet}.ipynb`]: notebook("ada"), [odd]: notebook("ann") })).students,
    ).to.deep.equal(["lovelaceada-7", "smithann-123"]);
    // Alone it could be either's.
    expect(originOf(odd, sheet)).to.equal("its name could be Moodle's or Canvas's");
    const { students, refused } = await download({
      [`Ada Lovelace_1_assignsubmission_file_${sheet}.ipynb`]: notebook("ada"),
      [`a_1_2_b_3_assignsubmission_file_${sheet}.ipynb`]: notebook("b"),
    });
    expect([students, refused]).to.deep.equal([["a-1-2-b-3", "ada-lovelace-1"], []]);
  });

  it("names in another code, deep folders, folders like nbgrader's: nobody is lost silently", async () => {
    const from = join(course.root, "from"),
      odd = Buffer.concat([
        Buffer.from(`${from}/J`),
        Buffer.from([0xfc]),
        Buffer.from("rg M_12_assignsubmission_file_"),
      ]);
    mkdirSync(odd, { recursive: true });
    writeFileSync(Buffer.concat([odd, Buffer.from(`/${sheet}.ipynb`)]), notebook("juerg"));
    const deep = join(from, ...Array<string>(11).fill("x".repeat(100)));
    mkdirSync(deep, { recursive: true });
    mkdirSync(join(from, "Kim K_13_assignsubmission_file_", ".ipynb_checkpoints"), { recursive: true });
    writeFileSync(
      join(from, "Kim K_13_assignsubmission_file_", ".ipynb_checkpoints", `${sheet}-checkpoint.ipynb`),
      notebook("old"),
    );
    const { students, refused } = await takeIn(course, sheet, from);
    expect(students).to.deep.equal(["jurg-m-12", "kim-k-13"]);
    expect(got("jurg-m-12")).to.equal("juerg");
    expect(entry("kim-k-13").problem).to.match(/no notebook among 1 file/);
    expect(refused.join()).to.match(/its path has \d+ characters/);
    // Downloads lying in folders of a week and a sheet.
    const names = [`lovelaceada_1_2_${sheet}.ipynb`, `hoppergrace_3_4_${sheet}.ipynb`];
    expect(
      (await download(Object.fromEntries(names.map((name) => [`week4/${sheet}/${name}`, notebook(name)])))).students,
    ).to.deep.equal(["hoppergrace-3", "lovelaceada-1"]);
    expect(originOf(`bob/${sheet}/${names[0]}`, sheet)).to.match(/could be the folder's student or another one/);
  });

  it("two students are never one: equal ids, numbers cut alike, names too long for a folder", async () => {
    const digits = "1".repeat(20);
    const { students, refused } = await download({
      [`ann-bee-11/${sheet}/${sheet}.ipynb`]: notebook("folder"),
      [`Ann Bee_11_assignsubmission_file_/${sheet}.ipynb`]: notebook("moodle"),
      [`Al_${digits}1_assignsubmission_file_/${sheet}.ipynb`]: notebook("first"),
      [`Al_${digits}2_assignsubmission_file_/${sheet}.ipynb`]: notebook("second"),
      [`${"𠀀".repeat(64)}/${sheet}/${sheet}.ipynb`]: notebook("long"),
      [`Zoe_5_assignsubmission_file_/${sheet}.ipynb/`]: notebook("slash"),
    });
    expect(students).to.deep.equal(
      ["ann-bee-11", "zoe-5"].filter((student) => student !== "zoe-5" || students.includes("zoe-5")),
    );
    expect(refused.filter((line) => /more than 20 digits/.test(line))).to.have.length(2);
    expect(refused.join())
      .to.match(/ann-bee-11 would be two students/)
      .and.match(/cannot stand for a student/);
    expect(students.includes("zoe-5") ? entry("zoe-5").problem : refused.join()).to.match(
      /a folder with content|no notebook/,
    );
  });

  it("names of every script stay readable in the student's id; who was taken in under another keeps it", async () => {
    const ids = [
      "李小龙",
      "Ольга Петрова",
      "علي حسن",
      "अनिता शर्मा",
      "สมชาย ใจดี",
      "Łukasz Żak",
      "José Núñez",
      "김 민수",
    ].map((name) => studentId(name, "5"));
    expect(ids).to.deep.equal([
      "李小龙-5",
      "ольга-петрова-5",
      "علي-حسن-5",
      "अनिता-शर्मा-5",
      "สมชาย-ใจดี-5",
      "łukasz-zak-5",
      "jose-nunez-5",
      "김-민수-5",
    ]);
    for (const id of ids) expect(isStudentId(id), id).to.equal(true);
    expect(studentId("…!", "5")).to.equal("student-5");
    // Signs over signs, which are drawn over other people's lines.
    expect(studentId(`a${"\u0e49".repeat(30)}b`, "5")).to.equal(`a${"\u0e49".repeat(4)}b-5`);
    submit(course, "student-88", handedIn());
    await writeRoster(course, sheet, { "student-88": { name: "王 小明", number: "88", platform: "moodle" } });
    expect(
      (await download({ [`王 小明_88_assignsubmission_file_${sheet}.ipynb`]: notebook("wang") })).students,
    ).to.deep.equal(["student-88"]);
    expect(got("student-88")).to.equal("wang");
  });

  it("Canvas: numbers, late flags, and the newest of several", async () => {
    await download({
      [`lovelaceada_123_456_${sheet}.ipynb`]: notebook("first"),
      [`lovelaceada_LATE_123_789_${sheet}-1.ipynb`]: notebook("second"),
      [`babbagecharles_9_11_other.ipynb`]: notebook("other"),
      "hoppergrace_12_13_report.pdf": "%PDF",
    });
    expect(got("lovelaceada-123")).to.equal("second");
    expect(entry("lovelaceada-123")).to.include({ late: true, number: "123" });
    expect(got("babbagecharles-9")).to.equal("other");
    expect(entry("babbagecharles-9")).to.not.have.property("late");
    expect(entry("hoppergrace-12").problem).to.match(/no notebook among 1 file/);
  });

  it("Canvas: typed texts are on record; names may have underscores, and end with another's number", async () => {
    const { students, refused } = await download({
      [`de_la_cruz_33_44_${sheet}.ipynb`]: notebook("cruz"),
      "bobb_22_text.html": "<p>My answer",
      "catc_LATE_23_link.html": "<a>",
      [`lovelaceada_111_999_${sheet}.ipynb`]: notebook("ada"),
      // Mallory, number 222, calls herself by Ada's number.
      [`lovelaceada_111_LATE_222_333_${sheet}.ipynb`]: notebook("mallory"),
    });
    expect(refused).to.deep.equal([]);
    expect(students).to.deep.equal(["bobb-22", "catc-23", "de-la-cruz-33", "lovelaceada-111", "lovelaceada-111-222"]);
    for (const student of ["bobb-22", "catc-23"]) expect(entry(student).problem).to.match(/^Only a text was typed in/);
    expect(entry("catc-23")).to.include({ late: true });
    expect([got("lovelaceada-111"), entry("lovelaceada-111").late]).to.deep.equal(["ada", undefined]);
    expect([got("lovelaceada-111-222"), entry("lovelaceada-111-222").late]).to.deep.equal(["mallory", true]);
  });

  it("a file in a student's own folder that is called like a download's is no other student", async () => {
    const { students, refused } = await download({
      [`bob/${sheet}/${sheet}.ipynb`]: notebook("bob"),
      [`bob/${sheet}/plot_1_2_fit.png`]: "x",
      [`bob/${sheet}/lovelaceada_123_456_${sheet}.ipynb`]: notebook("not ada"),
    });
    expect(students).to.deep.equal(["bob"]);
    expect(refused.join()).to.match(/plot_1_2_fit.*could be the folder's student or another one.*lovelaceada/);
  });

  it("a zip with backslashes between folders, as older tools of Windows make it, is read like any other", async () => {
    await download({
      [`Ada L_1_assignsubmission_file_\\${sheet}.ipynb`]: notebook("ada"),
      "Bob B_2_assignsubmission_file_/mine.zip": zip({ [`folder\\${sheet}.ipynb`]: notebook("bob") }),
    });
    expect([got("ada-l-1"), got("bob-b-2")]).to.deep.equal(["ada", "bob"]);
  });

  it("a notebook without a time does not keep the time of the one before it; an older one is told", async () => {
    const path = `Ada L_1_assignsubmission_file_/${sheet}.ipynb`,
      at = (day: number, mark: string) => ({ [path]: { content: notebook(mark), mtime: new Date(2026, 10, day, 12) } });
    await download(at(29, "new"));
    expect(entry("ada-l-1")).to.not.have.property("notes");
    await download(at(20, "old"));
    expect(entry("ada-l-1").notes!.join()).to.match(/older than the notebook that was there, of 2026-11-29/);
    const from = join(course.root, "from", path);
    mkdirSync(join(from, ".."), { recursive: true });
    writeFileSync(from, notebook("old"));
    // The same one keeps its time.
    await takeIn(course, sheet, join(course.root, "from"));
    expect(entry("ada-l-1").submitted).to.match(/^2026-11-20/);
    writeFileSync(from, notebook("other"));
    await takeIn(course, sheet, join(course.root, "from"));
    expect([got("ada-l-1"), entry("ada-l-1").submitted]).to.deep.equal(["other", undefined]);
  });

  it("nbgrader's own tree, as a folder and as a zip; and archives of vitrine submit inside a download", async () => {
    const folder = join(course.root, "from", "submitted", "bob", sheet);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${sheet}.ipynb`), notebook("bob"));
    writeFileSync(join(folder, "timestamp.txt"), "2026-11-20 10:00:00 UTC");
    await takeIn(course, sheet, join(course.root, "from"));
    expect([got("bob"), entry("bob").submitted]).to.deep.equal(["bob", "2026-11-20T10:00:00.000Z"]);
    // In a zip as well nbgrader's note says when, and no file's own time, which a student may set.
    await download({
      [`bob/${sheet}/${sheet}.ipynb`]: { content: notebook("bob"), mtime: new Date(2026, 10, 1) },
      [`bob/${sheet}/timestamp.txt`]: { content: "2026-11-21 10:00:00 UTC", mtime: new Date(2026, 10, 29) },
    });
    expect([got("bob"), entry("bob").submitted]).to.deep.equal(["bob", "2026-11-21T10:00:00.000Z"]);
    await download({
      [`carol/${sheet}/${sheet}.ipynb`]: notebook("carol"),
      [`Dan D_5_assignsubmission_file_/${sheet}.zip`]: zip({
        [`${sheet}.ipynb`]: notebook("dan"),
        "manifest.json": JSON.stringify({
          notebook: { sha256: createHash("sha256").update(notebook("dan")).digest("hex") },
        }),
      }),
      [`Flo F_7_assignsubmission_file_/${sheet}-submission.zip`]: zip({
        [`${sheet}.ipynb`]: notebook("flo"),
        "manifest.json": JSON.stringify({ notebook: { sha256: "0".repeat(64) } }),
      }),
      [`Eve E_6_assignsubmission_file_/${sheet}.zip`]: "not a zip at all",
    });
    expect([got("carol"), got("dan-d-5")]).to.deep.equal(["carol", "dan"]);
    expect(entry("dan-d-5")).to.not.have.property("notes");
    expect([got("flo-f-7"), entry("flo-f-7").notes]).to.deep.equal([
      "flo",
      ["the notebook is not the one that its manifest tells of"],
    ]);
    expect(entry("eve-e-6").problem).to.match(/cannot be read/);
    expect(existsSync(course.submitted("eve-e-6", sheet))).to.equal(false);
  });

  it("a notebook is one under the names that browsers give it, and in a zip of one's own", async () => {
    const of = (name: string, number: number, file: string): string =>
      `${name}_${number}_assignsubmission_file_/${file}`;
    await download({
      [of("Ann", 1, `${sheet}.ipynb.txt`)]: notebook("ann"),
      [of("Bob", 2, `${sheet} (1).ipynb.json`)]: notebook("bob"),
      [of("Cat", 3, "c.zip")]: zip({
        [`work/${sheet} (1).ipynb`]: notebook("cat"),
        "work/scratch.ipynb": notebook("no"),
      }),
      [of("Dan", 4, "d.zip")]: zip({
        "my-solution.ipynb": notebook("dan"),
        [`.ipynb_checkpoints/${sheet}-checkpoint.ipynb`]: notebook("no"),
      }),
      [of("Eve", 5, "e.zip")]: zip({ "one.ipynb": notebook("no"), "two.ipynb": notebook("no") }),
      [of("Flo", 6, "work.7z")]: "7z",
      [of("Gus", 7, "g.zip")]: zip({ "readme.txt": "hello" }),
    });
    const taken = ["ann-1", "bob-2", "cat-3", "dan-4"];
    expect(taken.map(got)).to.deep.equal(["ann", "bob", "cat", "dan"]);
    expect(taken.map((student) => entry(student).problem)).to.deep.equal(taken.map(() => undefined));
    expect(["eve-5", "flo-6", "gus-7"].map((student) => entry(student).problem)).to.deep.equal([
      '"e.zip": The archive has 2 notebooks: "one.ipynb", "two.ipynb".',
      'There is no notebook among 1 file ("work.7z").',
      '"g.zip": The archive has no notebooks.',
    ]);
  });

  it("a manifest that cannot be read takes nothing from the notebook; a folder may be called __proto__", async () => {
    const manifest = { "manifest.json": "x".repeat(200_000) };
    await download({
      [`Gus G_8_assignsubmission_file_/${sheet}.zip`]: zip({ [`${sheet}.ipynb`]: notebook("gus"), ...manifest }),
      [`__proto__/${sheet}/notes.txt`]: "no notebook",
      [`constructor/${sheet}/${sheet}.ipynb`]: notebook("constructor"),
    });
    expect(got("gus-g-8")).to.equal("gus");
    const { roster } = readRoster(course, sheet);
    expect(Object.keys(roster)).to.include.members(["__proto__", "constructor"]);
    expect(Object.entries(roster).find(([student]) => student === "__proto__")![1].problem).to.match(/no notebook/);
  });

  it("a folder that may not be looked into is one student's, and said", async function () {
    if (process.platform === "win32") return this.skip();
    const from = join(course.root, "shut"),
      shut = join(from, "Bob B_2_assignsubmission_file_", "shut");
    mkdirSync(shut, { recursive: true });
    writeFileSync(join(from, `lovelaceada_1_2_${sheet}.ipynb`), notebook("ada"));
    chmodSync(course.root, 0o755);
    chmodSync(shut, 0);
    // Root may look into everything.
    const root = process.geteuid!() === 0;
    if (root) process.seteuid!(65534);
    try {
      const { files } = await openFolder(from);
      expect(files.map(({ path, refused }) => [path, refused])).to.deep.equal([
        ["Bob B_2_assignsubmission_file_/shut", "a folder that cannot be read (EACCES)"],
        [`lovelaceada_1_2_${sheet}.ipynb`, undefined],
      ]);
    } finally {
      if (root) process.seteuid!(0);
      chmodSync(shut, 0o755);
    }
  });

  it("what stands in place of nbgrader's note of the time, or a locked folder, stops nobody", function () {
    if (process.platform === "win32") return this.skip();
    const stamp = (student: string): string => join(course.submitted(student, sheet), "timestamp.txt");
    for (const student of ["ann", "bob", "cat", "dan"]) submit(course, student);
    writeFileSync(stamp("ann"), "2026-11-20 10:00:00 UTC\n");
    writeFileSync(stamp("bob"), "");
    truncateSync(stamp("bob"), 3e9);
    writeFileSync(stamp("cat"), "2026-11-20 10:00:00 UTC\n");
    chmodSync(course.root, 0o755);
    chmodSync(stamp("cat"), 0);
    chmodSync(join(course.root, "submitted", "dan"), 0);
    const root = process.geteuid!() === 0;
    if (root) process.seteuid!(65534);
    try {
      const { roster, refused } = readRoster(course, sheet);
      expect(Object.entries(roster).map(([student, { submitted }]) => [student, submitted])).to.deep.equal([
        ["ann", "2026-11-20T10:00:00.000Z"],
        ["bob", undefined],
        ["cat", undefined],
      ]);
      expect(refused).to.deep.equal(['submitted/"dan": it cannot be read (EACCES).']);
    } finally {
      if (root) process.seteuid!(0);
      chmodSync(join(course.root, "submitted", "dan"), 0o755);
    }
  });

  it("of archives that are none not more is read than half a GiB: each takes half a second", async () => {
    let reads = 0;
    const files = Array.from({ length: 40 }, (_, i) => ({
      platform: "moodle" as const,
      student: "ann-1",
      name: "Ann",
      late: false,
      file: `${i}.zip`,
      order: 0,
      incoming: {
        path: `${i}.zip`,
        read: async (_: number, budget?: Budget) => {
          budget?.pay(60 << 20);
          reads++;
          return Buffer.alloc(60 << 20);
        },
      },
    }));
    const failure = await chooseNotebook(files, sheet).catch(({ message }: Error) => message);
    expect(failure).to.match(/cannot be read/);
    expect(reads).to.equal(8);
  });

  it("hundreds of archives that unpack to more than they say are one student's half GiB", async function () {
    this.timeout(120_000);
    // It says 32 MiB less ten bytes, has two more, and is unpacked to its end.
    const bomb = zip({ [`${sheet}.ipynb`]: new Uint8Array(34 << 20) });
    for (let at = 0; at < bomb.length - 4; at++)
      if (bomb.readUInt32LE(at) === 34 << 20) bomb.writeUInt32LE((32 << 20) - 10, at);
    const bombs = (name: string, count: number): ZipContent =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}_assignsubmission_file_/${i}.zip`, bomb]));
    const start = process.cpuUsage();
    await download({
      ...bombs("Bo B_1", 499),
      [`Bo B_1_assignsubmission_file_/${sheet}.ipynb`]: notebook("bo"),
      ...bombs("Few F_2", 8),
      [`Few F_2_assignsubmission_file_/${sheet}.ipynb`]: notebook("few"),
      [`Zoe Z_5_assignsubmission_file_/${sheet}.ipynb`]: notebook("zoe"),
    });
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6, "seconds of processor time").to.be.below(25);
    expect(entry("bo-b-1").problem).to.match(/cannot be read|more than/);
    expect([got("few-f-2"), got("zoe-z-5")]).to.deep.equal(["few", "zoe"]);
    // Not a line for each of them.
    expect(entry("few-f-2").notes).to.have.length(7);
    expect(entry("few-f-2").notes!.at(-1)).to.equal("and 3 more");
  });

  it("names of folders and files reach the terminal without signs that steer it", async function () {
    if (process.platform === "win32") return this.skip();
    // A control of one character that clears lines, an overwriting of what is to the left, a new line of its own.
    const odd = ["a\u009b31mB", "a\u202eB", "a\u2028B", "a\u2066B", "a\u200bB", "a\u001b[2JB"],
      steers = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
    for (const name of odd)
      expect(originOf(`${name}/${sheet}/${sheet}.ipynb`, sheet), name)
        .to.be.a("string")
        .and.not.match(steers);
    for (const name of odd) mkdirSync(join(course.root, "submitted", name, sheet), { recursive: true });
    const { refused: folders } = readRoster(course, sheet);
    expect(folders).to.have.length(odd.length);
    const { refused: files } = await download({
      ...Object.fromEntries(
        odd.flatMap((name) => [
          [`${name}/${sheet}/${sheet}.ipynb`, "x"],
          [`${name}.txt`, "x"],
        ]),
      ),
      [`zoe/${sheet}/${sheet}.ipynb`]: notebook("zoe"),
    });
    expect(files).to.have.length(2 * odd.length);
    for (const line of [...folders, ...files]) expect(line).to.match(/a.*B/).and.not.match(steers);
  });

  it("a time of a year that nobody's calendar has is none", async () => {
    // The largest time of Windows, as some programs put it into a zip file.
    const ntfs = Buffer.from(`00000000${"0100"}${"1800"}${"ffffffffffffff7f".repeat(3)}`, "hex"),
      path = join(course.root, "times.zip");
    writeFileSync(
      path,
      zipSync({ [`ann/${sheet}/${sheet}.ipynb`]: [Buffer.from(notebook("ann")), { extra: { 10: ntfs } }] }),
    );
    await takeIn(course, sheet, path);
    expect(entry("ann").submitted).to.equal(undefined);
    const years = ["+275760", "-000001", "+010000", "0000"].map((year) => `${year}-01-01T00:00:00Z`);
    for (const stamp of [...years, "soon", ""]) expect(timeOfStamp(stamp), stamp).to.equal(undefined);
    expect(timeOfStamp("2026-11-20 10:00:00 UTC\n")?.toISOString()).to.equal("2026-11-20T10:00:00.000Z");
  });

  it("nbgrader's note of the time is read in its own zone; one that cannot be read is told, nobody late", async () => {
    const at = (stamp: string): string | undefined => timeOfStamp(stamp)?.toISOString().slice(0, 16);
    // The first five as nbgrader's own parse_utc has them; the others it takes for UTC, or for seconds.
    for (const [stamp, utc] of [
      ["2026-11-24 18:00:00", "2026-11-24T18:00"],
      ["2026-11-24 18:00:00.123456 CET", "2026-11-24T17:00"],
      ["2026-07-24 18:00:00 Europe/Berlin", "2026-07-24T16:00"],
      ["2026-11-24 18:00:00 EST", "2026-11-24T23:00"],
      ["2026-11-24T18:00:00+01:00", "2026-11-24T17:00"],
      ["2026-07-24 18:00:00.5 CEST", "2026-07-24T16:00"],
      ["2026-11-24 18:00:00 +0100", "2026-11-24T17:00"],
      // On the night of the change from summer time, after it.
      ["2026-10-25 03:30:00 Europe/Berlin", "2026-10-25T02:30"],
    ])
      expect(at(stamp), stamp).to.equal(utc);
    for (const odd of [
      "11/12/2026 18:00",
      "2026-11-31 18:00:00 UTC",
      "2026-11-24 06:00:00 PM UTC",
      "2026-11-24 18:00 XYZ",
    ])
      expect(at(odd), odd).to.equal(undefined);
    await download({
      [`ann/${sheet}/${sheet}.ipynb`]: { content: notebook("ann"), mtime: new Date(2026, 10, 20) },
      [`ann/${sheet}/timestamp.txt`]: "24.11.2026 18:00",
    });
    const says = [
      'timestamp.txt says no time that can be read ("24.11.2026 18:00"): whether it came late is for you to say',
    ];
    expect([entry("ann").submitted, entry("ann").notes]).to.deep.equal([undefined, says]);
    await download({ [`bob/${sheet}/${sheet}.ipynb`]: notebook("bob") });
    expect(entry("ann").notes, "said once, however often the roster is written").to.deep.equal(says);
    writeFileSync(join(course.submitted("ann", sheet), "timestamp.txt"), "2026-11-24 18:00:00 UTC");
    expect([entry("ann").submitted, entry("ann").notes]).to.deep.equal(["2026-11-24T18:00:00.000Z", undefined]);
  });

  it("letters for a clock are those that Python writes; where two clocks have them, the machine's own, or none", () => {
    const at = (zone: string): string | undefined =>
      timeOfStamp(`2026-01-15 18:00:00.123456 ${zone}`)?.toISOString().slice(0, 16);
    // To JavaScript AST is Alaska, NST New Zealand, SST the Solomon Islands; of the others it knows nothing.
    for (const [zone, utc] of [
      ["AST", "2026-01-15T22:00"],
      ["NST", "2026-01-15T21:30"],
      ["SST", "2026-01-16T05:00"],
      ["AEDT", "2026-01-15T07:00"],
      ["MSK", "2026-01-15T15:00"],
      ["-03", "2026-01-15T21:00"],
      ["+0545", "2026-01-15T12:15"],
    ])
      expect(at(zone), zone).to.equal(utc);
    // In Tripoli and Algiers it is the same the whole year.
    expect(timeOfStamp("2026-07-15 18:00:00 EET")?.getUTCHours()).to.equal(16);
    for (const zone of ["ECT", "XYZ", "+25:00", "+01:75"]) expect(at(zone), zone).to.equal(undefined);
    expect(timeOf("2026-11-30T23:59+25:00")).to.equal(undefined);
    expect(timeOf("2026-11-30T23:59-03")?.toISOString()).to.equal("2026-12-01T02:59:00.000Z");
    const { TZ } = process.env;
    try {
      const seen = ["America/Chicago", "Asia/Shanghai", "Asia/Kolkata", "Asia/Jerusalem"].map((zone) => {
        process.env.TZ = zone;
        return [at("CST"), at("IST")];
      });
      expect(seen).to.deep.equal([
        ["2026-01-16T00:00", undefined],
        ["2026-01-15T10:00", undefined],
        [undefined, "2026-01-15T12:30"],
        [undefined, "2026-01-15T16:00"],
      ]);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  it("a due time is one that is written out; a day alone, or one that no month has, is none", () => {
    expect(timeOf("2026-11-30T23:59")).to.deep.equal(new Date(2026, 10, 30, 23, 59));
    expect(timeOf("2026-11-30 23:59:30")).to.deep.equal(new Date(2026, 10, 30, 23, 59, 30));
    expect(timeOf("2026-11-30T23:59Z")?.toISOString()).to.equal("2026-11-30T23:59:00.000Z");
    expect(timeOf("2026-11-30T23:59+01:00")?.toISOString()).to.equal("2026-11-30T22:59:00.000Z");
    // Of these JavaScript makes midnight in Greenwich, the twelfth of November, the first of December, …
    const odd = [
      "2026-11-30",
      "11.12.2026 23:59",
      "2026-11-31T23:59",
      "2026-02-30T10:00",
      "2026-11-30T24:00",
      "Nov 30",
    ];
    for (const text of [...odd, "12/11/2026", "tomorrow 1", "0", "2026-11-30T23:60"])
      expect(timeOf(text), text).to.equal(undefined);
  });

  it("a notebook that an assistant puts into submitted/ after a problem is the remedy, and told", async () => {
    const pdf = { "Ann A_2_assignsubmission_file_/work.pdf": { content: "%PDF", mtime: new Date(2026, 10, 20) } };
    await download(pdf);
    expect(entry("ann-a-2").problem).to.match(/There is no notebook/);
    mkdirSync(course.submitted("ann-a-2", sheet), { recursive: true });
    const path = join(course.submitted("ann-a-2", sheet), `${sheet}.ipynb`);
    writeFileSync(path, notebook("mail"));
    const over = (): unknown => [entry("ann-a-2").problem, entry("ann-a-2").notes?.length, got("ann-a-2")];
    expect(over()).to.deep.equal([undefined, 1, "mail"]);
    expect(entry("ann-a-2").notes?.[0]).to.match(/put into submitted\/ by hand\. Before: There is no notebook/);
    await download(pdf);
    expect(over(), "after the same download once more").to.deep.equal([undefined, 1, "mail"]);
    // What comes later and is no notebook either is a new problem: the older one does not count for it.
    await download({ "Ann A_2_assignsubmission_file_/work.pdf": { content: "%PDF", mtime: new Date(2026, 10, 25) } });
    expect([existsSync(path), entry("ann-a-2").notes?.length]).to.deep.equal([false, 1]);
    expect(entry("ann-a-2").problem).to.match(/There is no notebook/);
  });

  it("the earlier notebook is set aside where what came later is none, and may be put back as it was", async () => {
    const name = "Ann A_2_assignsubmission_file_",
      pdf = { [`${name}/work.pdf`]: { content: "%PDF", mtime: new Date(2026, 10, 20) } };
    await download({ [`${name}/${sheet}.ipynb`]: { content: notebook("first"), mtime: new Date(2026, 10, 19) } });
    await download(pdf);
    const folder = course.submitted("ann-a-2", sheet),
      [aside] = readdirSync(folder).filter((each) => each.includes("before"));
    const told = `the notebook from before is ${aside} now: called ${sheet}.ipynb again it is graded`;
    expect([entry("ann-a-2").problem, entry("ann-a-2").notes]).to.deep.equal([
      'There is no notebook among 1 file ("work.pdf").',
      [told],
    ]);
    await download(pdf);
    expect(entry("ann-a-2").notes, "after the same download once more").to.deep.equal([told]);
    await download({ [`${name}/work.pdf`]: { content: "%PDF", mtime: new Date(2026, 10, 21) } });
    expect(entry("ann-a-2").notes, "after another that is none").to.deep.equal([told]);
    renameSync(join(folder, aside), join(folder, `${sheet}.ipynb`));
    const over = (): unknown => [entry("ann-a-2").problem, entry("ann-a-2").notes?.length, got("ann-a-2")];
    expect(over()).to.deep.equal([undefined, 1, "first"]);
    expect(entry("ann-a-2").notes?.[0]).to.match(/put into submitted\/ by hand/);
    await download({ [`${name}/work.pdf`]: { content: "%PDF", mtime: new Date(2026, 10, 21) } });
    expect(over(), "and after the same download").to.deep.equal([undefined, 1, "first"]);
  });

  it("notebooks that somebody has put beside their place, or under another name, are told", async () => {
    const put = (...path: string[]): void => {
      const file = join(course.root, "submitted", ...path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, notebook("x"));
    };
    put("ann", `${sheet}.ipynb`);
    put("bob_7_assignsubmission_file_", `${sheet} (1).ipynb`);
    put(sheet, "cat", `${sheet}.ipynb`);
    put("dan.ipynb");
    // What is no notebook of this sheet is in nobody's way.
    put("eve", "other-sheet", "other-sheet.ipynb");
    put("flo", "notes.ipynb");
    put("readme.txt");
    put(".ipynb_checkpoints", `${sheet}-checkpoint.ipynb`);
    expect(readRoster(course, sheet).refused).to.deep.equal([
      `submitted/"${sheet}": "cat" lies in a folder of the sheet, not of a student: put it into ` +
        `submitted/STUDENT/${sheet}/.`,
      `submitted/"ann": "${sheet}.ipynb" lies beside the folder ${sheet}/, not in it: put it into ` +
        `submitted/STUDENT/${sheet}/.`,
      `submitted/"bob_7_assignsubmission_file_": "${sheet} (1).ipynb" lies beside the folder ${sheet}/, not in it: ` +
        `put it into submitted/STUDENT/${sheet}/.`,
      `submitted/"dan.ipynb": it lies in no student's folder: put it into submitted/STUDENT/${sheet}/.`,
    ]);
    await download({ "Gus G_8_assignsubmission_file_/work.pdf": "%PDF" });
    put("gus-g-8", sheet, "solution.ipynb");
    expect(entry("gus-g-8").notes).to.deep.equal([
      `in submitted/ lies a notebook under another name: "solution.ipynb" is graded once it is called ${sheet}.ipynb`,
    ]);
    renameSync(
      join(course.submitted("gus-g-8", sheet), "solution.ipynb"),
      join(course.submitted("gus-g-8", sheet), `${sheet}.ipynb`),
    );
    expect([entry("gus-g-8").problem, entry("gus-g-8").notes?.length]).to.deep.equal([undefined, 1]);
  });

  it("a sheet's own name may end with a number, and a file's have one of a browser and one of a platform", async () => {
    const numbered = "exercise-1";
    const path = join(course.root, "download.zip"),
      of = (file: string, number: number, day: number): ZipContent => ({
        [`A_${number}_assignsubmission_file_/${file}`]: {
          content: notebook(file),
          mtime: new Date(2026, 10, day),
        },
      });
    writeFileSync(
      path,
      zip({
        ...{ ...of("exercise-1.ipynb", 1, 20), ...of("exercise-2.ipynb", 1, 21) },
        ...{ ...of("exercise-1-1.ipynb", 2, 20), ...of("exercise.ipynb", 2, 21) },
        ...{ ...of("exercise-1.ipynb", 3, 20), ...of("exercise-1 (2)-1.ipynb", 3, 21) },
        // One whose name has the sheet's in it goes before any other.
        ...{ ...of("lee_exercise-1_final.ipynb", 4, 20), ...of("exercise-12.ipynb", 4, 21) },
        ...{ ...of("exercise-1_a.ipynb", 5, 20), ...of("exercise-1.ipynb", 5, 19) },
        // After those, one that people or browsers wrote otherwise.
        ...{ ...of("Copy of Exercise 1.ipynb", 6, 20), ...of("Untitled.ipynb", 6, 21) },
        ...{
          ...of("exercise_1.ipynb", 7, 21),
          ...of("lee_exercise-1.ipynb", 7, 20),
          ...of("EXERCISE 12.ipynb", 7, 22),
          ...{ ...of("Exercise–1.ipynb", 8, 20), ...of("Untitled.ipynb", 8, 21) },
          ...{ ...of("Lee [exercise%20１].ipynb", 9, 20), ...of("Untitled.ipynb", 9, 21) },
        },
      }),
    );
    await takeIn(course, numbered, path);
    const taken = ["a-1", "a-2", "a-3", "a-4", "a-5", "a-6", "a-7", "a-8", "a-9"].map((student) =>
      readFileSync(join(course.submitted(student, numbered), `${numbered}.ipynb`), "utf8"),
    );
    expect(taken.map((text) => /"\/\/ ([^"\\]*)"/.exec(text)?.[1])).to.deep.equal([
      "exercise-1.ipynb",
      "exercise-1-1.ipynb",
      "exercise-1 (2)-1.ipynb",
      "lee_exercise-1_final.ipynb",
      "exercise-1.ipynb",
      "Copy of Exercise 1.ipynb",
      "lee_exercise-1.ipynb",
      "Exercise–1.ipynb",
      "Lee [exercise%20１].ipynb",
    ]);
  });

  it("paths that lead out, absolute ones and control characters are refused; nothing is written outside", async () => {
    const before = readdirSync(join(course.root, ".."));
    const { refused, students } = await download({
      [`../../evil/${sheet}/${sheet}.ipynb`]: notebook("x"),
      [`/etc/${sheet}/${sheet}.ipynb`]: notebook("x"),
      [`C:\\temp\\${sheet}\\${sheet}.ipynb`]: notebook("x"),
      [`a\u0000b/${sheet}/${sheet}.ipynb`]: notebook("x"),
      [`..\\..\\evil_1_assignsubmission_file_/${sheet}.ipynb`]: notebook("x"),
      [`*/${sheet}/${sheet}.ipynb`]: notebook("x"),
      [`${"long/".repeat(400)}${sheet}/${sheet}.ipynb`]: notebook("x"),
      [`honest/${sheet}/${sheet}.ipynb`]: notebook("honest"),
    });
    expect(students).to.deep.equal(["honest"]);
    expect(refused).to.have.length(7);
    expect(readdirSync(join(course.root, "submitted"))).to.deep.equal(["honest"]);
    // Other programs have folders there, too.
    const outside = readdirSync(join(course.root, "..")).filter(
      (name) => !before.includes(name) && /evil|temp\\|^C:/.test(name),
    );
    expect(outside).to.deep.equal([]);
  });

  it("symbolic links are not followed, neither in a zip nor in a folder", async () => {
    await download({ [`Mal M_1_assignsubmission_file_/${sheet}.ipynb`]: { content: "/etc/passwd", unix: 0o120777 } });
    expect(entry("mal-m-1").problem).to.match(/symbolic link/);
    const folder = join(course.root, "from", "mallory", sheet);
    mkdirSync(folder, { recursive: true });
    symlinkSync("/etc/passwd", join(folder, `${sheet}.ipynb`));
    await takeIn(course, sheet, join(course.root, "from"));
    expect(entry("mallory").problem).to.match(/symbolic link/);
    // Where the place to write to is itself a link, nothing is written through it.
    mkdirSync(join(course.root, "elsewhere"));
    mkdirSync(join(course.root, "submitted"));
    symlinkSync(join(course.root, "elsewhere"), join(course.root, "submitted", "ann-a-2"));
    await download({ [`Ann A_2_assignsubmission_file_/${sheet}.ipynb`]: notebook("ann") });
    expect(entry("ann-a-2").problem).to.match(/not a plain folder/);
    expect(readdirSync(join(course.root, "elsewhere"))).to.deep.equal([]);
  });

  it("what lies in the way of one student's copy stops nobody else", async () => {
    // A folder in the place of nbgrader's note of the time, and one in that of the notebook.
    mkdirSync(join(course.submitted("ann-a-2", sheet), "timestamp.txt", "x"), { recursive: true });
    mkdirSync(join(course.submitted("bob-b-3", sheet), `${sheet}.ipynb`, "x"), { recursive: true });
    const { students } = await download({
      [`Ann A_2_assignsubmission_file_/${sheet}.ipynb`]: notebook("ann"),
      [`Bob B_3_assignsubmission_file_/${sheet}.ipynb`]: notebook("bob"),
      [`Zoe Z_5_assignsubmission_file_/${sheet}.ipynb`]: notebook("zoe"),
    });
    expect(students).to.deep.equal(["ann-a-2", "bob-b-3", "zoe-z-5"]);
    expect(got("zoe-z-5")).to.equal("zoe");
    for (const student of ["ann-a-2", "bob-b-3"]) {
      expect(entry(student).problem).to.match(/^It could not be copied into submitted\/: E[A-Z]+\.$/);
    }
  });

  it("zip bombs end at the limit, whatever size they claim, and cost others nothing", async function () {
    this.timeout(60_000);
    const bomb = new Uint8Array(40 << 20);
    const nested = zip({ [`${sheet}.ipynb`]: bomb });
    const liar = zip({ [`${sheet}.ipynb`]: bomb });
    // The size in the central directory: 24 bytes after its signature.
    const at = liar.lastIndexOf(Buffer.from("PK\u0001\u0002"));
    liar.writeUInt32LE(100, at + 24);
    const { students } = await download({
      [`Big B_1_assignsubmission_file_/${sheet}.ipynb`]: bomb,
      [`Big N_2_assignsubmission_file_/${sheet}.zip`]: nested,
      [`Big L_3_assignsubmission_file_/${sheet}.zip`]: liar,
      [`Many F_4_assignsubmission_file_/${sheet}.zip`]: zip(
        Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`${i}`, "x"])),
      ),
      [`Good G_5_assignsubmission_file_/${sheet}.ipynb`]: notebook("good"),
    });
    expect(students).to.have.length(5);
    for (const student of ["big-b-1", "big-n-2"]) expect(entry(student).problem, student).to.match(/more than 32 MiB/);
    expect(entry("big-l-3").problem).to.match(/cannot be read|more than/);
    expect(entry("many-f-4").problem).to.match(/600 files; allowed: 500/);
    expect(got("good-g-5")).to.equal("good");
    expect(readdirSync(join(course.root, "submitted"))).to.deep.equal(["good-g-5"]);
  });

  it(
    "tens of thousands of files are one student's trouble, in a zip and in a folder, in the student's own or of " +
      "nobody",
    async function () {
      this.timeout(120_000);
      const many = Array.from({ length: 20_001 }, (_, i) => `Many M_9_assignsubmission_file_/f/${i}.txt`);
      const good = { [`Zoe Z_5_assignsubmission_file_/${sheet}.ipynb`]: notebook("zoe") };
      const unlisted = Array.from({ length: 20_001 }, (_, i) => `Eve E_8/${i}/notes.txt`);
      const { students, refused } = await download({
        ...Object.fromEntries([...many, ...unlisted].map((path) => [path, ""])),
        ...good,
      });
      expect(students).to.deep.equal(["many-m-9", "zoe-z-5"]);
      expect(entry("many-m-9").problem).to.equal(
        "There are more than 500 files of one student: hand in the notebook alone.",
      );
      expect(got("zoe-z-5")).to.equal("zoe");
      expect(refused.length).to.be.below(2500);
      expect(refused.at(-1)).to.match(/^\d+ more files whose names say no student\.$/);
      const folder = join(course.root, "unpacked");
      mkdirSync(join(folder, "many", sheet), { recursive: true });
      mkdirSync(join(folder, "zoe", sheet), { recursive: true });
      for (const path of many.slice(0, 600)) writeFileSync(join(folder, "many", sheet, path.split("/").at(-1)!), "");
      writeFileSync(join(folder, "zoe", sheet, `${sheet}.ipynb`), notebook("zoe again"));
      expect((await takeIn(course, sheet, folder)).students).to.deep.equal(["many", "zoe"]);
      expect(entry("many").problem).to.match(/more than 500 files/);
      expect(got("zoe")).to.equal("zoe again");
    },
  );

  it("absurd names: HTML, formulas, directions of writing, ten thousand characters", () => {
    const origin = originOf(
      `=HYPERLINK("http:x","<script>alert(1)\u202e")_5_assignsubmission_file_/${sheet}.ipynb`,
      sheet,
    );
    expect(origin)
      .to.include({ student: "hyperlink-http-x-scriptalert-1-5" })
      .and.to.have.property("name")
      .that.does.not.match(/[<>\u202e]/);
    // Formgrader's page, where the name stands, has MathJax.
    expect(originOf(`Eve $\\rule{9em}{9em}$ \\(x\\)_5_assignsubmission_file_/${sheet}.ipynb`, sheet)).to.include({
      name: "Eve rule{9em}{9em} (x)",
    });
    expect(studentId("x".repeat(10_000), "9".repeat(100))).to.have.length.below(65);
    expect(studentId("../../..", "1")).to.equal("student-1");
    for (const id of [
      "..",
      ".hidden",
      "a/b",
      "a\\b",
      "*",
      "[ab]",
      "a+b",
      "-rf",
      "a\nb",
      "",
      "x".repeat(65),
      "a ",
      "a..b",
    ])
      expect(isStudentId(id), id).to.equal(false);
    for (const id of ["bob", "ada-lovelace-12", "Zoë K", "u123@uni.example", "李"])
      expect(isStudentId(id), id).to.equal(true);
  });

  it("nobody can pass for another: a name or a file name with the platform's mark in it", () => {
    const file = `${sheet}.ipynb`;
    // Mallory (222) calls herself, or her file, by Ada's mark (111).
    expect(originOf(`Ada_111_assignsubmission_file__222_assignsubmission_file_/${file}`, sheet)).to.include({
      number: "222",
    });
    expect(originOf(`Mallory_222_assignsubmission_file_/Ada_111_assignsubmission_file_/${file}`, sheet)).to.include({
      number: "222",
    });
    expect(originOf(`Mallory_222_assignsubmission_file_Ada_111_assignsubmission_file_${file}`, sheet)).to.match(
      /two students/,
    );
    expect(originOf(`mallory_222_5_ada_111_6_${file}`, sheet)).to.include({ number: "222" });
    expect(originOf(`mallory/${sheet}/ada/${sheet}/${file}`, sheet)).to.equal(undefined);
  });

  it("the same download twice changes nothing; what lies in submitted/ already is found without one", async () => {
    submit(course, "handmade", handedIn({ "task-1": "// handmade" }));
    const entries = { [`Ada L_1_assignsubmission_file_/${sheet}.ipynb`]: notebook("ada") };
    await download(entries);
    const { roster } = readRoster(course, sheet);
    await download(entries);
    expect(readRoster(course, sheet).roster).to.deep.equal(roster);
    expect(Object.keys(roster)).to.deep.equal(["ada-l-1", "handmade"]);
  });

  it("a course's other copies of notebooks are nobody's, whether its own folder is given or a copy of it", async () => {
    const fails = async (from: string): Promise<string> =>
      takeIn(course, sheet, from).then(
        () => "",
        (error: Error) => error.message,
      );
    submit(course, "ann", handedIn({ "task-1": "// handed in" }));
    const mine = (): string => readFileSync(join(course.submitted("ann", sheet), `${sheet}.ipynb`), "utf8"),
      before = mine();
    const file = `${sheet}/${sheet}.ipynb`,
      copies = ["release/", "autograded/ann/", "autograded/eve/", "feedback/ann/", "results/ann/"];
    for (const copy of copies) {
      mkdirSync(join(course.root, copy, sheet), { recursive: true });
      writeFileSync(join(course.root, copy, file), JSON.stringify(handedIn()));
    }
    for (const from of ["", "..", "release", "autograded", "autograded/ann", "feedback", "source"]) {
      expect(await fails(join(course.root, from)), from).to.match(/--from is .*the course's own notebooks too/);
    }
    expect(mine()).to.equal(before);
    expect(await fails(join(course.root, "submitted"))).to.equal("");
    const backup = Object.fromEntries(
      ["source/", ...copies].map((copy) => [`backup/${copy}${file}`, JSON.stringify(handedIn())]),
    );
    const archive = join(course.root, "backup.zip");
    writeFileSync(archive, zip({ ...backup, [`backup/submitted/ann/${file}`]: before }));
    const { students, refused } = await takeIn(course, sheet, archive);
    expect(students).to.deep.equal(["ann"]);
    expect(refused).to.have.length(6);
    for (const each of refused)
      expect(each).to.match(/it lies in \w+\/, where a course keeps notebooks that were not handed in\.$/);
    expect(mine()).to.equal(before);
    expect(Object.keys(readRoster(course, sheet).roster)).to.deep.equal(["ann"]);
  });

  it("a pipe is no download, and keeps nobody waiting", async function () {
    if (process.platform === "win32") this.skip();
    const pipe = join(course.root, "pipe");
    execFileSync("mkfifo", [pipe]);
    const error = await takeIn(course, sheet, pipe).catch((each: Error) => each);
    expect(String(error)).to.match(/--from is .*pipe.*allowed: a zip file or a folder/);
  });

  it("what is no download of a class says what would be", async () => {
    const fails = async (from: string): Promise<string> =>
      takeIn(course, sheet, from).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await fails(join(course.root, "nothing.zip"))).to.match(/--from is .*nothing\.zip.*allowed/);
    writeFileSync(join(course.root, "text.zip"), "hello");
    expect(await fails(join(course.root, "text.zip"))).to.match(/cannot be read/);
    expect(await fails(join(course.root, "text.zip"))).to.match(/it is no zip file, or not all of it is there\.$/);
    writeFileSync(join(course.root, "photos.zip"), zip({ "a.jpg": "x", "n.ipynb": "{}" }));
    expect(await fails(join(course.root, "photos.zip"))).to.match(/Moodle.*Canvas.*n\.ipynb.*no student/);
  });
});

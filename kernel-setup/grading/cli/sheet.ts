import { join } from "node:path";
import { sheetWords } from "./course-flags";
import { computeOn, helpText, parseCommand, UsageError, VitrineError, wantsHelp, type Command } from "vitrine/dist/kit";

export const summary = "make, validate, release and run sheets (for those who write them)";

import type { Sheet } from "../sheet";
import type { Proof } from "../sheet/proofs/proof";

type Sheets = typeof import("../sheet");

const course = {
  course: { type: "text", value: "DIR", help: "nbgrader course with source/ in it (default: notebooks)" },
} as const;
const commands = {
  new: {
    name: "sheet new",
    summary: "scaffold a sheet that validates as it stands",
    positionals: ["NAME"],
    flags: course,
    examples: ["sheet new 06-my-sheet", "sheet new 01-tensors --course ~/course"],
    notes: ["NAME: small letters, digits and hyphens, such as 06-my-sheet. docs/write-a-sheet.md goes on from there."],
  },
  validate: {
    name: "sheet validate",
    summary: "show that a sheet holds what it promises",
    positionals: ["NAME?"],
    flags: {
      ...course,
      "no-run": { type: "switch", help: "leave out running the whole sheet in the kernel (slow)" },
      "no-judge": { type: "switch", help: "leave out asking the judge about the solution, the stub and the mutants" },
      seconds: { type: "number", least: 1, help: "seconds that a cell may take (a number ≥ 1; default: 180)" },
      "stub-at-most": {
        type: "number",
        least: 0,
        most: 1,
        help: "share of the judged points that the sheet as handed out may get (a number from 0 to 1; default: 0.2)",
      },
    },
    examples: ["sheet validate 6 --no-run", "sheet validate --seconds 600"],
    notes: [`Without NAME all sheets. ${sheetWords} One line for each proof; exit status 0 if all hold, else 1.`],
  },
  release: {
    name: "sheet release",
    summary: "make the students' version, and check that nothing leaks",
    positionals: ["NAME?"],
    flags: {
      ...course,
      bundle: {
        type: "text",
        value: "OUT",
        help: "also what students get, with the library and set-up: a .zip file, or a new folder",
      },
    },
    examples: ["sheet release 6", "sheet release --bundle sheets.zip"],
    notes: [`Without NAME all sheets. ${sheetWords} Uses nbgrader; the result is release/NAME.`],
  },
  run: {
    name: "sheet run",
    summary: "run a sheet headless, to one page of HTML",
    positionals: ["NAME"],
    flags: {
      ...course,
      out: { type: "text", value: "DIR", help: "where NAME.html and NAME.ipynb go (default: executed/ in the course)" },
    },
    examples: ["sheet run 6", "sheet run occlusion --out pages"],
    notes: [sheetWords],
  },
} as const satisfies Record<string, Command>;

export async function run([action, ...rest]: string[]): Promise<number> {
  const names = Object.keys(commands).join(", ");
  if (action === undefined || action === "--help" || action === "-h") {
    if (action === undefined) throw new UsageError(`sheet without an action; allowed: ${names}.`);
    process.stdout.write(
      `${Object.values(commands)
        .map(({ name, summary: words }) => `npx vitrine ${name.padEnd(15)}  ${words}`)
        .join("\n")}\n\nEach says more with --help.\n`,
    );
    return 0;
  }
  if (!Object.hasOwn(commands, action)) throw new UsageError(`sheet ${action}; allowed: ${names}.`);
  if (wantsHelp(rest)) {
    process.stdout.write(`${helpText(commands[action as keyof typeof commands])}\n`);
    return 0;
  }
  return actions[action as keyof typeof commands](rest);
}

// The references that the judge compares with are small: the native library would only take a second to load.
async function sheetModule(): Promise<Sheets> {
  await computeOn("cpu");
  return import("../sheet");
}

const actions: Record<keyof typeof commands, (args: string[]) => Promise<number>> = {
  async new(args) {
    const {
        flags,
        positionals: [name],
      } = parseCommand(commands.new, args),
      { filesOf, newSheet, openCourse } = await sheetModule();
    const sheet = newSheet(openCourse(flags.course), name);
    say([
      `${sheet.folder}`,
      ...filesOf(sheet).map((file) => `  ${file}`),
      `Open it with npm start -- --author; npx vitrine sheet validate ${name} says whether it is whole. ` +
        `docs/write-a-sheet.md goes on.`,
    ]);
    return 0;
  },

  async validate(args) {
    const { flags, positionals } = parseCommand(commands.validate, args),
      { validateSheet } = await sheetModule();
    let failed = 0,
      ended = false;
    // Hidden tests run in this process: one that ends it must not look like a sheet that is right.
    process.once("exit", () => {
      if (ended) return;
      process.exitCode = 1;
      process.stderr.write(
        "vitrine: the process was ended before all was proved; a hidden test may call process.exit.\n",
      );
    });
    try {
      for (const sheet of await chosen(flags.course, positionals)) {
        say([sheet.name]);
        const started = Date.now(),
          proofs: Proof[] = [];
        for await (const proof of validateSheet(sheet, {
          run: !flags["no-run"],
          judge: !flags["no-judge"],
          secondsPerCell: flags.seconds,
          stubAtMost: flags["stub-at-most"],
        })) {
          proofs.push(proof);
          say([`  ${proof.holds ? "✓" : "✗"} ${proof.what.padEnd(13)} ${proof.says}`]);
        }
        const wrong = proofs.filter(({ holds }) => !holds).length;
        say([
          `${sheet.name}: ` +
            `${wrong === 0 ? `all ${proofs.length} proofs hold` : `${wrong} of ${proofs.length} proofs fail`} ` +
            `(${((Date.now() - started) / 1000).toFixed(0)} s)`,
          "",
        ]);
        failed += wrong;
      }
    } finally {
      ended = true;
    }
    return failed === 0 ? 0 : 1;
  },

  async release(args) {
    const { flags, positionals } = parseCommand(commands.release, args),
      { leaksOfRelease, leakWords, releaseSheet, writeBundle } = await sheetModule();
    const sheets = await chosen(flags.course, positionals);
    for (const sheet of sheets) {
      const released = await releaseSheet(sheet),
        { leaks, secrets } = leaksOfRelease(sheet, released);
      if (leaks.length > 0) throw new VitrineError(`${sheet.name}: ${leakWords(leaks)}`);
      say([`${released} (none of ${secrets} secret lines is in it)`]);
    }
    if (flags.bundle !== undefined) {
      const { files, bytes, secrets } = await writeBundle(sheets, flags.bundle);
      say([
        `${flags.bundle}: ${files} files, ${(bytes / 2 ** 20).toFixed(1)} MB unpacked, none of ${secrets} secret ` +
          `lines in it`,
      ]);
    }
    return 0;
  },

  async run(args) {
    const {
        flags,
        positionals: [name],
      } = parseCommand(commands.run, args),
      { openCourse, runSheet, sheetOf } = await sheetModule();
    const sheet = sheetOf(openCourse(flags.course), name);
    return (await runSheet(sheet, flags.out ?? join(sheet.course.folder, "executed"))).ok ? 0 : 1;
  },
};

async function chosen(folder: string | undefined, [name]: string[]): Promise<Sheet[]> {
  const { openCourse, sheetOf } = await sheetModule(),
    course = openCourse(folder);
  if (name === undefined && course.sheets.length === 0)
    throw new VitrineError(`${course.folder} has no sheets yet: npx vitrine sheet new NAME makes one.`);
  return (name === undefined ? course.sheets : [name]).map((each) => sheetOf(course, each));
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/** A block of commands, and what the page says that they print. */
export interface Shown {
  readonly commands: string;
  readonly printed: string;
}

export interface Section {
  readonly title: string;
  /** Files that blocks of code begin with the name of: `// stripes.mts`. */
  readonly files: ReadonlyMap<string, string>;
  readonly shown: readonly Shown[];
}

const heading = /^## (.*)$/m;
const block = /^```(\w+)\n([^]*?)^```$/gm;

/** The sections of a page that have commands with an output: a block of `sh`, and one of `text` right behind it. */
export function sectionsOf(page: string): Section[] {
  const parts = readFileSync(join(root, page), "utf8").split(heading).slice(1),
    sections: Section[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const blocks = [...parts[i + 1].matchAll(block)].map(([, kind, text]) => ({ kind, text }));
    const files = new Map(
      blocks.filter(({ kind }) => kind === "ts").map(({ text }) => [/^\/\/ ([\w.-]+)/.exec(text)?.[1] ?? "", text]),
    );
    const shown = blocks.flatMap(({ kind, text }, at) =>
      kind === "sh" && blocks[at + 1]?.kind === "text" ? [{ commands: text, printed: blocks[at + 1].text }] : [],
    );
    if (shown.length > 0) sections.push({ title: parts[i], files, shown });
  }
  return sections;
}

/** A folder of the checkout, as a page tells its readers to work in: `import` finds the library from there. */
export function freshFolder(name: string): string {
  const folder = join(root, "test/output", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function writeFiles(section: Section, folder: string): void {
  for (const [name, text] of section.files) writeFileSync(join(folder, name), text);
}

/**
 * Runs commands as they stand on the page, but for npx, which takes a second each to find what lies here. @returns what
 * they print on both streams
 */
export async function runCommands(commands: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const node = JSON.stringify(process.execPath),
    own = {
      "npx vitrine": join(root, "lib/bin/vitrine.cjs"),
      "npx tsx": `--import ${JSON.stringify(require.resolve("tsx"))} `,
    };
  const script = commands
    .replaceAll("npx vitrine", `${node} ${JSON.stringify(own["npx vitrine"])}`)
    .replaceAll("npx tsx ", `${node} ${own["npx tsx"]}`);
  const child = spawn("sh", ["-c", `exec 2>&1\n${script}`], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += String(chunk);
  });
  await new Promise((resolve) => child.once("close", resolve));
  return printed;
}

const number = /-?\d+\.\d+(?:e[+-]?\d+)?/g;

/**
 * Why what was printed is not what a page says, or undefined. Words and integers are the same; decimals nearly, as
 * processors differ.
 */
export function difference(page: string, printed: string): string | undefined {
  const words = (text: string): string => text.replace(number, "#").replace(/ +/g, " ").trim();
  const numbers = (text: string): number[] => [...text.matchAll(number)].map(([each]) => Number(each));
  if (words(page) !== words(printed)) return `the page says\n${page}\nprinted was\n${printed}`;
  const seen = numbers(printed),
    off = numbers(page).findIndex((value, i) => !(Math.abs(value - seen[i]) <= Math.max(0.5, 0.05 * Math.abs(value))));
  return off < 0 ? undefined : `the page says ${numbers(page)[off]}, printed was ${seen[off]} in\n${printed}`;
}

/** Puts what was printed in the place of what a page says. */
export function rewrite(page: string, shown: Shown, printed: string): void {
  const file = join(root, page),
    before = `${shown.commands}\`\`\`\n\n\`\`\`text\n`;
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(`${before}${shown.printed}`, () => `${before}${printed}`),
  );
}

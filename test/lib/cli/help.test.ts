import { expect } from "chai";
import { vitrineHere } from "./run-cli";

/** Every command, as it is typed. */
const commands = [
  ...["doctor", "predict", "explain", "attack", "visualize"],
  ...["data", "models"].flatMap((name) => ["list", "get", "verify"].map((action) => `${name} ${action}`)),
  ...["check", "status", "submit", "kernel install", "grade", "feedback", "export"],
  ...["new", "validate", "release", "run"].map((action) => `sheet ${action}`),
];

interface Shown {
  readonly usage: string;
  /** The line of each flag, with those that go on below it as one. */
  readonly flags: ReadonlyMap<string, string>;
  readonly examples: readonly string[];
}

async function helpOf(command: string): Promise<Shown> {
  const { status, stdout, stderr } = await vitrineHere(...command.split(" "), "--help");
  expect([status, stderr], command).to.deep.equal([0, ""]);
  const lines = stdout.trimEnd().split("\n"),
    at = lines.indexOf("Examples:"),
    flags = new Map<string, string>();
  let name: string | undefined;
  for (const line of lines.slice(3, at)) {
    if (line === "") break;
    name = /^ {2}(--[a-z0-9-]+)/.exec(line)?.[1] ?? name;
    flags.set(name!, [flags.get(name!), line.trim()].filter(Boolean).join(" "));
  }
  return { usage: lines[0], flags, examples: lines.slice(at + 1).map((line) => line.trim()) };
}

describe("npx vitrine COMMAND --help", () => {
  it("is looked at of every command there is", async () => {
    const { stdout } = await vitrineHere("--help");
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name]) => name);
    expect(new Set(commands.map((command) => command.split(" ")[0]))).to.deep.equal(new Set(listed));
  });

  for (const command of commands) {
    it(`${command}: each option has its meaning, default and range; two examples`, async () => {
      const { usage, flags, examples } = await helpOf(command);
      for (const [flag, words] of flags) {
        const [, value, help] = /^--[a-z0-9-]+(?: (\S+))? {2,}(.*)$/.exec(words.replace(/^(\S+ \S+) (?! )/, "$1  "))!;
        expect(help.length, words).to.be.above(5);
        // A switch is off where it is not given.
        if (value === undefined || !/^(N|PERCENT|MINUTES|[A-Z|]+)\b/.test(value)) continue;
        for (const part of help.split(/(?<=\)) (?=[a-z-]+(?:, [a-z-]+)*: )/))
          expect(part, `${command} ${flag}`).to.match(/default: |required/);
        if (["N", "PERCENT", "MINUTES"].includes(value))
          expect(help, `${command} ${flag}`).to.match(/\(an? (number|integer)/);
      }
      expect(examples.length, examples.join("\n")).to.be.at.least(2);
      const needed = [...flags].filter(([, words]) => words.endsWith("(required)")).map(([flag]) => flag);
      for (const example of examples) {
        expect(example, command).to.match(new RegExp(`^npx vitrine ${command}( |$)`));
        const used = example.match(/--[a-z-]+/g) ?? [];
        expect([...flags.keys()], example).to.include.members(used);
        expect(used, example).to.include.members(needed);
        // What has to be named is named.
        const names = usage.slice(`npx vitrine ${command}`.length).match(/ [A-Z]+(?![^[]*\])/g) ?? [];
        const words = example.slice(`npx vitrine ${command}`.length).trim().split(" ");
        if (names.length > 0) expect(words[0], example).to.match(/^[\w-]+$/);
      }
    });
  }

  it("the examples of methods are taken until a file is missing", async () => {
    for (const command of ["predict", "explain", "attack", "visualize"]) {
      for (const example of (await helpOf(command)).examples) {
        // No network and no image of these names: what is said is about them, and not about the flags.
        const words = example
          .split(" ")
          .slice(2)
          .map((word, i, all) => (all[i - 1] === "--model" ? "nowhere/model.json" : word));
        const { status, stderr } = await vitrineHere(...words);
        expect([status, /nowhere|names\.txt|photos/.test(stderr)], `${example}\n${stderr}`).to.deep.equal([
          stderr.includes("names.txt") ? 2 : 1,
          true,
        ]);
      }
    }
  });
});

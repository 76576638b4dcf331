import { expect } from "chai";
import { load, node } from "./load";

interface Flags {
  readFlags(
    args: string[],
    known: Record<string, "switch" | "value" | "list">,
  ): Record<string, true | string | string[]>;
}

describe("flags of the two commands", () => {
  const known = { author: "switch", with: "value", execute: "list" } as const;

  it("reads switches, values in both spellings, and lists that end at the next flag", async () => {
    const { readFlags } = await load<Flags>("flags.mjs");
    expect(readFlags(["--author"], known)).to.deep.equal({ author: true });
    expect(readFlags(["--with", "bench"], known)).to.deep.equal({ with: "bench" });
    expect(readFlags(["--with=bench"], known)).to.deep.equal({ with: "bench" });
    expect(readFlags(["--execute", "a", "b", "--author"], known)).to.deep.equal({ execute: ["a", "b"], author: true });
    expect(readFlags(["--execute"], known)).to.deep.equal({ execute: [] });
  });

  it("refuses what it does not know, and says what it does", async () => {
    const { readFlags } = await load<Flags>("flags.mjs");
    expect(() => readFlags(["--autor"], known)).to.throw(/--autor.*--author/);
    expect(() => readFlags(["work"], known)).to.throw(/work/);
    expect(() => readFlags(["--author=yes"], known)).to.throw(/no value/);
    expect(() => readFlags(["--with"], known)).to.throw(/needs a value/);
    expect(() => readFlags(["--constructor"], known)).to.throw(/Unknown/);
  });

  const wrong: [string, string[], RegExp][] = [
    [
      "start.mjs",
      ["--autor"],
      /^Unknown flag --autor; allowed: --author, --grade, --examples, --no-browser, --execute, --help\.\n$/,
    ],
    ["start.mjs", ["--execute", "no-such-sheet"], /no sheet no-such-sheet.*04-fashion-mnist-occlusion/],
    ["start.mjs", ["--execute", "--author"], /opens no JupyterLab/],
    ["start.mjs", ["--grade", "--examples"], /^--grade and --examples open different folders: leave out one\.\n$/],
    ["setup.mjs", ["--with", "benches"], /--with knows no benches; allowed: bench, tests, webgpu/],
  ];
  for (const [program, args, message] of wrong) {
    it(`${program} ${args.join(" ")}: one line, exit 2, before any set-up`, () => {
      const { status, stderr, stdout } = node(`kernel-setup/${program}`, args);
      expect(stderr).to.match(message);
      expect(stderr.trim().split("\n")).to.have.length(1);
      expect(stdout).to.equal("");
      expect(status).to.equal(2);
    });
  }

  it("--help tells the flags and does nothing", () => {
    for (const program of ["start.mjs", "setup.mjs", "test.mjs"]) {
      const { status, stdout } = node(`kernel-setup/${program}`, ["--help"]);
      expect(stdout).to.match(/^Usage: npm/);
      expect(stdout).not.to.match(/\[1\//);
      expect(status).to.equal(0);
    }
  });
});

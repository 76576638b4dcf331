import { expect } from "chai";
import { helpText, parseCommand, UsageError, wantsHelp, type Command } from "../../../lib/cli/args";

const command = {
  name: "try",
  summary: "a command to try",
  positionals: ["NAME", "MORE...?"],
  flags: {
    model: { type: "text", value: "M", required: true, help: "which model" },
    top: { type: "integer", least: 1, most: 9, help: "how many" },
    sigma: { type: "number", help: "how much" },
    json: { type: "switch", help: "as JSON" },
  },
  examples: ["try one --model m", "try one two --model m --sigma 8/255"],
} satisfies Command;

describe("parseCommand", () => {
  it("types the flags", () => {
    expect(parseCommand(command, ["one", "--model", "m", "--top=3", "--sigma", "-0.5", "--json", "two"])).to.deep.equal(
      {
        flags: { model: "m", top: 3, sigma: -0.5, json: true },
        positionals: ["one", "two"],
      },
    );
    expect(parseCommand(command, ["--model", "m", "--", "--json"])).to.deep.equal({
      flags: { model: "m", json: false },
      positionals: ["--json"],
    });
  });

  it("takes a number as a fraction, an integer not", () => {
    const sigma = (text: string): number | undefined =>
      parseCommand(command, ["a", "--model", "m", "--sigma", text]).flags.sigma;
    expect([sigma("8/255"), sigma("-1/4"), sigma("0.5/2")]).to.deep.equal([8 / 255, -0.25, 0.25]);
    for (const text of ["8/", "/255", "1/0", "1/2/3", "a/2"])
      expect(() => sigma(text), text).to.throw(UsageError, /allowed: a number or a fraction, as 8\/255\. \(/);
    expect(() => parseCommand(command, ["a", "--model", "m", "--top", "4/2"])).to.throw(
      UsageError,
      /--top is "4\/2"; allowed: an integer/,
    );
  });

  const wrong: Array<[string[], RegExp]> = [
    [["a", "--modle", "m"], /Unknown flag --modle\. Did you mean --model\?/],
    [["a", "-x", "--model", "m"], /Unknown flag -x/],
    [["a"], /--model M is missing/],
    [["a", "--model"], /--model needs a value/],
    [["a", "--model", "--json"], /--model needs a value/],
    [["a", "--model", "m", "--model", "n"], /--model is given twice/],
    [["a", "--model", "m", "--top", "many"], /--top is "many"; allowed: an integer from 1 to 9/],
    [["a", "--model", "m", "--top", "2.5"], /--top is "2\.5"/],
    [["a", "--model", "m", "--top", "0"], /--top is "0"/],
    [["a", "--model", "m", "--sigma", ""], /--sigma is ""; allowed: a number/],
    [["a", "--model", "m", "--sigma", "NaN"], /--sigma is "NaN"/],
    [["a", "--model", "m", "--json=yes"], /--json takes no value/],
    [["--model", "m"], /NAME is missing/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses ${args.join(" ")}`, () => {
      expect(() => parseCommand(command, args)).to.throw(UsageError, message);
      expect(() => parseCommand(command, args)).to.throw(/npx vitrine try --help/);
    });
  }

  it("refuses arguments that it has no place for", () => {
    expect(() => parseCommand({ ...command, positionals: ["NAME"] }, ["a", "b", "--model", "m"])).to.throw(
      UsageError,
      /Unexpected argument "b"/,
    );
  });

  it("writes a help that names every flag", () => {
    const text = helpText(command);
    for (const part of [
      "npx vitrine try NAME [MORE...]",
      "a command to try",
      "--model M",
      "which model (required)",
      "how much (default: none)",
      "Examples:\n  npx vitrine try one --model m\n  npx vitrine try one two --model m --sigma 8/255",
      "--top N",
      "--json",
    ])
      expect(text).to.contain(part);
    expect([wantsHelp(["a", "--help"]), wantsHelp(["-h"]), wantsHelp(["--", "--help"])]).to.deep.equal([
      true,
      true,
      false,
    ]);
  });
});

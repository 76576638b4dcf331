import { expect } from "chai";
import type { KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

/** A cell that is right elsewhere, and the line that says what to write here. */
const HABITS: readonly [cell: string, hint: string][] = [
  [
    "!ls -la",
    'line 1: `!` runs a command in IPython. Here: import { execSync } from "child_process"; ' +
      'console.log(execSync("ls -la", { encoding: "utf8" }))',
  ],
  ["let before = 1\n!npm install x", "line 2: `!` runs a command in IPython."],
  [
    "%%time\n1 + 1",
    'line 1: `%time` is a command of IPython. Here: console.time("cell") before, console.timeEnd("cell") after ' +
      "what is timed.",
  ],
  [
    "%matplotlib inline",
    "line 1: `%matplotlib` is a command of IPython. Nothing is needed in its place: a figure that a cell ends " +
      "with is shown.",
  ],
  ["%cd data", 'line 1: `%cd` is a command of IPython. Here: process.chdir("data")'],
  [
    "%load_ext autoreload",
    "line 1: `%load_ext` is a command of IPython. This kernel has no such commands; what it runs is TypeScript.",
  ],
  ["Math.max?", "line 1: For what `Math.max` is, put the cursor in it and press Shift+Tab."],
  ["?Math", "line 1: For what `Math` is, put the cursor in it and press Shift+Tab."],
  [
    "{a: 1, b: 2}",
    "line 1: Braces at the beginning of a cell are a block of statements. An object needs parentheses: ({a: 1, b: 2})",
  ],
  ["const age = input('age?')", "line 1: Cannot find name 'input'. (TS2304)\nHere: await prompt(…)"],
  [
    'import { createRequire } from "module"; const require = createRequire(process.cwd() + "/x");',
    "line 1: Duplicate identifier 'require'. Compiler reserves name 'require' in top level scope of a module. " +
      "(TS2441)\nEach cell has `require` and `exports` from the beginning",
  ],
  ["print(3)", "line 1: Cannot find name 'print'. (TS2304)\nHere: console.log(…)"],
  ["np.array([1])", "line 1: Cannot find name 'np'. (TS2304)\n`np` is NumPy's."],
  ["import numpy as np", "line 1: This is Python, and so is that library. Tensors: import * as tf from"],
  ["import matplotlib.pyplot as plt", 'line 1: This is Python. Here: import * as plt from "matplotlib.pyplot"'],
  ["from vitrine import tf, show", 'line 1: This is Python. Here: import { tf, show } from "vitrine"'],
  ["def f(x):\n    return x", "line 1: This is Python. Here: function f(x: number): number { return x; }"],
  ["for i in range(3):\n    print(i)", "line 1: This is Python. Here: for (let i = 0; i < 3; i++) { … }"],
  ["for k, v in pairs:\n    pass", "line 1: This is Python. Here: for (const [k, v] of pairs) { … }"],
  ["if 1 == 3:\n    pass", "line 1: This is Python. Here: if (1 == 3) { … }"],
  ["const twice = lambda x: 2 * x", "line 1: This is Python. Here: (x) => 2 * x"],
  ['const said = f"is {1}"', "line 1: This is Python. Here: `is ${1}`"],
  ["1 + 1 # two", "line 1: A comment begins with //: // two"],
  [
    "undeclaredYet = 5",
    "line 1: Cannot find name 'undeclaredYet'. (TS2304)\nA variable is declared before it gets a value: let " +
      "undeclaredYet = 5",
  ],
  ["const nothing = None", "line 1: Cannot find name 'None'. (TS2304)\nHere: null, or undefined"],
];

describe("kernel: hints for habits from elsewhere", function () {
  this.timeout(60_000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  for (const [cell, hint] of HABITS)
    it(JSON.stringify(cell), async () => {
      const { error } = await kernel.execute(cell);
      expect(error!.evalue.startsWith(hint), error!.evalue).to.equal(true);
      expect(error!.evalue.split("\n").length).to.equal(hint.split("\n").length);
      expect(error!.traceback.join("\n")).to.include(hint.replace(/^line \d+: /, "").split("\n")[0]);
    });

  it("an object that is read as a block with a label, and does nothing, is hinted at though it compiles", async () => {
    const { reply, stderr } = await kernel.execute("{a: 1}");
    expect(reply.status).to.equal("ok");
    expect(stderr).to.equal(
      "Braces at the beginning of a cell are a block of statements. An object needs parentheses: ({a: 1})\n",
    );
    expect((await kernel.execute("{ let inner = 1; inner; }")).stderr).to.equal("");
  });

  it("TypeScript that looks like one of these keeps its own message", async () => {
    for (const [cell, message] of [
      [
        "const yes = true;\nconst n: number = yes\n  ? 'a'\n  : 2;",
        /^line 2: Type 'string \| number' is not assignable/,
      ],
      ["const o = { a: 1 }; o.b", /^line 1: Property 'b' does not exist/],
      ["!unknownName", /^line 1: Cannot find name 'unknownName'\. \(TS2304\)$/],
      ["console.log('a'", /^line 1: ',' expected\. \(TS1005\)$/],
    ] as const)
      expect((await kernel.execute(cell)).error!.evalue, cell).to.match(message);
  });
});

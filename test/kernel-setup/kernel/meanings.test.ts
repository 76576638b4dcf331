import { expect } from "chai";
import type { KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

/** A wrong cell, what the compiler says about it, and the line below that says what to do. */
const WRONG: readonly [cell: string, compiler: RegExp, meaning: string][] = [
  [
    "function fourM(x: ourTf.Tensor4D): number { return x.shape[3]; }\nconst anyM: ourTf.Tensor = ourTf.ones([2]);\n" +
      "fourM(anyM)",
    /'Rank' is not assignable to type 'Rank\.R4'/,
    "TypeScript does not know how many axes this tensor has, and 4 are asked for.",
  ],
  [
    "const flatM: ourTf.Tensor4D = ourTf.ones([2, 3]);",
    /'Rank\.R2' is not assignable to type 'Rank\.R4'/,
    "This tensor has 2 axes, and 4 are asked for: tf.reshape",
  ],
  ["const twiceM = x => 2 * x", /TS7006/, "Nothing here tells what `x` is: say it, for instance (x: number)"],
  ["function sumM(a, b) { return a + b; }", /TS7006/, "Nothing here tells what `a` is"],
  ["function noneM(): number { const y = 1; }", /TS2355/, "What the function computes is handed out by `return …`"],
  ["function someM(a: number): number { if (a > 0) return 1; }", /TS2366/, "What the function computes is handed out"],
  [
    "function voidM() { ourTf.ones([2]); }\nconst gotM: ourTf.Tensor = voidM();",
    /'void'/,
    "A function without `return`",
  ],
  [
    "function addM(a: number, b: number) { return a + b; }\naddM(1)",
    /TS2554/,
    "The function takes 2 arguments, and 1 is",
  ],
  ["function oneM(a: number) { return a; }\noneM(1, 2)", /TS2554/, "The function takes 1 argument; 2 are too many."],
  ["const foundM = [1, 2].find((v) => v > 1);\nfoundM + 1", /TS18048/, "It may be that there is none."],
  ["let emptyM: number = null;", /TS2322/, "A variable that may have no value says so: let x: number | null"],
  [
    "async function laterM() { return { size: 1 }; }\nconst promisedM = laterM();\npromisedM.size",
    /does not exist on type 'Promise</,
    "A promise is what will be there later. `await` before the call waits for it",
  ],
  [
    "async function soonM() { return 1; }\nconst nowM: number = soonM();",
    /'Promise<number>'/,
    "A promise is what will be",
  ],
  [
    "const vM = ourTf.ones([2]);\nvM + 1",
    /TS2365/,
    "Signs such as + and * are for numbers. Tensors have functions: tf.add(vM, 1)",
  ],
  [
    "const wM = ourTf.ones([2]);\nwM * 2",
    /TS2362/,
    "Signs such as + and * are for numbers. Tensors have functions: tf.mul(wM, 2)",
  ],
  ['const textM = "a" * 3', /TS2362/, 'A text several times: "a".repeat(3)'],
  ["ourTf.ones([2]).shape()", /TS2349/, "`shape` is a property: without brackets."],
  ["ourTf.ones([2]).numpy()", /TS2339/, "Numbers out of a tensor: x.arraySync() nested, x.dataSync() in a row"],
  ["[1].append(2)", /TS2339/, "Here: list.push(x)"],
  ["ourTf.ones([2, 3])[0]", /TS7053/, "A tensor is no list. Its parts: tf.unstack(x)[0]"],
  ["ourTf.ones(2, 3)", /TS2769/, "Numbers that belong together, such as the sizes of a shape, stand in one list"],
  ["ourTf.grad((x) => x.sum().dataSync()[0])(ourTf.ones([2]))", /TS2322/, "A tensor is asked for. What tf.grad"],
  ["const fixedM = 1;\nfixedM = 2;", /TS2588/, "A variable that changes is declared with let: let fixedM = …"],
  ["xM, yM = 1, 2", /TS2304/, "Several at once: let [xM, yM] = [1, 2]"],
  [
    "const listM = [1, 2];\nMath.max(listM)",
    /TS2345/,
    "One after another, not a list: three dots spread it, Math.max(...listM)",
  ],
  ["return 5", /TS1108/, "A cell shows the value of its last line: write it without `return`."],
  ["ourTf.sum(ourTf.ones([2]), axis=0)", /TS2304/, "Arguments go by their places, not by names: tf.sum(x, 0, true)"],
  ["sorted([3, 1])", /TS2304/, "Here: [...list].sort((a, b) => a - b)"],
];

/** Python alone: one line, in place of what the compiler makes of it. */
const PYTHON: readonly [cell: string, told: string][] = [
  ["const mM = ourTf.ones([3, 2]);\nmM[:, 0]", "line 2: This is Python. A part of a tensor: mM.slice([0, 0], [-1, 1])"],
  ["const sM = [x ** 2 for x in [1, 2, 3]]", "line 1: This is Python. Here: [1, 2, 3].map((x) => x ** 2)"],
  [
    "const eM = [x for x in range(10) if x > 3 and not x == 5]",
    "line 1: This is Python. Here: [...Array(10).keys()].filter((x) => x > 3 && !x == 5).map((x) => x)",
  ],
  ["const iM = 3 if True else 4", "line 1: This is Python. Here: true ? 3 : 4"],
  ["const bothM = true and false", "line 1: This is Python. Here: && for and, || for or, ! for not"],
  ["if (not true) { console.log(1); }", "line 1: This is Python. Here: && for and"],
  ["if (1 == 1):\n  1", "line 1: This is Python. Here: if (1 == 1) { … }"],
  ["while True:\n    pass", "line 1: This is Python. Here: while (true) { … }"],
  ["from tensorflow import keras", "line 1: This is Python, and so is that library."],
];

describe("kernel: what the compiler's messages mean", function () {
  this.timeout(60_000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
    await kernel.execute('import { tf as ourTf } from "vitrine";');
  });

  for (const [cell, compiler, meaning] of WRONG)
    it(JSON.stringify(cell), async () => {
      const { error } = await kernel.execute(cell);
      expect(error!.evalue).to.match(compiler);
      const last = error!.evalue.split("\n").at(-1)!;
      expect(last.slice(0, meaning.length)).to.equal(meaning);
      expect(error!.traceback.at(-1)).to.equal(last);
    });

  for (const [cell, told] of PYTHON)
    it(JSON.stringify(cell), async () => {
      const { error } = await kernel.execute(cell);
      expect(error!.evalue.slice(0, told.length)).to.equal(told);
      expect(error!.evalue).to.not.include("\n");
    });

  it("a cell that ends with a promise is told to await it; one that is there is not", async () => {
    const pending = await kernel.execute("async function showM() { await new Promise(() => {}); }\nshowM();");
    expect(pending.result).to.equal("Promise { <pending> }");
    expect(pending.stderr).to.equal(
      "This is a promise of something that is there later. To wait for it: await showM()\n",
    );
    expect((await kernel.execute("Promise.resolve(3)")).stderr).to.equal("");
  });
});

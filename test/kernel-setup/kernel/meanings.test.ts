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
  [
    "function meanM(x: ourTf.Tensor4D): ourTf.Tensor4D { return ourTf.sum(x, 0, true) / 3; }",
    /TS2362/,
    "Signs such as + and * are for numbers. Tensors have functions: tf.div(a, b)",
  ],
  [
    "function mulM(g: ourTf.Tensor4D, x: ourTf.Tensor4D): ourTf.Tensor4D {\n  return g * x;\n}",
    /TS2362/,
    "Signs such as + and * are for numbers. Tensors have functions: tf.mul(g, x)",
  ],
  [
    "async function lateM(x: ourTf.Tensor): number {\n  return (await x.data())[0];\n}",
    /TS1064/,
    "An async function gives a promise. To give the value at once: no `async` and no `await`, and x.dataSync()",
  ],
  ["const dataM = ourTf.ones([2]).data();\ndataM[0]", /TS7053/, "x.data() is a promise: (await x.data())[0]"],
  [
    "async function rowsM() { return [[1]]; }\nrowsM()[0][0]",
    /TS7053/,
    "A promise is what will be there later. `await` before the call",
  ],
  [
    "function numberM(x: ourTf.Tensor2D): number { return ourTf.sum(x).slice([0], [1]); }",
    /is not assignable to type 'number'/,
    "What is asked for is a number. Numbers out of a tensor: x.dataSync()[0]",
  ],
  [
    "let totalM = 0;\ntotalM = ourTf.add(totalM, ourTf.ones([1, 2, 2, 1]));",
    /is not assignable to type 'number'/,
    "`totalM` began as a number and cannot become a tensor. A sum of tensors begins with one of their shape",
  ],
  [
    "function listM2(): ourTf.Tensor4D { const maps = []; maps.push(ourTf.ones([1, 2, 2, 1])); return maps; }",
    /is missing the following properties from type 'Tensor/,
    "One tensor of several: tf.concat(list) joins batches",
  ],
  ["Math.abs(ourTf.ones([2]))", /TS2345/, "Math.abs is for numbers. Of a tensor: tf.abs(x)"],
  [
    "ourTf.tidy(async () => { await ourTf.nextFrame(); return ourTf.ones([1]); })",
    /tf\.tidy takes no async function/,
    "tf.tidy takes no async function: what is awaited stands outside of it",
  ],
  [
    "type PairM = [row: number, column: number];\nlet bestM = [0, 0];\nconst takenM: PairM[] = [bestM];",
    /'number\[\]' is not assignable to type 'PairM'/,
    "TypeScript takes a list of numbers for one of any length. Say what it is where it begins: let best: PairM = […]",
  ],
  [
    "interface BoxM { top: number; left: number }\nfunction boxM(): BoxM { return [0, 1]; }",
    /is missing the following properties from type 'BoxM': top, left/,
    "A BoxM has names: { top: …, left: … }",
  ],
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

  it("each place and each message is told once, the module by the cell's own name for it", async () => {
    const plain = (lines: readonly string[]): string => lines.join("\n").replace(/\x1b\[[\d;]*m/g, "");
    const index = plain((await kernel.execute("const tensorM = ourTf.ones([2, 3]);\ntensorM[0]")).error!.traceback);
    expect(index.match(/> 2 \|/g)).to.have.length(1);
    expect(index).to.match(/TS7053\)\n {4}Property '0' does not exist on type 'Tensor/);
    const names = plain(
      (await kernel.execute("const aM1 = notThereM(1);\nconst aM2 = notThereM(2);\nnotThereM(3)")).error!.traceback,
    );
    expect(names.match(/Cannot find name/g)).to.have.length(1);
    expect(names).to.include("(TS2304), and in lines 2, 3");
    const wrong = await kernel.execute("ourTf.maen(ourTf.ones([2]))");
    expect(wrong.error!.evalue).to.equal("line 1: Property 'maen' does not exist on 'ourTf'. (TS2339)");
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

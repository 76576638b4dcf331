import { expect } from "chai";
import { spawnSync } from "child_process";
import { existsSync, readFileSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { debugAtRandom } from "../../helpers/debug-at-random";
import { DebugClient, valuesOf, type Sent } from "../../helpers/debug-client";
import { executeContent, KernelClient, projectRoot, type Content } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

const python = path.join(projectRoot, ".venv/bin/python");

const loop = `import { ones } from "@tensorflow/tfjs";
function twice(x: number): number {
  // The compiler leaves nothing of this line and the next.
  type Number_ = typeof x;
  const y: Number_ = x * 2;
  calls++;
  return y;
}
let calls = 0, total = 0;
for (let i = 0; i < 3; i++) {
  total += twice(i);
}
await new Promise((resolve) => setTimeout(resolve, 20));
const tensor = ones([2, 3]);
total`;

describe("kernel: debugger", function () {
  this.timeout(60_000);
  let kernel: KernelClient, debug: DebugClient;
  before(async () => {
    kernel = await sharedKernel();
  });
  beforeEach(async () => {
    debug = new DebugClient(kernel);
    await debug.attach();
  });
  afterEach(() => debug.get("disconnect"));

  async function result({ id, reply }: Sent): Promise<string | undefined> {
    return (await kernel.outcome(id, (await reply).content)).result;
  }

  it("is offered to front ends of now and of before", async () => {
    const { content } = await kernel.request("shell", "kernel_info_request");
    expect(content.supported_features).to.deep.equal(["debugger"]);
    expect(content.debugger).to.equal(true);
    const { kernelspec } = await import(path.join(projectRoot, "kernel-setup/setup/kernelspec.mjs"));
    expect(kernelspec({ kernelMain: "" }).metadata.debugger).to.equal(true);
  });

  it("names a cell's source as ipykernel does", async function () {
    if (!existsSync(python)) this.skip();
    const { hashSeed, hashMethod, tmpFilePrefix, tmpFileSuffix } = await debug.get("debugInfo");
    expect(hashMethod).to.equal("Murmur2");
    const texts = ["", "a", "ab", "abc", "abcd", loop, "const grüße = 'ツ';", "x".repeat(1001)];
    const code =
      "import json, sys; from ipykernel.compiler import murmur2_x86\n" +
      "print(json.dumps([murmur2_x86(each, int(sys.argv[1])) for each in json.load(sys.stdin)]))";
    const { stdout } = spawnSync(python, ["-c", code, String(hashSeed)], { input: JSON.stringify(texts) });
    const hashes = JSON.parse(String(stdout)) as number[];
    for (const [i, text] of texts.entries())
      expect((await debug.get("dumpCell", { code: text })).sourcePath).to.equal(
        `${tmpFilePrefix}${hashes[i]}${tmpFileSuffix}`,
      );
  });

  it("stops at a line of TypeScript before that cell ever ran, and shows where and with what", async () => {
    expect(await debug.breakAt(loop, 3)).to.deep.equal([4]);
    const cell = debug.run(loop);
    expect(await debug.stopped()).to.equal("breakpoint");
    const stack = await debug.stack();
    expect(stack).to.have.length(2);
    expect(stack[0]).to.equal("twice:5");
    expect(stack[1]).to.match(/^In \[\d+\]:11$/);
    expect(await debug.scope("Locals")).to.deep.equal({ x: "0", y: "undefined" });
    expect(await debug.scope("Locals", 1)).to.include({ i: "0", calls: "0", total: "0", twice: "[Function: twice]" });
    expect(await debug.scope("Globals")).to.include({ calls: "0", total: "0" });
    const { stackFrames } = await debug.get("stackTrace", { threadId: 1 });
    const { content } = await debug.get("source", { source: stackFrames[0].source });
    expect(content).to.equal(loop);
    expect((await debug.get("debugInfo")).stoppedThreads).to.deep.equal([1]);
    await debug.breakAt(loop);
    await debug.get("continue", { threadId: 1 });
    expect(await result(cell)).to.equal("6");
    expect((await debug.get("debugInfo")).stoppedThreads).to.deep.equal([]);
  });

  it("steps over lines, calls and awaits, into functions and out of them", async () => {
    await debug.breakAt(loop, 11);
    const cell = debug.run(loop);
    await debug.stopped();
    const inCell = (line: number) => new RegExp(`^In \\[\\d+\\]:${line}$`);
    expect((await debug.step("stepIn"))[0]).to.equal("twice:5");
    expect((await debug.step("next"))[0]).to.equal("twice:6");
    expect((await debug.step("stepOut"))[0]).to.match(inCell(10));
    expect((await debug.step("next"))[0]).to.match(inCell(11));
    await debug.breakAt(loop, 13);
    expect((await debug.step("continue"))[0]).to.match(inCell(13));
    expect((await debug.step("next"))[0]).to.match(inCell(14));
    expect((await debug.step("next"))[0]).to.match(inCell(15));
    expect(await debug.scope("Locals")).to.include({ tensor: "Tensor float32 [2, 3]", total: "6" });
    await debug.get("next", { threadId: 1 });
    expect(await result(cell)).to.equal("6");
    // A step past the end of a cell is no stop in the next one.
    expect((await kernel.execute("calls")).result).to.equal("3");
  });

  it("steps into what a library calls back, and from an async function to who awaits it", async () => {
    const callback =
      'import { ones, tidy } from "@tensorflow/tfjs";\nconst two = tidy(() => {\n  const one = ones([2]);\n' +
      "  return one.add(1);\n});\ntwo.shape";
    await debug.breakAt(callback, 2);
    const first = debug.run(callback);
    await debug.stopped();
    expect((await debug.step("stepIn"))[0]).to.equal("(anonymous):3");
    const [inner, cell, ...library] = await debug.step("next");
    expect(inner).to.equal("(anonymous):4");
    expect(cell).to.match(/^In \[\d+\]:2$/);
    expect(library.some((each) => each.startsWith("Engine.tidy:"))).to.equal(true);
    await debug.get("continue", { threadId: 1 });
    expect(await result(first)).to.equal("[ 2 ]");

    const waiting =
      "async function inner(n: number) {\n  await new Promise((r) => setTimeout(r, 5));\n  return n * 2;\n}\n" +
      "async function outer() {\n  const x = await inner(4);\n  return x + 1;\n}\nawait outer();";
    await debug.breakAt(waiting, 3);
    const second = debug.run(waiting);
    await debug.stopped();
    expect((await debug.step("next"))[0]).to.equal("outer:7");
    await debug.get("continue", { threadId: 1 });
    expect(await result(second)).to.equal("9");
  });

  it("stops in what a cell left running; an interrupt ends that, and not the next cell", async () => {
    await kernel.execute("let ticks = 0;");
    const code = "setTimeout(() => {\n  debugger;\n  ticks++;\n}, 20);\n'started'";
    expect(await result(debug.run(code))).to.equal("'started'");
    await debug.stopped();
    expect(await debug.stack()).to.deep.equal(["(anonymous):2"]);
    await kernel.interrupt();
    expect((await kernel.execute("ticks")).result).to.equal("0");
  });

  it("a second front end sees the stop and can end it", async () => {
    const other = await kernel.another();
    const debugToo = new DebugClient(other);
    const cell = debug.run("debugger;\n1");
    await debugToo.stopped();
    expect((await debugToo.get("debugInfo")).isStarted).to.equal(true);
    expect((await debugToo.stack())[0]).to.match(/^In \[\d+\]:1$/);
    await debugToo.get("continue", { threadId: 1 });
    expect(await result(cell)).to.equal("1");
    other.vanish();
  });

  it("stops in a function of an earlier cell, also if it ran before anybody debugged", async () => {
    const earlier =
      "class Circle {\n  constructor(readonly r: number) {}\n  area(scale: number) {\n" +
      "    const square = this.r ** 2;\n    return [1].map((one) => one * scale * square);\n  }\n}";
    await debug.get("disconnect");
    await kernel.execute(earlier);
    await debug.attach();
    await debug.breakAt(earlier, 5);
    const cell = debug.run("const round = new Circle(3);\nround.area(2);");
    await debug.stopped();
    const [top, caller] = await debug.stack();
    expect(top).to.equal("area:5");
    expect(caller).to.match(/^In \[\d+\]:2$/);
    expect(await debug.scope("Locals")).to.deep.equal({ this: "Circle { r: 3 }", scale: "2", square: "9" });
    expect((await debug.step("stepIn"))[0]).to.equal("(anonymous):5");
    expect(await debug.scope("Closure")).to.include({ scale: "2", square: "9" });
    await debug.get("continue", { threadId: 1 });
    expect(await result(cell)).to.equal("[ 18 ]");
  });

  it("evaluates TypeScript in a frame: its own variables, the notebook's, and assignments to both", async () => {
    await kernel.execute("let shared = 10; let hidden = 'outer';");
    const code = "function inside(hidden: string, own: number) {\n  return hidden + own;\n}\ninside('inner', 1)";
    await debug.breakAt(code, 2);
    const cell = debug.run(code);
    await debug.stopped();
    expect(await debug.evaluate("(own as number) + shared", 0)).to.equal("11");
    expect(await debug.evaluate("hidden", 0)).to.equal("'inner'");
    expect(await debug.evaluate("hidden", 1)).to.equal("'outer'");
    await debug.evaluate("own = 5; shared = 11", 0);
    expect((await debug.ask("evaluate", { expression: "nobody.knows" })).message).to.equal(
      "ReferenceError: nobody is not defined",
    );
    await debug.get("continue", { threadId: 1 });
    expect(await result(cell)).to.equal("'inner5'");
    expect((await kernel.execute("shared")).result).to.equal("11");
    expect(await debug.evaluate("shared + 1")).to.equal("12");
  });

  it("stops only where a condition holds", async () => {
    const code = "let sum = 0;\nfor (let k: number = 0; k < 10; k++) {\n  sum += k;\n}\nsum";
    await debug.breakAt(code, { line: 3, condition: "k === 7 as number" });
    const cell = debug.run(code);
    await debug.stopped();
    expect(await debug.scope("Locals")).to.include({ k: "7", sum: "21" });
    await debug.get("continue", { threadId: 1 });
    expect(await result(cell)).to.equal("45");
  });

  for (const [by, how] of [
    ["interrupt_request", () => kernel.interrupt()],
    ["SIGINT", () => kernel.process.kill("SIGINT")],
  ] as const)
    it(`${by} ends a cell that stands, and nothing of it goes on`, async () => {
      for (const code of [
        "debugger;\nconsole.log('on');",
        "await null;\nfor (;;) {\n  debugger;\n  console.log('on');\n}",
      ]) {
        const { id, reply } = debug.run(code);
        await debug.stopped();
        await how();
        const { content } = await reply;
        expect(content).to.include({ status: "error", ename: "KeyboardInterrupt" });
        expect((await kernel.outcome(id, content)).stdout).to.equal("");
        expect(debug.events.at(-1)!.event).to.equal("continued");
        expect((await kernel.execute("6 * 7")).result).to.equal("42");
      }
    });

  it("heartbeat and control answer while a cell stands", async () => {
    const cell = debug.run("debugger;\n1");
    await debug.stopped();
    expect(await kernel.heartbeat()).to.equal("ping");
    expect((await kernel.request("control", "kernel_info_request")).type).to.equal("kernel_info_reply");
    await debug.get("continue", { threadId: 1 });
    expect(await result(cell)).to.equal("1");
  });

  it("the word `debugger` stops nothing where nobody debugs; who leaves lets the cell run on", async () => {
    const cell = debug.run("debugger;\nlet left = 1;\ndebugger;\nleft + 1");
    await debug.stopped();
    await debug.get("disconnect");
    expect(await result(cell)).to.equal("2");
    expect((await kernel.execute("debugger; 3")).result).to.equal("3");
  });

  it("pauses a loop", async () => {
    const { reply } = debug.run("let turns = 0;\nfor (;;) {\n  turns++;\n}");
    await kernel.until(() => kernel.published.at(-1)!.type === "execute_input", 5000, "begun");
    await debug.get("pause", { threadId: 1 });
    expect(await debug.stopped()).to.equal("pause");
    expect((await debug.stack())[0]).to.match(/^In \[\d+\]:[23]$/);
    await kernel.interrupt();
    expect((await reply).content.ename).to.equal("KeyboardInterrupt");
  });

  it("what is looked at after `pause`, before anything runs, is answered at once", async () => {
    await debug.get("pause", { threadId: 1 });
    // It took minutes.
    expect(await debug.evaluate("6 * 7")).to.equal("42");
    expect((await debug.get("inspectVariables")).variables).to.be.an("array");
  });

  it("an interrupt ends a cell that is paused after it was asked for", async () => {
    await debug.get("disconnect");
    const { reply } = debug.run("const until = Date.now() + 300;\nwhile (Date.now() < until);\nfor (;;);");
    await kernel.until(() => kernel.published.at(-1)!.type === "execute_input", 5000, "begun");
    await debug.attach();
    const asked = kernel.interrupt();
    await debug.get("pause", { threadId: 1 });
    await asked;
    expect((await reply).content.ename).to.equal("KeyboardInterrupt");
  });

  it("25 cells that are paused, stepped, looked at and interrupted at random: each ends, and the next one runs", () =>
    debugAtRandom(kernel, 25, 4));

  it("stops at exceptions: at those nobody catches, or at all of the cell's own", async () => {
    const code =
      "function fails(n: number) {\n  throw new Error(`no ${n}`);\n}\ntry {\n  fails(1);\n} catch {}\nfails(2);";
    const stops = async (filter: string, after: number): Promise<string[]> => {
      await debug.get("setExceptionBreakpoints", { filters: [filter] });
      const { reply } = debug.run(code);
      const found: string[] = [];
      for (let n = 0; n < after; n++) {
        expect(await debug.stopped()).to.equal("exception");
        found.push(await debug.evaluate("n", 0));
        await debug.get("continue", { threadId: 1 });
      }
      expect((await reply).content.evalue).to.equal("no 2");
      return found;
    };
    expect(await stops("uncaught", 1)).to.deep.equal(["2"]);
    expect(await stops("raised", 2)).to.deep.equal(["1", "2"]);
    await debug.get("setExceptionBreakpoints", { filters: [] });
  });

  it("copies a frame's variable to the notebook's, for later cells", async () => {
    const code = "function maker() {\n  const inner = { answer: 42 };\n  return inner.answer;\n}\nmaker()";
    await debug.breakAt(code, 3);
    const cell = debug.run(code);
    await debug.stopped();
    await debug.get("copyToGlobals", {
      srcVariableName: "inner",
      dstVariableName: "kept",
      srcFrameId: await debug.frame(0),
    });
    expect(await debug.scope("Globals")).to.include({ kept: "{ answer: 42 }" });
    await debug.get("continue", { threadId: 1 });
    await result(cell);
    expect((await kernel.execute("kept.answer")).result).to.equal("42");
  });

  it("lists the notebook's variables without a stop and without a debugger", async () => {
    await debug.get("disconnect");
    await kernel.execute(
      'import * as tf from "@tensorflow/tfjs"; const weights = tf.zeros([3, 4], "int32");\nlet ran = 0;\n' +
        'const many = Array.from({ length: 250 }, (_, i) => i), names = new Map([["a", { b: 1 }]]);\n' +
        "const lazy = { get costly() { ran++; return 1; }, plain: 'x' };",
    );
    const { variables } = await debug.get("inspectVariables");
    const values = valuesOf(variables);
    expect(values).to.include({ weights: "Tensor int32 [3, 4]", ran: "0", names: "Map(1) { 'a' => { b: 1 } }" });
    expect(values.tf).to.match(/^module, \d+ exports$/);
    const open = async (name: string, from: Content[] = variables): Promise<Content[]> =>
      (
        await debug.get(
          "variables",
          from.find((each) => each.name === name),
        )
      ).variables;
    expect(valuesOf(await open("weights"))).to.include({ shape: "[ 3, 4 ]", dtype: "'int32'" });
    const parts = await open("many");
    expect(parts.map(({ name }) => name)).to.deep.equal(["[0 … 99]", "[100 … 199]", "[200 … 249]"]);
    expect(valuesOf(await open("[200 … 249]", parts))["249"]).to.equal("249");
    expect(valuesOf(await open("names"))).to.deep.equal({ '"a" →': "{ b: 1 }" });
    expect(valuesOf(await open("lazy"))).to.deep.equal({ costly: "[Getter]", plain: "'x'" });
    expect((await kernel.execute("ran")).result).to.equal("0");
    const shown = await debug.get("richInspectVariables", { variableName: "weights" });
    expect(shown.data["text/plain"]).to.match(/^Tensor int32 \[3, 4\]\n\[\[0, 0, 0, 0\]/);
  });

  it("stops in a file that a cell imports, before it ever ran", async () => {
    const folder = path.join(projectRoot, "test/kernel-setup");
    const file = path.join(folder, "kernel/debugged-file.ts");
    const lines = readFileSync(file, "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes("return")) + 1;
    expect(await debug.breakIn(file, line)).to.deep.equal([line]);
    const cell = debug.run('import { tripled } from "./kernel/debugged-file";\ntripled(14)');
    await debug.stopped();
    const [top, caller] = await debug.stack();
    expect(top).to.equal(`tripled:${line}`);
    expect(caller).to.match(/^In \[\d+\]:2$/);
    expect(await debug.scope("Locals")).to.deep.equal({ value: "14", name: "'tripled'" });
    await debug.get("continue", { threadId: 1 });
    expect(await result(cell)).to.equal("42");
    const { modules } = await debug.get("modules");
    expect(modules.map((each: Content) => each.path)).to.include(file);
  });

  it("a kernel that is ended where it stands does not run on", async () => {
    const own = await KernelClient.start({ cwd: path.join(projectRoot, "test/kernel-setup") });
    const file = path.join(tmpdir(), `vitrine-debugger-${process.pid}`);
    try {
      const debugOwn = new DebugClient(own);
      await debugOwn.attach();
      const code = `import { writeFileSync } from "fs";\ndebugger;\nwriteFileSync(${JSON.stringify(file)}, "");`;
      own.send("shell", "execute_request", executeContent(code));
      await debugOwn.stopped();
      expect((await own.shutdown()).content.status).to.equal("ok");
      expect(existsSync(file)).to.equal(false);
    } finally {
      await own.kill();
      rmSync(file, { force: true });
    }
  });

  it("says in words what it cannot do, and goes on", async () => {
    const message = async (command: string, given?: Content): Promise<string> =>
      (await debug.ask(command, given)).message;
    expect(await message("stackTrace", { threadId: 1 })).to.equal("stackTrace: the program does not stand still");
    expect(await message("restartFrame")).to.equal("restartFrame is not supported");
    expect(await message("source", { source: { path: "/no/such/file" } })).to.match(/no text for \/no\/such\/file/);
    expect(await message("richInspectVariables", { variableName: "a.b" })).to.match(
      /must be a variable's name, got a\.b/,
    );
    await debug.get("disconnect");
    expect(await message("setBreakpoints", { source: { path: "x" }, breakpoints: [] })).to.match(
      /send initialize first/,
    );
    expect((await kernel.execute("1")).result).to.equal("1");
  });
});

import { expect } from "chai";
import { KernelClient } from "../../helpers/jupyter-client";

const wait = "await new Promise((resolve) => setTimeout(resolve, 60))";

/** What a cell may do to the process: the cell fails with what it threw, and the kernel lives. */
const uncaught: [string, string, string[]][] = [
  ["a listener to uncaught exceptions that throws them", `process.on("uncaughtException", (e) => { throw e })`, []],
  [
    "a listener to uncaught exceptions that fails itself",
    `process.on("uncaughtException", () => { throw new Error("the listener") })`,
    ["the listener"],
  ],
  ["a listener that listens once", `process.once("uncaughtException", (e) => { throw e })`, []],
  ["a listener to rejections that throws them", `process.on("unhandledRejection", (e) => { throw e })`, []],
  [
    "a monitor that throws",
    `process.on("uncaughtExceptionMonitor", () => { throw new Error("monitor") })`,
    ["monitor"],
  ],
  ["all listeners removed", "process.removeAllListeners()", []],
  [
    "those of one event removed",
    `process.removeAllListeners("uncaughtException"); process.removeAllListeners("unhandledRejection")`,
    [],
  ],
  ["a capturing callback that throws", "process.setUncaughtExceptionCaptureCallback((e) => { throw e })", []],
  [
    "process.emit replaced by what throws",
    `(process as any).emit = () => { throw new Error("emit") }`,
    ["emit", "emit"],
  ],
];

describe("kernel: what cells do to the process", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start({ warm: true });
  });
  after(() => kernel?.kill());
  afterEach(() =>
    kernel.execute(
      "process.setUncaughtExceptionCaptureCallback(null); process.removeAllListeners(); " +
        "(process as any).emit = process.emit",
    ),
  );

  for (const [what, code, more] of uncaught) {
    for (const [how, fault] of [
      ["an error in a timer", `setTimeout(() => { throw new Error("wanted") }, 5)`],
      ["a rejection", `void Promise.reject(new Error("wanted"))`],
    ]) {
      it(`${what}, then ${how}: the cell fails by it, and the next one runs`, async () => {
        const { reply, outputs } = await kernel.execute(`${code}; ${fault}; ${wait}`);
        expect([reply.status, reply.evalue]).to.deep.equal(["error", "wanted"]);
        const errors = outputs.filter((each) => each.type === "error").map((each) => String(each.content.evalue));
        expect(errors).to.include("wanted");
        for (const each of errors) expect(["wanted", ...more]).to.include(each);
        expect((await kernel.execute("1 + 1")).result).to.equal("2");
      });
    }
  }

  it("listeners are called all the same", async () => {
    await kernel.execute(
      `const heard: string[] = []; process.on("uncaughtException", (error) => heard.push(error.message));
       process.once("unhandledRejection", (error) => heard.push("rejected " + (error as Error).message));
       setTimeout(() => { throw new Error("a") }, 1); ${wait}`,
    );
    await kernel.execute(`void Promise.reject(new Error("b")); ${wait}`);
    expect((await kernel.execute("heard")).result).to.equal("[ 'a', 'rejected b' ]");
  });

  for (const code of [
    "process.kill(process.ppid)",
    "process.kill(0, 'SIGTERM')",
    "process.kill(-process.ppid, 'SIGKILL')",
    "process.kill(-1)",
    "(process as any).reallyExit(0)",
  ]) {
    it(`${code} is refused in words`, async () => {
      expect((await kernel.execute(code)).error!.evalue).to.match(/^process\.\w+\(.*\) was called in a cell\. /);
    });
  }

  it("the descriptors by which the kernel prints cannot be closed", async function () {
    if (process.platform === "win32") return this.skip();
    for (const code of ["fs.closeSync(1)", "fs.close(2)", "fs.closeSync(8)"])
      expect((await kernel.execute(`import fs from "fs"; ${code}`)).error!.evalue).to.match(
        /was called in a cell: the kernel needs its descriptors 0 to 8/,
      );
    const kept = "import fs from 'fs'; const file = fs.openSync('/dev/null', 'r'); fs.closeSync(file); file > 8";
    expect((await kernel.execute(kept)).result).to.equal("true");
  });

  for (const [what, code] of [
    ["Promise.prototype.then", "(Promise.prototype as any).then = () => { throw new Error('then'); }"],
    ["Object.prototype.then", "(Object.prototype as any).then = (next: any) => next(1)"],
    ["JSON.stringify", "JSON.stringify = (() => { throw new Error('json'); }) as never"],
    ["Promise", "globalThis.Promise = null as never"],
    ["process", "(globalThis as any).process = null"],
  ]) {
    it(`with ${what} spoilt, every cell still gets an answer and an error in words`, async () => {
      const own = await KernelClient.start({ warm: true });
      try {
        await own.execute(code);
        const { reply, outputs } = await own.execute("1 + 1");
        expect(reply.status).to.equal("error");
        expect(reply.evalue).to.match(/\w{3}/);
        expect(outputs.map((each) => String(each.content.evalue))).to.include(reply.evalue);
        await own.shutdown();
      } finally {
        await own.kill();
      }
    });
  }
});

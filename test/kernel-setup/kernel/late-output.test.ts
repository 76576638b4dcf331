import { expect } from "chai";
import type { KernelClient, Received } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: output and errors after their cell has ended", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  const of = (id: string): Received[] => kernel.published.filter((each) => each.parent.msg_id === id);
  /** Runs `code`, which leaves something behind, then a cell that is busy meanwhile. */
  async function behind(
    code: string,
    done: (late: Received[]) => boolean,
  ): Promise<{ late: Received[]; other: Received[]; status: string }> {
    const begun = await kernel.execute(`${code}; "begun"`);
    const id = begun.outputs.find((each) => each.type === "execute_result")!.parent.msg_id;
    const after = kernel.published.length;
    const later = await kernel.execute(
      "for (let i = 0; i < 8; i++) { await new Promise((resolve) => setTimeout(resolve, 50)); console.log('own', i); }",
    );
    await kernel.until(() => done(of(id)), 5000, "late");
    return {
      late: of(id).filter((each) => kernel.published.indexOf(each) >= after && each.type !== "status"),
      other: later.outputs,
      status: later.reply.status,
    };
  }

  it("reach the cell that caused them while another one runs, which keeps its own", async () => {
    const { late, other, status } = await behind(
      `setTimeout(() => { console.log("from a timer"); }, 150);
       setTimeout(() => { (globalThis as any)[Symbol.for("vitrine.host")].display({ "text/plain": "shown" }); }, 250);
       (async () => { for (let i = 0; i < 3; i++) { await new Promise((resolve) => setTimeout(resolve, 120));
         await null; console.error("loop", i); } })()`,
      (all) =>
        all.some(
          (each) => each.type === "stream" && /loop 2|2/.test(each.content.text) && each.content.name === "stderr",
        ),
    );
    expect(status).to.equal("ok");
    const texts = late
      .map((each) => String(each.content.text ?? each.content.data["text/plain"]).replace(/\u001b\[\d+m/g, ""))
      .join("");
    for (const text of ["from a timer\n", "shown", "loop 0\n", "loop 1\n", "loop 2\n"]) expect(texts).to.include(text);
    expect(other.every((each) => each.type === "stream" && /own/.test(each.content.text))).to.equal(true);
  });

  for (const [what, code] of [
    ["an exception in a timer", "setTimeout(() => { throw new RangeError('late'); }, 150)"],
    ["a rejection that nobody handles", "setTimeout(() => { void Promise.reject(new RangeError('late')); }, 150)"],
    [
      "an async function that nobody awaits",
      "(async () => { await new Promise((resolve) => setTimeout(resolve, 150)); await null; throw new " +
        "RangeError('late'); })()",
    ],
    [
      "one that sleeps by timers/promises",
      "import { setTimeout as nap } from 'timers/promises'; (async () => { await nap(150); throw new " +
        "RangeError('late'); })()",
    ],
    [
      "an AbortError, though nobody interrupted its cell",
      "setTimeout(() => { void Promise.reject(new DOMException('late', 'AbortError')); }, 150)",
    ],
    ["something thrown that is no object", "setTimeout(() => { void Promise.reject('late'); }, 150)"],
  ]) {
    it(`${what} is an error of its own cell; the running one goes on`, async () => {
      const { late, other, status } = await behind(code, (all) => all.some((each) => each.type === "error"));
      expect(late.map((each) => [each.type, each.content.evalue])).to.deep.equal([["error", "late"]]);
      expect(status).to.equal("ok");
      expect(other.some((each) => each.type === "error")).to.equal(false);
    });
  }

  it("its traceback names the line of the cell it came from", async () => {
    const { late } = await behind(
      "const nothing = 1;\nsetTimeout(() => {\n  throw new Error('line three');\n}, 150)",
      (all) => all.some((each) => each.type === "error"),
    );
    expect(late[0].content.traceback.join("\n")).to.match(/In \[\d+\]:3:9/);
  });

  it("what an interrupted cell left running is seen no more, and stands still", async () => {
    const cell = kernel.execute(
      "const left = { n: 0 }; (async () => { for (;;) { left.n++; console.log('still here'); await new " +
        "Promise((resolve) => setTimeout(resolve, 20)); } })(); await new Promise(() => {})",
    );
    await kernel.until(
      () =>
        kernel.published.filter((each) => each.type === "stream" && /still here/.test(each.content.text)).length > 2,
      10000,
      "begun",
    );
    await kernel.interrupt();
    const { reply } = await cell;
    expect(reply.ename).to.equal("KeyboardInterrupt");
    const before = kernel.published.length;
    await kernel
      .execute("const seenAt = left.n; await new Promise((resolve) => setTimeout(resolve, 300)); seenAt === left.n")
      .then(({ result }) => expect(result).to.equal("true"));
    expect(kernel.published.slice(before).some((each) => each.type === "stream")).to.equal(false);
  });
});

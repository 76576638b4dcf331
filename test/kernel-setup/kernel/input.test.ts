import { expect } from "chai";
import { executeContent, type KernelClient, type Received } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: questions to the user", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  /** The next question of the kernel. */
  async function question(client = kernel, seen = client.asked.length): Promise<Received> {
    await client.until(() => client.asked.length > seen, 10000, "asked");
    return client.asked[seen];
  }
  const answer = (asked: Received, value: string, client = kernel): string =>
    client.send("stdin", "input_reply", { value, status: "ok" }, { parent: asked.header });

  it("await prompt asks on the stdin channel, in the cell's name, after what was printed before", async () => {
    const asked = question();
    const id = kernel.send(
      "shell",
      "execute_request",
      executeContent("console.log('before'); const name: string = await prompt('Name? '); name.length", {
        allow_stdin: true,
      }),
    );
    const reply = kernel.reply(id);
    const { type, content, parent } = await asked;
    expect([type, parent.msg_id]).to.deep.equal(["input_request", id]);
    expect(content).to.deep.equal({ prompt: "Name? ", password: false });
    await kernel.until(
      () => kernel.published.some((each) => each.type === "stream" && each.parent.msg_id === id),
      5000,
      "printed",
    );
    expect(kernel.isIdle(id)).to.equal(false);
    answer(await asked, "Zoë");
    const { result, stdout } = await kernel.outcome(id, (await reply).content);
    expect([result, stdout]).to.deep.equal(["3", "before\n"]);
  });

  it("getpass hides what is typed; several questions come one after the other", async () => {
    const first = question(kernel, kernel.asked.length),
      second = question(kernel, kernel.asked.length + 1);
    const cell = kernel.execute("(await Promise.all([getpass(), prompt('b')])).join('+')", { allow_stdin: true });
    expect((await first).content).to.deep.equal({ prompt: "Password: ", password: true });
    expect(kernel.asked.includes(await first) && kernel.asked.at(-1) === (await first)).to.equal(true);
    answer(await first, "secret");
    answer(await second, "open");
    expect((await cell).result).to.equal("'secret+open'");
  });

  it("an answer to an earlier question is none to this; a client that names no question is answered too", async () => {
    const stale = kernel.asked[0];
    const asked = question();
    const cell = kernel.execute("await prompt()", { allow_stdin: true });
    await asked;
    answer(stale, "stale");
    kernel.send("stdin", "input_reply", { value: "fresh" });
    expect((await cell).result).to.equal("'fresh'");
  });

  it("where nobody can be asked the error says so, and what to do", async () => {
    for (const call of ["prompt('?')", "getpass()"]) {
      const { reply } = await kernel.execute(`await ${call}`);
      expect(reply).to.include({ status: "error", ename: "Error" });
      expect(reply.evalue).to.match(
        new RegExp(
          `^${call.split("(")[0]}: .* cannot ask anybody .*allow_stdin: false.*; give the value in the code instead$`,
        ),
      );
    }
    expect((await kernel.execute("try { await prompt(); } catch { 'caught' } 1")).result).to.equal("1");
  });

  it("an interrupt ends the waiting, the late answer hurts nobody, and the next question is asked", async () => {
    const asked = question();
    const cell = kernel.execute("try { await prompt('?') } finally { console.log('finally ran') }", {
      allow_stdin: true,
    });
    const old = await asked;
    await kernel.interrupt();
    const { reply, stdout } = await cell;
    expect(reply).to.include({ status: "error", ename: "KeyboardInterrupt" });
    expect(stdout).to.equal("finally ran\n");
    answer(old, "too late");
    const again = question();
    const next = kernel.execute("await prompt()", { allow_stdin: true });
    answer(await again, "in time");
    expect((await next).result).to.equal("'in time'");
  });

  it("a question without await fails once the cell has ended, and blocks no later one", async () => {
    const { parent } = (await kernel.execute("prompt('forgotten'); 1", { allow_stdin: true })).outputs[0];
    await kernel.until(
      () =>
        kernel.published.some(
          (each) =>
            each.type === "error" &&
            each.parent.msg_id === parent.msg_id &&
            /write `await` before it/.test(each.content.evalue),
        ),
      5000,
      "told",
    );
    const seen = kernel.asked.length;
    const cell = kernel.execute("await prompt('real')", { allow_stdin: true });
    answer(await question(kernel, seen), "yes");
    expect((await cell).result).to.equal("'yes'");
  });

  it("when the front end that was asked is gone, another one can interrupt and go on", async () => {
    const lost = await kernel.another();
    lost.send("shell", "execute_request", executeContent("await prompt('anybody?')", { allow_stdin: true }));
    await question(lost, 0);
    lost.vanish();
    const next = kernel.execute("'alive'", {});
    await kernel.interrupt();
    // Sent before the interrupt was, it may be taken for a cell queued behind the interrupted one.
    expect((await next).reply.status).to.be.oneOf(["ok", "aborted"]);
    expect((await kernel.execute("'alive'")).result).to.equal("'alive'");
  });
});

import { expect } from "chai";
import { randomUUID } from "crypto";
import { executeContent, type KernelClient, type Received } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";
import type { NotebookHost as KernelsHost } from "../../../kernel-setup/kernel/cell/host";
import type { NotebookHost as LibrarysHost } from "../../../lib/runtime/host";

/** Declared twice, since neither may import the other; here the compiler sees that the one's suits the other. */
export const suits = (host: KernelsHost): LibrarysHost => host;

const comms = "(globalThis as any)[Symbol.for('vitrine.host')].comms";

describe("kernel: comms", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });
  after(() => kernel.execute("faulty.close(); waiting.close()"));

  const published = async (type: string, id: string): Promise<Received> => {
    const find = (): Received | undefined =>
      kernel.published.find((each) => each.type === type && each.content.comm_id === id);
    await kernel.until(() => find() !== undefined, 5000, type);
    return find()!;
  };
  const openComms = async (target?: string): Promise<object> =>
    (await kernel.request("shell", "comm_info_request", target === undefined ? {} : { target_name: target })).content
      .comms;

  it("a cell opens one with state, metadata and bytes, as ipywidgets does; hears the browser; closes it", async () => {
    const { outputs } = await kernel.execute(
      `const heard: unknown[] = [];
       const opened = ${comms}.open("jupyter.widget", {
         state: { _model_name: "AnyModel", value: 3 }, buffer_paths: [["pixels"]] },
         { id: "w1", metadata: { version: "2.1.0" }, buffers: [new Uint8Array([1, 2, 255])] });
       opened.onMessage(({ data, buffers }: any) => { heard.push(data, [...(buffers[0] ?? [])]); console.log("heard");
         opened.send({ method: "update", state: { value: data.value + 1 } }); });`,
    );
    const [open] = outputs;
    expect(open.type).to.equal("comm_open");
    expect(open.content).to.deep.equal({
      comm_id: "w1",
      target_name: "jupyter.widget",
      data: { state: { _model_name: "AnyModel", value: 3 }, buffer_paths: [["pixels"]] },
    });
    expect(open.metadata).to.deep.equal({ version: "2.1.0" });
    expect(open.buffers.map((each) => [...each])).to.deep.equal([[1, 2, 255]]);
    expect(await openComms()).to.deep.equal({ w1: { target_name: "jupyter.widget" } });
    expect(await openComms("jupyter.widget")).to.deep.equal({ w1: { target_name: "jupyter.widget" } });
    expect(await openComms("another")).to.deep.equal({});

    const id = kernel.send(
      "shell",
      "comm_msg",
      { comm_id: "w1", data: { value: 7 } },
      { buffers: [Buffer.from([9, 8])] },
    );
    const update = await published("comm_msg", "w1");
    expect([update.parent.msg_id, update.content.data]).to.deep.equal([id, { method: "update", state: { value: 8 } }]);
    await kernel.until(() => kernel.isIdle(id), 5000, "idle");
    expect(
      kernel.published.some(
        (each) => each.type === "stream" && each.parent.msg_id === id && each.content.text === "heard\n",
      ),
    ).to.equal(true);
    expect((await kernel.execute("heard")).result).to.equal("[ { value: 7 }, [ 9, 8 ] ]");

    await kernel.execute("opened.close({ bye: true })");
    expect((await published("comm_close", "w1")).content.data).to.deep.equal({ bye: true });
    expect(await openComms()).to.deep.equal({});
    expect((await kernel.execute("opened.send({})")).error!.evalue).to.match(/comm w1 \(jupyter\.widget\) is closed/);
  });

  it("the browser opens one with a registered target, and closes it", async () => {
    await kernel.execute(
      `const log: string[] = [];
       ${comms}.register("slider", (comm: any, { data }: any) => { log.push("open " + data.start);
         comm.onMessage(({ data }: any) => log.push("value " + data.value)); comm.onClose(() => log.push("closed"));
         comm.send({ welcome: comm.id }); });`,
    );
    const id = randomUUID();
    kernel.send("shell", "comm_open", { comm_id: id, target_name: "slider", data: { start: 1 } });
    expect((await published("comm_msg", id)).content.data).to.deep.equal({ welcome: id });
    kernel.send("shell", "comm_msg", { comm_id: id, data: { value: 2 } });
    kernel.send("shell", "comm_close", { comm_id: id, data: {} });
    expect((await kernel.execute("log")).result).to.equal("[ 'open 1', 'value 2', 'closed' ]");
    expect(await openComms()).to.deep.equal({});
  });

  it("a target that nobody registered is closed; messages of unknown comms are passed over", async () => {
    kernel.send("shell", "comm_open", { comm_id: "nobody", target_name: "unknown.target", data: {} });
    await published("comm_close", "nobody");
    kernel.send("shell", "comm_msg", { comm_id: "nobody", data: {} });
    kernel.send("shell", "comm_close", {});
    expect((await kernel.execute("1")).result).to.equal("1");
  });

  it("a listener that throws, at once or later, is an error under the message it heard", async () => {
    await kernel.execute(`const faulty = ${comms}.open("faulty", {}, { id: "f" });
      faulty.onMessage(async ({ data }: any) => {
        if (data.later) await new Promise((resolve) => setTimeout(resolve, 50)); throw new Error("listener " + data.n);
      });
      faulty.onMessage(({ data }: any) => { if (data.sync) throw new Error("synchronous"); })`);
    for (const [data, evalue] of [
      [{ n: 1 }, "listener 1"],
      [{ n: 2, later: true }, "listener 2"],
      [{ n: 3, sync: true }, "synchronous"],
    ] as const) {
      const id = kernel.send("shell", "comm_msg", { comm_id: "f", data });
      await kernel.until(
        () =>
          kernel.published.some(
            (each) => each.type === "error" && each.parent.msg_id === id && each.content.evalue === evalue,
          ),
        5000,
        evalue,
      );
    }
    expect((await kernel.execute("1")).result).to.equal("1");
  });

  it("messages that come while a cell runs are heard after it", async () => {
    await kernel.execute(
      `const order: string[] = []; const waiting = ${comms}.open("order", {}, { id: "o" }); waiting.onMessage(() ` +
        `=> order.push("message"))`,
    );
    const cell = kernel.send(
      "shell",
      "execute_request",
      executeContent("await new Promise((resolve) => setTimeout(resolve, 300)); order.push('cell')"),
    );
    kernel.send("shell", "comm_msg", { comm_id: "o", data: {} });
    await kernel.reply(cell);
    expect((await kernel.execute("order")).result).to.equal("[ 'cell', 'message' ]");
  });
});

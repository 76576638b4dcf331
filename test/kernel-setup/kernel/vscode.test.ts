import { expect } from "chai";
import * as path from "path";
import { KernelClient, projectRoot, type Content, type Received } from "../../helpers/jupyter-client";

/*
 * What Visual Studio Code's Jupyter extension sends, in its order, written down from its public source
 * (github.com/microsoft/vscode-jupyter: kernels/execution, standalone/intellisense, notebooks/debugger):
 * - cells are sent with `stop_on_error: false` and `allow_stdin: true`; its own code with `store_history: false`,
 *   and some of it is Python whatever the kernel's language is;
 * - completion is the whole cell with an offset; what it then inspects is the text up to the line's column and the
 *   completion, which in a cell of several lines is no program;
 * - the debugger asks `debugInfo` at `attach`, dumps cells before breakpoints, and leaves with `disconnect`.
 */
const executed = (code: string, more: Content = {}): Content => ({
  code,
  silent: false,
  stop_on_error: false,
  allow_stdin: true,
  store_history: true,
  ...more,
});
const ownCode =
  'import os\n_VSCODE_fileList = ["/tmp/ipykernel_1/1.py"]\nfor file in _VSCODE_fileList:\n    try:\n' +
  "        os.remove(file)\n    except:\n        pass\ndel _VSCODE_fileList";
const initialize = {
  clientID: "vscode",
  clientName: "Visual Studio Code",
  adapterID: "Python Kernel Debug Adapter",
  pathFormat: "path",
  linesStartAt1: true,
  columnsStartAt1: true,
  supportsVariableType: true,
  supportsVariablePaging: true,
  supportsRunInTerminalRequest: true,
  locale: "en",
  supportsProgressReporting: true,
  supportsInvalidatedEvent: true,
  supportsMemoryReferences: true,
};

describe("kernel: what VS Code's Jupyter extension sends", function () {
  this.timeout(60_000);
  let kernel: KernelClient;
  let seq = 0;
  before(async () => {
    kernel = await KernelClient.start({ cwd: path.join(projectRoot, "test/kernel-setup") });
  });
  after(() => kernel?.kill());

  const request = async (type: string, content: Content): Promise<Content> =>
    (await kernel.request("shell", type, content)).content;
  const debug = async (command: string, given?: Content): Promise<Content> => {
    const sent = { seq: ++seq, type: "request", command, arguments: given };
    const { content } = await kernel.request("control", "debug_request", sent);
    expect(content, command).to.include({ type: "response", request_seq: seq, command });
    return content;
  };
  const run = (code: string, more?: Content): { id: string; reply: Promise<Received> } => {
    const id = kernel.send("shell", "execute_request", executed(code, more));
    return { id, reply: kernel.reply(id) };
  };

  it("kernel_info before the compiler is loaded, and a cell right after it", async () => {
    const info = await request("kernel_info_request", {});
    expect(info).to.deep.include({ status: "ok", supported_features: ["debugger"] });
    expect(info.language_info).to.include({ name: "typescript", file_extension: ".ts" });
    const { id, reply } = run("const x = 6;\nx * 7");
    const { content } = await reply;
    expect(content).to.include({ status: "ok", execution_count: 1 });
    expect((await kernel.outcome(id, content)).result).to.equal("42");
  });

  it("the extension's own code leaves no number and no name behind, and ends no cell that waits", async () => {
    const own = run(ownCode, { store_history: false });
    const cell = run("x + 1");
    expect((await own.reply).content.status).to.equal("error");
    const { content } = await cell.reply;
    expect(content).to.include({ status: "ok", execution_count: 2 });
    const silent = run("0", { silent: true, store_history: false });
    expect((await silent.reply).content.status).to.equal("ok");
    expect((await kernel.outcome(silent.id, {})).outputs).to.deep.equal([]);
    expect((await run("typeof file").reply).content.execution_count).to.equal(3);
  });

  it("completion and what it shows beside a completion", async () => {
    expect((await request("complete_request", { code: "__file__.", cursor_pos: 9 })).status).to.equal("ok");
    const code = "const words = ['a'];\nwords.joi";
    const found = await request("complete_request", { code, cursor_pos: code.length });
    expect(found.matches).to.deep.equal(["join"]);
    expect([found.cursor_start, found.cursor_end]).to.deep.equal([code.length - 3, code.length]);
    const typed = found.metadata._jupyter_types_experimental as Content[];
    expect(typed).to.have.length(1);
    expect(typed[0]).to.include({ text: "join", type: "function" });
    const inspect = (text: string, cursor_pos: number): Promise<Content> =>
      request("inspect_request", { code: text, cursor_pos, detail_level: 0 });
    const whole = await inspect("const words = ['a']; words.join", 31);
    expect(whole).to.include({ status: "ok", found: true });
    expect(whole.data["text/plain"]).to.match(/join/);
    // The column of the line, taken for an offset of the cell.
    const column = 6;
    const part = `${code.slice(0, column)}join`;
    expect((await inspect(part, column + 4)).status).to.equal("ok");
    expect((await inspect("x", 99)).status).to.equal("ok");
  });

  it("its widget manager finds out that it may ask for the states of all widgets, or that it may not", async () => {
    expect((await request("comm_info_request", { target_name: "jupyter.widget" })).status).to.equal("ok");
    const open = { comm_id: "vscode-control", target_name: "jupyter.widget.control", data: {} };
    const opened = kernel.send("shell", "comm_open", open);
    await kernel.until(() => kernel.isIdle(opened), 5000, "idle");
    const answers = kernel.published.filter(({ parent, type }) => parent.msg_id === opened && type !== "status");
    expect(answers.map(({ type, content }) => [type, content.comm_id])).to.deep.equal([
      ["comm_close", "vscode-control"],
    ]);
  });

  it("input is asked for and answered", async () => {
    const { id, reply } = run("const name = await prompt('name? ');\nname.length");
    await kernel.until(() => kernel.asked.length > 0, 10_000, "asked");
    const asked = kernel.asked.at(-1)!;
    expect(asked.content).to.deep.equal({ prompt: "name? ", password: false });
    kernel.send("stdin", "input_reply", { value: "Ada", status: "ok" }, { parent: asked.header });
    expect((await kernel.outcome(id, (await reply).content)).result).to.equal("3");
  });

  it("a cell is debugged", async () => {
    const code = "function half(n: number) {\n  const result = n / 2;\n  return result;\n}\nhalf(84)";
    const info = (await debug("debugInfo")).body;
    expect(info).to.include({ isStarted: false, hashMethod: "Murmur2" });
    expect((await debug("initialize", initialize)).body).to.include({ supportsConfigurationDoneRequest: true });
    const mode = { __mode: "cell", __cellIndex: 0, type: "Python Kernel Debug Adapter", request: "attach" };
    expect((await debug("attach", { name: "a.ipynb", justMyCode: true, ...mode })).success).to.equal(true);
    expect((await debug("debugInfo")).body).to.deep.include({ isStarted: true, stoppedThreads: [] });
    const file = (await debug("dumpCell", { code })).body.sourcePath as string;
    const source = { name: "a.ipynb", path: file };
    const set = { source, lines: [3], breakpoints: [{ line: 3 }], sourceModified: false };
    expect((await debug("setBreakpoints", set)).body.breakpoints).to.have.length(1);
    expect((await debug("setExceptionBreakpoints", { filters: [] })).success).to.equal(true);
    expect((await debug("configurationDone")).success).to.equal(true);
    const cell = run(code);
    const stops = (): Received[] =>
      kernel.published.filter(({ type, content }) => type === "debug_event" && content.event === "stopped");
    await kernel.until(() => stops().length > 0, 10_000, "stopped");
    expect(stops()[0].content.body).to.include({ reason: "breakpoint", threadId: 1 });
    expect((await debug("threads")).body.threads).to.deep.equal([{ id: 1, name: "notebook" }]);
    const { stackFrames, totalFrames } = (await debug("stackTrace", { threadId: 1, startFrame: 0, levels: 1 })).body;
    expect(stackFrames).to.have.length(1);
    expect(totalFrames).to.be.at.least(2);
    expect(stackFrames[0]).to.deep.include({
      name: "half",
      line: 3,
      source: { name: path.basename(file), path: file },
    });
    const [scope] = (await debug("scopes", { frameId: stackFrames[0].id })).body.scopes as Content[];
    const { variables } = (await debug("variables", { variablesReference: scope.variablesReference })).body;
    expect(variables).to.deep.include.members([
      { name: "result", value: "42", type: "number", evaluateName: "result", variablesReference: 0 },
    ]);
    const hover = { expression: "result", frameId: stackFrames[0].id, context: "hover" };
    expect((await debug("evaluate", hover)).body.result).to.equal("42");
    expect((await debug("continue", { threadId: 1 })).body).to.deep.equal({ allThreadsContinued: true });
    expect((await kernel.outcome(cell.id, (await cell.reply).content)).result).to.equal("42");
    expect((await debug("disconnect", { restart: false })).success).to.equal(true);
  });

  it("a cell is interrupted by message, and the kernel ends by message", async () => {
    const { kernelspec } = await import(path.join(projectRoot, "kernel-setup/setup/kernelspec.mjs"));
    expect(kernelspec({ kernelMain: "" }).interrupt_mode).to.equal("message");
    const { reply } = run("for (;;);");
    const next = run("'after'");
    await kernel.until(() => kernel.published.at(-1)!.type === "execute_input", 5000, "begun");
    expect((await kernel.interrupt()).content.status).to.equal("ok");
    expect((await reply).content.ename).to.equal("KeyboardInterrupt");
    // The extension takes back by itself what waits.
    await next.reply;
    expect((await kernel.shutdown()).content).to.deep.equal({ status: "ok", restart: false });
  });
});

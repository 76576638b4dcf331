import { expect } from "chai";
import { spawnSync } from "child_process";
import { randomUUID } from "crypto";
import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { executeContent, KernelClient, kernelMain, type StartOptions } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: protocol", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  it("kernel_info says what it is", async () => {
    const { type, content } = await kernel.request("shell", "kernel_info_request");
    expect(type).to.equal("kernel_info_reply");
    expect(content).to.include({ status: "ok", implementation: "vitrine", protocol_version: "5.3" });
    expect(content.language_info).to.include({
      name: "typescript",
      file_extension: ".ts",
      mimetype: "text/typescript",
    });
  });

  it("a reply names its request as parent; busy and idle stand around", async () => {
    // Of this name: other tests leave widgets in the same kernel.
    const id = kernel.send("shell", "comm_info_request", { target_name: "nobody's" });
    const reply = await kernel.reply(id);
    expect(reply).to.deep.include({ type: "comm_info_reply", content: { status: "ok", comms: {} } });
    await kernel.until(() => kernel.isIdle(id), 2000, "idle");
    const states = kernel.published
      .filter((each) => each.type === "status" && each.parent.msg_id === id)
      .map((each) => each.content.execution_state);
    expect(states).to.deep.equal(["busy", "idle"]);
  });

  it("messages that are malformed, wrongly signed or repeated are dropped and logged; the kernel lives", async () => {
    const id = randomUUID(),
      before = kernel.terminal.length;
    const said = (reason: string): Promise<void> =>
      kernel.until(() => kernel.terminal.slice(before).includes(reason), 5000, `told: ${reason}`);
    const run = { code: "globalThis.process.env.FORGED = 'yes'", silent: false };
    const good = kernel.frames("execute_request", run, id);
    await kernel.sendFrames(kernel.frames("execute_request", run, randomUUID(), "another key"));
    await kernel.sendFrames([good[0], "", ...good.slice(2)]);
    await kernel.sendFrames(good.slice(2));
    await kernel.sendFrames(good.slice(0, 4));
    await kernel.sendFrames([Buffer.from([0, 255, 254])]);
    expect((await kernel.execute("process.env.FORGED")).outputs).to.deep.equal([]);
    for (const reason of ["wrong signature", "no delimiter", "2 of 4 parts"]) await said(reason);
    const once = kernel.frames("execute_request", { code: "1", silent: false }, id);
    const reply = kernel.reply(id);
    await kernel.sendFrames(once);
    await reply;
    await kernel.sendFrames(once);
    await said("replayed");
    await kernel.execute("1");
    expect(
      kernel.published.filter((each) => each.type === "execute_input" && each.parent.msg_id === id),
      "runs",
    ).to.have.length(1);
  });

  it("an unknown request, and fields of the wrong type, stop nothing", async () => {
    kernel.send("shell", "nonsense_request", {});
    expect(
      (await kernel.request("shell", "execute_request", { code: 5, user_expressions: 7 })).content.status,
    ).to.equal("ok");
    expect((await kernel.request("shell", "complete_request", {})).content.status).to.equal("ok");
    expect((await kernel.request("shell", "inspect_request", { code: null, cursor_pos: "x" })).content.status).to.equal(
      "ok",
    );
    expect((await kernel.execute("1")).result).to.equal("1");
  });

  it("says which features it has, and refuses the others in words", async () => {
    const { content } = await kernel.request("control", "kernel_info_request");
    expect(content.supported_features).to.deep.equal(["debugger"]);
    for (const type of ["create_subshell_request", "list_subshell_request", "delete_subshell_request"]) {
      const reply = await kernel.request("control", type, { subshell_id: "x" });
      expect(reply.type).to.equal(type.replace("request", "reply"));
      expect(reply.content).to.include({ status: "error", ename: "NotSupportedError" });
      expect(reply.content.evalue).to.match(/has no subshells: it runs one cell at a time/);
    }
    const unknown = await kernel.request("control", "nonsense_request");
    expect(unknown.content.evalue).to.match(/does not know the control request nonsense_request/);
  });

  it("is_complete", async () => {
    const status = async (code: string): Promise<string> =>
      (await kernel.request("shell", "is_complete_request", { code })).content.status;
    for (const code of ["1 + 1", "const f = () => {};", "await (x)", "for (const a of [1]) {\n}"])
      expect(await status(code), code).to.equal("complete");
    for (const code of ["function f() {", "foo(", "const t = `a", "/* open", "if (x) {\n  y();"])
      expect(await status(code), code).to.equal("incomplete");
    for (const code of ["let = = 3;", "a b c d", "const x = 'open\n1;"])
      expect(await status(code), code).to.equal("invalid");
    expect((await kernel.request("shell", "is_complete_request", { code: "while (x) {" })).content.indent).to.equal(
      "  ",
    );
  });

  it("history: tail, range, search", async () => {
    await kernel.execute("const history1 = 1");
    await kernel.execute("const history2 = 2");
    const ask = async (content: object): Promise<[number, number, string][]> =>
      (await kernel.request("shell", "history_request", { output: false, raw: true, ...content })).content.history;
    const tail = await ask({ hist_access_type: "tail", n: 2 });
    expect(tail.map(([, , input]) => input)).to.deep.equal(["const history1 = 1", "const history2 = 2"]);
    expect(await ask({ hist_access_type: "range", session: 0, start: tail[0][1], stop: tail[1][1] })).to.deep.equal([
      tail[0],
    ]);
    expect(
      (await ask({ hist_access_type: "search", pattern: "*history2*" })).map(([, , input]) => input),
    ).to.deep.equal(["const history2 = 2"]);
  });

  it("comm_open for a target we have not is closed", async () => {
    kernel.send("shell", "comm_open", { comm_id: "c1", target_name: "jupyter.widget", data: {} });
    await kernel.until(
      () => kernel.published.some((each) => each.type === "comm_close" && each.content.comm_id === "c1"),
      2000,
      "closed",
    );
  });
});

describe("kernel: life and transports", function () {
  this.timeout(60000);

  const ways: [string, StartOptions][] = [
    ["over TCP, signed", {}],
    process.platform === "win32"
      ? ["over TCP, beside another kernel", {}]
      : ["over ipc, where the port is a suffix of the file's name", { transport: "ipc" }],
    ["unsigned where the key is empty", { key: "" }],
  ];
  /** Of each way one, started at once; each is ended by a test. */
  let kernels: KernelClient[] = [];
  before(async () => {
    kernels = await Promise.all(ways.map(([, options]) => KernelClient.start({ ...options, warm: true })));
  });
  after(() => Promise.all(kernels.map((kernel) => kernel.kill())));

  for (const [i, [way]] of ways.entries()) {
    it(`runs ${way}`, async () => {
      const kernel = kernels[i];
      expect((await kernel.execute("1 + 1")).result).to.equal("2");
      expect(await kernel.heartbeat()).to.equal("ping");
    });
  }

  it("several kernels at once do not disturb each other", async () => {
    await Promise.all(kernels.map((kernel, i) => kernel.execute(`const mine = ${i}`)));
    const results = await Promise.all(kernels.map((kernel) => kernel.execute("mine")));
    expect(results.map(({ result }) => result)).to.deep.equal(kernels.map((_, i) => String(i)));
  });

  for (const [restart, i] of [
    [false, 1],
    [true, 2],
  ] as const) {
    it(`shutdown (restart: ${restart}) is answered and the process ends cleanly`, async () => {
      const kernel = kernels[i];
      const reply = await kernel.shutdown(restart);
      expect(reply).to.deep.include({ type: "shutdown_reply", content: { status: "ok", restart } });
      expect(kernel.process.exitCode).to.equal(0);
      expect(kernel.terminal).to.equal("");
    });
  }

  it("shutdown works while a cell keeps the thread", async () => {
    const [kernel] = kernels;
    const id = kernel.send("shell", "execute_request", executeContent("console.log('in'); while (true);"));
    await kernel.until(
      () => kernel.published.some((each) => each.type === "stream" && each.parent.msg_id === id),
      10000,
      "begun",
    );
    const began = Date.now();
    await kernel.shutdown();
    expect(Date.now() - began).to.be.below(2000);
  });

  it("ends when the Jupyter server that started it is gone", async function () {
    if (process.platform === "win32") return this.skip();
    const folder = mkdtempSync(path.join(tmpdir(), "vitrine-orphan-"));
    const file = path.join(folder, "c.json");
    writeFileSync(
      file,
      JSON.stringify({
        transport: "ipc",
        ip: path.join(folder, "k"),
        shell_port: 1,
        iopub_port: 2,
        stdin_port: 3,
        control_port: 4,
        hb_port: 5,
        key: "",
      }),
    );
    // Stands for the server: starts a kernel, waits until it is bound, and dies without a word.
    const server = spawnSync(
      process.execPath,
      [
        "-e",
        `
      const { spawn } = require("child_process"), { existsSync } = require("fs");
      const kernel = spawn(process.execPath,
        [${JSON.stringify(kernelMain)}, "--connection-file", ${JSON.stringify(file)}],
        { detached: true, stdio: "ignore", env: { ...process.env, JPY_PARENT_PID: String(process.pid) } });
      console.log(kernel.pid);
      setInterval(() => { if (existsSync(${JSON.stringify(path.join(folder, "k-5"))}))
        setTimeout(() => process.exit(0), 300); }, 50);`,
      ],
      { encoding: "utf8", timeout: 30000 },
    );
    const pid = Number(server.stdout);
    const alive = (): boolean => {
      const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
      return stdout.trim() !== "" && !stdout.startsWith("Z");
    };
    expect(alive()).to.equal(true);
    for (let waited = 0; waited < 400 && alive(); waited++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(alive()).to.equal(false);
    rmSync(folder, { recursive: true, force: true });
  });

  it("a bad connection file is refused in one line with exit status 1", async () => {
    const missing = spawnSync(process.execPath, [kernelMain, "--connection-file", "/nonexistent/file.json"], {
      encoding: "utf8",
    });
    expect(missing.status).to.equal(1);
    expect(missing.stderr).to.match(/^\[vitrine kernel\] connection file .* cannot be read: ENOENT.*\n$/);
    expect(spawnSync(process.execPath, [kernelMain], { encoding: "utf8" }).status).to.equal(2);
  });
});

import { expect } from "chai";
import { KernelClient, type Received } from "../../helpers/jupyter-client";

const shell = `import { execSync, spawn, spawnSync } from "child_process";`;
/** Writes to the descriptor 2 without passing by any JavaScript. */
const native = (text: string): string => `(process as any)._rawDebug(${JSON.stringify(text)});`;

/** Texts in a row, each with the name of its stream; neighbours of one name are one. */
function inOrder(outputs: readonly Received[]): [string, string][] {
  const rows: [string, string][] = [];
  for (const { type, content } of outputs) {
    const [name, text] =
      type === "stream"
        ? [String(content.name), String(content.text)]
        : [type, String(content.data?.["text/plain"] ?? content.evalue)];
    const last = rows.at(-1);
    if (last?.[0] === name) last[1] += text;
    else rows.push([name, text]);
  }
  return rows;
}

describe("kernel: what native code and child processes print", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async function () {
    if (process.platform === "win32") this.skip();
    kernel = await KernelClient.start({ warm: true, env: { NO_COLOR: "1", VITRINE_OUTPUT_LIMIT_MB: "0.2" } });
  });
  after(() => kernel?.kill());

  it("a child process with inherited streams prints into the cell, in order", async () => {
    const { outputs } = await kernel.execute(
      `${shell} console.log("a"); execSync("echo hi; echo oops 1>&2", { stdio: "inherit" }); console.log("b");
       spawnSync("sh", ["-c", "echo again"], { stdio: ["ignore", "inherit", "inherit"] }); console.error("c"); 7`,
    );
    const rows = inOrder(outputs);
    expect(rows.map(([, text]) => text).join("")).to.match(/^a\n(hi\noops\n|oops\nhi\n)b\nagain\nc\n7$/);
    expect(rows.find(([, text]) => text.includes("oops"))![0]).to.equal("stderr");
    expect(rows.find(([, text]) => text.includes("hi"))![0]).to.equal("stdout");
  });

  it("native code prints into the cell, in order with console and displays, however quick they follow", async () => {
    const rounds = Array.from({ length: 200 }, (_, i) => i);
    const { outputs } = await kernel.execute(
      `for (let i = 0; i < ${rounds.length}; i++) { console.log("js", i); ${native("native")}
         (globalThis as any)[Symbol.for("vitrine.host")].display({ "text/plain": "shown " + i }); }`,
    );
    expect(inOrder(outputs)).to.deep.equal(
      rounds.flatMap((i) => [
        ["stdout", `js ${i}\n`],
        ["stderr", "native\n"],
        ["display_data", `shown ${i}`],
      ]),
    );
    const { outputs: errors } = await kernel.execute(
      `console.error("1"); ${native("2")} console.error("3"); throw new Error("4")`,
    );
    expect(inOrder(errors)).to.deep.equal([
      ["stderr", "1\n2\n3\n"],
      ["error", "4"],
    ]);
  });

  it("console.log and fs.writeSync to the same descriptor keep their order, whatever the bytes", async () => {
    const { stdout } = await kernel.execute(
      `import fs from "fs"; for (let i = 0; i < 100; i++) { console.log("a" + i); fs.writeSync(1, "b" + i + "\\n"); }
       const euro = Buffer.from("€\\n"); fs.writeSync(1, euro, 0, 1); fs.writeSync(1, euro, 1);
       console.log("\\0\\u001b[1mend")`,
    );
    const rows = Array.from({ length: 100 }, (_, i) => `a${i}\nb${i}\n`).join("");
    expect(stdout).to.equal(`${rows}€\n\0end\n`);
  });

  it("is seen while the process still runs, though the cell keeps the thread", async () => {
    const id = kernel.send("shell", "execute_request", {
      code: `${shell} execSync("echo begun; sleep 1; echo done", { stdio: "inherit" }); "end"`,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
    });
    const reply = kernel.reply(id);
    let ended = false;
    void reply.then(() => {
      ended = true;
    });
    await kernel.until(
      () => kernel.published.some((each) => each.parent.msg_id === id && each.content.text === "begun\n"),
      10_000,
      "begun",
    );
    expect(ended).to.equal(false);
    const outcome = await kernel.outcome(id, (await reply).content);
    expect([outcome.stdout, outcome.result]).to.deep.equal(["begun\ndone\n", "'end'"]);
  });

  it("counts towards the output limit, and a flood of it does not hold up the cell", async () => {
    const { stdout, stderr, result } = await kernel.execute(
      `${shell} execSync("yes 0123456789 | head -c 5000000", { stdio: "inherit" }); console.log("unseen"); "on"`,
    );
    expect(stdout).to.have.length(200_000);
    expect(stderr).to.match(/output is cut here, at 0\.2 MB/);
    expect(result).to.equal("'on'");
    expect((await kernel.execute(`${native("next")} 1`)).stderr).to.equal("next\n");
  });

  it("of a silent cell is not shown, and what comes late belongs to the last cell", async () => {
    expect((await kernel.execute(native("silent"), { silent: true })).outputs).to.deep.equal([]);
    const { outputs } = await kernel.execute(
      `${shell} spawn("sh", ["-c", "sleep 0.3; echo late"], { stdio: "inherit" }); "x"`,
    );
    const id = outputs[0].parent.msg_id as string;
    await kernel.until(
      () => kernel.published.some((each) => each.parent.msg_id === id && each.content.text === "late\n"),
      10_000,
      "late",
    );
  });

  it("a child that reads its inherited stdin finds it empty", async () => {
    expect(
      (await kernel.execute(`${shell} execSync("wc -c", { stdio: ["inherit", "pipe", "inherit"] }).toString().trim()`))
        .result,
    ).to.equal("'0'");
  });

  it("without the launcher the kernel prints and displays in the same order", async () => {
    const plain = await KernelClient.start({ warm: true, launched: false, env: { NO_COLOR: "1" } });
    try {
      const { outputs } = await plain.execute(
        `console.log("a"); console.error("b");
        (globalThis as any)[Symbol.for("vitrine.host")].display({ "text/plain": "c" });
         console.log("d"); 5`,
      );
      expect(inOrder(outputs)).to.deep.equal([
        ["stdout", "a\n"],
        ["stderr", "b\n"],
        ["display_data", "c"],
        ["stdout", "d\n"],
        ["execute_result", "5"],
      ]);
    } finally {
      await plain.kill();
    }
  });
});

import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { KernelClient, projectRoot } from "../../helpers/jupyter-client";

describe("kernel: completion, inspection, imports", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => { kernel = await KernelClient.start({ cwd: path.join(projectRoot, "test/kernel-setup") }); });
  after(() => kernel.kill());

  /** `|` marks the cursor. */
  async function complete(text: string): Promise<Record<string, any>> {
    const cursor = [...text.slice(0, text.indexOf("|"))].length;
    return (await kernel.request("shell", "complete_request", { code: text.replace("|", ""), cursor_pos: cursor })).content;
  }

  it("completes the library's exports in an import", async () => {
    const { matches, cursor_start, cursor_end } = await complete('import { loadM| } from "vitrine"');
    expect(matches).to.include("loadModel");
    expect([cursor_start, cursor_end]).to.deep.equal([9, 14]);
  });

  it("imports the library with its types, from any folder of the repository", async () => {
    const { reply } = await kernel.execute('import { saliency, loadModel, show } from "vitrine"');
    expect(reply).to.include({ status: "ok" });
    expect((await kernel.execute("typeof saliency + typeof loadModel + typeof show")).result).to.equal("'functionfunctionfunction'");
    expect((await kernel.execute("const wrong: number = await loadModel('x')")).error!.evalue).to.match(/VisionModel' is not assignable to type 'number'/);
  });

  it("completes names of earlier cells and replaces the token at the cursor only", async () => {
    await kernel.execute("const completeMe = { alpha: 1, beta: 'b' }");
    expect(await complete("completeM| + 1")).to.deep.include({ matches: ["completeMe"], cursor_start: 0, cursor_end: 9 });
    expect((await complete("1 + completeMe.|")).matches).to.have.members(["alpha", "beta"]);
    expect(await complete("1 + completeMe.al| + 2")).to.deep.include({ matches: ["alpha"], cursor_start: 15, cursor_end: 17 });
  });

  it("completes inside strings: packages, files, and the words that a type allows", async () => {
    const packages = await complete('import { tf } from "@tensorflow/tfjs-c|"');
    expect(packages).to.deep.include({ cursor_start: 32, cursor_end: 38 });
    expect(packages.matches).to.include.members(["tfjs-core", "tfjs-converter"]).and.not.include("tfjs-core/dist/tensor");
    expect(await complete('import {} from "../helpers/jupyter-c|"')).to.deep.include({ matches: ["jupyter-client"], cursor_start: 27, cursor_end: 36 });
    expect(await complete('((word: "green") => word)("gr|")')).to.deep.include({ matches: ["green"], cursor_start: 27, cursor_end: 29 });
  });

  it("counts the cursor in code points", async () => {
    expect(await complete("'😀'; completeM|")).to.deep.include({ matches: ["completeMe"], cursor_start: 5, cursor_end: 14 });
  });

  it("has nothing to say inside a string or a comment, and does not fail", async () => {
    for (const text of ["const s = 'abc|'", "// comment |", 'import "vit|"', "|", "`${|"]) expect((await complete(text)).status, text).to.equal("ok");
    expect((await kernel.execute("1")).result).to.equal("1");
  });

  it("inspection shows type and documentation, also of the function being called", async () => {
    await kernel.execute("/** Doubles. @param n what to double */\nfunction double(n: number): number { return 2 * n; }");
    const inspect = async (code: string, cursor: number): Promise<string> => (await kernel.request("shell", "inspect_request", { code, cursor_pos: cursor, detail_level: 0 })).content.data["text/plain"];
    for (const cursor of [3, 6, 7, 8]) expect(await inspect("double(4)", cursor), String(cursor)).to.match(/function double\(n: number\): number/);
    expect((await kernel.request("shell", "inspect_request", { code: "   ", cursor_pos: 1 })).content).to.deep.include({ status: "ok", found: false, data: {} });
  });

  it("a kernel started outside the repository finds the library and the project's packages, with types", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "vitrine-elsewhere-"));
    writeFileSync(path.join(folder, "helper.ts"), "export interface H { a: number }\nexport function help(): H {\n  if (Math.random() > 2) throw new Error();\n  return { a: 7 };\n}\nexport function fail(): never {\n  throw new Error('in the helper');\n}\n");
    const elsewhere = await KernelClient.start({ cwd: folder });
    try {
      expect((await elsewhere.execute('import { loadModel } from "vitrine"; import * as tf from "@tensorflow/tfjs"; const one: tf.Tensor = tf.scalar(1); typeof loadModel')).result).to.equal("'function'");
      // The compiler writes down the types of these, which it must be able to name from here.
      expect((await elsewhere.execute('import { saliency } from "vitrine"; const two = tf.scalar(2); const explain = async () => saliency(null as never, two as never)')).reply.status).to.equal("ok");
      expect((await elsewhere.execute("const wrong: number = await explain()")).error!.evalue).to.match(/'Attribution.*' is not assignable to type 'number'/);
      expect((await elsewhere.execute("two.mul(3).dataSync()[0]")).result).to.equal("6");
      expect((await elsewhere.execute("import * as fs from 'fs'; const text: string = fs.readFileSync('helper.ts', 'utf8'); text.length > 0")).result).to.equal("true");
      expect((await elsewhere.execute('import { help, fail } from "./helper"; help().a')).result).to.equal("7");
      const { error } = await elsewhere.execute("fail()");
      expect(error!.traceback.join("\n")).to.match(/at fail \(.*helper\.ts:7:9\)/);
      expect((await elsewhere.execute('import "no-such-package"')).reply.status).to.equal("error");
    } finally {
      await elsewhere.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

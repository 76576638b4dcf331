import { expect } from "chai";
import type { KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: completion, inspection, imports", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  /** `|` marks the cursor. */
  async function complete(text: string): Promise<Record<string, any>> {
    const cursor = [...text.slice(0, text.indexOf("|"))].length;
    return (await kernel.request("shell", "complete_request", { code: text.replace("|", ""), cursor_pos: cursor }))
      .content;
  }

  it("completes the library's exports in an import", async () => {
    const { matches, cursor_start, cursor_end } = await complete('import { loadM| } from "vitrine"');
    expect(matches).to.include("loadModel");
    expect([cursor_start, cursor_end]).to.deep.equal([9, 14]);
  });

  it("imports the library with its types, from any folder of the repository", async () => {
    const { reply } = await kernel.execute('import { saliency, loadModel, show } from "vitrine"');
    expect(reply).to.include({ status: "ok" });
    expect((await kernel.execute("typeof saliency + typeof loadModel + typeof show")).result).to.equal(
      "'functionfunctionfunction'",
    );
    expect((await kernel.execute("const wrong: number = await loadModel('x')")).error!.evalue).to.match(
      /VisionModel' is not assignable to type 'number'/,
    );
  });

  it("completes names of earlier cells and replaces the token at the cursor only", async () => {
    await kernel.execute("const completeMe = { alpha: 1, beta: 'b' }");
    expect(await complete("completeM| + 1")).to.deep.include({
      matches: ["completeMe"],
      cursor_start: 0,
      cursor_end: 9,
    });
    expect((await complete("1 + completeMe.|")).matches).to.have.members(["alpha", "beta"]);
    expect(await complete("1 + completeMe.al| + 2")).to.deep.include({
      matches: ["alpha"],
      cursor_start: 15,
      cursor_end: 17,
    });
  });

  it("a name that grows letter by letter gets what it would get by itself, also when it means another", async () => {
    await kernel.execute('import { tf as flow } from "vitrine"; let grown = { alpha: 1, alphabet: 2, beta: 3 };');
    const seen: string[][] = [];
    for (const text of ["flow.t|", "flow.te|", "flow.ten|", "flow.tens|", "flow.tensor3|"]) {
      const { matches, cursor_start } = await complete(text);
      expect(cursor_start, text).to.equal("flow.".length);
      seen.push(matches as string[]);
      // By another way round, so that the compiler is asked.
      const again = await complete(`;${text}`);
      expect(again.matches, text).to.deep.equal(matches);
    }
    expect(seen.map((each) => each.includes("tensor3d"))).to.deep.equal([true, true, true, true, true]);
    expect(seen[4].length).to.be.below(seen[0].length);
    expect((await complete("grown.al|")).matches).to.deep.equal(["alpha", "alphabet"]);
    expect((await complete("grown.alphab|")).matches).to.deep.equal(["alphabet"]);
    expect((await complete("grown.b|")).matches).to.include("beta");
    await kernel.execute("let grown = { alphanumeric: 4 };");
    expect((await complete("grown.alph|")).matches).to.deep.equal(["alphanumeric"]);
  });

  it("completes inside strings: packages, files, and the words that a type allows", async () => {
    const packages = await complete('import { tf } from "@tensorflow/tfjs-c|"');
    expect(packages).to.deep.include({ cursor_start: 32, cursor_end: 38 });
    expect(packages.matches)
      .to.include.members(["tfjs-core", "tfjs-converter"])
      .and.not.include("tfjs-core/dist/tensor");
    expect(await complete('import {} from "../helpers/jupyter-c|"')).to.deep.include({
      matches: ["jupyter-client"],
      cursor_start: 27,
      cursor_end: 36,
    });
    expect(await complete('((word: "green") => word)("gr|")')).to.deep.include({
      matches: ["green"],
      cursor_start: 27,
      cursor_end: 29,
    });
  });

  it("counts the cursor in code points", async () => {
    expect(await complete("'😀'; completeM|")).to.deep.include({
      matches: ["completeMe"],
      cursor_start: 5,
      cursor_end: 14,
    });
  });

  it("has nothing to say inside a string or a comment, and does not fail", async () => {
    for (const text of ["const s = 'abc|'", "// comment |", 'import "vit|"', "|", "`${|"])
      expect((await complete(text)).status, text).to.equal("ok");
    expect((await kernel.execute("1")).result).to.equal("1");
  });

  it("labels a function as one, however it is declared", async () => {
    await kernel.execute(
      "const kindArrow = (x: number) => x; function kindFunction() {} class KindClass { kindMethod() {} " +
        "kindField = 1; " +
        ("kindCallback = () => 1 } const kindValue = 3; import { readFileSync as kindImport } from 'fs'; import * " +
          "as kindModule from 'fs'"),
    );
    const labels = async (text: string): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await complete(text)).metadata._jupyter_types_experimental.map((each: any) => [each.text, each.type]),
      );
    expect(await labels("kind|")).to.include({
      kindArrow: "function",
      kindFunction: "function",
      kindValue: "instance",
      kindImport: "function",
      kindModule: "module",
    });
    expect(await labels("KindC|")).to.include({ KindClass: "class" });
    expect(await labels("new KindClass().|")).to.deep.equal({
      kindMethod: "function",
      kindField: "property",
      kindCallback: "function",
    });
  });

  it("inspection shows type and documentation, also of the function being called", async () => {
    await kernel.execute(
      "/** Doubles. @param n what to double */\nfunction double(n: number): number { return 2 * n; }",
    );
    const inspect = async (code: string, cursor: number): Promise<string> =>
      (await kernel.request("shell", "inspect_request", { code, cursor_pos: cursor, detail_level: 0 })).content.data[
        "text/plain"
      ];
    for (const cursor of [3, 6, 7, 8])
      expect(await inspect("double(4)", cursor), String(cursor)).to.match(/function double\(n: number\): number/);
    expect((await kernel.request("shell", "inspect_request", { code: "   ", cursor_pos: 1 })).content).to.deep.include({
      status: "ok",
      found: false,
      data: {},
    });
  });

  it("inspection is Markdown, with signature, documentation and tags by name; plain text without fences", async () => {
    await kernel.execute(
      [
        "/**",
        " * Halves a number.",
        " * ```ts",
        " * half(2)",
        " * ```",
        " * @param n - what to halve",
        " * @returns the half",
        " * @throws {RangeError} where it is odd",
        " * @deprecated Use {@link Math.trunc}.",
        " */",
        "function half(n: number): number { return n / 2; }",
      ].join("\n"),
    );
    const { data } = (
      await kernel.request("shell", "inspect_request", { code: "half(4)", cursor_pos: 2, detail_level: 0 })
    ).content;
    expect(data["text/markdown"]).to.equal(
      [
        "```typescript\nfunction half(n: number): number\n```",
        "Halves a number.\n```ts\nhalf(2)\n```",
        "- **@param** `n` — what to halve",
        "**@returns** — the half",
        "**@throws** `RangeError` — where it is odd",
        "**@deprecated** — Use `Math.trunc`.",
      ].join("\n\n"),
    );
    expect(data["text/plain"]).to.equal(
      [
        "function half(n: number): number",
        "Halves a number.\nhalf(2)",
        "@param n — what to halve",
        "@returns — the half",
        "@throws RangeError — where it is odd",
        "@deprecated — Use `Math.trunc`.",
      ].join("\n\n"),
    );
    const unknown = await kernel.request("shell", "inspect_request", {
      code: "halfKnown",
      cursor_pos: 3,
      detail_level: 0,
    });
    expect(unknown.content.found).to.equal(false);
  });
});

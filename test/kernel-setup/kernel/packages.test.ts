import { expect } from "chai";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { KernelClient } from "../../helpers/jupyter-client";
import { editPackages } from "./packages";

describe("kernel: the life of packages", function () {
  this.timeout(60_000);
  let root: string;
  let kernel: KernelClient;
  const write = (file: string, ...lines: string[]): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), lines.join("\n"));
  };
  const manifest = (name: string, rest: object = {}): void =>
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", ...rest }));
  /** The result, or what went wrong. */
  const value = async (code: string): Promise<string | undefined> => {
    const { result, error } = await kernel.execute(code);
    return error ? `${error.ename}: ${error.evalue}` : result;
  };

  before(async () => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-packages-")));
    mkdirSync(path.join(root, "notebooks"));
    manifest("typed", { main: "main.js", types: "main.d.ts" });
    write("node_modules/typed/main.js", "exports.made = 1; exports.give = () => exports.made;");
    write("node_modules/typed/main.d.ts", "export declare const made: 1; export declare function give(): number;");
    manifest("untyped");
    write("node_modules/untyped/index.js", "module.exports = (n) => 2 * n; module.exports.more = 3;");
    manifest("extensionless", { type: "module", main: "main.js" });
    write("node_modules/extensionless/main.js", 'import { part } from "./part"; export { part };');
    write("node_modules/extensionless/part.js", "export const part = 1;");
    write("packages/one/package.json", '{ "name": "linked", "version": "1.0.0", "main": "src/index.ts" }');
    write(
      "packages/one/src/index.ts",
      'import { base } from "./base.js";',
      "export const sum: number = base + 1;",
      "export function fail(): never {",
      "  interface Erased { a: number }",
      '  throw new Error("in the package");',
      "}",
    );
    write("packages/one/src/base.ts", "export const base: number = 41;");
    write(
      "packages/two/package.json",
      '{ "name": "@my/linked", "type": "module", "exports": { ".": { "import": "./index.ts" }, "./more": ' +
        '"./more.mts" } }',
    );
    write("packages/two/index.ts", "export const seven: number = 7;");
    write("packages/two/more.mts", 'import { seven } from "./index.js";', "export const more: number = 2 * seven;");
    mkdirSync(path.join(root, "node_modules/@my"));
    symlinkSync("../packages/one", path.join(root, "node_modules/linked"));
    symlinkSync("../../packages/two", path.join(root, "node_modules/@my/linked"));
    write("elsewhere/by-path/package.json", '{ "name": "by-path", "version": "1.0.0", "types": "index.d.ts" }');
    write("elsewhere/by-path/index.js", "exports.make = () => ({ size: 1 });");
    write(
      "elsewhere/by-path/index.d.ts",
      "export interface Made { size: number }",
      "export declare function make(): Made;",
    );
    kernel = await KernelClient.start({
      cwd: path.join(root, "notebooks"),
      env: { NODE_PATH: path.join(root, "elsewhere") },
      warm: true,
    });
  });
  after(async () => {
    await kernel?.kill();
    rmSync(root, { recursive: true, force: true });
  });

  it("25 edits at random leave every later cell right", () => editPackages(25, 7));

  it("one that is removed leaves what was imported from it, and every other cell", async () => {
    expect(await value('import { made, give } from "typed"; made')).to.equal("1");
    rmSync(path.join(root, "node_modules/typed"), { recursive: true });
    const { result, stderr } = await kernel.execute("1 + 1");
    expect(result).to.equal("2");
    expect(stderr).to.equal("typed was removed from the disk. What was imported from it still works.\n");
    expect(await value("give()")).to.equal("1");
    expect(await value('import { made } from "typed"; made')).to.equal(
      "TypeScriptError: line 1: Cannot find module 'typed' or its corresponding type declarations. (TS2307)",
    );
  });

  it("one that comes back in another version is loaded again by its import, with its new types", async () => {
    manifest("typed", { version: "2.0.0", main: "other.js" });
    write("node_modules/typed/other.js", "exports.made = 'two';");
    write("node_modules/typed/other.d.ts", "export declare const made: 'two';");
    expect(await value('import { made } from "typed"; made satisfies "two"')).to.equal("'two'");
    write("node_modules/typed/other.js", "exports.made = 'three';");
    const { result, stderr } = await kernel.execute('import { made } from "typed"; made');
    expect(result).to.equal("'three'");
    expect(stderr).to.equal("typed changed on the disk. Importing it again loads the new one.\n");
  });

  it("a package.json that comes to exist beside the notebook hurts nothing", async () => {
    write("notebooks/package.json", "{}");
    expect(await value("3 + 3")).to.equal("6");
  });

  it("one without types is `any`, with one warning, and is typed as soon as somebody declares it", async () => {
    const first = await kernel.execute('import twice from "untyped"; const four: number = twice(2); four');
    expect(first.result).to.equal("4");
    expect(first.stderr).to.match(
      /^"untyped" has no types: all of it is `any`.*@types\/untyped.*declare module "untyped"/,
    );
    const second = await kernel.execute('import * as all from "untyped"; twice.more + all.more');
    expect([second.result, second.stderr]).to.deep.equal(["6", ""]);
    write("notebooks/own.d.ts", 'declare module "untyped" { function twice(n: number): number; export = twice; }');
    expect(await value('import twice from "untyped"; twice("a")')).to.match(
      /'string' is not assignable to parameter of/,
    );
    rmSync(path.join(root, "notebooks/own.d.ts"));
    expect(await value('import twice from "untyped"; twice("2")')).to.equal("4");
  });

  it("linked packages whose main is TypeScript run, with their types; errors in them name file and line", async () => {
    expect(await value('import { sum, fail } from "linked"; sum')).to.equal("42");
    expect(
      await value('import { seven } from "@my/linked"; import { more } from "@my/linked/more"; seven + more'),
    ).to.equal("21");
    expect(await value("const text: string = sum")).to.match(/'number' is not assignable to type 'string'/);
    const { error } = await kernel.execute("fail()");
    expect(error!.traceback[1]).to.equal(`    at fail (${path.join(root, "packages/one/src/index.ts")}:5:9)`);
    expect(error!.traceback.join("\n")).to.include('> 5 |   throw new Error("in the package");');
    write("packages/one/src/base.ts", "export const base: number = 1;");
    expect(await value("sum")).to.equal("2");
  });

  it("NODE_PATH is looked through, with types", async () => {
    expect(await value('import { make } from "by-path"; const made2 = make(); made2')).to.equal("{ size: 1 }");
    expect(await value("made2.sise")).to.match(/Property 'sise' does not exist on type 'Made'/);
  });

  it("completion knows what a package's exports have", async () => {
    manifest("mapped", { exports: { ".": "./main.js", "./deep/*": { types: "./d/*.d.ts", default: "./d/*.js" } } });
    write("node_modules/mapped/main.js", "");
    write("node_modules/mapped/d/part.js", "exports.part = 1;");
    write("node_modules/mapped/d/part.d.ts", "export declare const part: number;");
    const matches = async (code: string): Promise<string[]> =>
      (await kernel.request("shell", "complete_request", { code, cursor_pos: code.length - 1 })).content.matches;
    expect(await matches('import {} from "mapped/"')).to.deep.equal(["deep"]);
    expect(await matches('import {} from "mapped/deep/"')).to.deep.equal(["part"]);
    expect(await value('import { part } from "mapped/deep/part"; part')).to.equal("1");
  });

  it("an import without an ending inside an ES module fails in Node's words", async () => {
    for (const code of ['import { part } from "extensionless"; part', 'await import("extensionless")']) {
      const { error } = await kernel.execute(code);
      const folder = path.join(root, "node_modules/extensionless");
      expect(error!.evalue).to.equal(`Cannot find module '${folder}/part' imported from ${folder}/main.js`);
    }
  });
});

describe("kernel: files beside the notebook, in every form", function () {
  this.timeout(60_000);
  let folder: string;
  let kernel: KernelClient;
  const write = (file: string, ...lines: string[]): void => writeFileSync(path.join(folder, file), lines.join("\n"));
  const value = async (code: string): Promise<string | undefined> => {
    const { result, error } = await kernel.execute(code);
    return error ? `${error.ename}: ${error.evalue}` : result;
  };

  before(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-files-")));
    write("waits.ts", "export const now = 1;", "export const later: number = await Promise.resolve(2);");
    write("uses.ts", 'import { later } from "./waits";', "export const more: number = later + 1;");
    write(
      "plain.mjs",
      "export const plain = 'mjs';",
      "export function fail() {",
      "  throw new Error('in plain');",
      "}",
    );
    write("typed.mts", 'export const typed: string = "mts";', "export const name = import.meta.filename;");
    write("broken.mjs", "export const a = 1;", "export const b = = 2;");
    write("thrower.js", "export const a = 1;", "", "null.x;");
    write("bad.json", "{ bad");
    kernel = await KernelClient.start({ cwd: folder, warm: true });
  });
  after(async () => {
    await kernel?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it(".mjs and .mts, by import and by import()", async () => {
    expect(await value('import { plain, fail } from "./plain.mjs"; plain')).to.equal("'mjs'");
    expect(await value('import { typed, name } from "./typed.mts"; [typed, name]')).to.equal(
      `[ 'mts', '${path.join(folder, "typed.mts")}' ]`,
    );
    expect(await value('import { typed as again } from "./typed.mjs"; again')).to.equal("'mts'");
    expect(await value('(await import("./plain.mjs")).plain + (await import("./typed.mts")).typed')).to.equal(
      "'mjsmts'",
    );
  });

  it("those that await at their top level, by import and import(), through others, again once changed", async () => {
    expect(await value('import { now, later } from "./waits"; now + later')).to.equal("3");
    expect(await value('(await import("./waits")).later')).to.equal("2");
    expect(await value('import { more } from "./uses"; more')).to.equal("3");
    write("waits.ts", "export const now = 1;", "export const later: number = await Promise.resolve(20);");
    expect(await value("later + more")).to.equal("41");
  });

  it("one whose waiting was interrupted begins again", async () => {
    write("stuck.ts", "export const stuck: number = await new Promise(() => undefined);");
    const id = kernel.send("shell", "execute_request", {
      code: 'import { stuck } from "./stuck"; stuck',
      silent: false,
    });
    await kernel.until(
      () => kernel.published.some((each) => each.type === "execute_input" && each.parent.msg_id === id),
      5000,
      "begun",
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await kernel.interrupt();
    expect((await kernel.reply(id)).content.status).to.equal("error");
    write("stuck.ts", "export const stuck: number = await Promise.resolve(5);");
    expect(await value('import { stuck } from "./stuck"; stuck')).to.equal("5");
  });

  it("an error inside one names that file and line, and shows it", async () => {
    const { error } = await kernel.execute("fail()");
    expect(error!.traceback[1]).to.equal(`    at fail (${path.join(folder, "plain.mjs")}:3:9)`);
    expect(error!.traceback.join("\n")).to.include("> 3 |   throw new Error('in plain');");
    expect((await kernel.execute('import { a } from "./thrower"; a')).error!.traceback[1]).to.include(
      `${path.join(folder, "thrower.js")}:3:6`,
    );
    expect(await value('import { b } from "./broken.mjs"; b')).to.equal(
      "TypeScriptError: broken.mjs, line 2: Expression expected. (TS1109)",
    );
    expect(await value('import bad from "./bad.json"; bad')).to.match(/^SyntaxError: bad\.json is no JSON: /);
  });

  it("declarations of the project's own, among the files of its tsconfig.json", async () => {
    mkdirSync(path.join(folder, "types"));
    write("tsconfig.json", '{ "compilerOptions": { "strict": true }, "include": ["types"] }');
    write("types/own.d.ts", "interface OfTheProject { size: 1 }");
    expect(await value("const one: OfTheProject = { size: 2 }")).to.match(/Type '2' is not assignable to type '1'/);
    write("types/more.d.ts", "declare function ofTheProject(): OfTheProject;");
    expect(await value("let one: ReturnType<typeof ofTheProject>; one = { size: 1 }; one")).to.equal("{ size: 1 }");
  });
});

import { expect } from "chai";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { KernelClient, type CellOutcome } from "../../helpers/jupyter-client";

/** A project with a library of its own and two ES-module packages; the notebook lies two folders down. */
function makeProject(): { root: string; notebook: string; write(file: string, text: string): void } {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-language-")));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  write("sheets/one/.keep", "");
  write(
    "lib/x.ts",
    'import { base, type Unit } from "./deeper/base";\nexport interface Named { name: string }\nexport function ' +
      'named(name: string): Named { return { name: name + base }; }\nexport const unit: Unit = "mm";\nexport ' +
      "default class Box { size = 3 }\n",
  );
  write("lib/deeper/base.ts", 'export const base = "!";\nexport type Unit = "mm" | "cm";\n');
  write("lib/wrong.ts", "\nexport const count: number = 'text';\n");
  write(
    "lib/uses-esm.ts",
    'import greet from "only-esm";\nexport const greeting = greet("file");\nexport const here = import.meta.dirname;\n',
  );
  write("lib/data.json", '{ "answer": 42 }');
  write(
    "node_modules/only-esm/package.json",
    '{ "name": "only-esm", "version": "1.0.0", "type": "module", "exports": { ".": { "types": "./types.d.ts", ' +
      '"import": "./main.js" }, "./extra": "./extra.mjs" } }',
  );
  write(
    "node_modules/only-esm/types.d.ts",
    "export default function greet(who: string): string;\nexport const level: number;\n",
  );
  write(
    "node_modules/only-esm/main.js",
    "await null;\nexport default (who) => `hello ${who}`;\nexport const level = 7;\n",
  );
  write("node_modules/only-esm/extra.mjs", "export const extra = 'more';\n");
  write("node_modules/only-esm/extra.d.mts", "export const extra: string;\n");
  write(
    "node_modules/by-map/package.json",
    '{ "name": "by-map", "version": "1.0.0", "exports": { "./part": { "types": "./d/part.d.ts", "require": ' +
      '"./d/part.js" } } }',
  );
  write("node_modules/by-map/d/part.d.ts", "export declare const part: 'of a whole';\n");
  write("node_modules/by-map/d/part.js", "exports.part = 'of a whole';\n");
  return { root, notebook: path.join(root, "sheets/one"), write };
}

describe("kernel: what cells import", function () {
  this.timeout(60000);
  let project: ReturnType<typeof makeProject>;
  let kernel: KernelClient;
  before(async () => {
    project = makeProject();
    kernel = await KernelClient.start({ cwd: project.notebook, warm: true });
  });
  after(async () => {
    await kernel?.kill();
    rmSync(project.root, { recursive: true, force: true });
  });

  const run = (code: string): Promise<CellOutcome> => kernel.execute(code);
  /** The result, or what went wrong. */
  const value = async (code: string): Promise<string | undefined> => {
    const { result, error } = await run(code);
    return error ? `${error.ename}: ${error.evalue}` : result;
  };

  it("TypeScript files from anywhere in the project, with and without .ts, with their types", async () => {
    expect(await value('import { named, unit } from "../../lib/x.ts"; named("a").name + unit')).to.equal("'a!mm'");
    expect(
      await value('import Box, * as everything from "../../lib/x"; new Box().size + Object.keys(everything).length'),
    ).to.equal("6");
    expect(await value('import type { Named } from "../../lib/x"; const one: Named = named("b"); one')).to.equal(
      "{ name: 'b!' }",
    );
    expect(await value('named("a").nome')).to.match(
      /TypeScriptError: line 1: Property 'nome' does not exist on type 'Named'/,
    );
    expect(await value("unit satisfies 'mm' | 'cm'")).to.equal("'mm'");
    expect(await value('import data from "../../lib/data.json"; const answer: number = data.answer; answer')).to.equal(
      "42",
    );
  });

  it("a type error in an imported file is named with file and line, and nothing runs", async () => {
    expect(await value('console.log("ran"); import { count } from "../../lib/wrong"; count')).to.equal(
      `TypeScriptError: ${path.normalize("../../lib/wrong.ts")}, line 2: Type 'string' is not assignable to type ` +
        `'number'. (TS2322)`,
    );
    project.write("lib/wrong.ts", "export const count: number = 5;\n");
    expect(await value('import { count } from "../../lib/wrong"; count')).to.equal("5");
  });

  it(
    "a file that changed is loaded again, together with those that import it; names imported earlier show the new " +
      "values",
    async () => {
      project.write(
        "sheets/one/helper.ts",
        'import { base } from "../../lib/deeper/base";\nexport const version = 1;\nexport const says = (): string ' +
          '=> "one" + base;\n',
      );
      expect(await value('import { says, version } from "./helper"; says() + version')).to.equal("'one!1'");
      project.write(
        "sheets/one/helper.ts",
        'import { base } from "../../lib/deeper/base";\nexport const version = "second";\nexport const says = (): ' +
          'string => "two" + base;\nexport const more = true;\n',
      );
      expect(await value("says() + version.toUpperCase()")).to.equal("'two!SECOND'");
      expect(await value('import { more } from "./helper"; more')).to.equal("true");
      project.write("lib/deeper/base.ts", 'export const base = "?";\nexport type Unit = "mm" | "cm";\n');
      expect(await value("says()")).to.equal("'two?'");
    },
  );

  it("a file that changed for the worse says so and leaves what it exported", async () => {
    project.write("sheets/one/fragile.ts", "export const steady = 1;\n");
    await run('import { steady } from "./fragile"');
    project.write("sheets/one/fragile.ts", "export const steady = 2;\nthrow new Error('half-way');\n");
    const { stderr, result } = await run("steady");
    expect(stderr).to.match(/fragile\.ts changed and could not be loaded again[\s\S]*half-way[\s\S]*fragile\.ts:2:7/);
    expect(result).to.equal("1");
    project.write("sheets/one/fragile.ts", "export const steady = 3;\n");
    expect(await value("steady")).to.equal("3");
  });

  it("a file that comes to exist after an import of it failed", async () => {
    expect(await value('import { late } from "./late"; late')).to.match(/Cannot find module '.\/late'/);
    project.write("sheets/one/late.ts", "export const late = 9;\n");
    expect(await value('import { late } from "./late"; late')).to.equal("9");
  });

  it("packages that are ES modules only, and those with nothing but an exports map, with their types", async () => {
    expect(await value('import greet, { level } from "only-esm"; greet("cell") + level')).to.equal("'hello cell7'");
    expect(await value('import * as all from "only-esm"; all.level + all.default("x").length')).to.equal("14");
    expect(await value('import { extra } from "only-esm/extra"; extra')).to.equal("'more'");
    expect(await value("const wrong: string = level")).to.match(/'number' is not assignable to type 'string'/);
    expect(await value('import { part } from "by-map/part"; part satisfies "of a whole"')).to.equal("'of a whole'");
    expect(await value('import { greeting, here } from "../../lib/uses-esm"; [greeting, here]')).to.equal(
      `[ 'hello file', '${path.join(project.root, "lib")}' ]`,
    );
  });

  it("import() and import.meta", async () => {
    expect(await value('const { default: hello } = await import("only-esm"); hello("late")')).to.equal("'hello late'");
    expect(await value('(await import("../../lib/x.ts")).unit')).to.equal("'mm'");
    expect(await value('const name = "fs"; typeof (await import(name)).readFileSync')).to.equal("'function'");
    expect(await value("import.meta.dirname")).to.equal(`'${project.notebook}'`);
    expect(await value("import.meta.url.startsWith('file:///')")).to.equal("true");
  });

  it("what is not there is named", async () => {
    expect(await value('import x from "no-such-package"; x')).to.match(/Cannot find module 'no-such-package'/);
    expect(await value('await import("no-such-package" as string)')).to.match(
      /Cannot find (module|package) 'no-such-package'/,
    );
  });
});

describe("kernel: the project's tsconfig.json", function () {
  this.timeout(60000);
  let folder: string;
  let kernel: KernelClient;
  before(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-tsconfig-")));
    mkdirSync(path.join(folder, "notebooks"));
    mkdirSync(path.join(folder, "code"));
    writeFileSync(path.join(folder, "base.json"), '{ "compilerOptions": { "noImplicitAny": false } }');
    writeFileSync(
      path.join(folder, "tsconfig.json"),
      '{ "extends": "./base.json", "compilerOptions": { "strict": true, "lib": ["ES2022", "DOM"], "paths": { ' +
        '"@code/*": ["./code/*"] }, "noUnusedLocals": true, "module": "ESNext" } }',
    );
    writeFileSync(path.join(folder, "code/mine.ts"), "export const mine = 'mapped';\n");
    kernel = await KernelClient.start({ cwd: path.join(folder, "notebooks"), warm: true });
  });
  after(async () => {
    await kernel?.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const message = async (code: string): Promise<string> => (await kernel.execute(code)).error?.evalue ?? "";

  it("strict, lib and paths apply, what it extends included", async () => {
    expect(await message("const text: string = null")).to.include("'null' is not assignable");
    expect(await message("const implied = (x) => x")).to.equal("");
    expect(await message("const element = (): HTMLElement | null => document.body")).to.equal("");
    expect((await kernel.execute('import { mine } from "@code/mine"; mine')).result).to.equal("'mapped'");
  });

  it("is read again when it changes", async () => {
    writeFileSync(path.join(folder, "tsconfig.json"), '{ "compilerOptions": { "strict": false } }');
    expect(await message("const nothing: string = null")).to.equal("");
    writeFileSync(path.join(folder, "tsconfig.json"), '{ "compilerOptions": { "strict": ');
    const { stderr, reply } = await kernel.execute("1");
    expect(reply.status).to.equal("ok");
    expect(stderr).to.include("tsconfig.json");
  });
});

describe("kernel: outside the repository", function () {
  this.timeout(60000);
  let folder: string;
  let kernel: KernelClient;
  before(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-elsewhere-")));
    writeFileSync(
      path.join(folder, "helper.ts"),
      "export interface H { a: number }\nexport function help(): H {\n  if (Math.random() > 2) throw new " +
        "Error();\n  return { a: 7 };\n}\nexport function fail(): never {\n  throw new Error('in the helper');\n}\n",
    );
    kernel = await KernelClient.start({ cwd: folder, warm: true });
  });
  after(async () => {
    await kernel?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it("cells are checked strictly where no tsconfig.json says otherwise", async () => {
    expect((await kernel.execute("const implied = (x) => x")).error!.evalue).to.include("implicitly has an 'any' type");
  });

  it("the library and the project's packages are found, with types, and so are files beside the notebook", async () => {
    expect(
      (
        await kernel.execute(
          'import { loadModel } from "vitrine"; import * as tf from "@tensorflow/tfjs"; const one: tf.Tensor = ' +
            "tf.scalar(1); typeof loadModel",
        )
      ).result,
    ).to.equal("'function'");
    // The compiler writes down the types of these, which it must be able to name from here.
    expect(
      (
        await kernel.execute(
          'import { saliency } from "vitrine"; const two = tf.scalar(2); const explain = async () => ' +
            "saliency(null as never, two as never)",
        )
      ).reply.status,
    ).to.equal("ok");
    expect((await kernel.execute("const wrong: number = await explain()")).error!.evalue).to.match(
      /'Attribution.*' is not assignable to type 'number'/,
    );
    expect((await kernel.execute("two.mul(3).dataSync()[0]")).result).to.equal("6");
    expect(
      (
        await kernel.execute(
          "import * as fs from 'fs'; const text: string = fs.readFileSync('helper.ts', 'utf8'); text.length > 0",
        )
      ).result,
    ).to.equal("true");
    expect((await kernel.execute('import { help, fail } from "./helper"; help().a')).result).to.equal("7");
    const { error } = await kernel.execute("fail()");
    expect(error!.traceback.join("\n")).to.match(/at fail \(.*helper\.ts:7:9\)/);
    expect((await kernel.execute('import "no-such-package"')).reply.status).to.equal("error");
  });
});

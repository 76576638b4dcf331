import { expect } from "chai";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "fs";
import { tmpdir } from "os";
import * as path from "path";
import { KernelClient } from "../../helpers/jupyter-client";
import { Registry } from "../../helpers/npm-registry";

describe("kernel: packages installed from a cell", function () {
  this.timeout(60_000);
  let folder: string;
  let registry: Registry;
  let kernel: KernelClient;
  const value = async (code: string): Promise<string | undefined> => {
    const { result, error } = await kernel.execute(code);
    return error ? `${error.ename}: ${error.evalue}` : result;
  };

  before(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), "vitrine-install-")));
    registry = await Registry.start(folder);
    registry.publish("plain-words", {}, { "index.js": "exports.words = ['a', 'b'];" });
    registry.publish("@types/plain-words", {}, { "index.d.ts": "export declare const words: string[];" });
    const typed = {
      type: "module",
      exports: { ".": { types: "./main.d.ts", default: "./main.js" }, "./part.js": "./part.js" },
    };
    registry.publish("typed-module", typed, {
      "main.js": "export const size = 4;",
      "main.d.ts": "export declare const size: number;",
      "part.js": "export const part = 'part';",
      "part.d.ts": "export declare const part: string;",
    });
    mkdirSync(path.join(folder, "notebook"));
    kernel = await KernelClient.start({
      cwd: path.join(folder, "notebook"),
      env: registry.env,
      warm: true,
    });
  });
  after(async () => {
    await kernel?.kill();
    registry?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("await install(…): beside the notebook, with progress, and with the types that somebody else wrote", async () => {
    expect(await value('import { words } from "plain-words"; words')).to.match(/Cannot find module 'plain-words'/);
    const { stdout, reply } = await kernel.execute('await install("plain-words@1")');
    expect(reply.status).to.equal("ok");
    expect(stdout).to.match(/Installing plain-words@1 … \d+ s/);
    expect(stdout).to.include(`plain-words 1.2.3: in ${path.join(folder, "notebook/node_modules")}\n`);
    expect(await value('import { words } from "plain-words"; const n: number = words')).to.match(
      /Type 'string\[\]' is not assignable to type 'number'/,
    );
    expect(await value('import { words } from "plain-words"; words')).to.equal("[ 'a', 'b' ]");
  });

  it('import … from "npm:…": installed by the cell that asks for it, once, with its parts and types', async () => {
    const first = await kernel.execute('import { size } from "npm:typed-module@1"; const n: number = size; n');
    expect([first.result, first.error]).to.deep.equal(["4", undefined]);
    expect(first.stdout).to.include("typed-module 1.2.3: in ");
    const second = await kernel.execute(
      'import { part } from "npm:typed-module@1/part.js"; import { size as again } from "npm:typed-module"; part ' +
        "+ again",
    );
    expect([second.result, second.stdout]).to.deep.equal(["'part4'", ""]);
    expect(await value('import { size as wrong } from "npm:typed-module@1"; const s: string = wrong')).to.match(
      /'number' is not assignable to type 'string'/,
    );
    expect(await value('(await import("npm:typed-module@1")).size')).to.equal("4");
  });

  it("says in a line what was wrong", async () => {
    expect(await value('await install("no-such-words")')).to.equal(
      "Error: install: npm's registry has no package no-such-words. Is the name right?",
    );
    expect(await value('await install("plain-words@9")')).to.equal(
      "Error: install: npm's registry has no such version: plain-words@9.",
    );
    expect(await value('await install("--global plain-words")')).to.match(
      /is no name of a package\. Allowed: a name of npm's/,
    );
    expect(await value("await install()")).to.match(/no package was named/);
  });

  it("without the internet the error says so", async () => {
    await kernel.execute('process.env.npm_config_registry = "http://127.0.0.1:9"');
    expect(await value('import x from "npm:never-fetched@1"; x')).to.match(
      /^Error: install: never-fetched@1 cannot be fetched: npm's registry cannot be reached \(ECONNREFUSED\)/,
    );
  });
});

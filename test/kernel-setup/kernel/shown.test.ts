import { expect } from "chai";
import type { KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

const host = "(globalThis as any)[Symbol.for('vitrine.host')]";

describe("kernel: what is shown of unusual values", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  for (const [what, code, name] of [
    ["an arrow function", "const shownArrow = () => 1; shownArrow", "[Function: shownArrow]"],
    [
      "one that is assigned later",
      "let shownLater = () => 1; shownLater = () => 2; shownLater",
      "[Function: shownLater]",
    ],
    [
      "a function expression that another cell assigns",
      "shownLater = function () { return 3; }; shownLater",
      "[Function: shownLater]",
    ],
    ["a class expression", "let ShownKind: any; ShownKind = class {}; ShownKind", "[class ShownKind]"],
    ["one with a name of its own", "shownLater = function own() { return 4; }; shownLater", "[Function: own]"],
  ]) {
    it(`${what} has its name`, async () => {
      expect((await kernel.execute(code)).result).to.equal(name);
    });
  }

  it("console.trace prints its message and the place", async () => {
    const { stderr } = await kernel.execute(
      "function traced() { console.trace('at %s', 'home', { a: 1 }); }\ntraced()",
    );
    expect(stderr).to.match(/^Trace: at home \{ a: 1 \}\n {4}at traced \(In \[\d+\]:1:\d+\)\n {4}at In \[\d+\]:2:1\n/);
  });

  for (const [what, value, bare, reason] of [
    [
      "whose inspection throws",
      "({ a: 1, [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('boo') } })",
      "a: 1",
      "boo",
    ],
    ["that is a proxy whose traps throw", "new Proxy({ a: 1 }, { get() { throw new Error('trap') } })", "a: 1", "trap"],
  ]) {
    it(`a result ${what} is shown all the same, with the reason`, async () => {
      const { reply, result } = await kernel.execute(value);
      expect(reply.status).to.equal("ok");
      expect(result)
        .to.include(bare)
        .and.match(/\n\[how it wants to be shown failed: .*\]$/)
        .and.include(reason);
    });
  }

  it("a result whose own display is of a wrong type is refused by name", async () => {
    const { error } = await kernel.execute("({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': 5 }) })");
    expect(error!.evalue).to.match(/Jupyter\.display.*: "text\/html" must be a text or a Uint8Array, got number 5$/);
  });

  for (const [bundle, words] of [
    ["null", /a bundle is an object .*, got null$/],
    ["'text'", /a bundle is an object .*, got string text$/],
    ["[1]", /a bundle is an object .*, got an array$/],
    ["{ html: 'x' }", /"html" is no MIME type; allowed: such as "text\/html"/],
    ["{ 'text/html': 3 }", /"text\/html" must be a text or a Uint8Array, got number 3$/],
    ["{ 'image/png': { a: 1 } }", /"image\/png" must be a text or a Uint8Array, got an object \(Object\)$/],
    ["{ 'image/png': 'data:image/png;base64,AAAA' }", /"image\/png" must be base64 or a Uint8Array, got a data: URL/],
    ["{ 'application/json': 10n }", /"application\/json" must be what JSON can hold: .*BigInt/],
    [
      "{ 'application/vnd.x+json': undefined }",
      /"application\/vnd\.x\+json" must be what JSON can hold: got undefined$/,
    ],
    ["{ 'text/plain': 'a' }, 5", /metadata is an object .*, got number 5$/],
  ] as const) {
    it(`display(${bundle}) is refused by name`, async () => {
      const { outputs, error } = await kernel.execute(`${host}.display(${bundle})`);
      expect(error!.evalue)
        .to.match(/^display: /)
        .and.match(words);
      expect(outputs.map(({ type }) => type)).to.deep.equal(["error"]);
    });
  }

  it("lines are one text, bytes are base64, and what JSON can hold is passed on", async () => {
    const { outputs } = await kernel.execute(
      `${host}.display({ 'text/plain': ['a\\n', 'b'], 'image/png': new Uint8Array([1, 2]), 'application/json': ` +
        `[1, null] })`,
    );
    expect(outputs[0].content.data).to.deep.equal({
      "text/plain": "a\nb",
      "image/png": "AQI=",
      "application/json": [1, null],
    });
  });

  it("_ is the last result, until a cell declares a _ of its own", async () => {
    const own = await sharedKernel();
    await own.execute("6 * 7");
    expect((await own.execute("_ + 1")).result).to.equal("43");
    await own.execute("const between = 1");
    await own.execute("undefined");
    await own.execute("5", { silent: true });
    await own.execute("1", { user_expressions: { other: "99" } });
    expect((await own.execute("[_]")).result).to.equal("[ 1 ]");
    expect((await own.execute("const list = [1, 2].map((_) => _ * 2); list")).result).to.equal("[ 2, 4 ]");
    expect((await own.execute("_[1]")).result).to.equal("4");
    expect((await own.execute("import _ from 'lodash'; _.add(1, 2)")).result).to.equal("3");
    expect((await own.execute("_.add(2, 2)")).result).to.equal("4");
  });
});

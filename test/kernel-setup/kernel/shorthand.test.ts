import { expect } from "chai";
import type { KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: shorthand properties", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
    await kernel.execute("let a = 1; const b = 'two'; function f() { return 3; }");
  });

  it("take names from earlier cells", async () => {
    expect((await kernel.execute("({ a, b, c: a })")).result).to.equal("{ a: 1, b: 'two', c: 1 }");
    expect((await kernel.execute("const g = (a: number) => ({ a, f }); [g(5).a, g(5).f()]")).result).to.equal(
      "[ 5, 3 ]",
    );
    expect((await kernel.execute("const d = { b, nested: { a } }; JSON.stringify(d)")).result).to.equal(
      '\'{"b":"two","nested":{"a":1}}\'',
    );
  });

  it("take names from their own cell and from the world", async () => {
    expect(
      (await kernel.execute("const own = 7; const inner = () => { const a = 9; return { own, a, b }; }; inner()"))
        .result,
    ).to.equal("{ own: 7, a: 9, b: 'two' }");
    expect((await kernel.execute("typeof ({ console }).console.log")).result).to.equal("'function'");
  });

  it("can be assigned to", async () => {
    expect((await kernel.execute("({ a } = { a: 11 }); a")).result).to.equal("11");
    expect((await kernel.execute("({ a = 12 } = {} as { a?: number }); a")).result).to.equal("12");
  });
});

import { join } from "node:path";
import { expect } from "chai";
import { chromiumPath } from "../../notebooks/lab";
import { openPage, type Opened } from "./page";

type Errors = string | [string, number | string][];

describe(`in a browser${chromiumPath ? "" : " [needs service Chromium]"}`, function () {
  this.timeout(120_000);
  let opened: Opened;

  before(async function () {
    if (!chromiumPath) return this.skip();
    opened = await openPage(join(__dirname, "gradients.page.browser.ts"));
    await opened.page.waitForFunction("typeof errorsOn === 'function'");
  });
  after(() => opened?.close());

  const asked = (what: string, backend: string): Promise<Errors> =>
    opened.page.evaluate(`${what}(${JSON.stringify(backend)}, "/wasm/")`);

  for (const backend of ["webgpu", "webgl", "wasm", "cpu"]) {
    it(`gradients on ${backend} agree with central differences`, async () => {
      const errors = await asked("errorsOn", backend);
      expect(errors, "the engine").to.be.an("array").with.length.above(100);
      expect((errors as [string, number][]).filter(([, error]) => !(error < 5e-3))).to.deep.equal([]);
    });

    it(`ties and large strides on ${backend} give what cpu gives`, async () => {
      const errors = await asked("errorsForward", backend);
      expect(errors, "the engine").to.be.an("array").with.length.above(20);
      const wrong = (errors as [string, number | string][]).filter(([, error]) => !(Number(error) < 1e-5));
      if (backend === "wasm") expect(wrong.map(([name]) => name)).to.deep.equal(["gather with batchDims"]);
      else expect(wrong).to.deep.equal([]);
    });
  }

  it("nothing was thrown that nobody caught", () => {
    expect(opened.complaints).to.deep.equal([]);
  });
});

import { expect } from "chai";
import type { KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

const host = "(globalThis as any)[Symbol.for('vitrine.host')]";

describe("kernel: rich display", function () {
  this.timeout(60000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
  });

  it("a whole bundle goes out as one display_data, bytes as base64", async () => {
    const { outputs } = await kernel.execute(
      `console.log("before"); ${host}.display({ "application/vnd.plotly.v1+json": { data: [] }, "image/png": new ` +
        `Uint8Array([1, 2, 3]), "text/plain": "p" }, { isolated: true })`,
    );
    expect(outputs.map((each) => each.type)).to.deep.equal(["stream", "display_data"]);
    expect(outputs[1].content).to.deep.equal({
      data: { "application/vnd.plotly.v1+json": { data: [] }, "image/png": "AQID", "text/plain": "p" },
      metadata: { isolated: true },
      transient: {},
    });
  });

  it("an output can be replaced and the cell's output cleared", async () => {
    const { outputs } = await kernel.execute(
      `${host}.display({ "text/plain": "1" }, {}, { displayId: "d" }); ${host}.display({ "text/plain": "2" }, ` +
        `{}, { displayId: "d", update: true }); ${host}.clearOutput(true)`,
    );
    expect(outputs.map((each) => each.type)).to.deep.equal(["display_data", "update_display_data", "clear_output"]);
    expect(outputs[1].content).to.deep.include({ data: { "text/plain": "2" }, transient: { display_id: "d" } });
    expect(outputs[2].content).to.deep.equal({ wait: true });
    expect((await kernel.execute(`${host}.display({}, {}, { update: true })`)).error!.evalue).to.match(
      /needs the `displayId`/,
    );
  });

  for (const [how, body] of [
    ["at once", "return bundle;"],
    ["as a promise", "return new Promise((resolve) => setTimeout(() => resolve(bundle), 20));"],
  ]) {
    it(`an object with Jupyter.display is shown through its bundle, given ${how}`, async () => {
      const { outputs } = await kernel.execute(
        `const shown = { [Symbol.for("Jupyter.display")]() { const bundle = { "text/html": "<b>x</b>", ` +
          `"text/plain": "x" }; ${body} } }; shown`,
      );
      expect(outputs.map((each) => each.type)).to.deep.equal(["execute_result"]);
      expect(outputs[0].content.data).to.deep.equal({ "text/html": "<b>x</b>", "text/plain": "x" });
    });
  }

  it("a display method that fails makes the cell fail", async () => {
    const { reply } = await kernel.execute(
      `({ [Symbol.for("Jupyter.display")]() { throw new Error("no picture"); } })`,
    );
    expect(reply).to.include({ status: "error", ename: "Error", evalue: "no picture" });
  });

  it("tslab's own display API works", async () => {
    const { outputs } = await kernel.execute(
      `import { display, newDisplay } from "tslab"; display.html("<i>h</i>"); display.png(new ` +
        `Uint8Array([255])); const d = newDisplay(); d.text("a"); d.text("b")`,
    );
    expect(outputs.map((each) => [each.type, each.content.data])).to.deep.equal([
      ["display_data", { "text/html": "<i>h</i>" }],
      ["display_data", { "image/png": "/w==" }],
      ["display_data", { "text/plain": "a" }],
      ["update_display_data", { "text/plain": "b" }],
    ]);
  });

  it("the host's signal is a new one for each cell", async () => {
    await kernel.execute(`const earlier: AbortSignal = ${host}.signal`);
    expect((await kernel.execute(`[earlier === ${host}.signal, ${host}.signal.aborted]`)).result).to.equal(
      "[ false, false ]",
    );
  });
});

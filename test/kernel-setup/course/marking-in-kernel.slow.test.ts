import { expect } from "chai";
import { KernelClient } from "../../helpers/jupyter-client";

describe("checks in the kernel: the library's methods while a student's function runs", function () {
  this.timeout(60_000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await KernelClient.start();
    await kernel.execute(
      `import { tf, saliency, ready, loadModel } from "vitrine"; import { checkGradient } from "vitrine-course"; ` +
        `await ready(); const model = await loadModel("fashion-deep");`,
    );
  });
  after(() => kernel?.kill());
  it("a method refuses while the check calls the function, also one that was given another name before", async () => {
    const { reply } = await kernel.execute(
      `const other = saliency; await checkGradient(async (model, images, target) => (await other(model, images, ` +
        `{ target })).values);`,
    );
    expect(reply).to.include({ status: "error" });
    expect(String(reply.evalue)).to.match(/saliency is not there when task 1 is marked/);
  });

  for (const { name, body } of [
    { name: "a loop", body: "while (true) tf.zeros([1]).dispose();" },
    { name: "waiting", body: "return new Promise<tf.Tensor>(() => undefined);" },
  ]) {
    it(`after an interrupt of a check (${name}) they work again`, async () => {
      const check = kernel.execute(`await checkGradient(() => { console.log("begun"); ${body} });`);
      await kernel.until(
        () => kernel.published.some((each) => each.type === "stream" && String(each.content.text).includes("begun")),
        20_000,
        "the function's first line",
      );
      await kernel.interrupt();
      expect((await check).reply).to.include({ status: "error", ename: "KeyboardInterrupt" });
      kernel.published.splice(0);
      const { reply } = await kernel.execute(
        `(await saliency(model, tf.zeros([1, 28, 28, 1]) as tf.Tensor4D)).dispose();`,
      );
      expect(reply.status, JSON.stringify(reply)).to.equal("ok");
    });
  }
});

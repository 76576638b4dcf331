import { expect } from "chai";
import type { CellOutcome, KernelClient } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

describe("kernel: progress bars and times", function () {
  this.timeout(120_000);
  let kernel: KernelClient;
  before(async () => {
    kernel = await sharedKernel();
    const { error } = await kernel.execute(
      'import { progress, time, timeit, tf } from "vitrine"; const pause = (ms: number) => new Promise((resolve) ' +
        "=> setTimeout(resolve, ms));",
    );
    expect(error?.evalue).to.equal(undefined);
  });

  const bars = ({ outputs }: CellOutcome): { type: string; id: string; text: string }[] =>
    outputs
      .filter(({ type }) => /display_data$/.test(type))
      .map(({ type, content }) => ({ type, id: content.transient.display_id, text: content.data["text/plain"] }));

  it("one display that is updated in place, typed as what it goes through", async () => {
    const outcome = await kernel.execute(
      "let sum: number = 0; for (const x of progress([1, 2, 3], { label: 'summing' })) { sum += x; await " +
        "pause(250); } sum",
    );
    expect(outcome.error?.evalue).to.equal(undefined);
    expect(outcome.result).to.equal("6");
    const drawn = bars(outcome);
    expect(drawn.map(({ type }) => type)).to.deep.equal([
      "display_data",
      ...drawn.slice(1).map(() => "update_display_data"),
    ]);
    expect(drawn.length).to.be.above(3);
    expect(new Set(drawn.map(({ id }) => id)).size).to.equal(1);
    expect(drawn.at(-1)!.text).to.match(/^summing: 3 of 3, [\d.]+(\/s| s each), took [\d.]+ s$/);
  });

  it("a synchronous loop's bar moves while the loop keeps the thread", async () => {
    const id = kernel.send("shell", "execute_request", {
      code:
        "for (const x of progress(Array(30).keys())) { const end = Date.now() + 50; while (Date.now() < end); } " +
        "'over'",
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
    const reply = kernel.reply(id);
    await kernel.until(
      () =>
        kernel.published.filter((each) => each.parent.msg_id === id && each.type === "update_display_data").length >= 2,
      20_000,
      "updated",
    );
    expect(kernel.isIdle(id), "idle while the bar moves").to.equal(false);
    expect((await kernel.outcome(id, (await reply).content)).result).to.equal("'over'");
  });

  for (const [name, loop] of [
    ["for … of with awaits", "for (const x of progress(Array(1000).keys(), { total: 1000 })) await pause(50);"],
    [
      "for … of that keeps the thread",
      "for (const x of progress(Array(1e5).keys(), { total: 1e5 })) { const end = Date.now() + 20; while " +
        "(Date.now() < end); }",
    ],
    [
      "for await",
      "for await (const x of progress((async function* () { while (true) { await pause(30); yield 1; } })())) " +
        "console.log('.');",
    ],
  ]) {
    it(`${name}: an interrupt ends the loop and its bar`, async () => {
      const id = kernel.send("shell", "execute_request", {
        code: loop,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      });
      const reply = kernel.reply(id);
      const updates = (): number =>
        kernel.published.filter((each) => each.parent.msg_id === id && each.type === "update_display_data").length;
      await kernel.until(() => updates() >= 2, 20_000, "updated");
      await kernel.interrupt();
      const outcome = await kernel.outcome(id, (await reply).content);
      expect(outcome.reply.ename).to.equal("KeyboardInterrupt");
      expect(bars(outcome).at(-1)!.text).to.match(
        name === "for await" ? /took \d+ s$/ : /of \d+, .*stopped after \d+ s$/,
      );
      const before = updates();
      await kernel.execute("await pause(300)");
      expect(updates()).to.equal(before);
    });
  }

  it("time and timeit print, and give typed values back", async () => {
    const outcome = await kernel.execute(
      "const n: number = time('product', () => 6 * 7); const t: tf.Tensor = await timeit(async () => " +
        "tf.ones([2]), { runs: 3 }); t.dispose(); n",
    );
    expect(outcome.error?.evalue).to.equal(undefined);
    expect(outcome.result).to.equal("42");
    expect(outcome.stdout).to.match(
      /^product: [\d.]+ (µs|ms)\n[\d.]+ (µs|ms) ± [\d.]+ (µs|ms) a run \(mean ± standard deviation of 3 runs, after one to warm up\); 1 tensor more\n$/,
    );
  });
});

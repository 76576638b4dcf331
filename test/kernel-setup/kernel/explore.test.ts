import { expect } from "chai";
import type { Content, KernelClient, Received } from "../../helpers/jupyter-client";
import { sharedKernel } from "../../helpers/shared-kernel";

const VIEW = "application/vnd.jupyter.widget-view+json",
  PLOT = "application/vnd.plotly.v1+json";

/** What is drawn: a bar as high as the value; 7 fails, 8 is slow, 9 never ends. */
const draw = `async (value: number) => {
  tf.ones([100]);
  (globalThis as any).drawn.push(value);
  if (value === 7) throw new Error("no 7, please");
  if (value === 8) await new Promise((resolve) => setTimeout(resolve, 400));
  if (value === 9) while (true);
  return figure({ data: [{ type: "bar", x: ["n"], y: [value] }], caption: "A bar of " + value + "." });
}`;

describe("kernel: explore", function () {
  this.timeout(60_000);
  let kernel: KernelClient, id: string, outputs: Received[], place: string;
  before(async () => {
    kernel = await sharedKernel();
    await kernel.execute('import { explore, figure } from "vitrine"; import * as tf from "@tensorflow/tfjs";');
    await kernel.execute("(globalThis as any).drawn = []; const before = tf.memory().numTensors;");
    ({ outputs } = await kernel.execute(
      `await explore({ label: "n", min: 0, max: 10, step: 1, value: 2, unit: "bars" }, ${draw})`,
    ));
    id = String(outputs.find(({ type }) => type === "comm_open")!.content.comm_id);
    const last = outputs[outputs.length - 1];
    place = String((last.content.transient as Content).display_id);
  });

  /** The browser moves the slider to each value in turn. @returns what is published until `end` is */
  async function moved(values: readonly number[], end: (each: Received) => boolean): Promise<Received[]> {
    const from = kernel.published.length;
    for (const value of values)
      kernel.send("shell", "comm_msg", {
        comm_id: id,
        data: { method: "update", state: { value }, buffer_paths: [] },
      });
    const since = (): Received[] => kernel.published.slice(from);
    await kernel.until(() => since().some(end), 20_000, "what was drawn");
    return since();
  }
  const isDrawn =
    (value: number) =>
    ({ type, content }: Received): boolean =>
      type === "comm_msg" && ((content.data as Content).state as Content).drawn === value;
  const updates = (all: Received[]): Content[] =>
    all.filter(({ type }) => type === "update_display_data").map(({ content }) => content);
  const run = async (code: string): Promise<unknown> => (await kernel.execute(code)).result;

  it("shows a slider with its label, range and unit, and below it the first figure as any other", () => {
    const [open, slider, plot] = outputs;
    expect((open.content.data as Content).state).to.include({
      label: "n",
      min: 0,
      max: 10,
      step: 1,
      value: 2,
      unit: "bars",
    });
    const shown = slider.content.data as Content;
    expect(shown[VIEW]).to.deep.equal({ version_major: 2, version_minor: 0, model_id: id });
    expect(shown["text/plain"]).to.match(/^n: a slider from 0 to 10 bars\./);
    const data = plot.content.data as Content;
    expect(data["text/plain"]).to.equal("A bar of 2.");
    expect(data).to.include.keys(PLOT, "image/png");
  });

  it("draws again in place what it is moved to, picture included, and leaves no tensor", async () => {
    const [update, ...more] = updates(await moved([5], isDrawn(5)));
    expect(more).to.deep.equal([]);
    expect((update.transient as Content).display_id).to.equal(place);
    const data = update.data as Content;
    expect(data["text/plain"]).to.equal("A bar of 5.");
    expect(((data[PLOT] as Content).data as Content[])[0].y).to.deep.equal([5]);
    expect(data).to.include.keys("image/png");
    expect(await run("tf.memory().numTensors - before")).to.equal("0");
  });

  it("draws one at a time; of a quick row the newest wins", async () => {
    await run("(globalThis as any).drawn = []");
    await moved([8, 1, 2, 3], isDrawn(3));
    expect(await run("(globalThis as any).drawn.join()")).to.equal("'8,3'");
    expect(await run("tf.memory().numTensors - before")).to.equal("0");
  });

  it("says in the figure's place what a draw throws, and draws the next value", async () => {
    const [failed] = updates(await moved([7], isDrawn(7)));
    expect((failed.data as Content)["text/plain"]).to.equal("No figure for n = 7 bars: no 7, please");
    expect((failed.data as Content)["text/html"]).to.match(/role="alert".*no 7, please/);
    const [right] = updates(await moved([4], isDrawn(4)));
    expect((right.data as Content)["text/plain"]).to.equal("A bar of 4.");
    expect(await run("tf.memory().numTensors - before")).to.equal("0");
  });

  it("an interrupt ends a draw without end, and the next value is drawn", async () => {
    const asked = moved([9], isDrawn(9));
    // Nothing says that a loop without end has begun.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await kernel.interrupt();
    const [stopped] = updates(await asked);
    expect((stopped.data as Content)["text/plain"]).to.equal("No figure for n = 9 bars: Interrupted.");
    const [right] = updates(await moved([6], isDrawn(6)));
    expect((right.data as Content)["text/plain"]).to.equal("A bar of 6.");
    expect(await run("tf.memory().numTensors - before")).to.equal("0");
  });

  it("passes over values that no slider has, and answers a page that was loaded again", async () => {
    await run("(globalThis as any).drawn = []");
    await moved([11, -1, 3], isDrawn(3));
    expect(await run("(globalThis as any).drawn.join()")).to.equal("'3'");
    const from = kernel.published.length;
    kernel.send("shell", "comm_msg", { comm_id: id, data: { method: "request_state" } });
    await kernel.until(() => kernel.published.slice(from).some(({ type }) => type === "comm_msg"), 5000, "state");
    const answer = kernel.published.slice(from).find(({ type }) => type === "comm_msg")!;
    expect((answer.content.data as Content).state).to.include({ value: 3, drawn: 3, label: "n" });
  });
});

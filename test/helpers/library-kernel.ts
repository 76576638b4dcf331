import { expect } from "chai";
import { join } from "node:path";
import { executeContent, KernelClient, projectRoot, type CellOutcome, type Content } from "./jupyter-client";

/** A running cell of the library's, with what it needs. Each counts its steps in `ticks.n`, or draws a bar. */
export interface LongCell {
  readonly name: string;
  readonly code: string;
}

/** What the library's long work looks like in a cell; none of these ends by itself. */
export const longCells: readonly LongCell[] = [
  {
    name: "model.fit",
    code: `await student.fit(xs, ys, { epochs: 1e6, verbose: 0, callbacks: { onBatchEnd: () => { ticks.n++; } } });`,
  },
  { name: "model.fit with a progress bar of its own", code: `await student.fit(xs, ys, { epochs: 1e6 });` },
  {
    name: "model.fit that never yields",
    code:
      `await student.fit(xs, ys, { epochs: 1e6, verbose: 0, yieldEvery: "never", callbacks: { onBatchEnd: () => { ` +
      `ticks.n++; } } });`,
  },
  {
    name: "model.fit whose callback sleeps",
    code:
      `await student.fit(xs, ys, { epochs: 1e6, verbose: 0, callbacks: { onBatchEnd: async () => { ticks.n = 2; ` +
      `await new Promise((resolve) => setTimeout(resolve, 5000)); } } });`,
  },
  {
    name: "train",
    code:
      `await train(pupil, { pixels: pixels, labels: labels, shape: [28, 28, 1] }, { epochs: 1e4, batchSize: 32, ` +
      `reportEvery: 1, onStep: () => { ticks.n++; } });`,
  },
  {
    name: "integratedGradients",
    code:
      `await integratedGradients(model, images, { target: 1, steps: 500, onProgress: () => { ticks.n++; } }); ` +
      `while (true) { ticks.n++; (await integratedGradients(model, images, { target: 1 })).dispose(); }`,
  },
  {
    name: "integratedGradients in long steps",
    code:
      `while (true) { ticks.n++; (await integratedGradients(model, images, { target: 1, steps: 500, batchSize: ` +
      `1000 })).dispose(); }`,
  },
  {
    name: "occlusion",
    code:
      `while (true) { ticks.n++; (await occlusion(model, images, { target: 1, window: 3, stride: 1, onProgress: () ` +
      `=> { ticks.n++; } })).dispose(); }`,
  },
  { name: "guidedBackprop", code: `while (true) { ticks.n++; (await guidedBackprop(model, images)).dispose(); }` },
  {
    name: "guidedBackprop of many images at once",
    code: `while (true) { ticks.n++; (await guidedBackprop(model, many, { target: 2, batchSize: 1000 })).dispose(); }`,
  },
  { name: "pgd", code: `await pgd(model, images, { epsilon: 0.1, steps: 1e6, onProgress: () => { ticks.n++; } });` },
  {
    name: "deepFool",
    code: `while (true) {
      ticks.n++;
      (await deepFool(model, images, { onProgress: () => { ticks.n++; } })).dispose();
    }`,
  },
  {
    name: "classVisualization",
    code:
      `await classVisualization(model, [1, 2], { iterations: 1e6, learningRate: 1, onProgress: () => { ticks.n++; ` +
      `} });`,
  },
  {
    name: "maximize, with its live image",
    code: `await maximize(model, objectives.logit(1).plus(objectives.channel("conv2", 3)), { iterations: 1e6 });`,
  },
  {
    name: "a student's own loop with tensors outside tidy",
    code:
      `while (true) { ticks.n++; const own = tf.ones([50, 50]); for (let i = 0; i < 500; i++) { const more = ` +
      `tf.matMul(own, own); more.dispose(); } await tf.nextFrame(); own.dispose(); }`,
  },
  {
    name: "a student's own gradient in a synchronous loop",
    code:
      `const slope = tf.grad((x: any) => tf.tidy(() => tf.sum(tf.relu(tf.mul(x, x))))); while (true) { ticks.n++; ` +
      `const g = slope(tf.ones([100])); g.dispose(); }`,
  },
];

const setUp = `
import { tf, ready, loadModel, saliency, guidedBackprop, integratedGradients, occlusion, classVisualization,
  lastVisualization, maximize, objectives, deepFool, pgd } from "vitrine";
const { train } = require(${JSON.stringify(join(projectRoot, "lib/dist/training/train"))}) as any;
const { random } = require(${JSON.stringify(join(projectRoot, "lib/dist/core/random"))}) as any;
await ready();
const model = await loadModel("fashion-deep");
const images = tf.randomUniform([4, 28, 28, 1], 0, 1, "float32", 3) as any;
const many = tf.randomUniform([400, 28, 28, 1], 0, 1, "float32", 5) as any;
const ticks = { steps: 0, get n() { return this.steps; },
  set n(steps: number) { if (steps === 2) console.log("the second step"); this.steps = steps; } };
const kept = { answer: 42, tensor: tf.range(0, 5) };
const network = () => tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, activation: "relu" }), tf.layers.flatten(),
  tf.layers.dense({ units: 10, name: "logits" }), tf.layers.softmax(),
] });
const student = network(), other = network(), pupil = tf.model({ inputs: other.inputs, outputs: other.outputs });
student.compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
const xs = tf.randomUniform([256, 28, 28, 1]), ys = tf.oneHot(tf.zeros([256], "int32"), 10);
const pixels = Float32Array.from({ length: 256 * 784 }, (_, i) => (i % 7) / 7),
  labels = Array.from({ length: 256 }, (_, i) => i % 10);
await student.fit(xs, ys, { epochs: 1, verbose: 0 });
const mapOf = async () => { const map = await saliency(model, images, { target: 1 });
  const values = Array.from(await map.values.data()); map.dispose(); return values; };
const reference = await mapOf();
"ready"`;

export interface Stopped {
  outcome: CellOutcome;
  /** Milliseconds from the interrupt to the reply. */
  took: number;
  /** Interrupts it took: one more is sent where the first came before the cell had begun. */
  interrupts: number;
  id: string;
}

/** A kernel in which the library is loaded and tensors are about. */
export class LibraryKernel {
  private constructor(
    readonly client: KernelClient,
    readonly tensors: number,
  ) {}

  static async start(node?: string): Promise<LibraryKernel> {
    const client = await KernelClient.start({ node });
    const outcome = await client.execute(setUp);
    if (outcome.result !== "'ready'") {
      await client.kill();
      throw new Error(`set-up failed: ${outcome.error?.traceback.join("\n")} ${client.terminal}`);
    }
    const first = await tensorsIn(client);
    await new LibraryKernel(client, first).expectWhole();
    return new LibraryKernel(client, first);
  }

  /**
   * Runs a cell and interrupts it `delay` milliseconds after it was taken up, or after it has `begun`: it has counted
   * two steps, so that its graphs are made, or moved a bar.
   */
  async stop(code: string, delay: number, since: "taken up" | "begun" = "taken up"): Promise<Stopped> {
    const { client } = this;
    if (since === "begun") await client.execute("ticks.n = 0");
    const id = client.send("shell", "execute_request", executeContent(code));
    const reply = client.reply(id, 60_000);
    const signs = since === "begun" ? ["stream", "update_display_data"] : ["execute_input"];
    await client.until(
      () => client.published.some((each) => signs.includes(each.type) && each.parent.msg_id === id),
      20_000,
      since,
    );
    await pause(delay);
    const began = performance.now();
    await client.interrupt();
    let interrupts = 1,
      answered: Content | undefined;
    void reply.then(
      ({ content }) => {
        answered = content;
      },
      () => undefined,
    );
    while (!answered && interrupts < 4) {
      for (let waited = 0; waited < 5000 && !answered; waited += 10) await pause(10);
      if (!answered) {
        interrupts++;
        await client.interrupt();
      }
    }
    const { content } = await reply;
    const took = performance.now() - began;
    return { outcome: await client.outcome(id, content), took, interrupts, id };
  }

  /**
   * What a stopped cell had begun does no step more and says nothing while the kernel computes something else, and the
   * kernel is whole.
   */
  async expectStill({ id }: Stopped, what?: string): Promise<void> {
    const steps = async (): Promise<string | undefined> => (await this.client.execute("ticks.n")).result;
    const printed = (): number => this.client.published.filter((each) => each.parent.msg_id === id).length;
    const before = { steps: await steps(), printed: printed() };
    await this.expectWhole(0, 150);
    expect({ steps: await steps(), printed: printed() }, what).to.deep.equal(before);
  }

  /** The kernel goes on: variables kept, no tensors left, gradients as before, the model can be trained. */
  async expectWhole(extraTensors = 0, sleep = 0): Promise<void> {
    const { client } = this;
    const cell = `
      await new Promise((resolve) => setTimeout(resolve, ${sleep}));
      const again = await mapOf();
      await student.fit(xs, ys, { epochs: 1, batchSize: 256, verbose: 0 });
      JSON.stringify({ answer: kept.answer, tensor: Array.from(kept.tensor.dataSync()),
        equal: again.length === reference.length && again.every((value, i) => Object.is(value, reference[i])) })`;
    const { result, error } = await client.execute(cell);
    expect(error?.traceback.join("\n")).to.equal(undefined);
    expect(JSON.parse(result!.slice(1, -1))).to.deep.equal({ answer: 42, tensor: [0, 1, 2, 3, 4], equal: true });
    await this.expectNoTensorsLeft(extraTensors);
  }

  /** Tensors are freed in the turns after an interrupt, not before its reply. */
  async expectNoTensorsLeft(extra = 0): Promise<void> {
    let count = await tensorsIn(this.client);
    for (let attempt = 0; attempt < 40 && count !== this.tensors + extra; attempt++) {
      await pause(50);
      count = await tensorsIn(this.client);
    }
    expect(count, "tensors").to.equal(this.tensors + extra);
  }
}

async function tensorsIn(client: KernelClient): Promise<number> {
  const { result, error } = await client.execute("tf.memory().numTensors");
  expect(error?.evalue).to.equal(undefined);
  return Number(result);
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

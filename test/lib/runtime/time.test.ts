import * as tf from "@tensorflow/tfjs";
import { expect } from "chai";
import { ready } from "../../../lib/backend";
import { time, timeit } from "../../../lib/runtime/time";

/** What was printed meanwhile. */
async function printed(work: () => unknown): Promise<string[]> {
  const lines: string[] = [],
    { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines;
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const unit = String.raw`[\d.]+ (µs|ms|s)`;

describe("time and timeit", () => {
  before(() => ready());

  it("time gives the value back and prints how long it took, under its label", async () => {
    let value = 0;
    const lines = await printed(() => {
      value = time("sum", () => 6 * 7);
    });
    expect(value).to.equal(42);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(new RegExp(`^sum: ${unit}$`));
  });

  it("time waits for a promise's end, and counts the tensors it left", async () => {
    const tensors: tf.Tensor[] = [];
    const lines = await printed(async () => {
      tensors.push(
        ...(await time(async () => {
          await sleep(60);
          return [tf.ones([2]), tf.zeros([3])];
        })),
      );
    });
    const [, milliseconds] = /^([\d.]+) ms; 2 tensors more$/.exec(lines[0]) ?? expect.fail(lines[0]);
    expect(Number(milliseconds)).to.be.within(55, 900);
    expect(await printed(() => time(() => tensors.forEach((each) => each.dispose())))).to.match(/; 2 tensors fewer/);
  });

  it("a failure is timed and passed on", async () => {
    const lines = await printed(() => {
      expect(() =>
        time("bad", () => {
          throw new Error("mine");
        }),
      ).to.throw("mine");
    });
    expect(lines[0]).to.match(new RegExp(`^bad: failed after ${unit}$`));
    const later = await printed(async () => {
      expect(
        await time(async () => {
          throw new Error("later");
        }).catch((error: Error) => error.message),
      ).to.equal("later");
    });
    expect(later[0]).to.match(/^failed after /);
  });

  it("timeit runs as often as asked, after once to warm up, and keeps the last run's tensors only", async () => {
    const before = tf.memory().numTensors;
    let runs = 0,
      value!: tf.Tensor;
    const lines = await printed(async () => {
      value = await timeit(() => tf.fill([2], ++runs), { runs: 5, label: "fill" });
    });
    expect(runs).to.equal(6);
    expect(Array.from(value.dataSync())).to.deep.equal([6, 6]);
    expect(lines[0]).to.match(
      new RegExp(
        `^fill: ${unit} ± ${unit} a run \\(mean ± standard deviation of 5 runs, after one to warm up\\); 1 ` +
          `tensor more$`,
      ),
    );
    expect(tf.memory().numTensors).to.equal(before + 1);
    value.dispose();
  });

  it("timeit measures what it says it does", async () => {
    const lines = await printed(() => timeit(() => sleep(30), { runs: 4 }));
    const [, milliseconds] = /^([\d.]+) ms ± /.exec(lines[0]) ?? expect.fail(lines[0]);
    expect(Number(milliseconds)).to.be.within(28, 300);
  });

  it("what is no function is refused", async () => {
    expect(() => time(5 as never)).to.throw(
      "the work to time is 5; allowed: a function. Write () => … around it; it would have run already otherwise.",
    );
    expect(await timeit(() => 1, { runs: 0 }).catch((error: Error) => error.message)).to.equal(
      "runs is 0; allowed: an integer ≥ 1.",
    );
  });
});

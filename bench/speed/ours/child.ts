// Vitrine's side of the comparison: told what to do by lines of JSON, it answers in the same way.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { MachinePeak, Peak, Task } from "../contestant";
import type { MethodOptions } from "../workloads";
import { exportInputs, readInputs } from "./inputs";
import { tf, vitrine } from "./library";
import { prepare, type Inputs, type Outcome, type Prepared } from "./methods";

let task: Task, prepared: (count: number) => Prepared, latest: Outcome | undefined;

async function start(given: Task): Promise<object> {
  task = given;
  await vitrine.ready();
  const { workload } = task,
    { pixels, labels, shape } = await readInputs(task);
  const all = { pixels, labels, shape };
  const inputs: Inputs =
    workload.method === "train"
      ? {
          labels,
          pixels: all,
          test: await readInputs({ ...task, workload: { ...workload, method: "saliency", images: 10_000 } }),
        }
      : {
          labels,
          pixels: all,
          images: tf.tensor4d(pixels, [labels.length, ...shape]),
          model: await vitrine.loadModel(workload.network),
        };
  const kept = new Map<number, Prepared>();
  prepared = (count) => {
    const known = kept.get(count) ?? prepare(workload.method, someOf(inputs, count));
    kept.set(count, known);
    return known;
  };
  return {};
}

/** The first images only. */
function someOf(inputs: Inputs, count: number): Inputs {
  const { images, labels } = inputs;
  return images && count < labels.length
    ? { ...inputs, images: images.slice(0, count), labels: labels.slice(0, count) }
    : inputs;
}

/** @param options may ask for fewer images than the task has */
function runOnce(options: MethodOptions): Promise<Outcome> {
  const { images, ...rest } = { ...task.workload.options, ...options } as MethodOptions & { images?: number };
  return prepared(images ?? task.workload.images)(
    task.workload.method === "train" ? { ...rest, images: images ?? task.workload.images } : rest,
  );
}

async function run(options: MethodOptions): Promise<object> {
  latest?.dispose();
  const started = performance.now();
  latest = await runOnce(options);
  return { ms: performance.now() - started, work: latest.work };
}

async function write(outcome: Outcome, file: string): Promise<object> {
  const values = await outcome.values();
  await vitrine.writeNpy(file, { dtype: "float32", shape: values.shape, data: Float32Array.from(await values.data()) });
  values.dispose();
  return {};
}

async function check(options: MethodOptions, file: string): Promise<object> {
  const outcome = await runOnce(options);
  await write(outcome, file);
  outcome.dispose();
  return {};
}

/** Linux counts the most memory of a process, and lets it begin again; elsewhere it is counted from the start. */
function peak(): Peak {
  try {
    const status = readFileSync("/proc/self/status", "utf8"),
      of = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(status)![1]);
    return { bytes: of("VmHWM"), files: of("RssFile") };
  } catch {
    return { bytes: 1024 * process.resourceUsage().maxRSS, files: 0 };
  }
}

function resetPeak(): object {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // No such file on this system.
  }
  return {};
}

async function machine(): Promise<MachinePeak> {
  await vitrine.ready();
  const n = 2048,
    a = tf.randomUniform([n, n]),
    b = tf.randomUniform([n, n]),
    large = tf.zeros([1 << 26]);
  const best = (work: () => tfTypes, times: number): number =>
    Math.min(
      ...Array.from({ length: times }, () => {
        const started = performance.now();
        work().dispose();
        return performance.now() - started;
      }),
    );
  const product = best(() => tf.matMul(a, b), 8),
    copy = best(() => tf.neg(large), 5);
  return {
    gflops: (2 * n ** 3) / product / 1e6,
    gigabytesPerSecond: (2 * 4 * large.size) / copy / 1e6,
    threads: Number(process.env.TF_NUM_INTRAOP_THREADS),
    versions:
      `Vitrine ${(require("vitrine/package.json") as { version: string }).version}, ` +
      `${vitrine.backendChoice().version}, Node ${process.versions.node}`,
  };
}
type tfTypes = import("@tensorflow/tfjs").Tensor;

type Request = { op: string; options: MethodOptions; file: string } & Task;

function answer(request: Request): Promise<object> | object {
  switch (request.op) {
    case "start":
      return start(request);
    case "run":
      return run(request.options);
    case "answer":
      return write(latest!, request.file);
    case "check":
      return check(request.options, request.file);
    case "reset-peak":
      return resetPeak();
    case "peak":
      return peak();
    case "machine":
      return machine();
    case "export":
      return exportInputs(request);
    default:
      throw new Error(`unknown request ${request.op}`);
  }
}

let before = Promise.resolve();
createInterface({ input: process.stdin })
  .on("line", (line) => {
    before = before.then(async () => {
      let reply: object;
      try {
        reply = await answer(JSON.parse(line) as Request);
      } catch (error) {
        reply = { error: (error as Error).stack ?? String(error) };
      }
      process.stdout.write(`${JSON.stringify(reply)}\n`);
    });
  })
  .on("close", () => void before.then(() => process.exit(0)));

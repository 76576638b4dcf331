import { Session } from "node:inspector";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import type * as tfTypes from "@tensorflow/tfjs";
import type { compile as compileType } from "../../../lib/backend/graph";

/*
 * Run by cut-off.ts in a process of its own: lets V8 cut TensorFlow.js off at random moments, as the kernel's
 * interrupt does, and prints what is in the books before and after. Arguments: how often, and a seed.
 */

const RESET = Symbol.for("vitrine.reset"),
  HOST = Symbol.for("vitrine.host");
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (isMainThread) void main(Number(process.argv[2]), Number(process.argv[3]));
else cutter();

/** The other thread: cuts the main thread off so many microseconds after it was asked to. */
function cutter(): void {
  const session = new Session();
  session.connectToMainThread();
  parentPort!.on("message", (microseconds: number) => {
    for (const until = performance.now() + microseconds / 1000; performance.now() < until;);
    session.post("Runtime.terminateExecution", () => parentPort!.postMessage("done"));
  });
  parentPort!.postMessage("ready");
}

async function main(times: number, seed: number): Promise<void> {
  let cell = new AbortController();
  Object.defineProperty(globalThis, HOST, {
    value: {
      display: () => undefined,
      clearOutput: () => undefined,
      get signal() {
        return cell.signal;
      },
    },
  });
  const { ready, tf } = require("../../../lib") as typeof import("../../../lib");
  const { random } = require("../../../lib/core/random") as typeof import("../../../lib/core/random");
  const { compile } = require("../../../lib/backend/graph") as typeof import("../../../lib/backend/graph");
  const worker = new Worker(__filename, { execArgv: ["-r", "tsx/cjs"] });
  const told = (): Promise<unknown> => new Promise((resolve) => worker.once("message", resolve));
  const up = told();
  await ready();
  await up;
  const handles = nativeHandles(tf),
    works = workloads(tf, compile);
  // Once each to the end of a round: values are uploaded, slots of optimizers made, constants shared no more.
  for (const round of Object.values(works)) for (let i = 0; i < 3; i++) round();
  const books = (): object => ({
    ...tf.memory(),
    reasons: undefined,
    data: tf.engine().backend.numDataIds(),
    native: handles?.size ?? null,
    graphs: sessions(tf),
    variables: Object.keys(tf.engine().registeredVariables).length,
  });
  const before = books(),
    chance = random(seed),
    names = Object.keys(works);
  for (let i = 0; i < times; i++) {
    const round = works[names[i % names.length]],
      delay = 100 + 2500 * chance.uniform(),
      cut = told();
    cell = new AbortController();
    setImmediate(() => {
      worker.postMessage(delay);
      for (;;) round();
    });
    await cut;
    await new Promise((resolve) => setImmediate(resolve));
    (globalThis as unknown as Record<symbol, () => void>)[RESET]();
    cell.abort();
  }
  cell = new AbortController();
  let after = books();
  for (let waited = 0; waited < 40 && JSON.stringify(after) !== JSON.stringify(before); waited++) {
    await pause(100);
    after = books();
  }
  for (const round of Object.values(works)) round();
  console.log(JSON.stringify({ before, after, goesOn: books() }));
  // Not process.exit, which waits for the debugger.
  process.stdout.write("", () => process.kill(process.pid, "SIGKILL"));
}

/** Each is one round of something that leaves no tensor behind. */
function workloads(tf: typeof tfTypes, compile: typeof compileType): Record<string, () => void> {
  const image = tf.randomUniform<tfTypes.Rank.R4>([2, 12, 12, 3]),
    kernel = tf.randomUniform<tfTypes.Rank.R4>([3, 3, 3, 4]),
    weight = tf.variable(tf.ones([3, 3, 3, 4]));
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [12, 12, 3], filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4 }),
    ],
  });
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1], "int32"), 4)),
    adam = tf.train.adam(1e-3);
  const loss = (): tfTypes.Scalar =>
    tf.losses.softmaxCrossEntropy(labels, model.apply(image) as tfTypes.Tensor) as tfTypes.Scalar;
  const slope = tf.grad((x: tfTypes.Tensor) =>
    tf.tidy(() => tf.sum(tf.maxPool(tf.relu(tf.conv2d(x as tfTypes.Tensor4D, kernel, 1, "same")), 2, 2, "same"))),
  );
  const compiled = compile(slope);
  return {
    operations: () => {
      const sum = tf.add(image, 1),
        flat = tf.reshape(sum, [-1]),
        same = sum.clone();
      tf.dispose([sum, flat, same]);
    },
    tidy: () => {
      tf.dispose(
        tf.tidy(() => {
          const square = tf.mul(image, image);
          return tf.tidy(() => [tf.sum(square), square.clone()]);
        }),
      );
    },
    values: () => {
      tf.tensor([1, 2, 3]).dispose();
      tf.tidy(() => {
        tf.scalar(2).add(1);
      });
      tf.tensor(["a", "bc"]).dispose();
    },
    gradient: () => {
      slope(image).dispose();
    },
    training: () => {
      adam.minimize(loss);
    },
    optimizer: () => {
      const fresh = tf.train.adam(1e-3);
      fresh.minimize(loss);
      fresh.dispose();
    },
    assign: () => {
      tf.tidy(() => weight.assign(tf.mul(weight, 1.0001)));
    },
    variable: () => {
      const zeros = tf.zeros([3]),
        ones = tf.ones([3]),
        own = tf.variable(zeros);
      own.assign(ones);
      tf.dispose([zeros, ones, own]);
    },
    model: () => {
      const other = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 2 })] });
      other.dispose();
    },
    predict: () => {
      (model.predict(image) as tfTypes.Tensor).dispose();
    },
    watched: () => {
      const fresh = compile(slope);
      fresh(image).dispose();
      fresh.dispose();
    },
    compiling: () => {
      const fresh = compile(slope);
      fresh.prepare(image);
      fresh.dispose();
    },
    graph: () => {
      compiled(image).dispose();
    },
  };
}

function sessions(tf: typeof tfTypes): number | null {
  return (tf.engine().backend as unknown as { getNumOfSavedModels?(): number }).getNumOfSavedModels?.() ?? null;
}

interface Binding {
  executeOp(...args: unknown[]): { id: number }[];
  runSavedModel(...args: unknown[]): { id: number }[];
  createTensor(...args: unknown[]): number;
  deleteTensor(id: number): void;
}

/** The numbers of the native library's tensors from here on. */
function nativeHandles(tf: typeof tfTypes): Set<number> | undefined {
  const { binding } = tf.engine().backend as unknown as { binding?: Binding };
  if (!binding) return undefined;
  const { executeOp, runSavedModel, createTensor, deleteTensor } = binding,
    handles = new Set<number>();
  const replace = (name: keyof Binding, value: unknown): void => {
    Object.defineProperty(binding, name, { value, configurable: true, writable: true });
  };
  replace("executeOp", (...args: unknown[]) => {
    const outputs = executeOp.apply(binding, args);
    // No loop: V8 could cut it off.
    handles.add(outputs[0].id);
    if (outputs.length > 1) handles.add(outputs[1].id);
    return outputs;
  });
  replace("runSavedModel", (...args: unknown[]) => {
    const outputs = runSavedModel.apply(binding, args);
    handles.add(outputs[0].id);
    return outputs;
  });
  replace("createTensor", (...args: unknown[]) => {
    const id = createTensor.apply(binding, args);
    handles.add(id);
    return id;
  });
  replace("deleteTensor", (id: number) => {
    handles.delete(id);
    deleteTensor.call(binding, id);
  });
  return handles;
}

// What the page of gradients.browser.test.ts runs: gradients on an engine against central differences on cpu.
import * as tf from "@tensorflow/tfjs";
import { switchBackend } from "../../../lib/backend/engine/select.browser";
import { finiteDifference, relativeError } from "../../helpers/finite-difference";
import { cases } from "../backend/gradient-cases";
import { input, weighted, weights } from "../backend/numbers";
import "../../../lib/backend/index.browser";

const expected = new Map<string, Float64Array>();
type Name = Parameters<typeof switchBackend>[0];

function differences(shape: number[], f: (x: tf.Tensor) => tf.Tensor): Float64Array {
  const x = input(shape);
  try {
    return finiteDifference((x) => weighted(f(x)), x, 5e-3);
  } finally {
    x.dispose();
  }
}

/** @returns why the engine cannot be used, or for each case its error, or what it threw */
async function errorsOn(backend: Name, wasmPaths: string): Promise<string | [string, number | string][]> {
  await switchBackend("cpu");
  for (const [name, shape, f] of cases) if (!expected.has(name)) expected.set(name, differences(shape, f));
  const wrong = await switchBackend(backend, wasmPaths);
  if (wrong !== undefined) return wrong;
  const found: [string, number | string][] = [];
  for (const [name, shape, f] of cases) {
    const before = tf.memory().numTensors;
    try {
      const gradient = tf.tidy(() => tf.grad((x) => weighted(f(x)))(input(shape)));
      found.push([name, relativeError(await gradient.data(), expected.get(name)!)]);
      gradient.dispose();
    } catch (error) {
      found.push([name, (error as Error).message.split("\n")[0]]);
    }
    if (tf.memory().numTensors !== before) found.push([`${name}: tensors left`, tf.memory().numTensors - before]);
  }
  return found;
}

/** Kernels that some engine had wrong for some inputs: where maxima tie, and forward at large strides. */
const forward: [string, () => tf.Tensor][] = [
  ...[1, 2].flatMap((levels) =>
    (["same", "valid"] as const).flatMap((pad) =>
      [
        [2, 2],
        [3, 2],
        [3, 1],
      ].map(([size, stride]): [string, () => tf.Tensor] => [
        `gradient of a max-pool with ties, ${size}×${size}, stride ${stride}, ${pad}, ${levels} levels`,
        () => {
          const x = tf.tensor4d(
            Float32Array.from({ length: 900 }, (_, i) =>
              Math.floor((Math.abs(Math.sin(i * 78.233) * 43758.5453) % 1) * levels),
            ),
            [2, 9, 10, 5],
          );
          const pool = (x: tf.Tensor): tf.Tensor => tf.maxPool(x as tf.Tensor4D, size, stride, pad);
          return tf.grad((x) => weighted(pool(x)))(x);
        },
      ]),
    ),
  ),
  ["gradient of a maximum with ties", () => tf.grad((x) => weighted(tf.max(x, [1, 2])))(tf.ones([2, 3, 4, 2]))],
  ...[1, 2, 3, 4].flatMap((stride) =>
    [1, 2, 3].map((size): [string, () => tf.Tensor] => [
      `conv2d, same, stride ${stride}, kernel ${size}×${size}`,
      () => tf.conv2d(weights<tf.Tensor4D>(2, 7, 8, 2), weights<tf.Tensor4D>(size, size, 2, 3), stride, "same"),
    ]),
  ),
  [
    "gather with batchDims",
    () =>
      tf.gather(
        weights(2, 5, 3),
        tf.tensor2d(
          [
            [4, 0],
            [1, 1],
          ],
          [2, 2],
          "int32",
        ),
        1,
        1,
      ),
  ],
];

/** @returns for each of them its error beside cpu, whose corrections other tests hold against definitions */
async function errorsForward(backend: Name, wasmPaths: string): Promise<string | [string, number | string][]> {
  await switchBackend("cpu");
  const right = forward.map(([, make]) => tf.tidy(make).dataSync().slice());
  const wrong = await switchBackend(backend, wasmPaths);
  if (wrong !== undefined) return wrong;
  const found: [string, number | string][] = [];
  for (const [i, [name, make]] of forward.entries()) {
    try {
      found.push([name, relativeError(await tf.tidy(make).data(), right[i])]);
    } catch (error) {
      found.push([name, (error as Error).message.split("\n")[0]]);
    }
  }
  return found;
}

Object.assign(globalThis, { errorsForward, errorsOn });

// What VITRINE_PRECISION=fast costs in exactness, on any processor: the factors of every convolution and product of
// matrices are rounded to bfloat16 before they are multiplied, as oneDNN does on processors that have such
// instructions; `npx tsx bench/precision.ts`.
process.env.VITRINE_COMPILE = "off";
import * as tf from "@tensorflow/tfjs";
import {
  integratedGradients,
  loadFashionMnist,
  loadImagenet,
  loadModel,
  ready,
  saliency,
  type VisionModel,
} from "../lib";

const count = 25,
  steps = 10;

type Info = { dataId: object; shape: number[]; dtype: string };
type Backend = { executeSingleOutput(op: string, attributes: unknown, inputs: Info[]): tf.Tensor };
const products = new Set([
  "Conv2D",
  "Conv2DBackpropInput",
  "Conv2DBackpropFilter",
  "BatchMatMulV2",
  "MatMul",
  "DepthwiseConv2dNative",
  "DepthwiseConv2dNativeBackpropInput",
]);

let rounding = false;

/** Has the backend round factors while `rounding`. @returns how many ops were so rounded */
function hook(backend: Backend): () => number {
  const execute = backend.executeSingleOutput;
  let rounded = 0;
  const kernel = (name: "Multiply" | "Sub", a: Info, b: Info): Info =>
    tf
      .getKernel(name, "tensorflow")
      .kernelFunc({ inputs: { a, b } as never, attrs: {}, backend: backend as never }) as Info;
  // Dekker's splitting: what is left of 24 bits are the upper 8.
  const toBfloat16 = (x: Info): Info => {
    const far = kernel("Multiply", x, tf.scalar(2 ** 16 + 1) as unknown as Info);
    return kernel("Sub", far, kernel("Sub", far, x));
  };
  backend.executeSingleOutput = function (op, attributes, inputs) {
    if (!rounding || !products.has(op)) return execute.call(this, op, attributes, inputs);
    rounded++;
    return execute.call(
      this,
      op,
      attributes,
      inputs.map((input) => (input.dtype === "float32" ? toBfloat16(input) : input)),
    );
  };
  return () => rounded;
}

interface Numbers {
  logits: Float32Array;
  top: number[];
  saliency: Float32Array;
  gradients: Float32Array;
}

async function numbersOf(model: VisionModel, images: tf.Tensor4D, labels: number[]): Promise<Numbers> {
  const logits = tf.tidy(() => model.logits(images)),
    top = tf.tidy(() => tf.argMax(logits, 1));
  const maps = await saliency(model, images, { target: labels, batchSize: 5 }),
    path = await integratedGradients(model, images, { target: labels, steps, batchSize: 5 });
  const numbers = {
    logits: (await logits.data()) as Float32Array,
    top: Array.from(await top.data()),
    saliency: (await maps.values.data()) as Float32Array,
    gradients: (await path.values.data()) as Float32Array,
  };
  tf.dispose([logits, top]);
  maps.dispose();
  path.dispose();
  return numbers;
}

/** The mean difference beside the mean value, in percent, and the cosine of the angle between the two. */
function difference(a: Float32Array, b: Float32Array): string {
  let apart = 0,
    size = 0,
    ab = 0,
    aa = 0,
    bb = 0;
  for (let i = 0; i < a.length; i++) {
    apart += Math.abs(a[i] - b[i]);
    size += Math.abs(a[i]);
    ab += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return `${((100 * apart) / size).toFixed(2)} % | ${(ab / Math.sqrt(aa * bb)).toFixed(4)}`;
}

async function main(): Promise<void> {
  await ready();
  if (tf.getBackend() !== "tensorflow") throw new Error("needs the native backend");
  const rounded = hook(tf.backend() as unknown as Backend);
  const photographs = await loadImagenet({ set: "val" }),
    garments = await loadFashionMnist({ split: "test", count });
  console.log("network | logits | cosine | same top class | saliency | cosine | IG | cosine | rounded ops");
  for (const name of ["squeezenet1_1", "googlenet", "deit_tiny", "fashion-deep"]) {
    const model = await loadModel(name),
      { images, labels } = name.startsWith("fashion") ? garments : photographs;
    const some = tf.slice(images, 0, count),
      targets = Array.from(labels).slice(0, count);
    rounding = false;
    const full = await numbersOf(model, some, targets),
      before = rounded();
    rounding = true;
    const fast = await numbersOf(model, some, targets);
    const same = full.top.filter((top, i) => top === fast.top[i]).length;
    console.log(
      `${name} | ${difference(full.logits, fast.logits)} | ${same} of ${count} | ` +
        `${difference(full.saliency, fast.saliency)} | ${difference(full.gradients, fast.gradients)} | ` +
        `${rounded() - before}`,
    );
    some.dispose();
    model.dispose();
  }
}

void main();

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type * as tfTypes from "@tensorflow/tfjs";
import type { Exported, Task } from "../contestant";
import type { NetworkName, Workload } from "../workloads";
import { flopsOf, trainingFlops } from "./flops";
import { decodeNumpyPickle, noiseOf, obtain, random, tf, vitrine } from "./library";

const {
  deepNetwork,
  loadFashionMnist,
  loadImagenet,
  loadModel,
  MissingDataError,
  readNpy,
  readPth,
  readSafetensors,
  writeNpy,
  writeSafetensors,
} = vitrine;

const onPhotographs = (network: NetworkName): boolean => network === "squeezenet1_1" || network === "deit_tiny";
/** Where the two sides find the images of a workload; labels lie beside. */
export function imagesFile({ network, method, images }: Workload): string {
  if (onPhotographs(network)) return images > photographs ? `photographs-${images}.npy` : "photographs.npy";
  return method === "train" ? "garments-train.npy" : "garments-test.npy";
}
export const labelsFile = (images: string): string => images.replace(".npy", "-labels.npy");
const photographs = 25;

/** Writes what a workload needs as files that both sides read; what is there already is left. */
export async function exportInputs({ workload, folder }: Pick<Task, "workload" | "folder">): Promise<Exported> {
  try {
    const source = await exportImages(workload, folder);
    if (workload.method === "train") await exportImages({ ...workload, method: "saliency", images: 10_000 }, folder);
    await exportWeights(workload.network, folder);
    await exportChance(workload, folder);
    return { source, flops: await countFlops(workload) };
  } catch (error) {
    if (error instanceof MissingDataError) return { missing: error.message.split("\n")[0] };
    throw error;
  }
}

async function exportImages(workload: Workload, folder: string): Promise<string> {
  const name = imagesFile(workload),
    file = join(folder, name);
  const split = workload.method === "train" ? "train" : "test";
  const loaded = onPhotographs(workload.network)
    ? await loadImagenet({ set: "val" })
    : await loadFashionMnist({ split, count: split === "train" ? 60_000 : 10_000 });
  if (!existsSync(file)) {
    const labels = Int32Array.from(loaded.labels),
      count = labels.length;
    // Where there are fewer than wanted the same photograph comes again.
    const wanted = onPhotographs(workload.network) ? Math.max(photographs, workload.images) : count;
    const all = Array.from({ length: wanted }, (_, i) => i % count);
    const images = tf.tidy(
      () => (wanted === count ? tf.clone(loaded.images) : tf.gather(loaded.images, all)) as tfTypes.Tensor4D,
    );
    await writeNpy(file, { dtype: "float32", shape: images.shape, data: (await images.data()) as Float32Array });
    await writeNpy(join(folder, labelsFile(name)), {
      dtype: "int32",
      shape: [wanted],
      data: Int32Array.from(all, (i) => labels[i]),
    });
    images.dispose();
  }
  const { source } = loaded;
  loaded.dispose();
  return source;
}

/** Pretrained weights as they were published; the garments' network lies in the project, and theirs reads it there. */
async function exportWeights(network: NetworkName, folder: string): Promise<void> {
  const out = join(folder, `${network}.safetensors`);
  if (!onPhotographs(network) || existsSync(out)) return;
  const { files } = await obtain("model", network),
    readers = { ".safetensors": readSafetensors, ".pth": readPth, ".pkl": readPickle };
  async function readPickle(file: string) {
    return decodeNumpyPickle(await readFile(file), file);
  }
  for (const { file } of files) {
    const read = readers[extname(file) as keyof typeof readers];
    if (read) await writeSafetensors(out, await read(file));
  }
}

/**
 * What is random in a method and must be the same for a comparison: SmoothGrad's noise, the shift of the recipe's first
 * step.
 */
async function exportChance({ method, options, check, network }: Workload, folder: string): Promise<void> {
  if (method === "smoothgrad" && onPhotographs(network)) {
    const samples = (check.options?.samples ?? options.samples) as number,
      size = 224 * 224 * 3;
    await writeNpy(join(folder, "noise.npy"), {
      dtype: "float32",
      shape: [samples, 224, 224, 3],
      data: noiseOf({ first: 0, count: samples }, size, options.sigma as number, options.seed as number),
    });
  }
  if (method === "class-visualization") {
    const chance = random(options.seed as number, 0x6a17),
      below = (options.jitter as number) + 1;
    await writeNpy(join(folder, "shift.npy"), {
      dtype: "int32",
      shape: [2],
      data: Int32Array.of(chance.integer(below), chance.integer(below)),
    });
  }
}

async function countFlops({ network, method }: Workload): Promise<Exported["flops"]> {
  if (network === "deep-network") {
    const model = untrained(0);
    const flops = await flopsOf(() => model.apply(tf.zeros([1, 28, 28, 1])) as tfTypes.Tensor);
    model.dispose();
    return method === "train" ? trainingFlops(flops) : flops;
  }
  const model = await loadModel(network);
  const flops = await flopsOf(() => model.logits(tf.zeros([1, ...model.inputShape])));
  model.dispose();
  return flops;
}

export const untrained = (dropout: number, seed = 1): tfTypes.LayersModel =>
  deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2, dropout, seed });

/** Images and the classes that are explained, as the other side has them. */
export async function readInputs({
  workload,
  folder,
}: Task): Promise<{ pixels: Float32Array; labels: number[]; shape: [number, number, number] }> {
  const name = imagesFile(workload),
    { data, shape } = await readNpy(join(folder, name)),
    size = shape[1] * shape[2] * shape[3];
  const labels = (await readNpy(join(folder, labelsFile(name)))).data as Int32Array;
  return {
    pixels: (data as Float32Array).subarray(0, workload.images * size),
    labels: Array.from(labels.subarray(0, workload.images)),
    shape: shape.slice(1) as [number, number, number],
  };
}

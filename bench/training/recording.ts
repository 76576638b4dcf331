// What recording costs: `npx tsx bench/training/recording.ts [--images 5] [--every 10] [--minibatches 120]`. Training
// alone and with a recording in turns, so that what else the machine does meets both; the median of the ratios counts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { ready, recordTraining, tf } from "../../lib";
import { drawStandIns } from "../../lib/data/fashion-mnist";
import { deepNetwork } from "../../lib/model/architectures/deep-network";
import { train } from "../../lib/training/train";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      images: { type: "string", default: "5" },
      every: { type: "string", default: "10" },
      minibatches: { type: "string", default: "120" },
      rounds: { type: "string", default: "3" },
    },
  });
  await ready();
  const network = (): tf.LayersModel => deepNetwork({ inputShape: [28, 28, 1], classes: 10, poolings: 2 });
  for (const batchSize of [16, 64]) {
    const data = await drawStandIns({ count: batchSize * Number(values.minibatches) }),
      looked = await drawStandIns({ count: Number(values.images), seed: 9 });
    const pixels = {
        pixels: (await data.images.data()) as Float32Array,
        labels: data.labels,
        shape: [28, 28, 1] as const,
      },
      ratios: number[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const folder = mkdtempSync(path.join(tmpdir(), "vitrine-bench-"));
      const timed = async (work: () => Promise<unknown>): Promise<number> => {
        const started = process.cpuUsage(),
          clock = Date.now();
        await work();
        const { user, system } = process.cpuUsage(started);
        console.log(
          `  ${((Date.now() - clock) / 1000).toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of processor time`,
        );
        return user + system;
      };
      const alone = await timed(() => train(network(), pixels, { epochs: 1, batchSize }));
      const recorded = await timed(() =>
        recordTraining(network(), pixels, {
          epochs: 1,
          batchSize,
          folder,
          images: looked,
          schedule: { every: Number(values.every) },
        }),
      );
      ratios.push(recorded / alone);
      rmSync(folder, { recursive: true });
    }
    ratios.sort((a, b) => a - b);
    console.log(
      `minibatches of ${batchSize}, ${values.images} images every ${values.every}: recording costs ` +
        `${ratios[Math.floor(ratios.length / 2)].toFixed(2)} times training alone (processor time; ` +
        `${ratios.map((ratio) => ratio.toFixed(2)).join(", ")})`,
    );
    data.dispose();
    looked.dispose();
  }
}

void main();

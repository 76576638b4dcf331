// How far maps are from exact ones: ours and PyTorch's in single precision from PyTorch's in double
// (docs/exactness.md).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { integratedGradients, loadImagenet, loadModel, openFlowers, ready, saliency } from "../../lib";
import { backendChoice } from "../../lib/backend";
import { quadratureRule } from "../../lib/attribution/integrated-gradients";
import { readNpy, writeNpy } from "../../lib/data/npy";
import { obtain } from "../../lib/data/obtain";
import { distribution, mapErrors, type Distribution, type MapError } from "./errors";

const usage = `Usage: npm run bench:exactness [-- --flowers N] [--no-integral] [--write]

Compares input gradients of the predicted class's logit with PyTorch's in double precision, on the 39 photographs of
ImageNet and the first N of each class of the flower photographs; and integrated gradients of SqueezeNet on the 39.
  --flowers N     of each of five classes (default: 12)
  --no-integral   only gradients, which takes a quarter of the time
  --write         puts the table into docs/exactness.md
Needs the photographs and weights (VITRINE_MIRROR, or a connection).`;

const root = join(__dirname, "../.."),
  page = join(root, "docs/exactness.md");
const begin = "<!-- begin: written by npm run bench:exactness -->",
  end = "<!-- end -->";
const networks = [
  { name: "squeezenet1_1", title: "SqueezeNet 1.1", network: "squeezenet_caffe" },
  { name: "googlenet", title: "GoogLeNet", network: "googlenet_caffe" },
] as const;
const steps = 20;

/** @returns ImageNet's photographs first */
async function photographs(perClass: number): Promise<{ images: tf.Tensor4D; imagenet: number }> {
  const { images, dispose } = await loadImagenet({ set: "all", missing: "refuse" }),
    imagenet = images.shape[0];
  if (perClass === 0) return { images, imagenet };
  const flowers = await openFlowers({ size: images.shape[1], perClass: Math.max(2, perClass) });
  const sets = [flowers.train, flowers.test];
  // By name, whichever side of the split they are on: no network here was trained on them.
  const all = sets.flatMap((set) => set.files.map((file, position) => ({ set, file, position })));
  all.sort((a, b) => (a.file < b.file ? -1 : 1));
  const parts = [];
  for (const { set, position } of all) parts.push(await set.images([position]));
  await flowers.close();
  const together = tf.concat([images, ...parts]) as tf.Tensor4D;
  tf.dispose(parts);
  dispose();
  return { images: together, imagenet };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      flowers: { type: "string", default: "12" },
      "no-integral": { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const perClass = Number(values.flowers);
  if (!Number.isInteger(perClass) || perClass < 0 || perClass === 1) {
    throw new Error("--flowers takes 0, or an integer from 2");
  }
  await ready();
  const { images, imagenet } = await photographs(perClass),
    count = images.shape[0];
  const folder = mkdtempSync(join(tmpdir(), "vitrine-exactness-"));
  try {
    const file = (name: string): string => join(folder, name);
    const pixels = (await images.data()) as Float32Array;
    await writeNpy(file("images.npy"), { dtype: "float32", shape: images.shape, data: pixels });
    const rule = quadratureRule("gausslegendre", steps);
    const job = [],
      ours = new Map<string, Float32Array>();
    for (const { name, network } of networks) {
      const model = await loadModel(name),
        integral = !values["no-integral"] && name === "squeezenet1_1";
      const target = (await model.predict(images, { top: 1 })).map(([best]) => best.index);
      const targets = { dtype: "int32", shape: [count], data: Int32Array.from(target) } as const;
      await writeNpy(file(`${name}-targets.npy`), targets);
      ours.set(`${name}-gradient`, await taken(saliency(model, images, { target })));
      if (integral) {
        const some = images.slice(0, imagenet),
          wanted = target.slice(0, imagenet);
        ours.set(`${name}-integral`, await taken(integratedGradients(model, some, { target: wanted, steps })));
        some.dispose();
      }
      model.dispose();
      job.push({
        name,
        network,
        weights: (await obtain("model", name)).files[0].file,
        path: integral ? { ...rule, count: imagenet } : null,
      });
      console.error(`${name}, ours`);
    }
    writeFileSync(file("job.json"), JSON.stringify({ networks: job }));
    const versions = reference(folder);
    const lines: string[] = [];
    for (const [key, actual] of ours) {
      const [name, method] = key.split("-"),
        title = networks.find((each) => each.name === name)!.title;
      const [single, exact] = await Promise.all(
        ["float32", "float64"].map(async (type) => (await readNpy(file(`${key}-${type}.npy`))).data as Float64Array),
      );
      const maps = method === "gradient" ? count : imagenet;
      const what = method === "gradient" ? "input gradient" : `integrated gradients, ${steps} steps`;
      const pairs = [
        ["Vitrine", actual, exact],
        ["PyTorch", single, exact],
        ["one from the other", actual, single],
      ] as const;
      for (const [whose, from, to] of pairs) lines.push(row([title, what, maps, whose], mapErrors(from, to, maps)));
    }
    const text = `${report({ count, imagenet, versions })}\n\n${heading}\n${lines.join("\n")}`;
    console.log(text);
    if (values.write) writePage(text);
  } finally {
    images.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function taken(making: Promise<{ values: tf.Tensor; dispose(): void }>): Promise<Float32Array> {
  const made = await making,
    values = (await made.values.data()) as Float32Array;
  made.dispose();
  return values;
}

/** @returns the versions, in words */
function reference(folder: string): string {
  const python =
    process.env.VITRINE_PYTHON ??
    join(root, process.platform === "win32" ? ".venv/Scripts/python.exe" : ".venv/bin/python");
  const { status, stdout } = spawnSync(python, [join(__dirname, "reference.py"), folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error("the reference failed; npm run setup -- --with bench installs PyTorch");
  const versions = JSON.parse(stdout) as Record<string, string | number>;
  return Object.entries(versions)
    .map(([name, at]) => `${name} ${at}`)
    .join(", ");
}

const heading =
  "| network | map | photographs | whose | farthest value: median | 90 % | 99 % | largest " +
  "| above 1e-3 | 99th percentile of values: median | 90 % | 99 % | largest |\n" +
  "|---|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

function row(first: readonly (string | number)[], errors: readonly MapError[]): string {
  const [most, high] = [distribution(errors.map((each) => each.most)), distribution(errors.map((each) => each.high))];
  const cells = ({ median, ninety, ninetyNine, most }: Distribution): string[] =>
    [median, ninety, ninetyNine, most].map((value) => value.toExponential(1));
  const above = `${Math.round(most.aboveThousandth * errors.length)} of ${errors.length}`;
  return `| ${[...first, ...cells(most), above, ...cells(high)].join(" | ")} |`;
}

interface Asked {
  readonly count: number;
  readonly imagenet: number;
  readonly versions: string;
}

function report({ count, imagenet, versions }: Asked): string {
  const flowers = count - imagenet,
    { version } = require("../../lib/package.json") as { version: string };
  const date = new Date().toISOString().slice(0, 10);
  return (
    `${date}, ${cpus().length} × ${cpus()[0].model.trim()}; Vitrine ${version}, ` +
    `${backendChoice().version}, Node ${process.versions.node}; ${versions}. ${imagenet} photographs of ImageNet` +
    `${flowers > 0 ? ` and ${flowers} of flowers` : ""}.`
  );
}

function writePage(text: string): void {
  const old = readFileSync(page, "utf8"),
    from = old.indexOf(begin),
    to = old.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/exactness.md has no "${begin}"`);
  writeFileSync(page, `${old.slice(0, from)}${begin}\n${text}\n${old.slice(to)}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

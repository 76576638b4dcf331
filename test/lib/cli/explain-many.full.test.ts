import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readNpy } from "../../../lib/data/npy";
import { relativeError } from "../../helpers/finite-difference";
import { clusterMissing, startCluster, type Cluster } from "../../kernel-setup/grading/class-slurm-cluster";
import { manyImages, type ManyFixture } from "./many-images";
import { vitrineHere } from "./run-cli";

const missing = clusterMissing(),
  root = join(__dirname, "../../..");

describe(`npx vitrine explain --shard as a Slurm array${missing ? ` [needs service ${missing}]` : ""}`, function () {
  this.timeout(300_000);
  let cluster: Cluster | undefined, many: ManyFixture;
  before(async function () {
    if (missing) this.skip();
    many = await manyImages(11);
    cluster = await startCluster(2);
  });
  after(async () => {
    await cluster?.stop();
    many?.remove();
  });

  it("gives what one run gives, and its second start has nothing to do", async () => {
    const args = [
      "explain",
      "--model",
      many.model,
      "--method",
      "integrated-gradients",
      "--steps",
      "4",
      join(many.folder, "images"),
    ];
    expect((await vitrineHere(...args, "--into", join(many.folder, "one"))).status).to.equal(0);
    const script = join(many.folder, "array.sh");
    const vitrine = [
      process.execPath,
      "--import",
      "tsx",
      join(root, "lib/cli/main.ts"),
      ...args,
      "--into",
      join(many.folder, "array"),
    ]
      .map((word) => `'${word}'`)
      .join(" ");
    writeFileSync(
      script,
      `#!/bin/sh\ncd '${root}'\nexec ${vitrine} --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT\n`,
    );
    const submit = (): string =>
      cluster!.command("sbatch", "--parsable", "--array=1-3", `--output=${many.folder}/log-%A-%a.txt`, script).trim();
    const finished = async (job: string): Promise<Record<string, string>> => {
      while (cluster!.command("squeue", "--noheader", `--jobs=${job}`).trim() !== "")
        await new Promise((resolve) => setTimeout(resolve, 500));
      return Object.fromEntries(Object.entries(many.contents(".")).filter(([name]) => name.startsWith(`log-${job}-`)));
    };
    const first = Object.values(await finished(submit()));
    expect(first.map((log) => /(\d+) written, 0 already there, 0 failed/.exec(log)?.[1] ?? log).sort()).to.deep.equal([
      "3",
      "4",
      "4",
    ]);
    const [one, array] = [many.contents("one"), many.contents("array")];
    expect(Object.keys(array)).to.deep.equal(Object.keys(one));
    for (const name of Object.keys(one).filter((name) => name.endsWith(".npy"))) {
      const [a, b] = await Promise.all(["one", "array"].map((folder) => readNpy(join(many.folder, folder, name))));
      expect(relativeError(a.data as Float32Array, b.data as Float32Array), name).to.be.below(1e-6);
    }
    for (const log of Object.values(await finished(submit())))
      expect(log).to.match(/: 0 written, \d already there, 0 failed/);
  });
});

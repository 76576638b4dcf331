import { spawnSync } from "node:child_process";
import { startCluster } from "./class-slurm-cluster";

/** A test run of its own, to be killed: a cluster with a job that does not end. */
void startCluster(1).then(async (cluster) => {
  spawnSync("sbatch", ["--output=/dev/null"], {
    env: { ...process.env, SLURM_CONF: cluster.conf },
    input: "#!/bin/sh\nsleep 600\n",
  });
  while (!/RUNNING/.test(cluster.command("squeue", "--noheader", "--format=%T")))
    await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(cluster.conf);
  setInterval(() => undefined, 1000);
});

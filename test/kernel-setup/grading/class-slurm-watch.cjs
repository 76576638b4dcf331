// Ends a test cluster with whoever started it: at the end of its standard input, which comes however that process dies,
// it kills
// every process that was started for the cluster, the jobs included, and removes the cluster's folder. Arguments:
// FOLDER CONF
const fs = require("node:fs");
const [folder, conf] = process.argv.slice(2);

function started() {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`SLURM_CONF=${conf}`);
      } catch {
        return false;
      }
    });
}

process.stdin.resume().once("end", () => {
  // One that is just being started by another is found the next time.
  for (let left = started(), rounds = 0; left.length > 0 && rounds < 100; left = started(), rounds++) {
    for (const pid of left) {
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  fs.rmSync(folder, { recursive: true, force: true });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { readResults, resultsFile } from "../../../kernel-setup/grading/class/results";
import { sheet } from "./class-course";
import { onSlurm } from "./class-slurm-course";
import { processesWith } from "./hostile-course";

onSlurm(
  "grading a class: a Slurm node that is lost, a job or a test run that is killed",
  ({ cluster, course, hand, grade, tries, started }) => {
    it("a killed job is tried again; a node lost half-way is waited for, and its jobs are run again", async () => {
      for (const student of ["d1", "d2"]) hand(student, "perfect slow");
      hand("killed", "hang");
      const run = grade();
      await started("killed");
      // The one that hangs is made to end well the next time.
      hand("killed", "perfect");
      const job = cluster().command("squeue", "--noheader", "--array", "--format=%i").trim().split("\n").at(-1)!;
      cluster().command("scancel", "--signal=KILL", job);
      const { results } = await run;
      // The notebook that was graded is not the one that was looked at first: nobody is told a grade of something else.
      expect(results.get("killed")!.vitrine.status).to.equal("error");
      expect((await grade()).results.get("killed")!.score).to.equal(12);

      for (const student of ["e1", "e2", "e3"]) hand(student, "perfect stuck");
      const second = grade();
      await Promise.all(["e1", "e2", "e3"].map(started));
      await cluster().loseNode();
      await cluster().bringNode();
      const again = await second;
      expect(again.fresh).to.deep.equal(["e1", "e2", "e3"]);
      for (const student of ["e1", "e2", "e3"])
        expect(readResults(resultsFile(course(), student, sheet)).score).to.equal(12);
      for (const student of ["e1", "e2", "e3"]) expect(tries(student)).to.equal(2);
    });

    it("a test run that is killed leaves no daemon, no job and no folder behind", async () => {
      const driver = spawn(process.execPath, ["--import", "tsx", join(__dirname, "class-slurm-driver.ts")], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const conf = String((await once(driver.stdout, "data"))[0]).trim();
      expect(processesWith(conf).length, "munged, slurmctld, slurmd, slurmstepd, the job").to.be.at.least(5);
      driver.kill("SIGKILL");
      const end = Date.now() + 30_000;
      while ((processesWith(conf).length > 0 || existsSync(conf)) && Date.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 200));
      expect([processesWith(conf), existsSync(dirname(conf))]).to.deep.equal([[], false]);
    });
  },
);

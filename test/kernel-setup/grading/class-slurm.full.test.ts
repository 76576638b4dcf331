import { existsSync } from "node:fs";
import { expect } from "chai";
import { readResults, resultsFile } from "../../../kernel-setup/grading/class/results";
import { sheet } from "./class-course";
import { onSlurm, waitFor } from "./class-slurm-course";

onSlurm("grading a class: a real Slurm array", ({ cluster, course, hand, grade, tries, started }) => {
  it("grades all, each once; what crashes is tried again and then said; the next run has nothing to do", async () => {
    for (let i = 0; i < 2; i++) hand(`ann${i}`, "perfect");
    hand("bob", "crash");
    hand("cat", "once perfect");
    const { results, fresh } = await grade();
    expect(fresh).to.have.length(4);
    for (let i = 0; i < 2; i++) expect([results.get(`ann${i}`)!.score, tries(`ann${i}`)]).to.deep.equal([12, 1]);
    expect(results.get("cat")!.score).to.equal(12);
    expect(results.get("bob")!.vitrine.reason).to.match(
      /^Slurm's job ended without results \(FAILED, exit 3\): out of luck\.$/,
    );
    expect((await grade()).fresh).to.deep.equal(["bob"]);
  });

  it("an interruption takes the jobs out of the queue and keeps what is done", async () => {
    hand("a", "perfect");
    hand("z", "hang");
    const stop = new AbortController();
    const run = grade({ signal: stop.signal }).catch((error: Error) => error.message);
    await started("z");
    await waitFor(() => existsSync(resultsFile(course(), "a", sheet)));
    stop.abort();
    expect(await run).to.match(/Interrupted: what was graded is kept/);
    expect(readResults(resultsFile(course(), "a", sheet)).score).to.equal(12);
    // What is being cleared away (CG) is out of it.
    const queue = (): string =>
      cluster()
        .command("squeue", "--noheader")
        .trim()
        .replace(/^.* CG .*$/gm, "")
        .trim();
    const end = Date.now() + 20_000;
    await waitFor(() => queue() === "" || Date.now() > end);
    expect(queue()).to.equal("");
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type { Course } from "../../../kernel-setup/grading/class/course";
import { gradeClass, type GradeClassOptions, type Graded } from "../../../kernel-setup/grading/class/grade-class";
import { readResults, resultsFile } from "../../../kernel-setup/grading/class/results";
import { slurm } from "../../../kernel-setup/grading/class/slurm/runner";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";
import { clusterMissing, startCluster, type Cluster } from "./class-slurm-cluster";
import { processesWith } from "./hostile-course";

const missing = clusterMissing();

describe(`grading a class: a real Slurm array${missing ? ` [needs service ${missing}]` : ""}`, function () {
  this.timeout(300_000);
  let cluster: Cluster, course: Course, remove: () => void;
  before(async function () {
    if (missing) this.skip();
    cluster = await startCluster();
    process.env.SLURM_CONF = cluster.conf;
  });
  after(async () => {
    delete process.env.SLURM_CONF;
    await cluster?.stop();
  });
  beforeEach(() => {
    ({ course, remove } = temporaryCourse());
    process.env.FAKE_LOG = join(course.root, "log.txt");
  });
  afterEach(() => remove());

  const hand = (student: string, mark: string): string => submit(course, student, handedIn({ "task-1": `// ${mark}` }));
  const grade = (options: Partial<GradeClassOptions> = {}): Promise<Graded> => gradeClass({
    course, sheet, runner: slurm({ script: join(__dirname, "class-fake-judge.cjs"), unsafe: false, folder: join(course.reports(sheet), "slurm"), every: 0.5 }), ...options,
  });
  const tries = (student: string): number => readFileSync(process.env.FAKE_LOG!, "utf8").split("\n").filter((line) => line.includes(`/${student}/`)).length;
  const started = async (student: string): Promise<void> => { while (tries(student) === 0) await new Promise((resolve) => setTimeout(resolve, 100)); };

  it("grades all, each once; what crashes is tried again and then said; the next run has nothing to do", async () => {
    for (let i = 0; i < 5; i++) hand(`ann${i}`, "perfect");
    hand("bob", "crash"); hand("cat", "once perfect");
    writeFileSync(process.env.FAKE_LOG!, "");
    const { results, fresh } = await grade();
    expect(fresh).to.have.length(7);
    for (let i = 0; i < 5; i++) expect([results.get(`ann${i}`)!.score, tries(`ann${i}`)]).to.deep.equal([12, 1]);
    expect(results.get("cat")!.score).to.equal(12);
    expect(results.get("bob")!.vitrine.reason).to.match(/^Slurm's job ended without results \(FAILED, exit 3\): out of luck\.$/);
    expect((await grade()).fresh).to.deep.equal(["bob"]);
  });

  it("a job that is killed is tried again; a node that is lost half-way is waited for, and its jobs start anew", async () => {
    for (const student of ["d1", "d2"]) hand(student, "perfect slow");
    hand("killed", "hang");
    writeFileSync(process.env.FAKE_LOG!, "");
    const run = grade();
    await started("killed");
    // The one that hangs is made to end well the next time.
    hand("killed", "perfect");
    const job = cluster.command("squeue", "--noheader", "--array", "--format=%i").trim().split("\n").at(-1)!;
    cluster.command("scancel", "--signal=KILL", job);
    const { results } = await run;
    // The notebook that was graded is not the one that was looked at first: nobody is told a grade of something else.
    expect(results.get("killed")!.vitrine.status).to.equal("error");
    expect((await grade()).results.get("killed")!.score).to.equal(12);

    for (const student of ["e1", "e2", "e3"]) hand(student, "perfect stuck");
    rmSync(process.env.FAKE_LOG!);
    writeFileSync(process.env.FAKE_LOG!, "");
    const second = grade();
    await Promise.all(["e1", "e2", "e3"].map(started));
    await cluster.loseNode();
    await cluster.bringNode();
    const again = await second;
    expect(again.fresh).to.deep.equal(["e1", "e2", "e3"]);
    for (const student of ["e1", "e2", "e3"]) expect(readResults(resultsFile(course, student, sheet)).score).to.equal(12);
    for (const student of ["e1", "e2", "e3"]) expect(tries(student)).to.equal(2);
  });

  it("a test run that is killed leaves no daemon, no job and no folder behind", async () => {
    const driver = spawn(process.execPath, ["--import", "tsx", join(__dirname, "class-slurm-driver.ts")], { stdio: ["ignore", "pipe", "inherit"] });
    const conf = String((await once(driver.stdout, "data"))[0]).trim();
    expect(processesWith(conf).length, "munged, slurmctld, slurmd, slurmstepd, the job").to.be.at.least(5);
    driver.kill("SIGKILL");
    const end = Date.now() + 30_000;
    while ((processesWith(conf).length > 0 || existsSync(conf)) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 200));
    expect([processesWith(conf), existsSync(dirname(conf))]).to.deep.equal([[], false]);
  });

  it("an interruption takes the jobs out of the queue and keeps what is done", async () => {
    hand("a", "perfect"); hand("z", "hang");
    writeFileSync(process.env.FAKE_LOG!, "");
    const stop = new AbortController();
    const run = grade({ signal: stop.signal }).catch((error: Error) => error.message);
    while (tries("z") === 0 || tries("a") === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    stop.abort();
    expect(await run).to.match(/Interrupted: what was graded is kept/);
    expect(readResults(resultsFile(course, "a", sheet)).score).to.equal(12);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(cluster.command("squeue", "--noheader").trim().replace(/^.* CG .*$/gm, "").trim()).to.equal("");
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Course } from "../../../kernel-setup/grading/class/course";
import { gradeClass, type GradeClassOptions, type Graded } from "../../../kernel-setup/grading/class/grade-class";
import { slurm } from "../../../kernel-setup/grading/class/slurm/runner";
import { handedIn, sheet, submit, temporaryCourse } from "./class-course";
import { clusterMissing, startCluster, type Cluster } from "./class-slurm-cluster";

const missing = clusterMissing();

/** A class that is graded by a Slurm cluster of the tests' own, with a course for each test. */
export interface SlurmClass {
  cluster(): Cluster;
  course(): Course;
  hand(student: string, mark: string): string;
  grade(options?: Partial<GradeClassOptions>): Promise<Graded>;
  /** How often a submission was begun. */
  tries(student: string): number;
  started(student: string): Promise<void>;
}

export const waitFor = async (there: () => boolean): Promise<void> => {
  while (!there()) await new Promise((resolve) => setTimeout(resolve, 50));
};

export function onSlurm(title: string, suite: (on: SlurmClass) => void): void {
  describe(`${title}${missing ? ` [needs service ${missing}]` : ""}`, function () {
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
      writeFileSync(process.env.FAKE_LOG, "");
    });
    afterEach(() => remove());
    const tries = (student: string): number =>
      readFileSync(process.env.FAKE_LOG!, "utf8")
        .split("\n")
        .filter((line) => line.includes(`/${student}/`)).length;
    suite({
      cluster: () => cluster,
      course: () => course,
      hand: (student, mark) => submit(course, student, handedIn({ "task-1": `// ${mark}` })),
      grade: (options = {}) =>
        gradeClass({
          course,
          sheet,
          runner: slurm({
            script: join(__dirname, "class-fake-judge.cjs"),
            unsafe: false,
            folder: join(course.reports(sheet), "slurm"),
            every: 0.5,
          }),
          ...options,
        }),
      tries,
      started: (student) => waitFor(() => tries(student) > 0),
    });
  });
}

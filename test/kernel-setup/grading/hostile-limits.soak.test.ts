import { expect } from "chai";
import {
  Attacks,
  HostileCourse,
  inPairs,
  noSandbox,
  processesWith,
  solved,
  withAttack,
  type Marked,
} from "./hostile-course";
import { limitAttacks } from "./hostile-limits-attacks";

/** For a task's calls; to use up memory takes a slow machine longer than that, and is to end at that limit. */
const seconds = 4,
  memorySeconds = 40;

describe(`grading: what a submission uses up, alone${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(900_000);
  let course: HostileCourse, table: Attacks;
  const marked = new Map<string, Promise<Marked>>(),
    inTurn = inPairs(),
    honest: Promise<Marked>[] = [];
  before(function () {
    if (noSandbox) return this.skip();
    course = new HostileCourse();
    table = new Attacks("limits", course);
    limitAttacks.forEach((attack, i) => {
      const { name, memoryMiB } = attack;
      marked.set(
        name,
        inTurn(() =>
          table.mark(name, withAttack(attack), memoryMiB ? { seconds: memorySeconds, memoryMiB } : { seconds }),
        ),
      );
      // Honest ones are marked beside them.
      if (i % 8 === 4)
        honest.push(inTurn(() => table.mark("none: an honest submission, marked beside the others", solved())));
    });
  });
  after(() => {
    table?.finish();
    course?.remove();
  });

  for (const { name, reason, score = 5, greedy } of limitAttacks) {
    it(name, async () => {
      const { results, task, seconds: took } = await marked.get(name)!;
      expect(results.vitrine.status, results.vitrine.reason).to.equal("graded");
      if (greedy) expect(results.score, JSON.stringify(results.vitrine.tasks)).to.be.at.most(score);
      else expect(results.score, JSON.stringify(results.vitrine.tasks)).to.equal(score);
      expect(task("task-1").reason).to.match(reason);
      expect(took, "seconds").to.be.below(180);
      course.expectUntouched();
    });
  }

  it("honest ones, marked beside them, have all their points, and nothing is left running", async () => {
    for (const { results } of await Promise.all(honest)) expect(results.score).to.equal(12);
    await Promise.allSettled(marked.values());
    expect(processesWith("/grade/kernel-setup"), "processes left behind").to.deep.equal([]);
  });
});

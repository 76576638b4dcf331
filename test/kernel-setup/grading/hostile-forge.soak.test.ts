import { expect } from "chai";
import { Attacks, HostileCourse, inPairs, noSandbox, withAttack, type Marked } from "./hostile-course";
import { forgeries, notBelieved } from "./hostile-forge-attacks";

describe(`grading: what a submission forges, alone${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(600_000);
  let course: HostileCourse, table: Attacks;
  const marked = new Map<string, Promise<Marked>>(),
    inTurn = inPairs();
  before(function () {
    if (noSandbox) return this.skip();
    course = new HostileCourse();
    table = new Attacks("forge", course);
    for (const forgery of forgeries)
      marked.set(
        forgery.name,
        inTurn(() => table.mark(forgery.name, withAttack(forgery), { seconds: 8 })),
      );
  });
  after(() => {
    table?.finish();
    course?.remove();
  });

  for (const { name, reason = notBelieved } of forgeries) {
    it(name, async () => {
      const { results, task } = await marked.get(name)!;
      expect(results.vitrine.status, results.vitrine.reason).to.equal("graded");
      expect(task("task-1"), JSON.stringify(results.vitrine.tasks)).to.include({ points: 0, status: "failed" });
      expect(task("task-1").reason)
        .to.match(reason)
        .and.not.match(/[\u0000-\u0008\u001b]/);
      expect(results.score).to.be.oneOf([0, 5, 9]);
      expect(results).to.have.keys("score", "max_score", "execution_time", "output", "tests", "vitrine");
      course.expectUntouched();
    });
  }
});

import { expect } from "chai";
import { Attacks, HostileCourse, inPairs, noSandbox, type Marked } from "./hostile-course";
import { altered, changed } from "./hostile-notebooks-attacks";

describe(`grading: altered notebooks, alone${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(900_000);
  let course: HostileCourse, table: Attacks;
  const marked = new Map<string, Promise<Marked>>(),
    inTurn = inPairs();
  before(function () {
    if (noSandbox) return this.skip();
    course = new HostileCourse();
    table = new Attacks("notebooks", course);
    for (const { name, change } of altered)
      marked.set(
        name,
        inTurn(() => table.mark(name, changed(change))),
      );
  });
  after(() => {
    table?.finish();
    course?.remove();
  });

  for (const { name, score, reason } of altered) {
    it(name, async () => {
      const { results } = await marked.get(name)!;
      expect(results.vitrine.status, results.vitrine.reason).to.equal("graded");
      expect(results.score, JSON.stringify(results.vitrine.tasks)).to.equal(score);
      expect(results.max_score).to.equal(12);
      if (reason) expect(results.vitrine.tasks.map((task) => task.reason).join("\n")).to.match(reason);
      course.expectUntouched();
    });
  }
});

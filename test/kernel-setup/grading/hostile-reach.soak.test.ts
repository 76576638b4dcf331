import { expect } from "chai";
import { Attacks, HostileCourse, noSandbox, withAttack } from "./hostile-course";
import { listen, reachAttacks, reachNames, secretVariable, type Listeners, type Reach } from "./hostile-reach-attacks";

describe(`grading: what a submission reaches, alone${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(180_000);
  let course: HostileCourse, table: Attacks, listeners: Listeners, attacks: readonly Reach[];
  before(async function () {
    if (noSandbox) return this.skip();
    course = new HostileCourse();
    table = new Attacks("reach", course);
    listeners = await listen(course);
    attacks = reachAttacks(course, listeners);
    process.env[secretVariable] = course.secret;
  });
  afterEach(() => course?.expectUntouched());
  after(() => {
    delete process.env[secretVariable];
    listeners?.close();
    table?.finish();
    course?.remove();
  });

  for (const [i, name] of reachNames.entries()) {
    it(name, async () => {
      const { attack, body, seen } = attacks[i],
        { task, results } = await table.mark(attack, withAttack({ body }));
      expect(task("task-1")).to.include({ points: 0, status: "failed" });
      expect(results.score).to.equal(5);
      seen(task("task-1").reason);
    });
  }
});

import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Attacks, HostileCourse, noSandbox, sheet, solved, type Marked } from "./hostile-course";
import { unreadable } from "./hostile-notebooks-attacks";

describe(`grading: files that are no notebook${noSandbox ? " [needs service bubblewrap]" : ""}`, function () {
  this.timeout(120_000);
  let course: HostileCourse, table: Attacks;
  before(function () {
    if (noSandbox) return this.skip();
    course = new HostileCourse();
    table = new Attacks("files", course);
  });
  after(() => {
    table?.finish();
    course?.remove();
  });

  const isError = ({ results }: Marked, reason: RegExp): void => {
    expect(results.vitrine).to.include({ status: "error" });
    expect(results.vitrine.reason).to.match(reason);
    expect(results.score).to.equal(0);
    for (const task of results.vitrine.tasks) expect(task).to.include({ status: "error", points: 0 });
  };

  for (const { name, content, reason } of unreadable)
    it(`${name}: an error, which is not 0 points`, async () => isError(await table.mark(name, content), reason));

  it("outputs of a gigabyte", async () => {
    const path = course.submit("gigabyte", solved()),
      file = openSync(path, "r+");
    ftruncateSync(file, 2 ** 30);
    writeSync(file, "}", 2 ** 30 - 1);
    closeSync(file);
    const outcome = await table.markFile("a notebook of a gigabyte", path);
    isError(outcome, /has 1024 MiB; more than 100 are not read/);
    expect(outcome.seconds).to.be.below(30);
  });

  it("a link to another's work, a folder, a pipe", async () => {
    const at = (name: string): string => {
      mkdirSync(join(course.root, "submitted", name), { recursive: true });
      return join(course.root, "submitted", name, "x.ipynb");
    };
    symlinkSync(join(course.root, "submitted", "honest", sheet, `${sheet}.ipynb`), at("linked"));
    isError(await table.markFile("a link to another's work", at("linked")), /a link to another/);
    mkdirSync(at("folder"));
    isError(await table.markFile("a folder in the notebook's place", at("folder")), /no file of that name/);
    execFileSync("mkfifo", [at("pipe")]);
    isError(await table.markFile("a pipe in the notebook's place", at("pipe")), /no file of that name/);
  });
});

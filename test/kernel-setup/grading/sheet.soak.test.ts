import { expect } from "chai";
import { openCourse, sheetOf } from "../../../kernel-setup/grading/sheet/course";
import { sandboxMissing } from "../../../kernel-setup/grading/sandbox/command";
import { missing, sheets } from "../../notebooks/course";
import { failures, proofsOf } from "./sheet-course";

const without = sandboxMissing();

describe(
  `sheets: the judge, asked about each solution, stub and mutant ` +
    `alone${without ? " [needs service bubblewrap]" : ""}`,
  function () {
    this.timeout(900_000);
    before(function () {
      if (without || missing()) this.skip();
    });

    // Whether they run is tested in test/notebooks.
    for (const name of sheets()) {
      it(`${name}: every proof holds, each mutant is caught`, async () => {
        const proofs = await proofsOf(sheetOf(openCourse(), name), { run: false });
        expect(failures(proofs).join("\n")).to.equal("");
        expect(proofs.filter(({ what }) => what.startsWith("mutant")).length).to.be.at.least(9);
      });
    }
  },
);

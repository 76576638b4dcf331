import { expect } from "chai";
import { MissingDataError } from "../../lib/data/obtain";
import { check } from "./check";
import { NoReferenceError } from "./oracle";
import { questions } from "./questions";

describe("the kept answers of PyTorch, Captum and Foolbox [needs all three]", function () {
  this.timeout(600_000);
  for (const question of questions) {
    it(`${question.name}: are what the reference answers today`, async function () {
      try {
        const { wrong, summary } = await check(question);
        this.test!.title += `: ${summary}`;
        expect(wrong).to.deep.equal([]);
      } catch (error) {
        if (!(error instanceof NoReferenceError || error instanceof MissingDataError)) throw error;
        this.test!.title += ` (skipped: ${error.message})`;
        this.skip();
      }
    });
  }
});

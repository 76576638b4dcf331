import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { optionsPage } from "../../docs/make-options";

describe("docs/options.md", () => {
  it("is what the declarations make: npx tsx docs/make-options.ts", () => {
    expect(readFileSync(join(__dirname, "../../docs/options.md"), "utf8")).to.equal(optionsPage());
  });
});

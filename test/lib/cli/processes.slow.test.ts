import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { encodeNpy } from "../../../lib/data/npy";
import { manyImages, type ManyFixture } from "./many-images";
import { vitrine } from "./run-cli";

describe("npx vitrine in processes of its own", function () {
  this.timeout(60_000);
  let many: ManyFixture;
  const image = (): string => join(many.folder, "images/even/0.npy");
  before(async () => {
    many = await manyImages(7);
  });
  after(() => many.remove());

  it("ends as a process with 0, 1 or 2", async () => {
    const nan = join(many.folder, "nan.npy");
    writeFileSync(nan, encodeNpy({ dtype: "float32", shape: [5, 5, 2], data: new Float32Array(50).fill(NaN) }));
    const [done, failed, misused] = await Promise.all([
      vitrine(["predict", "--model", many.model, "--input", image(), "--json"]),
      vitrine(["predict", "--model", many.model, "--input", nan]),
      vitrine(["predict", "--model", many.model, "--inptu", nan]),
    ]);
    expect([done.status, failed.status, misused.status]).to.deep.equal([0, 1, 2]);
    expect(JSON.parse(done.stdout)).to.have.length(1);
    expect([done.stderr, failed.stdout, misused.stdout]).to.deep.equal(["", "", ""]);
    expect(failed.stderr).to.match(/^vitrine: a value of .*\n$/);
    expect(misused.stderr).to.match(/^vitrine: Unknown flag .*\n$/);
  });

  it("doctor is not stopped by a forced backend that does not exist", async () => {
    const { status, stdout } = await vitrine(["doctor"], { VITRINE_BACKEND: "abacus" });
    expect(status).to.equal(1);
    expect(stdout)
      .to.match(/Backend\s+! none\n\s+VITRINE_BACKEND is "abacus"; allowed: /)
      .and.to.match(/Not ready/);
  });

  it("two runs on the same images at once do no harm", async () => {
    const args = [
      "explain",
      "--model",
      many.model,
      "--method",
      "saliency",
      "--into",
      join(many.folder, "twice"),
      join(many.folder, "images"),
    ];
    const runs = await Promise.all([vitrine(args), vitrine(args)]);
    expect(runs.map(({ status, stderr }) => [status, stderr])).to.deep.equal([
      [0, ""],
      [0, ""],
    ]);
    const files = Object.keys(many.contents("twice"));
    expect(files.filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
    expect(files).to.have.length(15);
  });
});

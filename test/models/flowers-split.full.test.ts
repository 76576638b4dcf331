import { expect } from "chai";
import { nearDuplicates } from "../../models/flowers-deep/near-duplicates";
import { realFlowers } from "../helpers/real-data";

describe("the split of the flower photographs", function () {
  this.timeout(300_000);

  it("has no photograph held out that is nearly one to train with", async function () {
    const flowers = await realFlowers(this, { size: 32 });
    await flowers.close();
    const pairs = await nearDuplicates(flowers);
    // The search finds what is there: 12 pairs, looked at, in the 2,700 photographs that every archive has.
    expect(pairs).to.have.length.at.least(12);
    expect(pairs.filter(({ acrossTheSplit }) => acrossTheSplit)).to.deep.equal([]);
  });

  it("is searched by a hash that knows a picture by its shapes, whatever its colours", async function () {
    const flowers = await realFlowers(this, { size: 32 });
    await flowers.close();
    const all = [...flowers.train.files, ...flowers.test.files];
    const find = (name: string): string => all.find((file) => file.endsWith(name))!;
    // A dandelion before green and before purple, by one photographer; and another dandelion.
    const names = ["506659320_6fac46551e.jpg", "506660896_c903cca1f0.jpg", "7153497513_076486e26b_n.jpg"];
    const [green, purple, other] = names.map(find);
    const pairs = await nearDuplicates({ train: { files: [green, other] }, test: { files: [purple] } });
    expect(pairs.map(({ files }) => files)).to.deep.equal([[green, purple]]);
    expect(pairs[0].acrossTheSplit).to.equal(true);
  });
});

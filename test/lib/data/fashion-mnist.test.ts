import { expect } from "chai";
import * as tf from "@tensorflow/tfjs";
import { loadFashionMnist } from "../../../lib/data";
import { chooseImages } from "../../../lib/data/labelled-images";
import { ready } from "../../../lib/backend";
import { realFashionMnist } from "../../helpers/real-data";
import { failure } from "./helpers";

describe("choosing images", () => {
  const labels = [2, 0, 1, 1, 0, 2, 2, 0],
    names = ["cat", "dog", "cow"];
  it("takes all, the first ones, some classes, some of each, or exactly these", () => {
    expect(chooseImages(labels, {}, names)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(chooseImages(labels, { count: 3 }, names)).to.deep.equal([0, 1, 2]);
    expect(chooseImages(labels, { classes: ["dog", 2] }, names)).to.deep.equal([0, 2, 3, 5, 6]);
    expect(chooseImages(labels, { perClass: 1 }, names)).to.deep.equal([0, 1, 2]);
    expect(chooseImages(labels, { classes: ["cat"], perClass: 2, count: 1 }, names)).to.deep.equal([1]);
    expect(chooseImages(labels, { indices: [7, 0, 7] }, names)).to.deep.equal([7, 0, 7]);
  });
  it("refuses what cannot be meant", async () => {
    const said = async (choice: Parameters<typeof chooseImages>[1]): Promise<string> =>
      (await failure(() => chooseImages(labels, choice, names))).message;
    expect(await said({ count: 0 })).to.equal("count is 0; allowed: an integer ≥ 1.");
    expect(await said({ perClass: 1.5 })).to.match(/^perClass is 1\.5/);
    expect(await said({ indices: [1, 8] })).to.equal("indices is 8; allowed: integers from 0 to 7.");
    expect(await said({ indices: [] })).to.match(/at least one index/);
    expect(await said({ indices: [1], count: 1 })).to.match(/indices alone/);
    expect(await said({ classes: ["cats"] })).to.match(/^classes is "cats"; .*Nearest: cat/);
    expect(await said({ classes: [3] })).to.match(/class indices 0 to 2/);
    expect(await said({ classes: [] })).to.match(/at least one class/);
  });
});

describe("Fashion-MNIST", () => {
  before(() => ready());

  it("gives the test set's pictures, in [0, 1], with their labels and Zalando's names", async function () {
    const before = tf.memory().numTensors;
    const data = await realFashionMnist(this, { split: "test" });
    expect(data.images.shape).to.deep.equal([10000, 28, 28, 1]);
    expect(data.labels.slice(0, 10)).to.deep.equal([9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
    expect(data.classNames).to.deep.equal([
      "T-shirt/top",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ]);
    expect(data.source).to.equal("official");
    for (let label = 0; label < 10; label++)
      expect(data.labels.filter((other) => other === label)).to.have.length(1000);
    const [least, most, mean] = tf.tidy(() =>
      [data.images.min(), data.images.max(), data.images.mean()].map((value) => value.dataSync()[0]),
    );
    expect([least, most]).to.deep.equal([0, 1]);
    expect(mean, "published: 0.2868 over the test set").to.be.closeTo(0.2868, 5e-4);
    data.dispose();
    expect(tf.memory().numTensors).to.equal(before);
  });
  it("gives the same picture by index as in the whole", async function () {
    const some = await realFashionMnist(this, { indices: [9999, 3] }),
      all = await realFashionMnist(this, {});
    const [a, b] = [await some.images.array(), tf.tidy(() => tf.gather(all.images, [9999, 3]).arraySync())];
    expect(a).to.deep.equal(b);
    expect(some.labels).to.deep.equal([all.labels[9999], all.labels[3]]);
    some.dispose();
    all.dispose();
  });
  it("refuses an unknown split", async () => {
    expect((await failure(() => loadFashionMnist({ split: "validation" as never }))).message).to.match(
      /^split is "validation"; allowed: train, test\. /,
    );
  });
});

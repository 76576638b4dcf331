import { expect } from "chai";
import { misclassified, robustAccuracy, successRate } from "../../../lib/attack/criterion";
import { fgsm } from "../../../lib/attack/fgsm";
import { imagesOf, linearImages, linearModel, predictedBy } from "./linear-model";

describe("share of inputs that stay unfooled", () => {
  it("is the accuracy on the attacked images, over growing epsilons", async () => {
    const model = linearModel(),
      images = linearImages(40);
    const truth = imagesOf(images).map((image, i) => (predictedBy(model, image) + Number(i % 8 === 0)) % 4);
    const results = await fgsm(model, images, { epsilon: [0.2, 0, 0.05], criterion: misclassified(truth) });
    const accuracy = results.map(
      ({ clipped }) => imagesOf(clipped).filter((image, i) => predictedBy(model, image) === truth[i]).length / 40,
    );
    expect(robustAccuracy(results)).to.deep.equal([
      { epsilon: 0, share: accuracy[1] },
      { epsilon: 0.05, share: accuracy[2] },
      { epsilon: 0.2, share: accuracy[0] },
    ]);
    expect(accuracy[1], "one in eight is wrong to begin with").to.equal(35 / 40);
    expect(accuracy[0]).to.be.below(accuracy[2]).and.below(0.5);
    expect(successRate(results[0])).to.equal(1 - accuracy[0]);
    results.forEach((result) => result.dispose());
    images.dispose();
  });

  it("needs epsilons", () => {
    expect(() => robustAccuracy([])).to.throw(
      /^results is \[\]; allowed: the results of an attack with a list of epsilons\.$/,
    );
    expect(() => robustAccuracy([{ success: [true] }])).to.throw(/^the epsilon of a result is undefined/);
  });
});

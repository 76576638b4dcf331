import { realGarments } from "./garments";
import { askedAnswers } from "./oracle";
import { recipeInputs, recipes, recipeTests } from "./recipe";

describe("the recipe in PyTorch itself, from Fashion-MNIST's garments [needs PyTorch]", function () {
  this.timeout(240_000);
  recipeTests((context) => {
    const keptInputs = () => recipeInputs(realGarments(context));
    return askedAnswers(context, { ...recipes, keptInputs });
  });
});

import { keptAnswers } from "../../oracles/oracle";
import { recipes, recipeTests } from "../../oracles/recipe";

describe("the recipe in PyTorch, on the same weights, start and jitter", function () {
  this.timeout(60_000);
  recipeTests(() => keptAnswers(recipes));
});

import { foolbox, foolboxInputs, foolboxTests } from "./foolbox";
import { realGarments } from "./garments";
import { askedAnswers } from "./oracle";

describe("Foolbox itself, on Fashion-MNIST [needs PyTorch and Foolbox]", function () {
  this.timeout(240_000);
  foolboxTests((context) => {
    const keptInputs = () => foolboxInputs(realGarments(context));
    return askedAnswers(context, { ...foolbox, keptInputs });
  });
});

import { captum, captumInputs, captumTests } from "./captum";
import { realGarments } from "./garments";
import { askedAnswers } from "./oracle";

describe("Captum itself, on Fashion-MNIST [needs PyTorch and Captum]", function () {
  this.timeout(240_000);
  captumTests((context) => {
    const keptInputs = () => captumInputs(realGarments(context));
    return askedAnswers(context, { ...captum, keptInputs });
  });
});

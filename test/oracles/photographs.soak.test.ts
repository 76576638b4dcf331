import { askedAnswers } from "./oracle";
import { photographInputs, photographs, photographTests } from "./photographs";

describe("pretrained networks in PyTorch itself, with all of their gradients [needs PyTorch]", function () {
  this.timeout(240_000);
  const whole = { ...photographs, inputs: () => photographInputs({ whole: true }) };
  photographTests((context) => askedAnswers(context, whole));
});

import { expect } from "chai";
import type { AttackOptions, AttackResult } from "../../../lib/attack/attack";
import { misclassified, targeted } from "../../../lib/attack/criterion";
import { attackMethods, type AttackMethod } from "../../../lib/attack/methods";
import type { VisionModel } from "../../../lib/model/vision-model";
import { forEachBackend } from "../../helpers/backends";
import { keepsGraphsApart, numbersOf, type Keeps } from "../../helpers/kept-graphs";
import { tinyImages, tinyPixelsOf } from "../../helpers/tiny-model";

/** Those whose step runs in a loop, with steps enough for a graph; the others keep the gradient of their loss alone. */
const base: Readonly<Record<string, object>> = {
  pgd: { epsilon: 0.1, steps: 9 },
  fooling: { target: 2, learningRate: 0.05, maxIterations: 9 },
  deepfool: { steps: 9, batchSize: 2 },
  "carlini-wagner": { steps: 10, searches: 3, learningRate: 0.1 },
};
const pairs: Keeps["pairs"] = {
  target: [{ target: 1 }, { target: 2 }],
  criterion: [{ criterion: misclassified(1) }, { criterion: targeted(1) }],
  epsilon: [{ epsilon: 0.1 }, { epsilon: 0.2 }],
  norm: [{ norm: "linf" }, { norm: "l2" }],
  steps: [{ steps: 9 }, { steps: 20 }],
  stepSize: [{ stepSize: 0.01 }, { stepSize: 0.02 }],
  randomStart: [{ randomStart: true }, { randomStart: false }],
  seed: [{ seed: 0 }, { seed: 1 }],
  learningRate: [{ learningRate: 0.05 }, { learningRate: 0.1 }],
  maxIterations: [{ maxIterations: 9 }, { maxIterations: 20 }],
  space: [{ space: "normalized" }, { space: "pixels" }],
  candidates: [{ candidates: 2 }, { candidates: 4 }],
  overshoot: [{ overshoot: 0.02 }, { overshoot: 0.2 }],
  searches: [{ searches: 2 }, { searches: 3 }],
  confidence: [{ confidence: 0 }, { confidence: 0.5 }],
  initialWeight: [{ initialWeight: 0.01 }, { initialWeight: 1 }],
  abortEarly: [{ abortEarly: false }, { abortEarly: true }],
};
const own: Readonly<Record<string, Keeps["pairs"]>> = {
  // It takes a target, and nothing else.
  fooling: {
    criterion: [
      { target: undefined, criterion: targeted(1) },
      { target: undefined, criterion: targeted(3) },
    ],
    epsilon: [{ epsilon: 0.05 }, { epsilon: 0.1 }],
  },
  // It takes no target.
  deepfool: {
    target: [{ criterion: misclassified(0) }, { criterion: misclassified(1) }],
    criterion: [{ criterion: misclassified(1) }, { criterion: misclassified(0) }],
    epsilon: [{ epsilon: 0.05 }, { epsilon: 0.1 }],
    steps: [{ steps: 8 }, { steps: 1 }],
  },
  "carlini-wagner": {
    epsilon: [{ epsilon: 0.05 }, { epsilon: 0.1 }],
    abortEarly: [
      { steps: 60, abortEarly: false },
      { steps: 60, abortEarly: true },
    ],
  },
};

/** So many images of 60 values that a gradient is kept as a graph. */
const MANY = 1100;

async function ran(method: AttackMethod["attack"], model: VisionModel, options: object, count: number) {
  const images = tinyImages(tinyPixelsOf(count));
  const result: AttackResult = await method(model, images, options as AttackOptions);
  const numbers = numbersOf([result.raw, result.clipped], result.iterations);
  result.dispose();
  images.dispose();
  return numbers;
}

/** One step: what they keep is the gradient of the loss, of many values alone. */
const oneStep = ["fgsm", "normed-gradient"];
/** These ask for no gradient. */
const without = ["occlude", "random-noise"];

it("every attack is asked for, but those without a graph", () => {
  expect([...Object.keys(base), ...oneStep, ...without]).to.have.members(Object.keys(attackMethods));
});

forEachBackend(() => {
  for (const [name, options] of Object.entries(base)) {
    const { attack, options: schema } = attackMethods[name];
    keepsGraphsApart(name, {
      schema,
      base: options,
      pairs: { ...pairs, ...own[name] },
      run: (model, options) => ran(attack, model, options, 5),
    });
  }
  for (const name of oneStep) {
    const { attack, options: schema } = attackMethods[name];
    keepsGraphsApart(`${name} of many`, {
      schema,
      base: { epsilon: 0.1, batchSize: MANY },
      pairs,
      runsNeeded: 2,
      run: (model, options) => ran(attack, model, options, MANY),
    });
  }
}, ["tensorflow"]);

import type { MethodOption } from "../core/method-options";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { AttackOptions, AttackResult } from "./attack";
import { carliniWagner } from "./carlini-wagner";
import { deepFool } from "./deep-fool";
import { fgsm } from "./fgsm";
import { fooling, foolingSpaces } from "./fooling";
import { normedGradient } from "./normed-gradient";
import { occlude } from "./occlude";
import { pgd } from "./pgd";
import { epsilonNorms, randomNoise } from "./random-noise";

export interface AttackMethod {
  /** The attack itself; it checks what it is given. */
  attack(model: VisionModel, images: ImageInput, options: AttackOptions): Promise<AttackResult>;
  /** Its own options, beside those of {@link AttackOptions}. */
  readonly options: Readonly<Record<string, MethodOption>>;
}

const epsilon: MethodOption = { kind: "number", required: true, unit: "in pixel values of [0, 1]" };
const cut: MethodOption = { kind: "number" };

/** Kebab-case name → attack. */
export const attackMethods: Readonly<Record<string, AttackMethod>> = {
  fgsm: { attack: fgsm, options: { epsilon } } as AttackMethod,
  "normed-gradient": { attack: normedGradient, options: { epsilon } } as AttackMethod,
  fooling: {
    attack: fooling,
    options: {
      learningRate: { kind: "number" },
      maxIterations: { kind: "integer" },
      space: { kind: foolingSpaces },
      epsilon: cut,
    },
  } as AttackMethod,
  pgd: {
    attack: pgd,
    options: {
      epsilon,
      norm: { kind: epsilonNorms },
      steps: { kind: "integer" },
      stepSize: { kind: "number" },
      randomStart: { kind: "boolean", byDefault: true },
      seed: { kind: "integer" },
    },
  } as AttackMethod,
  deepfool: {
    attack: deepFool,
    options: {
      steps: { kind: "integer" },
      candidates: { kind: "integer" },
      overshoot: { kind: "number" },
      epsilon: cut,
    },
  } as AttackMethod,
  "carlini-wagner": {
    attack: carliniWagner,
    options: {
      steps: { kind: "integer" },
      searches: { kind: "integer" },
      learningRate: { kind: "number" },
      confidence: { kind: "number" },
      initialWeight: { kind: "number" },
      abortEarly: { kind: "boolean", byDefault: true },
      epsilon: cut,
    },
  } as AttackMethod,
  occlude: {
    attack: occlude,
    options: {
      window: { kind: "integers", required: true },
      stride: { kind: "integers", required: true },
      value: { kind: "number" },
      rectangles: { kind: "integer" },
    },
  } as AttackMethod,
  "random-noise": {
    attack: randomNoise,
    options: { epsilon, norm: { kind: epsilonNorms }, seed: { kind: "integer" } },
  } as AttackMethod,
};

import type { AnySchema } from "../core/options";
import type { ImageInput, VisionModel } from "../model/vision-model";
import type { AttackOptions, AttackResult } from "./attack";
import { carliniWagner, carliniWagnerOptions } from "./carlini-wagner";
import { deepFool, deepFoolOptions } from "./deep-fool";
import { fgsm, fgsmOptions, normedGradient, normedGradientOptions } from "./fgsm";
import { fooling, foolingOptions } from "./fooling";
import { occlude, occludeOptions } from "./occlude";
import { pgd, pgdOptions } from "./pgd";
import { randomNoise, randomNoiseOptions } from "./random-noise";

export interface AttackMethod {
  /** The attack itself; it checks what it is given. */
  attack(model: VisionModel, images: ImageInput, options: AttackOptions): Promise<AttackResult>;
  /** Its options, those of {@link AttackOptions} among them: what each may be, its default, a line of help. */
  readonly options: AnySchema;
}

/** Kebab-case name → attack. */
export const attackMethods: Readonly<Record<string, AttackMethod>> = {
  fgsm: { attack: fgsm, options: fgsmOptions } as AttackMethod,
  "normed-gradient": { attack: normedGradient, options: normedGradientOptions } as AttackMethod,
  fooling: { attack: fooling, options: foolingOptions } as AttackMethod,
  pgd: { attack: pgd, options: pgdOptions } as AttackMethod,
  deepfool: { attack: deepFool, options: deepFoolOptions } as AttackMethod,
  "carlini-wagner": { attack: carliniWagner, options: carliniWagnerOptions } as AttackMethod,
  occlude: { attack: occlude, options: occludeOptions } as AttackMethod,
  "random-noise": { attack: randomNoise, options: randomNoiseOptions } as AttackMethod,
};

import { captum } from "./captum";
import { foolbox } from "./foolbox";
import type { Question } from "./oracle";
import { photographs } from "./photographs";
import { weightsFiles } from "./pretrained";
import { recipes } from "./recipe";

/** All whose answers are kept. */
export const questions: readonly Question[] = [captum, foolbox, recipes, weightsFiles, photographs];

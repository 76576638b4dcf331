// What a hidden test imports as "vitrine/judge".
export {
  defineTask,
  type Mutant,
  type PartTools,
  type TaskDefinition,
  type TaskLimits,
  type TaskPart,
} from "./define-task";
export { StudentTensor, type Answer } from "./answers";
export {
  smallNetworkSpec,
  type Activation,
  type Argument,
  type DenseLayer,
  type Made,
  type NetworkSpec,
} from "./arguments";
export type { Expected, ExpectOptions } from "./expect";
export { expectMaps, mapsOf } from "./maps";
export { randomPictures, randomSeed } from "./random-inputs";
export type { Student } from "./student";
export { AnswerWrong, StudentFault, type FaultKind } from "./student-fault";
// The visible checks' references, all on the trusted side.
export {
  askedClasses,
  largest,
  targetLogit,
  wrongScores,
  type ScoreDerivative,
} from "vitrine-course/dist/checks/scores";
export { diagnose, difference, type Maps, type Mistake } from "vitrine-course/dist/checks/maps";
export { smallNetwork, type Pixels, type SmallNetwork } from "vitrine-course/dist/checks/small-network";
export { random, type Random } from "vitrine/dist/kit";

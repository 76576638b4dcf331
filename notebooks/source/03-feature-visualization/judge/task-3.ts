import { clampTo, type RunSettings, type Shift } from "vitrine-course/dist/checks/ascent-reference";
import { ascentRunMistake } from "vitrine-course/dist/checks/ascent-run";
import { colourShape } from "vitrine-course/dist/checks/pictures";
import {
  AnswerWrong,
  askedClasses,
  defineTask,
  largest,
  mapsOf,
  randomPictures,
  randomSeed,
  smallNetwork,
  smallNetworkSpec,
  targetLogit,
  type Random,
  type Student,
} from "vitrine/judge";

/** Neither number is 0 and they differ, so that each slip shows. */
const shift = ({ integer }: Random): Shift => {
  const down = 1 + integer(4);
  return [down, down + 1 + integer(4)];
};

async function compare(student: Student, random: Random, iterations: number, blurEvery: number): Promise<void> {
  const network = smallNetwork(randomSeed(random), colourShape),
    pictures = randomPictures(random, 2, colourShape).map((values) => Array.from(Float32Array.from(values)));
  const target = askedClasses(
      pictures.map((picture) => largest(network.logits(picture))),
      10,
    ),
    whole = [2, ...colourShape];
  const settings: RunSettings = {
    learningRate: 2,
    l2: 0.02,
    blurEvery,
    shifts: Array.from({ length: iterations }, () => shift(random)),
  };
  const answer = await student.call("myVisualization", [
    student.logits(student.network(smallNetworkSpec(network.weights))),
    student.tensor(whole, pictures.flat()),
    target,
    {
      learningRate: settings.learningRate,
      l2: settings.l2,
      blurEvery,
      shifts: settings.shifts.map((each) => [...each]),
    },
    { clamp: student.clamp(...clampTo), blur: student.smear() },
  ]);
  const words = ascentRunMistake(mapsOf(answer, whole), pictures, targetLogit(network, target), settings);
  if (words) throw new AnswerWrong(words);
}

const solution = (from: string, to: string): string =>
  `async function myVisualization(
  logits: LogitsFunction, start: tf.Tensor4D, target: number[], settings: RunSettings, tools: RunTools,
): Promise<tf.Tensor4D> {
  let x = start.clone();
  for (const [t, [down, right]] of settings.shifts.entries()) {
    x = tf.tidy(() => {
      const stepped = myStep(logits, myRoll(x, down, right), target, settings);
      const clamped = tools.clamp(myRoll(stepped, -down, -right));
      return t % settings.blurEvery === 0 ? tools.blur(clamped) : clamped;
    });
  }
  return x;
}`.replace(from, to);

export default defineTask({
  task: "task-3",
  points: "check-3",
  functions: ["myVisualization"],
  teaches: ["classVisualization", "maximize", "regularizers", "transforms", "objectives", "parametrizations"],
  parts: [
    { name: "one iteration", points: 1, test: ({ student, random }) => compare(student, random, 1, 1) },
    {
      name: "five iterations, each with its own shift",
      points: 2,
      test: ({ student, random }) => compare(student, random, 5, 3),
    },
    { name: "another blur", points: 1, test: ({ student, random }) => compare(student, random, 4, 2) },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 4,
      code: `async function myVisualization(logits: LogitsFunction, start: tf.Tensor4D, target: number[],
        settings: RunSettings) {
  const pretended = { logits, inputShape: start.shape.slice(1) } as unknown as VisionModel;
  return ((await classVisualization(pretended, target,
    { iterations: settings.shifts.length } as object)) as unknown as { image: tf.Tensor4D }).image;
}`,
    },
    { name: "does not roll back", losesAtLeast: 4, code: solution("myRoll(stepped, -down, -right)", "stepped") },
    { name: "blurs at every iteration", losesAtLeast: 3, code: solution("t % settings.blurEvery === 0 ?", "true ?") },
    {
      name: "counts from 1",
      losesAtLeast: 3,
      code: solution("t % settings.blurEvery", "(t + 1) % settings.blurEvery"),
    },
    {
      name: "never clamps",
      losesAtLeast: 3,
      code: solution("tools.clamp(myRoll(stepped, -down, -right))", "myRoll(stepped, -down, -right)"),
    },
    {
      name: "one iteration too few",
      losesAtLeast: 4,
      code: solution("of settings.shifts.entries()", "of settings.shifts.slice(1).entries()"),
    },
    { name: "right and down exchanged", losesAtLeast: 4, code: solution("[t, [down, right]]", "[t, [right, down]]") },
  ],
});

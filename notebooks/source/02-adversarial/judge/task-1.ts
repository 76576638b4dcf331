import { colourShape } from "vitrine-course/dist/checks/pictures";
import { foolingMistake } from "vitrine-course/dist/checks/fooling-image";
import { referenceFooling, type FoolingSettings } from "vitrine-course/dist/checks/fooling-reference";
import {
  AnswerWrong,
  defineTask,
  largest,
  mapsOf,
  randomPictures,
  randomSeed,
  smallNetwork,
  smallNetworkSpec,
  type Answer,
  type Random,
  type SmallNetwork,
  type Student,
} from "vitrine/judge";

interface Case {
  network: SmallNetwork;
  picture: number[];
  target: number;
  settings: FoolingSettings;
}

const channels = ({ uniform }: Random): number[] => Array.from({ length: colourShape[2] }, () => 0.2 + 0.7 * uniform());

/** Drawn until the ascent takes as many steps as wanted, and as many in single precision. */
function drawn(random: Random, settings: Omit<FoolingSettings, "std">, least: number, most: number): Case {
  for (;;) {
    const network = smallNetwork(randomSeed(random), colourShape),
      [picture] = randomPictures(random, 1, colourShape).map((values) => Array.from(Float32Array.from(values)));
    const target = (largest(network.logits(picture)) + 1 + random.integer(9)) % 10,
      given = { ...settings, std: channels(random) };
    const steps = (x: number[]): number => referenceFooling(network, x, target, { ...given, maxSteps: most + 1 }).steps;
    const count = steps(picture);
    if (
      count >= least &&
      count <= most &&
      [2e-5, -2e-5].every((change) => steps(picture.map((value, i) => value + (i % 2 ? change : -change))) === count)
    )
      return { network, picture, target, settings: given };
    network.dispose();
  }
}

async function ask(
  student: Student,
  { network, picture, target, settings }: Case,
): Promise<{ got: ArrayLike<number>; steps: number }> {
  const shape = [1, ...colourShape];
  const answer = await student.call("myFoolingImage", [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor(shape, picture),
    target,
    { ...settings, std: [...settings.std] },
  ]);
  const { image, steps } = parts(answer),
    [got] = mapsOf(image, shape);
  return { got, steps };
}

/** Where nothing is to be done, who never does anything is right: somewhere else the target's logit has to rise. */
async function climbs(student: Student, one: Case): Promise<void> {
  const { got, steps } = await ask(student, one),
    logit = (image: ArrayLike<number>): number => one.network.logits(Array.from(image))[one.target];
  if (steps === 0 || !(logit(got) > logit(one.picture)))
    throw new AnswerWrong("With a target that is not predicted yet your function does not raise the target's logit.");
}

async function compare(student: Student, one: Case, start = ""): Promise<void> {
  const { network, picture, target, settings } = one,
    { got, steps } = await ask(student, one);
  const words = foolingMistake(
    network,
    picture,
    target,
    settings,
    { got, steps },
    referenceFooling(network, picture, target, settings),
  );
  if (words) throw new AnswerWrong(start + words);
}

function parts(answer: Answer): { image: Answer; steps: number } {
  const { image, steps } = (typeof answer === "object" && answer !== null ? answer : {}) as {
    image?: Answer;
    steps?: Answer;
  };
  if (image === undefined)
    throw new AnswerWrong("Your function must return an object with two parts: { image, steps }.");
  if (!Number.isInteger(steps)) throw new AnswerWrong("`steps` must be a whole number: how many steps were taken.");
  return { image, steps: steps as number };
}

const solution = (from: string, to: string): string =>
  `async function myFoolingImage(
  model: VisionModel, image: tf.Tensor4D, target: number, { learningRate, maxSteps, std }: FoolingSettings,
): Promise<{ image: tf.Tensor4D; steps: number }> {
  const score = (x: tf.Tensor) => tf.sum(tf.slice(model.logits(x), [0, target], [1, 1]));
  const cut = (x: tf.Tensor4D) => tf.clipByValue(x, 0, 1);
  let x = tf.clone(image), steps = 0;
  for (; steps < maxSteps; steps++) {
    const values = Array.from(await model.logits(cut(x)).data());
    if (values.indexOf(Math.max(...values)) === target) break;
    const before = x;
    x = tf.tidy(() => {
      const sigma = tf.tensor1d(std), g = tf.mul(tf.grad(score)(before), sigma), length = tf.sqrt(tf.sum(tf.square(g)));
      const step = tf.mul(tf.mul(tf.div(g, length), learningRate), sigma);
      return tf.add(before, step);
    });
  }
  return { image: cut(x), steps };
}`.replace(from, to);

export default defineTask({
  task: "task-1",
  points: "check-1",
  functions: ["myFoolingImage"],
  teaches: [
    "fooling",
    "pgd",
    "fgsm",
    "normedGradient",
    "deepFool",
    "carliniWagner",
    "attackMethods",
    "classVisualization",
    "maximize",
  ],
  parts: [
    {
      name: "up to the target, and no further",
      points: 2,
      test: ({ student, random }) => compare(student, drawn(random, { learningRate: 0.05, maxSteps: 40 }, 3, 30)),
    },
    {
      name: "no more than maxSteps",
      points: 1,
      test: ({ student, random }) =>
        compare(student, drawn(random, { learningRate: 0.3, maxSteps: 2 }, 3, 20), "With maxSteps 2: "),
    },
    {
      name: "the target is predicted already",
      points: 1,
      test: async ({ student, random }) => {
        const some = drawn(random, { learningRate: 0.3, maxSteps: 5 }, 1, 20);
        await climbs(student, some);
        await compare(
          student,
          { ...some, target: largest(some.network.logits(some.picture)) },
          "With the class that is predicted already as the target: ",
        );
      },
    },
  ],
  mutants: [
    {
      name: "calls the library",
      losesAtLeast: 4,
      code: `async function myFoolingImage(model: VisionModel, image: tf.Tensor4D, target: number,
        { learningRate, maxSteps }: FoolingSettings) {
  const result = (await fooling(model, image, { target, learningRate, maxSteps } as never)) as unknown as {
    clipped: tf.Tensor4D; iterations: number[] };
  return { image: result.clipped, steps: result.iterations[0] };
}`,
    },
    { name: "goes down", losesAtLeast: 3, code: solution("tf.add(before, step)", "tf.sub(before, step)") },
    { name: "no length", losesAtLeast: 3, code: solution("tf.div(g, length)", "g") },
    {
      name: "std only in the step",
      losesAtLeast: 3,
      code: solution("tf.mul(tf.grad(score)(before), sigma)", "tf.grad(score)(before)"),
    },
    {
      name: "cut after each step",
      losesAtLeast: 1,
      code: solution("tf.add(before, step)", "cut(tf.add(before, step))"),
    },
    { name: "never stops", losesAtLeast: 2, code: solution("=== target) break", "=== -1) break") },
    {
      name: "one step too many counted",
      losesAtLeast: 4,
      code: solution("image: cut(x), steps }", "image: cut(x), steps: steps + 1 }"),
    },
    {
      name: "looks after the step",
      losesAtLeast: 1,
      code: solution(
        "if (values.indexOf(Math.max(...values)) === target) break",
        "if (steps > 0 && values.indexOf(Math.max(...values)) === target) break",
      ),
    },
  ],
});

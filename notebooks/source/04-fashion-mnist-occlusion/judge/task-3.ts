import { attackMistake } from "vitrine-course/dist/checks/occlusion-mistakes";
import {
  referenceAttack,
  same,
  type AttackSettings,
  type TopLeft,
} from "vitrine-course/dist/checks/occlusion-reference";
import {
  AnswerWrong,
  defineTask,
  randomSeed,
  smallNetwork,
  smallNetworkSpec,
  type Answer,
  type Pixels,
  type Random,
  type SmallNetwork,
  type Student,
} from "vitrine/judge";

interface Drawing {
  /** How many windows change the prediction. */
  readonly steps: readonly [least: number, most: number];
  /** Do windows at the lower and the right edge have to be among them? */
  readonly edge?: boolean;
}

/** A picture and a network whose prediction changes after a few windows, so that it shows where one stops. */
function drawn(
  random: Random,
  settings: AttackSettings,
  { steps: [least, most], edge = false }: Drawing,
): { network: SmallNetwork; pixels: Pixels; right: TopLeft[] } {
  const last = 28 - settings.window;
  for (let attempt = 0; attempt < 500; attempt++) {
    const network = smallNetwork(randomSeed(random)),
      pixels = Array.from({ length: 28 * 28 }, () => random.uniform());
    const right = referenceAttack(network, pixels, { ...settings, maxSteps: most + 1 });
    const fits =
      right.length >= least &&
      right.length <= most &&
      (!edge || (right.some(([row]) => row === last) && right.some(([, column]) => column === last)));
    if (fits && clear(network, pixels, settings, right))
      return { network, pixels, right: right.slice(0, settings.maxSteps) };
    network.dispose();
  }
  throw new Error("no picture of 500 will do");
}

/** Would float32 take the same windows? Not if the reference takes others of slightly changed pixels. */
function clear(network: SmallNetwork, pixels: Pixels, settings: AttackSettings, right: readonly TopLeft[]): boolean {
  const other = referenceAttack(
    network,
    Array.from(pixels, (value, i) => value + (i % 2 ? 2e-5 : -2e-5)),
    { ...settings, maxSteps: right.length },
  );
  return other.length === right.length && other.every((place, i) => same(place, right[i]));
}

async function compare(
  student: Student,
  random: Random,
  settings: AttackSettings,
  drawing: Drawing,
  where: string,
): Promise<void> {
  const { network, pixels, right } = drawn(random, settings, drawing);
  const answer = await student.call("myOcclusionAttack", [
    student.network(smallNetworkSpec(network.weights)),
    student.tensor([1, 28, 28, 1], pixels),
    { ...settings },
  ]);
  const found = windowsOf(answer);
  if (found.length !== right.length || !found.every((place, i) => same(place, right[i])))
    throw new AnswerWrong(attackMistake(network, pixels, settings, found, right, where));
}

function windowsOf(answer: Answer): TopLeft[] {
  if (answer === undefined || answer === null)
    throw new AnswerWrong("Your function returned nothing. Is the `return` missing?");
  const isPlace = (place: Answer): boolean =>
    Array.isArray(place) && place.length === 2 && place.every(Number.isInteger);
  if (!Array.isArray(answer) || !answer.every(isPlace))
    throw new AnswerWrong("Your function must return a list of windows, each [row, column] of the upper left corner.");
  return answer as unknown as TopLeft[];
}

const solution = (from: string, to: string): string =>
  `async function myOcclusionAttack(
  model: VisionModel, image: tf.Tensor4D, { window, stride, maxSteps }: AttackSettings,
): Promise<TopLeft[]> {
  const [, height, width] = image.shape;
  const places: TopLeft[] = [];
  for (let row = 0; row + window <= height; row += stride) {
    for (let column = 0; column + window <= width; column += stride) places.push([row, column]);
  }
  const [[first]] = await model.predict(image, { top: 1 });
  const windows: TopLeft[] = [];
  while (windows.length < maxSteps) {
    const free = places.filter((place) => !windows.includes(place));
    if (free.length === 0) break;
    const logits = tf.tidy(() => {
      const tried = free.map((place) => occlude(image, [...windows, place], window).image);
      return model.logits(tf.concat(tried)).arraySync() as number[][];
    });
    let best = 0;
    logits.forEach((row, i) => { if (row[first.index] < logits[best][first.index]) best = i; });
    windows.push(free[best]);
    if (logits[best].indexOf(Math.max(...logits[best])) !== first.index) break;
  }
  return windows;
}`.replace(from, to);

export default defineTask({
  task: "task-3",
  points: "check-3",
  functions: ["myOcclusionAttack"],
  teaches: ["occlusion", "occlude", "attackMethods"],
  parts: [
    {
      name: "the windows, and where to stop",
      points: 2,
      test: ({ student, random }) =>
        compare(
          student,
          random,
          { window: 8, stride: 5, maxSteps: 8 },
          { steps: [3, 7], edge: true },
          "On a picture of random greys",
        ),
    },
    {
      name: "no more than maxSteps",
      points: 1,
      test: ({ student, random }) =>
        compare(student, random, { window: 8, stride: 5, maxSteps: 2 }, { steps: [3, 7] }, "With maxSteps 2"),
    },
    {
      name: "another size and stride",
      points: 2,
      test: ({ student, random }) =>
        compare(
          student,
          random,
          { window: 6, stride: 4, maxSteps: 8 },
          { steps: [3, 7] },
          "With window 6 and stride 4",
        ),
    },
  ],
  mutants: [
    {
      name: "calls the library's occlusion",
      losesAtLeast: 5,
      code: `async function myOcclusionAttack(model: VisionModel, image: tf.Tensor4D,
        { window, stride }: AttackSettings): Promise<TopLeft[]> {
  const map = (await occlusion(model, image, { window, stride })).values.arraySync();
  return [[map.length, 0]];
}`,
    },
    {
      name: "one place short of the edge",
      losesAtLeast: 2,
      code: solution("row + window <= height", "row + window < height"),
    },
    { name: "never stops", losesAtLeast: 4, code: solution("!== first.index) break", "!== first.index) continue") },
    { name: "forgets the windows before", losesAtLeast: 2, code: solution("[...windows, place]", "[place]") },
    { name: "steps by the window's side", losesAtLeast: 2, code: solution("column += stride", "column += window") },
    { name: "no limit", losesAtLeast: 1, code: solution("windows.length < maxSteps", "true") },
  ],
});

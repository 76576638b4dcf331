import * as tf from "@tensorflow/tfjs";
import { ready, type VisionModel } from "vitrine";
import {
  checkAscentRun,
  checkAscentStep,
  checkBoundingBox,
  checkFgsm,
  checkFoolingImage,
  checkGradient,
  checkIntegratedGradients,
  checkNormedGradient,
  checkRoll,
  checkSaliency,
  checkSmoothGrad,
} from "../../../../kernel-setup/course/checks";
import { failsWith } from "./spoken";

type Gradient = (x: tf.Tensor) => tf.Tensor;
const picked = (scores: tf.Tensor, target: number[], classes = 10): tf.Tensor =>
  tf.sum(tf.mul(scores, tf.oneHot(tf.tensor1d(target, "int32"), classes)));
const gradientOf =
  (model: VisionModel, target: number[], classes = 10): Gradient =>
  (x) =>
    tf.grad((at) => picked(model.logits(at as tf.Tensor4D), target, classes))(x);
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Integrated gradients with points, a path and an end of one's own. */
const path =
  (
    points: (steps: number) => number[],
    finish = (sum: tf.Tensor, steps: number, way: tf.Tensor): tf.Tensor => sum.div(steps).mul(way),
    at = (x: tf.Tensor, b: tf.Tensor, alpha: number): tf.Tensor => b.add(x.sub(b).mul(alpha)),
  ) =>
  (model: VisionModel, x: tf.Tensor4D, target: number[], b: tf.Tensor4D, steps: number): tf.Tensor => {
    const gradient = gradientOf(model, target);
    const parts = points(steps).map((alpha) => gradient(at(x, b, alpha)));
    return finish(tf.addN(parts), steps, x.sub(b));
  };
const middles = (steps: number): number[] => range(1, steps).map((k) => (k - 0.5) / steps);

const loss = (model: VisionModel, x: tf.Tensor, labels: number[]): tf.Tensor =>
  picked(tf.logSoftmax(model.logits(x as tf.Tensor4D)), labels).neg();
const meanLoss = (model: VisionModel, x: tf.Tensor, labels: number[]): tf.Tensor =>
  loss(model, x, labels).div(labels.length);
/** One step up a loss, cut. */
const stepUp =
  (step: (gradient: tf.Tensor, size: number) => tf.Tensor, up = loss) =>
  (model: VisionModel, x: tf.Tensor4D, labels: number[], size: number): tf.Tensor =>
    x.add(step(tf.grad((at) => up(model, at, labels))(x), size)).clipByValue(0, 1);
const length = (t: tf.Tensor, axes: number[], keep = true): tf.Tensor => tf.sqrt(tf.sum(tf.square(t), axes, keep));
const signs = (g: tf.Tensor, size: number): tf.Tensor => tf.sign(g).mul(size);

/** What a student would write, for which check, and what leads to the slip. */
const slips: readonly (readonly [name: string, check: () => Promise<void>, words: RegExp])[] = [
  [
    "the classes of another network",
    () => checkGradient((model, x, target) => gradientOf(model, target, 1000)(x)),
    /Does your code say 1000\?.*small network with 10 classes.*model\.classNames\.length, or logits\.shape\[1\]/,
  ],
  [
    "the size of other images",
    () => checkSaliency((model, x, target) => gradientOf(model, target)(x).reshape([3, 224, 224, 3])),
    /Does your code say 224 × 224\?.*images of 10 × 12 × 3.*images\.shape/,
  ],
  [
    "all classes gathered for each image",
    () =>
      checkGradient((model, x, target) =>
        tf.grad((at) => tf.sum(tf.gather(model.logits(at as tf.Tensor4D), tf.tensor1d(target, "int32"), 1)))(x),
      ),
    /Classes mixed/,
  ],
  [
    "a mean over images and classes",
    () => checkGradient((model, x, target) => gradientOf(model, target)(x).div(30)),
    /every value is 30 times too small/,
  ],
  [
    "a tensor that is indexed",
    () =>
      checkGradient((model, x) =>
        tf.grad((at) => (model.logits(at as tf.Tensor4D) as unknown as tf.Tensor[][])[0][1])(x),
      ),
    /A tensor is no array/,
  ],
  [
    "model.predict",
    () => checkGradient((model, x) => tf.grad((at) => model.predict(at as tf.Tensor4D) as unknown as tf.Tensor)(x)),
    /must return a tensor at once/,
  ],
  [
    "the images disposed of",
    () =>
      checkGradient((model, x, target) => {
        const made = gradientOf(model, target)(x);
        x.dispose();
        return made;
      }),
    /disposes of the images/,
  ],
  ...(
    [
      ["the largest absolute value", (map) => map.div(map.abs().max())],
      ["moved and stretched", (map) => map.sub(map.min()).div(map.max().sub(map.min()))],
      ["the length", (map) => map.div(length(map, [1, 2, 3]))],
      ["the sum of all absolute", (map) => map.div(map.abs().sum([1, 2, 3], true))],
    ] as [string, (map: tf.Tensor) => tf.Tensor][]
  ).map(
    ([name, scaled]) =>
      [
        `normalised: ${name}`,
        () => checkGradient((model, x, target) => scaled(gradientOf(model, target)(x))),
        new RegExp(`Normalised: .*${name}`),
      ] as const,
  ),
  [
    "relu for the absolute value",
    () => checkSaliency((model, x, target) => tf.max(tf.relu(gradientOf(model, target)(x)), 3, true)),
    /Sign: what is negative counts as 0/,
  ],
  [
    "blue only",
    () => checkSaliency((model, x, target) => gradientOf(model, target)(x).abs().slice([0, 0, 0, 2], [-1, -1, -1, 1])),
    /one colour only, the third/,
  ],
  [
    "all noise at once",
    () => checkSmoothGrad((model, x, target, noise) => gradientOf(model, target)(x.add(noise))),
    /All noise at once|noise\.slice/,
  ],
  [
    "noise taken off",
    () =>
      checkSmoothGrad((model, x, target, noise) =>
        tf.addN(noise.unstack().map((each) => gradientOf(model, target)(x.sub(each)))).div(noise.shape[0]),
      ),
    /Noise taken off/,
  ],
  [
    "a sum that begins with the gradient",
    () =>
      checkSmoothGrad((model, x, target, noise) =>
        tf
          .addN([tf.zerosLike(x), ...noise.unstack()].map((each) => gradientOf(model, target)(x.add(each))))
          .div(noise.shape[0]),
      ),
    /your sum begins with the derivative/,
  ],
  [
    "(k − 0.5)/steps from k = 0",
    () => checkIntegratedGradients(path((steps) => range(0, steps - 1).map((k) => (k - 0.5) / steps))),
    /your k runs from 0 to 4/,
  ],
  [
    "(k + 0.5)/steps from k = 1",
    () => checkIntegratedGradients(path((steps) => range(1, steps).map((k) => (k + 0.5) / steps))),
    /half a piece too far to the right/,
  ],
  [
    "k − 0.5/steps",
    () => checkIntegratedGradients(path((steps) => range(1, steps).map((k) => k - 0.5 / steps))),
    /Brackets/,
  ],
  [
    "a path from the image on",
    () => checkIntegratedGradients(path(middles, undefined, (x, b, alpha) => x.add(x.sub(b).mul(alpha)))),
    /go away from the baseline/,
  ],
  [
    "α times the image",
    () => checkIntegratedGradients(path(middles, undefined, (x, b, alpha) => b.add(x.mul(alpha)))),
    /α times the image/,
  ],
  [
    "the last point only",
    () => checkIntegratedGradients(path((steps) => [(steps - 0.5) / steps])),
    /Last point only: the sum is begun again/,
  ],
  ["return inside the loop", () => checkIntegratedGradients(path((steps) => [0.5 / steps])), /returns inside the loop/],
  [
    "differentiated through the path",
    () =>
      checkIntegratedGradients((model, x, target, b, steps) => {
        const parts = middles(steps).map((alpha) =>
          tf.grad((at) => picked(model.logits(b.add(at.sub(b).mul(alpha))), target))(x),
        );
        return tf.addN(parts).div(steps).mul(x.sub(b));
      }),
    /α counted twice/,
  ],
  [
    "a divided map",
    () => checkIntegratedGradients(path(middles, (sum, _, way) => sum.mul(way).div(sum.mul(way).abs().max()))),
    /Normalised: your maps are divided by the largest absolute value/,
  ],
  [
    "a region's own box is counted",
    () => checkBoundingBox(() => ({ top: 2, left: 2, width: 1, height: 2 })),
    /it returned \{"top":2,"left":2,"width":1/,
  ],
  [
    "too deep",
    () => {
      const deeper = (): number => deeper() + 1;
      return checkBoundingBox(deeper);
    },
    /Keep a list of what is still to be visited/,
  ],
  [
    "std divided by",
    () =>
      checkFoolingImage((model, image, target, { learningRate, maxSteps, std }) => {
        const cut = (x: tf.Tensor): tf.Tensor4D => x.clipByValue(0, 1) as tf.Tensor4D;
        let x: tf.Tensor = image.clone(),
          steps = 0;
        for (; steps < maxSteps; steps++) {
          if (model.logits(cut(x)).argMax(1).dataSync()[0] === target) break;
          const g = gradientOf(model, [target])(x).div(tf.tensor1d(std));
          x = x.add(g.div(g.norm()).mul(learningRate).div(tf.tensor1d(std)));
        }
        return { image: cut(x), steps };
      }),
    /you divide by std/,
  ],
  [
    "cut after each step",
    () =>
      checkFoolingImage((model, image, target, { learningRate, maxSteps, std }) => {
        let x: tf.Tensor = image.clone(),
          steps = 0;
        for (; steps < maxSteps; steps++) {
          if (
            model
              .logits(x as tf.Tensor4D)
              .argMax(1)
              .dataSync()[0] === target
          )
            break;
          const g = gradientOf(model, [target])(x).mul(tf.tensor1d(std));
          x = x.add(g.div(g.norm()).mul(learningRate).mul(tf.tensor1d(std))).clipByValue(0, 1);
        }
        return { image: x, steps };
      }),
    /you cut the image after each step/,
  ],
  [
    "all log-probabilities",
    () =>
      checkFgsm(
        stepUp(signs, (model, x) =>
          tf
            .logSoftmax(model.logits(x as tf.Tensor4D))
            .sum()
            .neg(),
        ),
      ),
    /log-probabilities of all classes/,
  ],
  [
    "softmax twice",
    () =>
      checkFgsm(
        stepUp(signs, (model, x, labels) => picked(tf.logSoftmax(model.probabilities(x as tf.Tensor4D)), labels).neg()),
      ),
    /Softmax twice/,
  ],
  [
    "axes that do not stay",
    () => checkNormedGradient(stepUp((g, size) => g.div(length(g, [1, 2, 3], false)).mul(size))),
    /Let the axes that you sum stay/,
  ],
  [
    "a length for each pixel",
    () => checkNormedGradient(stepUp((g, size) => g.div(length(g, [3])).mul(size))),
    /each pixel's colours are divided by their own length/,
  ],
  [
    "a length for each colour",
    () => checkNormedGradient(stepUp((g, size) => g.div(length(g, [1, 2])).mul(size))),
    /each colour is divided by its own length/,
  ],
  ...(
    [
      ["the gradient itself", checkFgsm, (g, size) => g.mul(size), /Sign forgotten/],
      ["a step 255 times too small", checkFgsm, (g, size) => tf.sign(g).mul(size / 255), /255 times too small/],
      ["no root", checkNormedGradient, (g, size) => g.div(length(g, [1, 2, 3]).square()).mul(size), /root is missing/],
      ["the gradient itself, no length", checkNormedGradient, (g, size) => g.mul(size), /Length forgotten/],
      [
        "the sign, scaled to the length",
        checkNormedGradient,
        (g, size) =>
          tf
            .sign(g)
            .div(length(tf.sign(g), [1, 2, 3]))
            .mul(size),
        /Sign: you take the gradient's sign/,
      ],
    ] as [string, typeof checkFgsm, (gradient: tf.Tensor, size: number) => tf.Tensor, RegExp][]
  ).flatMap(([name, check, step, words]) =>
    [loss, meanLoss].map(
      (up) => [`${name}, ${up === loss ? "sum" : "mean"} of the batch`, () => check(stepUp(step, up)), words] as const,
    ),
  ),
  [
    "labels and logits exchanged",
    () =>
      checkFgsm(
        stepUp(signs, (model, x, labels) =>
          tf.losses.softmaxCrossEntropy(
            model.logits(x as tf.Tensor4D),
            tf.oneHot(tf.tensor1d(labels, "int32"), 10) as tf.Tensor2D,
          ),
        ),
      ),
    /Arguments exchanged/,
  ],
  [
    "a method without its model",
    () => checkGradient((model, x) => tf.grad(model.logits as Gradient)(x)),
    /has lost its model: write \(x\) => model\.logits\(x\)/,
  ],
  [
    "maps that are stacked",
    () =>
      checkGradient((model, x, target) =>
        tf.stack(target.map((one, i) => gradientOf(model, [one])(x.slice([i], [1])))),
      ),
    /joined by tf\.concat/,
  ],
  [
    "saliency maps averaged",
    () =>
      checkSmoothGrad((model, x, target, noise) =>
        tf
          .addN(noise.unstack().map((each) => gradientOf(model, target)(x.add(each)).abs().max(3, true)))
          .div(noise.shape[0]),
      ),
    /lost the signs and two of the three colours/,
  ],
  [
    "a sum that is thrown away",
    () => checkIntegratedGradients((model, x, target, b) => x.sub(b).mul(tf.zerosLike(x))),
    /total\.add\(g\) leaves total as it is/,
  ],
  [
    "pixels visited again and again",
    () =>
      checkBoundingBox((map) => {
        for (let todo = [0]; todo.length > 0; todo = [todo[0] + 1]) if (map.length === 0) break;
        return { top: 0, left: 0, bottom: 1, right: 1 };
      }),
    /Endless: your function has not ended within 2 s on a map of 7 × 6 pixels/,
  ],
  [
    "no pixel at all",
    () => checkBoundingBox(() => ({ top: Infinity, left: Infinity, bottom: -Infinity, right: -Infinity })),
    /infinite ends.*no pixel was found/,
  ],
  [
    "images and classes exchanged",
    () =>
      checkGradient((model, x, target) => {
        const rows = model.logits(x).arraySync() as number[][];
        return x.mul([...target, 9].reduce((sum, _, i) => sum + rows[i][0], 0));
      }),
    /\[image\]\[class\], in this order/,
  ],
  [
    "a step of length 1",
    () => checkNormedGradient(stepUp((g) => g.div(length(g, [1, 2, 3])))),
    /your step has the length 1/,
  ],
  ...(
    [
      [false, (x, step) => x.add(step), /Let the axes that you sum stay/],
      [true, (x, step) => x.add(step).clipByValue(0, 1), /Clipped: you cut the images/],
    ] as [boolean, (x: tf.Tensor, step: tf.Tensor) => tf.Tensor, RegExp][]
  ).map(
    ([keep, finish, words]) =>
      [
        `an ascent step, ${String(words)}`,
        () =>
          checkAscentStep((logits, x, target, { learningRate, l2 }) => {
            const g = tf.grad((at) => picked(logits(at as tf.Tensor4D), target).sub(tf.sum(tf.square(at)).mul(l2)))(x);
            return finish(x, g.div(length(g, [1, 2, 3], keep)).mul(learningRate));
          }),
        words,
      ] as const,
  ),
  [
    "a part before the first row",
    () => checkRoll((x, down) => tf.concat([x.slice([0, -down], [-1, down]), x], 1)),
    /never below 0/,
  ],
  [
    "one iteration, returned inside the loop",
    () =>
      checkAscentRun((logits, start, target, { shifts: [[down, right]], learningRate, l2 }, tools) => {
        const roll = (x: tf.Tensor, by: readonly number[]): tf.Tensor =>
          by.reduce((moved, count, i) => {
            const size = moved.shape[i + 1],
              cut = (size - count) % size;
            const [first, second] = tf.split(
              moved,
              [cut, size - cut].filter((each) => each > 0),
              i + 1,
            );
            return second ? tf.concat([second, first], i + 1) : moved.clone();
          }, x);
        const x = roll(start, [down, right]);
        const g = tf.grad((at) => picked(logits(at as tf.Tensor4D), target).sub(tf.sum(tf.square(at)).mul(l2)))(x);
        const back = roll(x.add(g.div(length(g, [1, 2, 3])).mul(learningRate)), [
          x.shape[1]! - down,
          x.shape[2]! - right,
        ]);
        return tools.blur(tools.clamp(back as tf.Tensor4D));
      }),
    /return inside the loop\?/,
  ],
];

describe("checks: slips that students make", function () {
  this.timeout(60_000);
  before(async () => void (await ready()));

  for (const [name, check, words] of slips)
    it(`${name}: the words lead to it`, async () => {
      tf.engine().startScope();
      try {
        await failsWith(check, words);
      } finally {
        tf.engine().endScope();
      }
    });
});

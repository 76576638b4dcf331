import { expect } from "chai";
import * as library from "vitrine";
import { hostKey } from "vitrine/dist/kit";
import { checkBoundingBox, checkFgsm, checkGradient } from "../../../kernel-setup/course/checks";
import { smallNetwork } from "../../../kernel-setup/course/checks/small-network";
import door from "../../../kernel-setup/course/door";
import { withoutMethods } from "../../../kernel-setup/course/marking";
import { namesWithRoles, roleOf } from "../../../kernel-setup/course/roles";
import { failsWith } from "./checks/spoken";

/** As cells have it. */
const inCells = door(library) as unknown as typeof library;
const {
  classVisualization,
  energyPointingGame,
  fgsm,
  localize,
  maximize,
  objectives,
  ready,
  saliency,
  smoothGrad,
  tf,
} = inCells;
type VisionModel = library.VisionModel;
type Images = library.tf.Tensor4D;

describe("the door: the library's methods while a student's function runs", () => {
  before(() => ready());

  it("every export of the library has a role, and nothing else has", () => {
    expect(namesWithRoles().sort()).to.deep.equal(Object.keys(library).sort());
    for (const name of ["saliency", "fgsm", "maximize", "localize", "integrateOverTraining", "attributionMethods"])
      expect(roleOf(name), name).to.equal("method");
    expect(roleOf("loadModel")).to.equal("tool");
    expect(roleOf("show")).to.equal("drawing");
    expect(roleOf("constructor")).to.equal(undefined);
  });

  it("passes everything on, and keeps its own hands off what is no method", () => {
    expect(Object.keys(inCells).sort()).to.deep.equal(Object.keys(library).sort());
    for (const name of Object.keys(library) as (keyof typeof library)[]) {
      if (roleOf(name) === "method") expect(typeof inCells[name], name).to.equal(typeof library[name]);
      else expect(inCells[name], name).to.equal(library[name]);
    }
  });

  it("a task is not solved by calling the answer, and the answer is there again afterwards", async () => {
    const tensors = tf.memory().numTensors;
    const call = async (model: VisionModel, images: Images, target: number[]) =>
      (await saliency(model, images, { target })).values;
    await failsWith(
      () => checkGradient(call),
      /saliency is not there when task 1 is marked: what the task asks for is yours to write/,
    );
    await failsWith(
      () =>
        checkFgsm(
          async (model, images, labels, epsilon) =>
            (await fgsm(model, images, { epsilon, criterion: undefined, target: labels })).clipped,
        ),
      /fgsm is not there when task 2 is marked/,
    );
    await failsWith(
      () => checkBoundingBox(async (map) => (await localize(map as never))[0]!),
      /localize is not there when task 3 is marked/,
    );
    expect(tf.memory().numTensors).to.equal(tensors);
    const { model } = smallNetwork(1, [4, 4, 1]),
      images = tf.zeros([1, 4, 4, 1]) as Images;
    (await call(model, images, [1])).dispose();
    tf.dispose(images);
    model.dispose();
  });

  it("every method refuses, whatever kind of value it is", async () => {
    for (const name of namesWithRoles().filter((each) => roleOf(each) === "method")) {
      const value = (inCells as unknown as Record<string, object>)[name];
      const use = (): unknown =>
        typeof value === "function"
          ? (value as () => unknown)()
          : Object.values(value).length && (value as Record<string, unknown>)[Object.keys(value)[0]];
      const words = await withoutMethods("Task 9", async () => use()).then(
        () => "nothing",
        (error: Error) => error.message,
      );
      expect(words, name).to.match(new RegExp(`^${name} is not there when task 9 is marked`));
    }
  });

  it("methods of every kind refuse", async () => {
    const { model } = smallNetwork(1, [4, 4, 1]),
      images = tf.zeros([1, 4, 4, 1]) as Images,
      logit = objectives.logit(1);
    const calls: [string, () => Promise<unknown>][] = [
      ["smooth", () => smoothGrad(model, images)],
      ["maximize", () => maximize(model, logit)],
      ["classVisualization", () => classVisualization(model, 1)],
      ["localize", () => localize([] as never)],
      ["energyPointingGame", () => energyPointingGame([] as never, [])],
    ];
    for (const [name, call] of calls) {
      const error = await withoutMethods("Task 9", call).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error?.message, name).to.match(new RegExp(`^${name}\\w* is not there when task 9 is marked`));
    }
    tf.dispose(images);
    model.dispose();
  });

  it("a check that never ended has no say in another cell", async () => {
    const holder = globalThis as { [hostKey]?: { signal: AbortSignal } };
    const cell = (): void => {
      holder[hostKey] = { signal: new AbortController().signal };
    };
    const { model } = smallNetwork(1, [4, 4, 1]),
      images = tf.zeros([1, 4, 4, 1]) as Images;
    const outcome = (): Promise<string> =>
      (async () => saliency(model, images))().then(
        (map) => {
          map.dispose();
          return "there";
        },
        (error: Error) => error.message,
      );
    try {
      cell();
      void withoutMethods("Task 1", () => new Promise(() => undefined));
      expect(await outcome()).to.match(/not there when task 1/);
      cell();
      expect(await outcome()).to.equal("there");
    } finally {
      delete holder[hostKey];
      await withoutMethods("Task 1", () => undefined);
      tf.dispose(images);
      model.dispose();
    }
  });
});

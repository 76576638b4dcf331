// What every method promises that takes images and works through them in batches: attributions and attacks alike.
import { expect } from "chai";
import type * as tf from "@tensorflow/tfjs";
import type { ProgressReport } from "../../lib/runtime/progress";
import { BadInputError, InterruptedError } from "../../lib/core/errors";
import type { ImageInput, VisionModel } from "../../lib/model/vision-model";
import { tensorsLeft } from "./backends";
import { tinyImages, tinyPixelsOf } from "./tiny-model";

/** A method under test. */
export interface Method<Result extends { dispose(): void }> {
  readonly name: string;
  readonly model: VisionModel;
  run(images: ImageInput, options?: object, on?: VisionModel): Promise<Result>;
  /** The tensors of a result; the first one is what it is about. */
  tensorsOf(result: Result): readonly tf.Tensor[];
  /** After how many passes of five images, one at a time, the model breaks: before the method's last. */
  readonly breaksAfter: number;
}

/** A bad input: what it is, images, options, the message, the model in place of the right one. */
export type BadInput = readonly [string, () => tf.Tensor, object, RegExp, VisionModel?];

/** Describes the tests inside the caller's `describe`. */
export function methodContract<Result extends { dispose(): void }>(method: Method<Result>): void {
  const { name, model, run, tensorsOf, breaksAfter } = method;
  let images: tf.Tensor4D;
  beforeEach(() => {
    images = tinyImages(tinyPixelsOf(5));
  });
  afterEach(() => images.dispose());

  it("leaves behind what it returns and nothing else", async () => {
    let result!: Result;
    const left = await tensorsLeft(async () => {
      result = await run(images, { batchSize: 2 });
    });
    const returned = tensorsOf(result).length;
    expect(left).to.equal(returned);
    expect(await tensorsLeft(() => result.dispose())).to.equal(-returned);
  });
  it("leaves nothing behind when the model throws halfway", async () => {
    let passes = 0;
    const failing: VisionModel = {
      ...model,
      logits: (x, tap) => {
        const logits = model.logits(x, tap);
        if (++passes > breaksAfter) throw new Error("the model broke");
        return logits;
      },
    };
    const left = await tensorsLeft(async () => {
      expect((await failure(method, images, { batchSize: 1 }, failing)).message).to.equal("the model broke");
    });
    expect(left).to.equal(0);
    expect(passes).to.equal(breaksAfter + 1);
  });
  it("stops at a signal halfway, leaving nothing behind", async () => {
    const controller = new AbortController();
    let reports = 0;
    const onProgress = (): void => {
      if (++reports === 2) controller.abort();
    };
    const options = { batchSize: 1, signal: controller.signal, onProgress };
    const left = await tensorsLeft(async () => {
      expect(await failure(method, images, options)).to.be.instanceOf(InterruptedError);
    });
    expect(left).to.equal(0);
    expect(reports).to.equal(2);
  });
  it("reports progress up to the end", async () => {
    const reports: ProgressReport[] = [];
    (await run(images, { batchSize: 2, onProgress: (report: ProgressReport) => reports.push(report) })).dispose();
    expect(reports.length).to.be.above(2);
    reports.forEach((report, i) => expect(report.done).to.be.above(i === 0 ? 0 : reports[i - 1].done));
    expect(reports.at(-1)).to.include({ label: name.replaceAll("-", " "), done: reports[0].total });
  });
  it("does not disturb or need the images while it works", async () => {
    const copy = tinyImages(tinyPixelsOf(5));
    const work = run(copy, { batchSize: 2 });
    await new Promise((resolve) => setImmediate(resolve));
    copy.dispose();
    const [result, undisturbed] = [await work, await run(images, { batchSize: 2 })];
    expect(tensorsOf(result)[0].dataSync()).to.deep.equal(tensorsOf(undisturbed)[0].dataSync());
    [result, undisturbed].forEach((each) => each.dispose());
  });
}

/** What a method says when it fails. */
export async function failure(
  { run }: Pick<Method<{ dispose(): void }>, "run">,
  images: ImageInput,
  options: object = {},
  on?: VisionModel,
): Promise<Error> {
  return run(images, options, on).then(
    () => {
      throw new Error("It was accepted.");
    },
    (error: Error) => error,
  );
}

/** A test for each bad input: one line that names it, and nothing left behind. */
export function refuses(method: Pick<Method<{ dispose(): void }>, "run">, bad: readonly BadInput[]): void {
  for (const [what, make, options, message, on] of bad) {
    it(`refuses ${what}, leaving nothing behind`, async () => {
      const refused = make() as tf.Tensor4D;
      const left = await tensorsLeft(async () => {
        const error = await failure(method, refused, options, on);
        expect(error.message).to.match(message).and.not.include("\n");
        expect(error).to.be.instanceOf(BadInputError);
      });
      expect(left).to.equal(0);
      refused.dispose();
    });
  }
}

import type { Context } from "mocha";
import { MissingDataError } from "../../lib/data/obtain";
import { loadFashionMnist, type FashionMnistOptions } from "../../lib/data/fashion-mnist";
import { openFlowers } from "../../lib/data/flowers";
import type { ImageFolder, ImageFolderOptions } from "../../lib/data/image-folder";
import { loadImagenet, type ImagenetImages, type ImagenetOptions } from "../../lib/data/imagenet";
import type { LabelledImages } from "../../lib/data/labelled-images";
import { loadModel } from "../../lib/model/load-model";
import type { VisionModel } from "../../lib/model/vision-model";

/**
 * The real Fashion-MNIST, for a test or hook that cannot do without. Where its files are neither cached, mirrored nor
 * downloadable the test is skipped, and its title says why.
 */
export async function realFashionMnist(context: Context, options: FashionMnistOptions = {}): Promise<LabelledImages> {
  return orSkip(context, "Fashion-MNIST is", () => loadFashionMnist({ ...options, standIns: "refuse" }));
}

/** ImageNet's photographs, on the same terms. */
export async function realImagenet(context: Context, options: ImagenetOptions = {}): Promise<ImagenetImages> {
  return orSkip(context, "ImageNet's photographs are", () => loadImagenet({ ...options, missing: "refuse" }));
}

/** The flower photographs, on the same terms. */
export async function realFlowers(context: Context, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  return orSkip(context, "the flower photographs are", () => openFlowers(options));
}

/** A registered network with its published weights, on the same terms. */
export async function realModel(context: Context, name: string): Promise<VisionModel> {
  return orSkip(context, `the weights of ${name} are`, () => loadModel(name));
}

async function orSkip<T>(context: Context, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error;
    if (context.test) context.test.title += ` — skipped: ${what} neither cached, mirrored nor downloadable`;
    return context.skip();
  }
}

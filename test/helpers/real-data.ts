import type { Context } from "mocha";
import { MissingDataError } from "../../lib/data/obtain";
import { loadFashionMnist, type FashionMnistOptions } from "../../lib/data/fashion-mnist";
import type { LabelledImages } from "../../lib/data/labelled-images";

/**
 * The real Fashion-MNIST, for a test or hook that cannot do without. Where its files are neither cached, mirrored nor
 * downloadable the test is skipped, and its title says why.
 */
export async function realFashionMnist(context: Context, options: FashionMnistOptions = {}): Promise<LabelledImages> {
  try {
    return await loadFashionMnist({ ...options, standIns: "refuse" });
  } catch (error) {
    if (!(error instanceof MissingDataError)) throw error;
    if (context.test) context.test.title += ` — skipped: Fashion-MNIST is neither cached, mirrored nor downloadable`;
    return context.skip();
  }
}

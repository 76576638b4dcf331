// TensorFlow's flower photographs.
import * as fs from "node:fs";
import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import * as tar from "tar";
import { FileError } from "../core/errors";
import { replaceWhole } from "../core/files";
import { checkOptions, type Schema } from "../core/options";
import { loadImage, type LoadImageOptions } from "./image";
import { imageFolderOptions, openImageFolder, type ImageFolder, type ImageFolderOptions } from "./image-folder";
import { obtain } from "./obtain";
import { places } from "./registry";

export interface FlowersOptions extends ImageFolderOptions {
  /** The same seed makes the same split. Integer. Default: 448, the first that holds out what sheet 05 has boxes of. */
  seed?: number;
  /**
   * Which pictures belong together, as of any folder. Default: those of one photographer.
   * @param file the picture's path: `class/name.jpg`
   */
  group?: (file: string) => string;
}

export const openFlowersOptions = {
  ...imageFolderOptions,
  // No network had a part in the choice.
  seed: { ...imageFolderOptions.seed, default: 448 },
  group: { ...imageFolderOptions.group, rule: "those of one photographer" },
} satisfies Schema<FlowersOptions>;

/**
 * TensorFlow's flower photographs: daisies, dandelions, roses, sunflowers and tulips, each photograph under CC-BY 2.0.
 * The official archive has 3,670; the one that mirrors may carry, 2,700 of them at 256 pixels.
 *
 * They are split by photographer: those of one are all for training or all held out. Many took a flower twice; all
 * near-duplicates that are known (models/flowers-deep/near-duplicates.ts) are of one photographer each. A photograph is
 * on the same side in either archive.
 * @returns as `openImageFolder`
 * @throws MissingDataError where the archive can be neither found nor downloaded; FileError; BadInputError;
 * InterruptedError
 */
export async function openFlowers(options: FlowersOptions = {}): Promise<ImageFolder> {
  const checked = checkOptions(openFlowersOptions, options),
    { signal, onProgress } = checked;
  const {
    files: [{ file }],
    source,
  } = await obtain("data", "flowers", { signal, onProgress });
  const folder = path.join(places().cache, "flowers", source.variant);
  if (!fs.existsSync(folder)) await unpack(file, folder);
  const photographs = path.join(folder, "flower_photos");
  return openImageFolder(photographs, { group: photographers(photographs), ...checked });
}

/** Who took each photograph, as the archive's LICENSE.txt says; those of whom it says nothing are alone. */
function photographers(folder: string): (file: string) => string {
  const file = path.join(folder, "LICENSE.txt");
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split(/\r?\n/) : [];
  const names = new Map<string, string>();
  for (const line of lines) {
    // roses/102501987_3cdb8e5394_n.jpg CC-BY by NAME - https://…
    const [, photograph, name] = /^(\S+\/\S+)\s+CC-BY by (.*?) - http/.exec(line) ?? [];
    if (photograph) names.set(photograph, name);
  }
  return (each) => names.get(each) ?? each;
}

/** Into a folder beside it first, so that a half-unpacked one is never taken for whole. */
async function unpack(archive: string, folder: string): Promise<void> {
  try {
    await replaceWhole(folder, async (partial) => {
      fs.mkdirSync(partial);
      await tar.extract({
        file: archive,
        cwd: partial,
        strict: true,
        filter: (_, entry) => "type" in entry && (entry.type === "File" || entry.type === "Directory"),
      });
    });
  } catch (error) {
    // Another process may have been quicker.
    if (fs.existsSync(folder)) return;
    throw new FileError(archive, `cannot be unpacked: ${(error as Error).message.split("\n")[0]}`, "Fetch it again.");
  }
}

/**
 * A photograph of a dahlia that a PyPI package carries (scikit-learn; vultilion, CC-BY 2.0): for machines that cannot
 * have `openFlowers`' archive. It is of none of their classes.
 * @param options its size and channels. Default: 427 × 640, RGB.
 * @returns [1, height, width, channels], float32 in [0, 1]; the caller disposes of it
 * @throws MissingDataError, FileError, BadInputError
 */
export async function loadFlowerPhotograph(options: LoadImageOptions = {}): Promise<tf.Tensor4D> {
  const { files } = await obtain("data", "photographs-scikit-learn");
  const image = await loadImage(files.find(({ path }) => path.endsWith("flower.jpg"))!.file, options);
  const batch = tf.tidy(() => tf.expandDims(image, 0) as tf.Tensor4D);
  image.dispose();
  return batch;
}

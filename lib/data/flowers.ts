import * as fs from "node:fs";
import * as path from "node:path";
import * as tar from "tar";
import { FileError } from "./file-error";
import { openImageFolder, type ImageFolder, type ImageFolderOptions } from "./image-folder";
import { obtain } from "./obtain";
import { places } from "./places";

/**
 * TensorFlow's flower photographs: daisies, dandelions, roses, sunflowers and tulips, each photograph under CC-BY 2.0. The official archive
 * has 3,670; the one that mirrors may carry, 2,700 of them at 256 pixels.
 * @returns as `openImageFolder`
 * @throws MissingDataError where the archive can be neither found nor downloaded; FileError; BadInputError; InterruptedError
 */
export async function openFlowers(options: ImageFolderOptions = {}): Promise<ImageFolder> {
  const { files: [{ file }], source } = await obtain("data", "flowers", { signal: options.signal, onProgress: options.onProgress });
  const folder = path.join(places().cache, "flowers", source.variant);
  if (!fs.existsSync(folder)) await unpack(file, folder);
  return openImageFolder(path.join(folder, "flower_photos"), options);
}

/** Into a folder beside it first, so that a half-unpacked one is never taken for whole. */
async function unpack(archive: string, folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}.partial`;
  fs.mkdirSync(partial, { recursive: true });
  try {
    await tar.extract({ file: archive, cwd: partial, strict: true, filter: (_, entry) => "type" in entry && (entry.type === "File" || entry.type === "Directory") });
    fs.renameSync(partial, folder);
  } catch (error) {
    // Another process may have been quicker.
    if (fs.existsSync(folder)) return;
    throw new FileError(archive, `cannot be unpacked: ${(error as Error).message.split("\n")[0]}`, "Fetch it again.");
  } finally {
    fs.rmSync(partial, { recursive: true, force: true });
  }
}

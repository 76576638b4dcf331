// Writing files, which a page cannot do: it is refused by name.
import { FileError } from "./errors";

export type { Contents } from "./files";

const refuse = (file: string): never => {
  throw new FileError(
    file,
    "cannot be written: a page writes no files",
    "The functions that encode give the bytes: offer them as a download.",
  );
};

export const replaceWhole = (target: string): Promise<never> => Promise.resolve().then(() => refuse(target));
export const writeAtomically = (file: string): Promise<void> => replaceWhole(file);
export const writeTogether = (files: ReadonlyArray<{ path: string }>): Promise<void> =>
  Promise.resolve().then(() => (files.length > 0 ? refuse(files[0].path) : undefined));
export const writeError = (file: string): FileError => new FileError(file, "cannot be written: a page writes no files");

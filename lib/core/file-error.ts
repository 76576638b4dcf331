import * as path from "node:path";
import { VitrineError } from "./errors";

/** A file that cannot be used: missing, truncated, corrupt, refused. The message is one line that names the file. */
export class FileError extends VitrineError {
  override name = "FileError";
  /** @param problem what follows the file's name: `is truncated` */
  constructor(
    readonly file: string,
    readonly problem: string,
    readonly remedy?: string,
  ) {
    super(
      `${shortened(file)} ${problem}${/[.!?]$/.test(problem) ? "" : "."}${remedy ? ` ${remedy}` : ""}`.replace(
        /[\r\n]+\s*/g,
        " ",
      ),
    );
  }
}

/** As the user would type it: relative where that is shorter. */
function shortened(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return path.isAbsolute(file) && relative && !relative.startsWith("..") ? relative : file;
}

/** Text taken from a file, made harmless and short enough for one line of an error message. */
export function quoted(text: string): string {
  const clean = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, "?");
  return `"${clean.length > 60 ? `${clean.slice(0, 57)}...` : clean}"`;
}

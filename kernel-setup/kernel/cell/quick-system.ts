import type * as tsTypes from "typescript";
import type { PackageFolders } from "./package-folders";

/**
 * Asks the disk less often: the compiler looks for the same files and folders thousands of times. What exists inside
 * node_modules is taken to stay until PackageFolders sees a change; everything else is looked at once a cell, so that a
 * file which comes is seen.
 */
export class QuickSystem {
  private readonly forCells: Map<string, boolean>[] = [];
  private readonly forGood: Set<string>[] = [];

  constructor(private readonly folders: PackageFolders) {}

  apply(sys: tsTypes.System): void {
    const { fileExists, directoryExists, readFile } = sys;
    this.forCells.length = this.forGood.length = 0;
    sys.fileExists = this.remembered((file) => fileExists(file));
    sys.directoryExists = this.remembered((folder) => directoryExists(folder));
    sys.readFile = (file, encoding) => {
      if (file.endsWith("/package.json")) this.folders.read(file);
      return readFile(file, encoding);
    };
  }

  /** A new cell. */
  forget(): void {
    for (const answers of this.forCells) answers.clear();
  }

  /** Packages changed. */
  forgetPackages(): void {
    for (const answers of this.forGood) answers.clear();
  }

  private remembered(look: (path: string) => boolean): (path: string) => boolean {
    const forCell = new Map<string, boolean>();
    const forGood = new Set<string>();
    this.forCells.push(forCell);
    this.forGood.push(forGood);
    return (path) => {
      if (forGood.has(path)) return true;
      let answer = forCell.get(path);
      if (answer !== undefined) return answer;
      this.folders.asked(path);
      answer = look(path);
      if (answer && path.includes("/node_modules/")) forGood.add(path);
      else forCell.set(path, answer);
      return answer;
    };
  }
}

import type * as tsTypes from "typescript";

/**
 * Asks the disk less often: the compiler looks for the same files and folders thousands of times. What exists inside
 * node_modules is taken to stay; everything else is looked at once a cell, so that a file or package which comes is
 * seen.
 */
export class QuickSystem {
  private readonly forgetful: Map<string, boolean>[] = [];

  apply(sys: tsTypes.System): void {
    const { fileExists, directoryExists } = sys;
    sys.fileExists = this.remembered((file) => fileExists(file));
    sys.directoryExists = this.remembered((folder) => directoryExists(folder));
  }

  /** A new cell. */
  forget(): void {
    for (const answers of this.forgetful) answers.clear();
  }

  private remembered(look: (path: string) => boolean): (path: string) => boolean {
    const forCell = new Map<string, boolean>();
    const forGood = new Set<string>();
    this.forgetful.push(forCell);
    return (path) => {
      if (forGood.has(path)) return true;
      let answer = forCell.get(path);
      if (answer !== undefined) return answer;
      answer = look(path);
      if (answer && path.includes("/node_modules/")) forGood.add(path);
      else forCell.set(path, answer);
      return answer;
    };
  }
}

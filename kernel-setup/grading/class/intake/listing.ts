import { limits, type IncomingFile } from "./incoming";

/**
 * The files of a download, as they are found. Of each student one more is kept than may be handed in, which says that
 * there were too many: nobody's thousands of files are a reason to take nothing from the others.
 */
export class Listing {
  readonly files: IncomingFile[] = [];
  /** Files of nobody that were not kept. */
  left = 0;
  private readonly counts = new Map<string, number>();

  /** @param ownerOf whose file a path is; "" for nobody's */
  constructor(private readonly ownerOf: (path: string) => string) {}

  add(file: IncomingFile): void {
    const owner = this.ownerOf(file.path),
      count = this.counts.get(owner) ?? 0;
    if (count > mostOf(owner)) {
      if (!owner) this.left++;
      return;
    }
    this.counts.set(owner, count + 1);
    this.files.push(file);
  }

  /** Would a file of this path not be kept, nor any other of the same student's? */
  isFull(path: string): boolean {
    const owner = this.ownerOf(path);
    return owner !== "" && (this.counts.get(owner) ?? 0) > mostOf(owner);
  }
}

const mostOf = (owner: string): number => (owner ? limits.studentFiles : limits.nobodysFiles);

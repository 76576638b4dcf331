// What was handed in: files that are listed first, and read only within limits.
import { VitrineError } from "vitrine/dist/kit";

/** One file of what a class handed in, not read yet. */
export interface IncomingFile {
  /** Where it lies in the download, with `/`; never used as a path to write to. */
  path: string;
  /** When it was handed in, as far as the download says so. */
  modified?: Date;
  /** Why it is not looked at, if it is not. */
  refused?: string;
  /**
   * @param budget pays for each byte, also of what turns out to be too much or damaged
   * @throws IntakeError if it has more than `limit` bytes, whatever size it claims, or cannot be read
   */
  read(limit: number, budget?: Budget): Promise<Buffer>;
}

/** What a class handed in, from wherever. */
export interface Incoming {
  files: IncomingFile[];
  /** Files that are nobody's and too many to be listed. */
  left?: number;
  close(): Promise<void>;
}

/** Something about what was handed in that cannot be used; its message is for the table of results. */
export class IntakeError extends VitrineError {
  override name = "IntakeError";
}

/**
 * The bytes of one student's files that may still be read or unpacked: a file of a few KiB may unpack to a thousand
 * times as much, and a student may hand in hundreds.
 */
export class Budget {
  constructor(
    private readonly most: number,
    private left = most,
  ) {}

  /** @throws IntakeError once nothing is left */
  pay(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new IntakeError(`Of one student's files ${mebibytes(this.most)} are read.`);
  }
}

/** What hostile or careless archives may have at the most. */
export const limits = {
  /** Entries of a download's archive, whoever they are of. */
  entries: 1_000_000,
  /** Files of one student. */
  studentFiles: 500,
  /** Files of nobody that are listed. */
  nobodysFiles: 2000,
  /** Characters in one file's path. */
  path: 1000,
  /** Bytes of one notebook: a sheet with all its plots has about 2 MiB. */
  notebook: 32 << 20,
  /** Bytes of one student's archive. */
  archive: 64 << 20,
  /** Bytes of one student's files that are read, and unpacked from archives among them, to find the notebook. */
  student: 512 << 20,
  /** Files in one student's archive. */
  archiveFiles: 500,
};

export const mebibytes = (bytes: number): string => `${Math.round(bytes / (1 << 20))} MiB`;

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

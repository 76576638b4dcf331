import { VitrineError } from "vitrine/dist/kit";

/** One file of what a class handed in, not read yet. */
export interface IncomingFile {
  /** Where it lies in the download, with `/`; never used as a path to write to. */
  path: string;
  /** When it was handed in, as far as the download says so. */
  modified?: Date;
  /** Why it is not looked at, if it is not. */
  refused?: string;
  /** @throws IntakeError if it has more than `limit` bytes, whatever it says of itself, or cannot be read */
  read(limit: number): Promise<Buffer>;
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
  /** Bytes of one student's files that are read to find the notebook. */
  student: 512 << 20,
  /** Files in one student's archive. */
  archiveFiles: 500,
};

export const mebibytes = (bytes: number): string => `${Math.round(bytes / (1 << 20))} MiB`;

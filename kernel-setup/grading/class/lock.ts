// The project's lock, in the words and with the interruption of the grading commands.
import { checkpoint, VitrineError, writeError } from "vitrine/dist/kit";
import * as lock from "../../setup/lock.cjs";

/** Another process has it. */
export class LockedError extends VitrineError {
  override name = "LockedError";
}

/**
 * Runs `work` while nobody else has the lock, also on other machines that share the folder.
 * @param what is being worked on, for the message: `The gradebook`
 * @param wait milliseconds to wait for another process; default 0
 * @throws LockedError that says who has it; FileError where nobody can have it
 */
export async function withLock<T>(
  file: string,
  what: string,
  work: () => Promise<T>,
  { wait, signal }: { wait?: number; signal?: AbortSignal } = {},
): Promise<T> {
  return lock.withLock(file, work, { wait, waiting: () => checkpoint(signal) }).catch((error: unknown) => {
    if (error instanceof lock.LockedError) throw new LockedError(`${what} is being worked on by ${error.message}.`);
    throw error instanceof lock.LockFileError ? writeError(file, error.cause) : error;
  });
}

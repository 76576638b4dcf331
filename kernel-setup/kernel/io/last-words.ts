import { execFile } from "child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";

/** A pipe holds 64 KB on Linux and macOS; this is left free, and a report of Node's is longer. */
const FREE = 8192;
const BLOCK = 4096;
const NAME = "out-of-memory";

/**
 * Time to say what happened when V8 ends the process because the heap is full: no JavaScript runs on the main thread
 * any more, but Node writes a report before the end. It is made to write it into a nearly full pipe, and waits there
 * for ever. This thread sees that the pipe has become full.
 */
export class LastWords {
  private folder: string | null = null;
  private pipe = -1;
  private readonly block = Buffer.alloc(BLOCK, " ");

  /** Sets the pipe up, the first time. Where there are no named pipes (Windows), nothing is ever seen. */
  prepare(): void {
    if (this.folder !== null || process.platform === "win32") return;
    let folder: string;
    try {
      folder = this.folder = mkdtempSync(join(tmpdir(), "vitrine-kernel-"));
    } catch {
      // Nobody may write there: the launcher, if there is one, will have to tell.
      this.folder = "";
      return;
    }
    execFile("mkfifo", [join(folder, NAME)], (error) => {
      if (!error && this.folder) this.open(folder);
    });
  }

  /** Has V8 given up? */
  dying(): boolean {
    if (this.pipe < 0) return false;
    try {
      writeSync(this.pipe, this.block);
      readSync(this.pipe, this.block);
      return false;
    } catch {
      return true;
    }
  }

  close(): void {
    if (this.pipe >= 0) closeSync(this.pipe);
    this.pipe = -1;
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
    this.folder = null;
  }

  private open(folder: string): void {
    this.pipe = openSync(join(folder, NAME), constants.O_RDWR | constants.O_NONBLOCK);
    try {
      for (;;) writeSync(this.pipe, this.block);
    } catch {
      // Full.
    }
    for (let freed = 0; freed < FREE; freed += BLOCK) readSync(this.pipe, this.block);
    const { report } = process;
    if (!report) return;
    report.directory = folder;
    report.filename = NAME;
    if (process.platform === "linux") {
      // There it can be opened without its name, so nothing is left in the temporary folder if the kernel is killed.
      report.directory = "/proc/self/fd";
      report.filename = String(this.pipe);
      rmSync(folder, { recursive: true, force: true });
    }
    report.reportOnFatalError = true;
    report.compact = true;
  }
}

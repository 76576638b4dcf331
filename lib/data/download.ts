// A file from the network: resumed where an earlier try ended, and checked before it gets its name.
import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InterruptedError, FileError } from "../core/errors";
import { writeError } from "../core/files";
import { callback, checkOptions, integer, other, progressAndSignal, type Schema } from "../core/options";
import { sizeInWords } from "../core/text";
import type { ProgressReport } from "../runtime/progress";
import { networkLimits, openUrl, StatusError, UnreachableError, type NetworkLimits } from "./http";
import type { RegistryFile } from "./registry";
import { verify } from "./verify";

/** Where the bytes go. */
interface ByteSink {
  write(chunk: Uint8Array): Promise<unknown>;
  close(): Promise<void>;
}

export interface DownloadOptions {
  /** Called a few times a second, and at the end. `done` and `total` are bytes. Default: nothing. */
  onProgress?: (report: ProgressReport) => void;
  /** Stops the work with an `InterruptedError`; what came stays, for the next try. Default: none. */
  signal?: AbortSignal;
  /** Times in milliseconds. Default: 4 s to connect, 15 s for an answer, 20 s between two pieces. */
  limits?: NetworkLimits;
  /** How often a broken connection is taken up again. Integer ≥ 0. Default: 3. */
  retries?: number;
  /** Opens the temporary file, to append (`a`) or from the start (`w`); replaced by tests. Default: a file on disk. */
  openSink?: (file: string, flags: "a" | "w") => Promise<ByteSink>;
}

export const downloadOptions = {
  onProgress: callback<(report: ProgressReport) => void>({ help: "called a few times a second, and at the end" }),
  signal: { ...progressAndSignal().signal, rule: "none" },
  limits: other<NetworkLimits>("{ connect, response, idle }", {
    rule: "4 s to connect, 15 s for an answer, 20 s between two pieces",
    unit: "milliseconds",
    help: "how long to wait",
  }),
  retries: integer({ least: 0, default: 3, help: "how often a broken connection is taken up again" }),
  openSink: callback<NonNullable<DownloadOptions["openSink"]>>({
    rule: "a file on disk",
    help: "opens the temporary file",
  }),
} satisfies Schema<DownloadOptions>;

/** The network's failure: what came so far is kept, for the next try. */
export class FetchError extends FileError {
  override name = "FetchError";
  /** @param reached false where the server could not even be reached */
  constructor(
    url: string,
    reason: string,
    readonly reached: boolean,
  ) {
    super(url, `could not be fetched: ${reason}`);
  }
}

/**
 * Fetches a file, takes up what an earlier try left, checks size and SHA-256, and only then gives it its name.
 * @throws FileError in one line; nothing half-written is ever found under `destination`
 */
export async function download(
  file: RegistryFile & { url: string },
  destination: string,
  given: DownloadOptions = {},
): Promise<void> {
  const options = checkOptions(downloadOptions, given);
  await fs.mkdir(path.dirname(destination), { recursive: true }).catch((error: unknown) => {
    throw writeError(destination, error);
  });
  const partial = await claimPartial(destination);
  try {
    await requireSpace(file, destination, await sizeOf(partial));
    let resumed = await fetchAll(file, destination, partial, options);
    let verdict = await verify(partial, file);
    if (verdict.state !== "right" && resumed) {
      // What was left behind may have been the wrong half: once more from the start.
      await fs.rm(partial, { force: true });
      resumed = await fetchAll(file, destination, partial, options);
      verdict = await verify(partial, file);
    }
    if (verdict.state !== "right") {
      throw new FileError(
        file.url,
        `is refused, as it ${verdict.state === "wrong" ? verdict.problem : "is empty"}`,
        "The server may have another version, or something on the way replaced it.",
      );
    }
    await finishPartial(destination, partial).catch((error: unknown) => {
      throw writeError(destination, error);
    });
  } catch (error) {
    const keep = error instanceof FetchError || error instanceof InterruptedError;
    await (keep ? releasePartial(destination, partial) : dropPartial(partial));
    throw error;
  }
}

/** @returns whether the file's start came from an earlier try */
async function fetchAll(
  file: RegistryFile & { url: string },
  destination: string,
  partial: string,
  options: DownloadOptions,
): Promise<boolean> {
  const { retries = downloadOptions.retries.default } = options;
  let resumed = false;
  for (let attempt = 0; ; attempt++) {
    const before = await sizeOf(partial);
    if (!file.approximate && before === file.bytes) return true;
    try {
      if (await fetchOnce(file, destination, partial, before, options)) resumed ||= attempt === 0;
      return resumed;
    } catch (error) {
      if (options.signal?.aborted)
        throw new InterruptedError(
          `Interrupted: ${path.basename(destination)} was not fetched completely; the next try goes on from there.`,
        );
      if (error instanceof FileError) throw error;
      const hopeless =
        error instanceof UnreachableError ||
        (error instanceof StatusError && error.status < 500 && error.status !== 416);
      if (hopeless || attempt >= retries)
        throw new FetchError(file.url, (error as Error).message || String(error), !(error instanceof UnreachableError));
      if (error instanceof StatusError && error.status === 416) await fs.rm(partial, { force: true });
      // Progress earns another try without counting.
      if ((await sizeOf(partial)) > before + 65536) attempt = Math.max(-1, attempt - 1);
      await sleep(Math.min(200 * 2 ** Math.max(0, attempt), 2000));
    }
  }
}

/** @returns whether the answer was appended to what was there */
async function fetchOnce(
  file: RegistryFile & { url: string },
  destination: string,
  partial: string,
  have: number,
  options: DownloadOptions,
): Promise<boolean> {
  const response = await openUrl(
    file.url,
    have > 0 ? { range: `bytes=${have}-` } : {},
    options.limits ?? networkLimits,
    options.signal,
  );
  try {
    const append = have > 0 && response.statusCode === 206 && startOf(response) === have;
    if (have > 0 && response.statusCode === 206 && !append) throw new StatusError(416);
    const start = append ? have : 0;
    const limit = file.approximate ? file.bytes * 2 : file.bytes;
    const announced =
      response.headers["content-length"] === undefined ? undefined : start + Number(response.headers["content-length"]);
    if (announced !== undefined && (file.approximate ? announced > limit : announced !== limit))
      throw wrongSize(file, announced);
    let sink: ByteSink;
    try {
      sink = await (options.openSink ?? ((name, flags) => fs.open(name, flags)))(partial, append ? "a" : "w");
    } catch (error) {
      throw writeError(destination, error);
    }
    const done = await pour(response, sink, start, limit, file, destination, options);
    if (!file.approximate && done < file.bytes) {
      if (announced === undefined && !append) throw wrongSize(file, done);
      throw new Error(`the connection broke after ${sizeInWords(done)} of ${sizeInWords(file.bytes)}`);
    }
    return append;
  } finally {
    response.destroy();
  }
}

async function pour(
  response: IncomingMessage,
  sink: ByteSink,
  start: number,
  limit: number,
  file: RegistryFile & { url: string },
  destination: string,
  options: DownloadOptions,
): Promise<number> {
  let done = start,
    shown = 0;
  const report = (): void =>
    options.onProgress?.({ label: path.basename(destination), done, total: Math.max(done, file.bytes) });
  try {
    for await (const chunk of response) {
      const bytes = chunk as Uint8Array;
      done += bytes.length;
      if (done > limit) throw wrongSize(file, done);
      try {
        await sink.write(bytes);
      } catch (error) {
        throw writeError(destination, error);
      }
      if (Date.now() - shown > 200) {
        shown = Date.now();
        report();
      }
    }
  } finally {
    await sink.close().catch(() => undefined);
  }
  report();
  return done;
}

const wrongSize = (file: RegistryFile & { url: string }, bytes: number): FileError =>
  new FileError(
    file.url,
    `is refused, as the server's file has ` +
      `${bytes > file.bytes ? "more than " : ""}${bytes > file.bytes ? file.bytes : bytes} ` +
      `bytes${bytes > file.bytes ? "" : ` instead of ${file.bytes}`}`,
    "The server may have another version, or a login page answered in its place.",
  );

function startOf(response: IncomingMessage): number | undefined {
  const found = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "");
  return found ? Number(found[1]) : undefined;
}

const sizeOf = async (file: string): Promise<number> => (await fs.stat(file).catch(() => undefined))?.size ?? 0;

/** Says so before a long download, not after. */
async function requireSpace(file: RegistryFile, destination: string, have: number): Promise<void> {
  const disk = await fs.statfs(path.dirname(destination)).catch(() => undefined);
  const free = disk ? disk.bavail * disk.bsize : Infinity;
  if (disk && disk.blocks > 0 && free < file.bytes - have) {
    throw new FileError(
      destination,
      `cannot be written: the disk is full (it needs ${sizeInWords(file.bytes - have)}, and ${sizeInWords(free)} ` +
        `are free)`,
      "Free some space, or set XDG_CACHE_HOME to a folder on another disk.",
    );
  }
}

/**
 * Unfinished downloads, `FILE.PID-XXXXXXXX.part`. Each belongs to one process, so that two that fetch the same file
 * never write into one another's; what a process leaves behind is claimed, by an atomic rename, by the next.
 */
const mine = new Set<string>();
const dayMs = 24 * 3600 * 1000;

/** A name of our own to download to, holding what an earlier try left, if anything. */
async function claimPartial(file: string): Promise<string> {
  const own = partialName(file, process.pid);
  mine.add(own);
  for (const left of await leftBehind(file)) {
    try {
      await fs.rename(left, own);
      break;
    } catch {
      // Another process was quicker.
    }
  }
  return own;
}

/** Leaves it for whoever tries next. */
async function releasePartial(file: string, own: string): Promise<void> {
  mine.delete(own);
  await fs.rename(own, partialName(file, 0)).catch(() => undefined);
}

async function dropPartial(own: string): Promise<void> {
  mine.delete(own);
  await fs.rm(own, { force: true }).catch(() => undefined);
}

/** Turns it into the finished file. */
async function finishPartial(file: string, own: string): Promise<void> {
  await fs.rename(own, file);
  mine.delete(own);
}

const partialName = (file: string, pid: number): string => `${file}.${pid}-${randomBytes(4).toString("hex")}.part`;

/** Largest first. */
async function leftBehind(file: string): Promise<string[]> {
  const folder = path.dirname(file),
    base = path.basename(file);
  const found: { name: string; size: number }[] = [];
  for (const entry of await fs.readdir(folder).catch(() => [] as string[])) {
    if (!entry.startsWith(`${base}.`) || !entry.endsWith(".part")) continue;
    const pid = /^(\d+)-[0-9a-f]{8}\.part$/.exec(entry.slice(base.length + 1))?.[1];
    const name = path.join(folder, entry);
    const stat = await fs.stat(name).catch(() => undefined);
    if (pid && stat && (abandoned(Number(pid), name) || Date.now() - stat.mtimeMs > dayMs))
      found.push({ name, size: stat.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ name }) => name);
}

function abandoned(pid: number, name: string): boolean {
  if (pid === 0) return true;
  if (pid === process.pid) return !mine.has(name);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

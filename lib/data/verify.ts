// Whether a file is the published one, by size and SHA-256.
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomically } from "../core/files";
import { boolean, checkOptions, text, type Schema } from "../core/options";
import type { RegistryFile } from "./registry";

/** What was hashed once is not hashed again while its size and time of change stay the same. */
interface Remembered {
  size: number;
  mtimeMs: number;
  inode: number;
  sha256: string;
}

export type Verdict =
  | { readonly state: "right" }
  | { readonly state: "absent" }
  /** `problem` completes "FILE …". */
  | { readonly state: "wrong"; readonly problem: string };

export interface VerifyOptions {
  /** The folder whose `verified.json` remembers. Default: nothing is remembered. */
  memory?: string;
  /** Hash again, whatever is remembered. Default: false. */
  again?: boolean;
}

export const verifyOptions = {
  memory: text({
    words: "the path of a folder",
    rule: "nothing is remembered",
    help: "the folder whose verified.json remembers",
  }),
  again: boolean({ default: false, help: "hash again, whatever is remembered" }),
} satisfies Schema<VerifyOptions>;

/** Whether `file` is what the registry promises, by size and SHA-256. */
export async function verify(file: string, expected: RegistryFile, given: VerifyOptions = {}): Promise<Verdict> {
  const options = checkOptions(verifyOptions, given);
  const stat = await fs.promises.stat(file).catch(() => undefined);
  if (!stat) return { state: "absent" };
  if (!stat.isFile()) return { state: "wrong", problem: "is not a file" };
  if (!expected.approximate && stat.size !== expected.bytes) {
    return {
      state: "wrong",
      problem:
        `is ${stat.size < expected.bytes ? "truncated" : "too long"}: ${stat.size} bytes instead of ` +
        `${expected.bytes}`,
    };
  }
  const known = options.memory && !options.again ? memory(options.memory)[file] : undefined;
  const fresh = known && known.size === stat.size && known.mtimeMs === stat.mtimeMs && known.inode === stat.ino;
  const sha256 = fresh ? known.sha256 : await hashFile(file);
  if (!fresh && options.memory)
    await remember(options.memory, file, { size: stat.size, mtimeMs: stat.mtimeMs, inode: stat.ino, sha256 });
  if (sha256.startsWith(expected.sha256)) return { state: "right" };
  const [is, not] = [sha256, expected.sha256].map((sum) => `${sum.slice(0, 16)}…`);
  return { state: "wrong", problem: `is not the published file: its SHA-256 is ${is}, not ${not}` };
}

/** SHA-256 in hex. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

const memoryFile = (folder: string): string => path.join(folder, "verified.json");

function memory(folder: string): Record<string, Remembered> {
  try {
    const found: unknown = JSON.parse(fs.readFileSync(memoryFile(folder), "utf8"));
    return found && typeof found === "object" ? (found as Record<string, Remembered>) : {};
  } catch {
    return {};
  }
}

/** Two processes may remember at once: the later one wins, and the other's file is hashed once more. */
async function remember(folder: string, file: string, seen: Remembered): Promise<void> {
  const contents = { ...memory(folder), [file]: seen };
  // A cache that cannot be written costs time, not correctness.
  await writeAtomically(memoryFile(folder), JSON.stringify(contents, undefined, 1)).catch(() => undefined);
}

import { createHmac, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeError } from "vitrine/dist/kit";

const file = (course: string): string => join(course, "reports", "judge-secret");

/**
 * What a course's judge knows and no student does: hidden tests may be public, and whoever can work out a notebook's
 * inputs looks for a notebook whose inputs suit answers that were written down. Made the first time; who grades the
 * course elsewhere takes the file along, so that marking again gives the same inputs.
 * @throws Error in one line
 */
export function courseSecret(course: string): Buffer {
  const path = file(course);
  let text = read(path);
  if (text === undefined) {
    const made = `${path}.${process.pid}`;
    try {
      mkdirSync(join(course, "reports"), { recursive: true });
      writeFileSync(made, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
      // Whole or not at all, and the first of several jobs makes it for all of them.
      linkSync(made, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw writeError(path, error);
    } finally {
      rmSync(made, { force: true });
    }
    text = read(path) ?? "";
  }
  if (!/^[0-9a-f]{64}\s*$/.test(text)) {
    throw new Error(
      `${path} is no secret of 64 hexadecimal digits: remove it, and a new one is made (inputs will be others)`,
    );
  }
  return Buffer.from(text.trim(), "hex");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read: ${code}`, { cause: error });
  }
}

/** Seeds of a notebook's inputs: the same whenever it is marked in this course, and nobody's to foresee. */
export function seedsOf(secret: Uint8Array, sheet: string, seed: number, sha256: string): number[] {
  const digest = createHmac("sha256", secret)
    .update(JSON.stringify([sheet, seed, sha256]))
    .digest();
  return [0, 4, 8, 12].map((at) => digest.readInt32LE(at));
}

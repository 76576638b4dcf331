import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { badInput } from "../../core/errors";
import { writeTogether } from "../../core/files";
import type { GivenModelFlags } from "../model-flags";

/** What the results of a folder were made with. */
export interface ManySettings {
  readonly model: string;
  /** What was said about it, where anything was. */
  readonly modelFlags?: GivenModelFlags;
  readonly method: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** As given with --target, or null: the class that each image is predicted to be. */
  readonly target: string | null;
}

/**
 * Notes the settings in the folder, or compares them with those that are there: a folder never mixes results of two
 * kinds.
 * Shards that start at once all write the same.
 * @throws BadInputError
 */
export async function keepSettings(folder: string, settings: ManySettings): Promise<void> {
  const path = join(folder, "explain.json"),
    text = `${JSON.stringify(settings, null, 2)}\n`;
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before === text) return;
  if (before !== undefined) {
    badInput({
      what: path,
      got: before.replace(/\s+/g, " "),
      allowed: "the settings of this run",
      remedy: "Name another folder with --into, or remove this one.",
    });
  }
  await writeTogether([{ path, content: text }]);
}

import { readFileSync } from "node:fs";
import { UsageError } from "./args";

/**
 * The names in the file that `--classes` names: one a line, a JSON list, or an object from indices to names or to
 * [WordNet id, name], as Keras' imagenet_class_index.json is.
 * @throws UsageError
 */
export function readClassNames(file: string): string[] {
  const text = contentOf(file).replace(/^\uFEFF/, "");
  const names = /^\s*[[{]/.test(text)
    ? fromJson(file, text)
    : text
        .replace(/\s+$/, "")
        .split(/\r?\n/)
        .map((line) => line.trim());
  const wrong = names.findIndex((name) => typeof name !== "string" || name === "");
  if (names.length === 0 || wrong >= 0)
    refuse(file, names.length === 0 ? "is empty" : `has no name for class ${wrong}`);
  return names as string[];
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return refuse(file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`);
  }
}

function fromJson(file: string, text: string): unknown[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse(file, `begins as JSON but is none: ${(error as Error).message.split("\n")[0]}`);
  }
  if (Array.isArray(json)) return json;
  const byIndex = json as Record<string, unknown>,
    names: unknown[] = [];
  for (const [key, value] of Object.entries(byIndex)) {
    if (!/^\d+$/.test(key)) refuse(file, `has the key ${JSON.stringify(key.slice(0, 40))}, which is no class index`);
    names[Number(key)] = Array.isArray(value) ? value.at(-1) : value;
  }
  return Array.from(names);
}

function refuse(file: string, what: string): never {
  throw new UsageError(
    `--classes is "${file}", which ${what}; allowed: one name a line, a JSON list, or ` +
      '{"0": ["n01440764", "tench"], …}.',
  );
}

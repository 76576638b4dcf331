// Why a task's definition cannot be meant: whoever wrote it may have given anything at all in any place.
type Given = Readonly<Record<string, unknown>>;

const MOST_POINTS = 1000,
  MOST_SECONDS = 3600,
  MOST_MEMORY_MIB = 1 << 20,
  MOST_NAME = 200,
  MOST_CODE = 200_000;

/** In one line: where, the value seen, what is allowed. Nothing where the definition can be meant. */
export function faultOf(definition: unknown): string | undefined {
  try {
    return faultIn((definition ?? {}) as Given);
  } catch (error) {
    // A getter or a proxy that throws.
    const words = error instanceof Error ? error.message.split("\n")[0] : "no error was thrown";
    return `a part of it cannot be read: ${words}`;
  }
}

function faultIn(definition: Given): string | undefined {
  const { task, points, functions, teaches, uses = [], limits = {}, parts, mutants = [] } = definition;
  if (!isName(task) || !isName(points)) {
    const seen = `${shown(task)} and ${shown(points)}`;
    return `\`task\` and \`points\` are grade_ids, texts of one line; here they are ${seen}`;
  }
  for (const [name, list] of Object.entries({ functions, teaches, uses })) {
    if (!Array.isArray(list)) return `\`${name}\` is no list, but ${shown(list)}`;
    const odd = list.findIndex((each) => !isIdentifier(each));
    if (odd < 0) continue;
    const seen = `its ${nth(odd)} is ${shown(list[odd])}`;
    return `\`${name}\` is a list of names as code has them, such as "saliency"; ${seen}`;
  }
  if ((functions as unknown[]).length === 0) return "`functions` names no function";
  const both = (teaches as string[]).find((name) => (uses as string[]).includes(name));
  if (both) return `${both} is in \`teaches\` and in \`uses\``;
  return limitsFault(limits) ?? partsFault(parts) ?? mutantsFault(mutants);
}

function limitsFault(limits: unknown): string | undefined {
  if (!isObject(limits)) return `\`limits\` is no object, but ${shown(limits)}`;
  for (const [name, most] of [
    ["seconds", MOST_SECONDS],
    ["memoryMiB", MOST_MEMORY_MIB],
  ] as const) {
    const value = limits[name];
    if (value === undefined || isAmount(value, most)) continue;
    return `limits are numbers above 0: \`${name}\` is ${shown(value)}; allowed: up to ${most.toLocaleString("en")}`;
  }
  return undefined;
}

function partsFault(parts: unknown): string | undefined {
  if (!Array.isArray(parts)) return `\`parts\` is no list, but ${shown(parts)}`;
  if (parts.length === 0) return "there are no parts";
  for (const [i, part] of parts.entries()) {
    const { name, points, test, extra = false } = isObject(part) ? part : ({} as Given);
    const right = isName(name) && isAmount(points, MOST_POINTS) && typeof test === "function";
    if (right && typeof extra === "boolean") continue;
    const given = `name ${shown(name)}, points ${shown(points)}, test ${shown(test)}, extra ${shown(extra)}`;
    return (
      `a part needs a name in one line, points above 0 (up to ${MOST_POINTS}), a test that is a function, ` +
      `and \`extra\` is true or false; the ${nth(i)} has ${isObject(part) ? given : shown(part)}`
    );
  }
  const names = parts.map(({ name }: { name: string }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  return twice === undefined ? undefined : `two parts have the same name, ${shown(twice)}`;
}

function mutantsFault(mutants: unknown): string | undefined {
  if (!Array.isArray(mutants)) return `\`mutants\` is no list, but ${shown(mutants)}`;
  for (const [i, mutant] of mutants.entries()) {
    const { name, code, losesAtLeast } = isObject(mutant) ? mutant : ({} as Given);
    const hasCode = typeof code === "string" && code.length > 0 && code.length <= MOST_CODE;
    if (isName(name) && hasCode && isAmount(losesAtLeast, MOST_POINTS)) continue;
    const given = `name ${shown(name)}, code ${shown(code)}, losesAtLeast ${shown(losesAtLeast)}`;
    return (
      `a mutant needs a name in one line, code and losesAtLeast above 0 (up to ${MOST_POINTS}); ` +
      `the ${nth(i)} has ${isObject(mutant) ? given : shown(mutant)}`
    );
  }
  return undefined;
}

export const isObject = (value: unknown): value is Given =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isName = (value: unknown): value is string =>
  typeof value === "string" && /\S/.test(value) && value.length <= MOST_NAME && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value);
const isIdentifier = (value: unknown): value is string =>
  isName(value) && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(value);
const isAmount = (value: unknown, most: number): value is number =>
  typeof value === "number" && value >= 1e-6 && value <= most;
const nth = (index: number): string => `${index + 1}${["st", "nd", "rd"][index] ?? "th"}`;

/** A value in a few words, whatever it is: JSON ends at a circle or a bigint, and a symbol is no text. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.slice(0, 60)).replace(/[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]/gu, "?");
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "bigint":
      return `${String(value).slice(0, 30)}n`;
    case "object":
      return value === null ? "null" : Array.isArray(value) ? `a list of ${value.length}` : "an object";
    default:
      return `a ${typeof value}`;
  }
}

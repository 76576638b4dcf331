/** Wrong usage: one line, exit code 2. */
export class UsageError extends Error {}

/**
 * Reads command-line flags strictly: nothing unknown is passed over.
 * @param {string[]} args
 * @param {Record<string, "switch" | "value" | "list">} known `--name` alone, with one value, or with all words after it
 * @returns {Record<string, true | string | string[]>}
 * @throws UsageError
 */
export function readFlags(args, known) {
  const found = {};
  const allowed = [...Object.keys(known).map((name) => `--${name}`), "--help"].join(", ");
  for (let i = 0; i < args.length; i++) {
    const [, name, inline] = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(args[i]) ?? [];
    if (name === "help" || args[i] === "-h") return { help: true };
    const kind = name && Object.hasOwn(known, name) ? known[name] : undefined;
    if (!kind)
      throw new UsageError(`Unknown ${args[i].startsWith("-") ? "flag" : "word"} ${args[i]}; allowed: ${allowed}.`);
    if (kind === "switch") {
      if (inline !== undefined) throw new UsageError(`--${name} takes no value, got ${inline}.`);
      found[name] = true;
    } else if (kind === "value") {
      const value = inline ?? args[++i];
      if (value === undefined || value.startsWith("--")) throw new UsageError(`--${name} needs a value.`);
      found[name] = value;
    } else {
      found[name] = inline ? [inline] : [];
      while (i + 1 < args.length && !args[i + 1].startsWith("-")) found[name].push(args[++i]);
    }
  }
  return found;
}

/** Runs a command's main function; its errors become one line and an exit code, never a stack trace. */
export async function runMain(main) {
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0;
  } catch (error) {
    console.error(process.env.VITRINE_DEBUG ? error.stack : error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

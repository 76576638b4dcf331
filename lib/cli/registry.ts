import * as path from "node:path";
import { describeEntry, places, registry, registryEntry, type EntryKind, type RegistryEntry } from "../data/registry";
import { obtainEntry, takeIn } from "../data/obtain";
import { sizeInWords, nearNames } from "../core/text";
import { verify } from "../data/verify";
import { VitrineError } from "../core/errors";
import { helpText, parseCommand, UsageError, wantsHelp, type Command } from "./args";

export const data = { summary: "list, get and verify data sets", run: registryCommand("data", "data") };
export const models = { summary: "list, get and verify models", run: registryCommand("models", "model") };

/** `vitrine data` and `vitrine models`: the same three actions on the two registries. */
function registryCommand(name: "data" | "models", kind: EntryKind): (args: string[]) => Promise<number> {
  const things = kind === "data" ? "data sets" : "models";
  const some =
    kind === "data"
      ? ["fashion-mnist", "imagenet-val-25", "flowers --from flowers.tgz"]
      : ["squeezenet1_1", "googlenet", "vgg16 --from disk/vgg16-397923af.pth"];
  const commands = {
    list: {
      name: `${name} list`,
      summary: `the ${things}: size, licence, and where each is or comes from`,
      flags: {},
      examples: [`${name} list`, `${name} list | less`],
    },
    get: {
      name: `${name} get`,
      summary: `fetch ${things} into the cache, verified`,
      positionals: ["NAME...?"],
      flags: {
        all: { type: "switch", help: `all ${things}` },
        "best-effort": { type: "switch", help: "what cannot be obtained is said in one line each and is no failure" },
        from: {
          type: "text",
          value: "FILE",
          help: `of one of the ${things}: its file, which is here already (default: it is downloaded)`,
        },
      },
      examples: [`${name} get ${some[0]} ${some[1]}`, `${name} get ${some[2]}`],
    },
    verify: {
      name: `${name} verify`,
      summary: `hash again what is here, and compare with the registry`,
      positionals: ["NAME...?"],
      flags: {},
      examples: [`${name} verify`, `${name} verify ${some[0]}`],
    },
  } satisfies Record<string, Command>;
  const actions: Record<string, (args: readonly string[]) => Promise<number>> = {
    list: async (args) => {
      parseCommand(commands.list, args);
      return list(kind);
    },
    get: async (args) => {
      const { flags, positionals } = parseCommand(commands.get, args);
      if (flags.all === positionals.length > 0)
        throw new UsageError(`${name} get takes names, or --all (npx vitrine ${name} list shows them).`);
      if (flags.from !== undefined) {
        if (positionals.length !== 1)
          throw new UsageError(`--from goes with one name, whose file it is (npx vitrine ${name} list shows them).`);
        const { source, file } = await takeIn(registryEntry(kind, positionals[0]), flags.from);
        return print(`${positionals[0]} (${source.variant}): ${file}`);
      }
      return get(chosen(kind, positionals), flags["best-effort"]);
    },
    verify: async (args) => verifyEntries(chosen(kind, parseCommand(commands.verify, args).positionals)),
  };
  return async ([action, ...rest]) => {
    if (action !== undefined && Object.hasOwn(commands, action) && wantsHelp(rest))
      return print(helpText(commands[action as keyof typeof commands]));
    if (action === undefined ? false : wantsHelp([action]))
      return print(
        Object.values(commands)
          .map((command) => helpText(command))
          .join("\n\n"),
      );
    if (action === undefined) throw new UsageError(`${name} needs an action: ${Object.keys(actions).join(", ")}.`);
    if (!Object.hasOwn(actions, action))
      throw new UsageError(
        `Unknown action "${name} ${action}". Did you mean ${nearNames(action, Object.keys(actions), 1)[0]}?`,
      );
    return actions[action](rest);
  };
}

const chosen = (kind: EntryKind, names: readonly string[]): RegistryEntry[] =>
  names.length ? names.map((name) => registryEntry(kind, name)) : registry(kind);

function list(kind: EntryKind): number {
  const here = places();
  const rows = registry(kind).map((entry) => {
    const state = describeEntry(entry, here);
    const where =
      state.source === "downloadable"
        ? `downloadable from ${state.where}`
        : state.source === "missing"
          ? "missing"
          : `${state.source} in ${state.where}`;
    return [
      state.name,
      state.bytes ? sizeInWords(state.bytes) : "",
      state.licence,
      where + (state.remedy ? `: ${state.remedy}` : ""),
    ];
  });
  const header = ["NAME", "SIZE", "LICENCE", "WHERE"];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  return print(
    [header, ...rows]
      .map((row) => row.map((cell, column) => (column === 3 ? cell : cell.padEnd(widths[column]))).join("  "))
      .join("\n"),
  );
}

async function get(entries: readonly RegistryEntry[], bestEffort: boolean): Promise<number> {
  let failed = 0;
  for (const entry of entries) {
    try {
      const { origin, source } = await obtainEntry(entry);
      print(`${entry.name} (${source.variant}): ${origin}`);
    } catch (error) {
      if (!(error instanceof VitrineError)) throw error;
      failed++;
      process.stderr.write(`${error.message}\n`);
    }
  }
  return failed && !bestEffort ? 1 : 0;
}

async function verifyEntries(entries: readonly RegistryEntry[]): Promise<number> {
  const { cache, mirror } = places();
  let wrong = 0;
  for (const entry of entries) {
    let right = 0;
    for (const source of entry.sources) {
      if (source.kind === "committed") continue;
      for (const file of source.files)
        for (const folder of mirror ? [cache, mirror] : [cache]) {
          const verdict = await verify(path.join(folder, file.path), file, { memory: cache, again: true });
          if (verdict.state === "right") right++;
          if (verdict.state !== "wrong") continue;
          wrong++;
          print(
            `${entry.name}: ${path.join(folder, file.path)} ${verdict.problem}. It is not used; npx vitrine ` +
              `${entry.kind === "data" ? "data" : "models"} get ${entry.name} fetches it again.`,
          );
        }
    }
    const committed = entry.sources.some((source) => source.kind === "committed");
    const absent = committed ? "part of the project, versioned with it" : "not here";
    print(`${entry.name}: ${right ? `${right} file${right === 1 ? "" : "s"} right` : absent}`);
  }
  return wrong ? 1 : 0;
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

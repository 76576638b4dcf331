// Runs on the thread of Node's own that resolves `import`, once a package was loaded a second time.
import { existsSync } from "fs";
import { isBuiltin } from "module";
import * as path from "path";
import { fileURLToPath, pathToFileURL } from "url";
import { receiveMessageOnPort, type MessagePort } from "worker_threads";
import { findPackage, IMPORT, isModuleFile, rootOf } from "./package-resolver";

interface Resolved {
  url: string;
  format?: string;
  shortCircuit?: boolean;
}
type Next = (specifier: string, context: object) => Promise<Resolved>;

let news: MessagePort;
const generations = new Map<string, number>();

export function initialize({ port }: { port: MessagePort }): void {
  news = port;
}

/** A package that changed is found by its new package.json, and under an address under which Node has nothing yet. */
export async function resolve(
  specifier: string,
  context: { parentURL?: string; conditions?: string[] },
  next: Next,
): Promise<Resolved> {
  for (let message; (message = receiveMessageOnPort(news) as { message: [string, number][] } | undefined);)
    for (const [root, generation] of message.message) generations.set(root, generation);
  const file = meant(specifier, context.parentURL);
  const generation = file === undefined ? 0 : (generations.get(rootOf(file) ?? "") ?? 0);
  const isFromChanged = context.parentURL?.includes("?vitrine=") ?? false;
  if (file === undefined || !(generation || isFromChanged) || !existsSync(file)) return next(specifier, context);
  return {
    url: pathToFileURL(file).href + (generation ? `?vitrine=${generation}` : ""),
    format: file.endsWith(".json") ? "json" : isModuleFile(file) ? "module" : "commonjs",
    shortCircuit: true,
  };
}

function meant(specifier: string, parent?: string): string | undefined {
  try {
    if (/^(\.{0,2}\/|file:)/.test(specifier)) return fileURLToPath(new URL(specifier, parent));
    if (isBuiltin(specifier)) return undefined;
    return parent?.startsWith("file:")
      ? findPackage(specifier, path.dirname(fileURLToPath(parent)), IMPORT)?.file
      : undefined;
  } catch {
    // Node says what is wrong.
    return undefined;
  }
}

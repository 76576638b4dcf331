// Packages for a notebook, from within it: `await install("lodash-es@4")` and `import x from "npm:lodash-es@4"`.
import { spawn } from "child_process";
import { existsSync } from "fs";
import * as path from "path";
import { manifestOf } from "./package-resolver";

const PACKAGE = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)(?:@([\w.^~<>=|* +-]+))?$/i;
const IN_TEXT = /(["'])npm:([^"'\n]+)\1/g;
const UNREACHABLE = /\b(EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

/** The name under which a package that is imported as `npm:name@4/part` lies on the disk. */
export function withoutNpm(name: string): string {
  if (!name.startsWith("npm:")) return name;
  return name.slice(4).replace(/^((?:@[^/]+\/)?[^/@]+)@[^/]*/, "$1");
}

/** What the cell imports as `npm:…`, as npm wants it. */
export function npmNames(source: string): string[] {
  if (!source.includes("npm:")) return [];
  const names = [...source.matchAll(IN_TEXT)].map(([, , name]) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  return [...new Set(names)];
}

/** Installs packages into the notebook's folder, with npm. */
export class Installer {
  constructor(
    private readonly folder: string,
    private readonly signal: () => AbortSignal,
  ) {}

  /** For cells: `install`. */
  offer(): void {
    Object.defineProperty(globalThis, "install", {
      value: (...packages: string[]) => this.install(packages),
      configurable: true,
      writable: true,
    });
  }

  /** Those of the packages that are not there yet. */
  async provide(packages: readonly string[]): Promise<void> {
    const missing = packages.filter((each) => !this.isThere(each));
    if (missing.length > 0) await this.install(missing);
  }

  private async install(packages: readonly string[]): Promise<void> {
    if (packages.length === 0)
      throw new Error('install: no package was named. For example: await install("lodash-es@4")');
    for (const each of packages)
      if (typeof each !== "string" || !PACKAGE.test(each))
        throw new Error(
          `install: ${JSON.stringify(each)} is no name of a package. Allowed: a name of npm's, with or without a ` +
            `version, as "lodash-es", "lodash-es@4" or "@types/node@20".`,
        );
    await this.npm(packages, `Installing ${packages.join(", ")}`);
    for (const each of packages) await this.addTypes(nameOf(each));
    const told = packages.map((each) => `${nameOf(each)} ${manifestOf(this.rootOf(nameOf(each)))?.version ?? ""}`);
    console.log(`${told.join(", ")}: in ${path.join(this.folder, "node_modules")}`);
  }

  /** Types that somebody else wrote, if the package brings none. */
  private async addTypes(name: string): Promise<void> {
    const root = this.rootOf(name);
    const { types, typings, exports, main = "index.js" } = (manifestOf(root) ?? {}) as Record<string, unknown>;
    const beside = path.join(root, String(main).replace(/(\.[cm]?js)?$/, ".d.ts"));
    if (name.startsWith("@types/") || types || typings || JSON.stringify(exports ?? "").includes(".d.")) return;
    if (existsSync(beside) || existsSync(path.join(root, "index.d.ts"))) return;
    const declared = `@types/${name.replace(/^@([^/]+)\//, "$1__")}`;
    // There may be none; the first import says so.
    await this.npm([declared], `Looking for ${declared}`).catch(() => undefined);
  }

  private isThere(each: string): boolean {
    const [, name, range = ""] = PACKAGE.exec(each) ?? [];
    const version = name && manifestOf(this.rootOf(name))?.version;
    return version !== undefined && (range === "" || version === range || version.startsWith(`${range}.`));
  }

  private rootOf(name: string): string {
    return path.join(this.folder, "node_modules", name);
  }

  private npm(packages: readonly string[], doing: string): Promise<void> {
    const began = Date.now();
    const show = (): boolean => process.stdout.write(`\r${doing} … ${Math.round((Date.now() - began) / 1000)} s`);
    const [program, ...before] = npmCommand();
    // With --prefix and a package.json of its own the folder is a project, whatever lies above it.
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    const options = ["--prefix", this.folder, ...quiet, "--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
    return new Promise((resolve, reject) => {
      show();
      const timer = setInterval(show, 1000);
      const child = spawn(program, [...before, "install", ...options, ...packages], {
        cwd: this.folder,
        signal: this.signal(),
        stdio: ["ignore", "ignore", "pipe"],
        shell: process.platform === "win32" && before.length === 0,
      });
      let said = "";
      child.stderr!.on("data", (text) => (said += String(text)));
      const ended = (error?: Error): void => {
        clearInterval(timer);
        process.stdout.write("\n");
        if (error) reject(error);
        else resolve();
      };
      child.on("error", ended);
      child.on("close", (code) => ended(code === 0 ? undefined : failure(packages, said)));
    });
  }
}

const nameOf = (each: string): string => PACKAGE.exec(each)![1];

/** npm as it comes with this Node, or the one on the path. */
function npmCommand(): [string, ...string[]] {
  const folder = path.dirname(process.execPath);
  const places = [path.join(folder, "../lib/node_modules"), path.join(folder, "node_modules")];
  const script = places.map((each) => path.join(each, "npm/bin/npm-cli.js")).find((each) => existsSync(each));
  return script ? [process.execPath, script] : ["npm"];
}

/** npm's complaint in a line. */
function failure(packages: readonly string[], said: string): Error {
  const names = packages.join(", ");
  const unreachable = UNREACHABLE.exec(said)?.[1];
  if (unreachable)
    return new Error(
      `install: ${names} cannot be fetched: npm's registry cannot be reached (${unreachable}). Is there an internet ` +
        `connection? Without one, put the package into node_modules beside the notebook.`,
    );
  if (/\bE404\b/.test(said)) return new Error(`install: npm's registry has no package ${names}. Is the name right?`);
  if (/\bETARGET\b/.test(said)) return new Error(`install: npm's registry has no such version: ${names}.`);
  return new Error(`install: npm could not install ${names}:\n${said.replace(/^npm (error|ERR!) ?/gm, "").trim()}`);
}

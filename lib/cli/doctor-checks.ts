// What `npx vitrine doctor` finds, for people, and the checks that do without the library.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../core/process";

/** One thing that was looked at. */
export interface Finding {
  /** Heading it stands under: `Backend`. */
  section: string;
  /** What it is: `fashion-mnist`, `JupyterLab`. Empty where the heading says it. */
  name: string;
  /**
   * `ok`: there. `later`: fetched when it is first used. `instead`: something else stands in for it. `missing`: not
   * there.
   */
  state: "ok" | "later" | "instead" | "missing";
  /** What was found, in a few words. */
  found: string;
  /** Why it is so, or more about it; a line each. */
  details?: readonly string[];
  /** What to do about it, where something can be done. */
  remedy?: string;
  /** Without it Vitrine cannot be used. */
  essential?: boolean;
}

/** Whether sheets can be opened and run. */
export function usable(findings: readonly Finding[]): boolean {
  return findings.every(({ essential, state }) => !essential || state !== "missing");
}

const marks = { ok: " ", later: "-", instead: "~", missing: "!" } as const;

/** The findings for people: a block per section, and at the end what to do. */
export function report(findings: readonly Finding[]): string {
  const lines: string[] = [];
  for (const section of new Set(findings.map((finding) => finding.section))) {
    const own = findings.filter((finding) => finding.section === section);
    const width = Math.max(...own.map(({ name }) => name.length));
    own.forEach((finding, i) => {
      const name = width > 0 ? `${finding.name.padEnd(width)}  ` : "";
      lines.push(`${(i === 0 ? section : "").padEnd(11)}${marks[finding.state]} ${name}${finding.found}`);
      for (const detail of finding.details ?? []) lines.push(`${" ".repeat(13 + name.length)}${detail}`);
    });
  }
  const todo = findings.filter(({ state, remedy }) => state !== "ok" && remedy);
  if (todo.length > 0) {
    lines.push("", "To do:");
    for (const { section, name, remedy } of todo) lines.push(`  ${name || section}: ${remedy}`);
  }
  lines.push("", usable(findings) ? "Ready to use." : "Not ready: what is marked ! and listed above is needed.");
  return lines.join("\n");
}

const setUp = "npm run setup";

export function checkNode(version = process.versions.node): Finding {
  const old = Number(version.split(".")[0]) < 20;
  return {
    section: "Node",
    name: "",
    essential: true,
    state: old ? "missing" : "ok",
    found: `${version}, ${process.platform} ${process.arch}`,
    remedy: old ? "install Node 20 or newer (nodejs.org)" : undefined,
  };
}

export function checkTypeScript(): Finding {
  const found = packageVersion("typescript");
  return {
    section: "TypeScript",
    name: "",
    state: found ? "ok" : "missing",
    found: found ?? "none",
    remedy: found ? undefined : "npm install",
  };
}

/**
 * JupyterLab and what belongs to it, in the project's virtual environment. No Python is started: it would take a
 * second.
 */
export function checkPython(root = projectRoot()): Finding[] {
  const venv = join(root, ".venv");
  const version = /^version(?:_info)?\s*=\s*(\S+)/m.exec(readIfThere(join(venv, "pyvenv.cfg")) ?? "")?.[1];
  const section = "Python";
  if (!version)
    return [
      {
        section,
        name: "",
        state: "missing",
        found: "no virtual environment in .venv",
        remedy: `${setUp} (needs Python 3.10 or newer with its venv module)`,
      },
    ];
  const packages = installedPackages(venv);
  return [
    { section, name: "Python", state: "ok", found: `${version} in .venv` },
    ...["jupyterlab", "nbgrader", "plotly"].map((name): Finding => {
      const has = packages.get(name);
      return {
        section,
        name,
        state: has ? "ok" : "missing",
        found: has ?? "not installed",
        remedy: has ? undefined : setUp,
      };
    }),
  ];
}

function installedPackages(venv: string): Map<string, string> {
  const lib = join(venv, "lib");
  const folders = [join(venv, "Lib", "site-packages"), ...namesIn(lib).map((name) => join(lib, name, "site-packages"))];
  const packages = new Map<string, string>();
  for (const file of folders.flatMap(namesIn)) {
    const info = /^(.+)-([^-]+)\.dist-info$/.exec(file);
    if (info) packages.set(info[1].toLowerCase(), info[2]);
  }
  return packages;
}

/** Where Jupyter may know the kernel: in the project, and wherever `vitrine kernel install` put it. */
export function checkKernel(root = projectRoot(), env: NodeJS.ProcessEnv = process.env): Finding[] {
  const section = "Kernel";
  const compiled = existsSync(join(root, "kernel-setup", "dist", "kernel", "main.js"));
  const places = [
    join(root, ".venv", "share", "jupyter"),
    env.JUPYTER_DATA_DIR,
    join(env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "jupyter"),
    join(homedir(), "Library", "Jupyter"),
    env.APPDATA && join(env.APPDATA, "jupyter"),
    "/usr/local/share/jupyter",
    "/usr/share/jupyter",
  ];
  const specs = [...new Set(places)]
    .filter((place) => place !== undefined && place !== "")
    .map((place) => join(place as string, "kernels", "vitrine", "kernel.json"))
    .filter(existsSync);
  return [
    {
      section,
      name: "compiled",
      essential: true,
      state: compiled ? "ok" : "missing",
      found: compiled ? "yes" : "no",
      remedy: compiled ? undefined : "npm run build",
    },
    {
      section,
      name: "known to",
      essential: true,
      state: specs.length > 0 ? "ok" : "missing",
      found: specs.length > 0 ? specs.map((file) => shortened(dirname(file), root)).join(", ") : "no Jupyter",
      details: specs.flatMap((file) => brokenSpec(file, root)),
      remedy:
        specs.length > 0
          ? undefined
          : `${setUp} (JupyterLab in .venv), or npx vitrine kernel install --user (a Jupyter of your own)`,
    },
  ];
}

/** A kernelspec holds absolute paths, which a removed Node or a moved clone leaves dangling. */
function brokenSpec(file: string, root: string): string[] {
  try {
    const { argv } = JSON.parse(readFileSync(file, "utf8")) as { argv: string[] };
    const gone = argv.filter((part) => /^([A-Za-z]:)?[\\/]/.test(part) && !existsSync(part));
    return gone.map(
      (part) => `${shortened(dirname(file), root)} starts ${part}, which is not there: install the kernel again`,
    );
  } catch {
    return [`${shortened(file, root)} cannot be read: install the kernel again`];
  }
}

function packageVersion(name: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

const shortened = (path: string, root: string): string => (path.startsWith(root) ? path.slice(root.length + 1) : path);

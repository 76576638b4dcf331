import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as ts from "typescript";
import { BundledTypes, tensorflowBundle } from "../../kernel/cell/bundled-types";
import { copyChecks, copyLibrary, type LibraryPlan } from "./library-copy";

/** Where the sandbox sees the project. */
export const SANDBOX_ROOT = "/grade";
/** To be raised when a stage is made in another way. */
const FORMAT = 4;
const WEEK_MS = 7 * 24 * 3600 * 1000;

/** What the sandbox sees of the project: `lib/` and `kernel-setup/` below the folder, both made for it. */
export interface Stage {
  readonly folder: string;
}

/**
 * Makes it, or takes the one that was made before of the same files. Several processes may do so at once.
 * @param root the project
 */
export function stageFor(root: string, plan: LibraryPlan): Stage {
  const dist = join(root, "kernel-setup", "dist");
  const hash = createHash("sha256").update(
    JSON.stringify([FORMAT, SANDBOX_ROOT, [...plan.taught], [...plan.uses].sort()]),
  );
  for (const folder of [
    join(root, "lib", "dist"),
    join(root, "kernel-setup", "course", "dist"),
    join(dist, "kernel"),
    join(dist, "grading", "sandbox", "inside"),
  ])
    addFolder(hash, folder);
  const name = hash.digest("hex").slice(0, 24),
    parent = parentFolder(dist),
    folder = join(parent, name);
  if (existsSync(folder)) {
    // Those that nobody asked for in a week are cleared away.
    utimesSync(folder, new Date(), new Date());
    return { folder };
  }
  const made = mkdtempSync(join(parent, `${name}.`));
  try {
    build(root, made, plan);
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  clearOld(parent);
  return { folder };
}

function build(root: string, into: string, plan: LibraryPlan): void {
  copyLibrary(join(root, "lib"), join(into, "lib"), plan);
  copyChecks(join(root, "kernel-setup", "course"), join(into, "kernel-setup", "course"));
  const from = join(root, "kernel-setup"),
    to = join(into, "kernel-setup");
  const filter = (path: string): boolean => !/\.(map|d\.ts)$/.test(path);
  for (const part of ["dist/kernel/cell", "dist/kernel/shared", "dist/grading/sandbox/inside"])
    cpSync(join(from, part), join(to, part), { recursive: true, filter });
  cpSync(join(from, "kernel/cell-globals.d.ts"), join(to, "kernel/cell-globals.d.ts"));
  moveTypes(root, into);
  openToAll(into);
}

/** TensorFlow.js's declarations in one file, which names its packages by where they lie. */
function moveTypes(root: string, into: string): void {
  const { file } = new BundledTypes(ts, tensorflowBundle(root));
  if (!file) return;
  const target = join(into, "kernel-setup/dist/tensorflow-types/index.d.ts");
  mkdirSync(dirname(target), { recursive: true });
  cpSync(file, target);
  const scope = (of: string): string => join(of, "node_modules/@tensorflow").replace(/\\/g, "/");
  const index = readFileSync(`${file}.json`, "utf8");
  const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
  // The recipe is JSON inside JSON.
  const moved = index
    .split(inner(inner(scope(root))))
    .join(inner(inner(scope(SANDBOX_ROOT))))
    .split(inner(scope(root)))
    .join(inner(scope(SANDBOX_ROOT)));
  writeFileSync(`${target}.json`, moved);
}

/** The sandbox runs as another user, whatever the umask here. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else chmodSync(path, 0o644);
  }
}

/** Beside the compiled files; where those cannot be written to, in the user's cache. */
function parentFolder(dist: string): string {
  for (const folder of [join(dist, "grading-stage"), join(homedir(), ".cache", "vitrine", "grading-stage")]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      writeFileSync(join(folder, ".writable"), "");
      return folder;
    } catch {
      /* the next one */
    }
  }
  return mkdtempSync(join(tmpdir(), "vitrine-stage-"));
}

function addFolder(hash: ReturnType<typeof createHash>, folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) addFolder(hash, path);
    else if (/\.(js|d\.ts|json)$/.test(entry.name)) hash.update(`${path}\0`).update(readFileSync(path));
  }
}

function clearOld(parent: string): void {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    try {
      if (name !== ".writable" && Date.now() - statSync(path).mtimeMs > WEEK_MS)
        rmSync(path, { recursive: true, force: true });
    } catch {
      /* another process was faster */
    }
  }
}

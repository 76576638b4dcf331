import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "vitrine/dist/kit";

/** A file of the bundle: where it goes, with `/` between folders, and what is in it. */
export interface BundleFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** What is built, fetched or written on each machine by itself. */
const made = ["node_modules", "dist", "cache", "checkpoint", "__pycache__", ".ipynb_checkpoints"];

/** What of the project a student needs: which files of each folder. Nothing else goes. */
const parts: readonly { folder: string; wanted: (path: string) => boolean }[] = [
  { folder: "lib", wanted: () => true },
  // Grading stays with the teacher, tests with the developers.
  {
    folder: "kernel-setup",
    wanted: (path) => !/^(grading|setup\/testing)\/|^(test\.mjs|requirements-test\.txt)$/.test(path),
  },
  { folder: "data", wanted: (path) => path.endsWith(".json") },
  { folder: "models", wanted: (path) => /\.(json|bin|md)$/.test(path) },
];
const single = ["package-lock.json", "tsconfig.json", ".npmrc", "LICENSE"];

/** Everything but the sheets. */
export function projectFiles(): BundleFile[] {
  const root = projectRoot(),
    read = (path: string): BundleFile => ({ path, content: readFileSync(join(root, path)) });
  const folders = parts.flatMap(({ folder, wanted }) =>
    pathsBelow(join(root, folder))
      .filter(wanted)
      .map((path) => read(`${folder}/${path}`)),
  );
  return [
    ...single.filter((path) => existsSync(join(root, path))).map(read),
    text("package.json", packageFile(root)),
    text("README.md", studentsPage(root)),
    text("assignments.md", withoutTeachers(root)),
    ...folders,
  ];
}

/** The released sheets below a folder. */
export const sheetFiles = (release: string, names: readonly string[]): BundleFile[] =>
  names.flatMap((name) =>
    pathsBelow(join(release, name)).map((path) => ({
      path: `notebooks/release/${name}/${path}`,
      content: readFileSync(join(release, name, path)),
    })),
  );

function pathsBelow(folder: string, under = ""): string[] {
  return readdirSync(join(folder, under))
    .sort()
    .flatMap((name) => {
      if (made.includes(name) || name.endsWith(".tsbuildinfo") || name === ".DS_Store") return [];
      const path = under ? `${under}/${name}` : name;
      return statSync(join(folder, path)).isDirectory() ? pathsBelow(folder, path) : [path];
    });
}

const text = (path: string, words: string): BundleFile => ({ path, content: Buffer.from(words) });

/** The same packages, so that the lock file holds; of the scripts those that work here. */
function packageFile(root: string): string {
  const { scripts, ...rest } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const kept = Object.fromEntries(["start", "setup", "build"].map((name) => [name, scripts[name]]));
  return `${JSON.stringify({ ...rest, scripts: kept }, null, 2)}\n`;
}

const studentsPage = (root: string): string => readFileSync(join(root, "docs", "for-students.md"), "utf8");
const withoutTeachers = (root: string): string =>
  `${readFileSync(join(root, "assignments.md"), "utf8")
    .split(/^## For teachers$/m)[0]
    .trimEnd()}\n`;

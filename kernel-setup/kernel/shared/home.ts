// Where the kernel lies: in a project, whose packages notebooks elsewhere may use, or as a package of its own.
import { readFileSync } from "fs";
import * as path from "path";

export interface Home {
  /** The project or the package. What is meant by "the kernel's packages" is seen from here. */
  readonly root: string;
  readonly version: string;
  /** The kernel's own code begins so, which no stack shows. */
  readonly machinery: string;
  /** And this begins what else of its project nobody who writes a notebook wants to step through. */
  readonly libraries: readonly string[];
  /** Types of what cells may call without importing it. */
  readonly cellGlobals: string;
  /** A folder for code that V8 has compiled. */
  readonly compiledCode: string;
  /** Pages for a front end's Help menu. */
  readonly links: Readonly<Record<string, string>>;
  /**
   * The packages that a notebook gets which has none of that name, and their folders. Undefined: all in the
   * `node_modules` of `root`, as a course wants it for its students.
   */
  readonly lent?: ReadonlyMap<string, string>;
}

interface Manifest {
  name?: string;
  version?: string;
  notebookLinks?: Record<string, string>;
}

const PACKAGE = "vitrine-kernel";
/** tslab's `display`, and the types of Node's own modules. What else the kernel is made of is nobody's business. */
const LENT = ["tslab", "@types/node", "undici-types"];

const machinery = path.resolve(__dirname, "..") + path.sep;
const LINKS = { TypeScript: "https://www.typescriptlang.org/docs/", "Node.js": "https://nodejs.org/docs/latest/api/" };

export const home: Home =
  packageAt(path.resolve(__dirname, "../..")) ?? projectAt(path.resolve(__dirname, "../../../.."));

/** `dist/shared` of the package. */
function packageAt(root: string): Home | undefined {
  const { name, version = "" } = manifestIn(root);
  if (name !== PACKAGE) return undefined;
  const lent = new Map<string, string>();
  for (const each of LENT) {
    const folder = folderOf(each, root);
    if (folder) lent.set(each, folder);
  }
  const cellGlobals = slashes(path.join(root, "dist/cell-globals.d.ts"));
  const compiledCode = path.join(root, "dist/compiled-code");
  return { root, version, machinery, libraries: [root + path.sep], cellGlobals, compiledCode, links: LINKS, lent };
}

/** `kernel-setup/dist/kernel/shared` of the project; of a grading sandbox as well, which has no package.json. */
function projectAt(root: string): Home {
  const { version = "", notebookLinks } = manifestIn(root);
  const cellGlobals = slashes(path.join(root, "kernel-setup/kernel/cell-globals.d.ts"));
  const libraries = ["kernel-setup", "lib"].map((each) => path.join(root, each) + path.sep);
  const compiledCode = path.join(root, "kernel-setup/dist/code-cache");
  return { root, version, machinery, libraries, cellGlobals, compiledCode, links: { ...LINKS, ...notebookLinks } };
}

/** npm may have put it beside the kernel's package instead of into it. */
function folderOf(name: string, from: string): string | undefined {
  try {
    return path.dirname(require.resolve(`${name}/package.json`, { paths: [from] }));
  } catch {
    return undefined;
  }
}

function manifestIn(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return {};
  }
}

function slashes(file: string): string {
  return file.replace(/\\/g, "/");
}

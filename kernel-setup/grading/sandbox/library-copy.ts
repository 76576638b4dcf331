import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { absentWords } from "vitrine-course/dist/marking";
import { roleOf, type Role } from "vitrine-course/dist/roles";
import { libraryExports, type LibraryExport } from "./library-exports";

/** The library's studios, and what they share: by what lies in them a task's answer could be called, or read. */
const STUDIOS =
  /^(attribution|attack|visualize|metrics|training|cli|plot)\/|^core\/sliding-window|^model\/target-logit/;
/** Of their files these alone may come along with the tools; they answer nothing. */
const HARMLESS = new Set(["attack/criterion.js", "metrics/box.js"]);

/** Stand in the words until they are said. */
const NAME = "<name>",
  TASK = "<task>";

export interface LibraryPlan {
  /** Exports that the sheet teaches, and the task that does. */
  readonly taught: ReadonlyMap<string, string>;
  /** Methods that students may call all the same. */
  readonly uses: ReadonlySet<string>;
}

/**
 * Writes the `vitrine` of the sandbox: only the modules that its tools need; methods throw, drawings do nothing. All
 * type declarations are there, so that what a notebook imports compiles.
 * @param lib the compiled library, `lib/`
 * @param into becomes `lib/` of the sandbox
 */
export function copyLibrary(lib: string, into: string, plan: LibraryPlan): void {
  const dist = join(lib, "dist");
  const all = libraryExports(dist);
  const given = all.filter((each) => isGiven(each, plan));
  const modules = new Set<string>();
  for (const { file } of given) if (file.endsWith(".js")) withNeeds(dist, file, modules);
  const leaks = [...modules].filter((file) => STUDIOS.test(file) && !HARMLESS.has(file));
  const allowed = new Set(
    plan.uses.size > 0
      ? needsOf(
          dist,
          all.filter(({ name }) => plan.uses.has(name)).map(({ file }) => file),
        )
      : [],
  );
  const leak = leaks.find((file) => !allowed.has(file));
  if (leak) throw new Error(`the sandbox's vitrine would have ${leak}: some module that is allowed needs it`);
  const own = all.find(({ name, file }) => plan.taught.has(name) && modules.has(file));
  if (own)
    throw new Error(
      `${own.name} is taught by ${plan.taught.get(own.name)}, but something in \`uses\` needs ${own.file}`,
    );

  for (const file of modules) copy(dist, join(into, "dist"), file);
  cpSync(dist, join(into, "dist"), { recursive: true, filter: onlyTypes(dist) });
  writeFileSync(join(into, "dist", "index.js"), indexOf(all, plan));
  cpSync(join(lib, "package.json"), join(into, "package.json"));
  if (![...plan.uses].some((name) => RULED.has(name)))
    writeFileSync(join(into, "dist", "backend", "relu-rule.js"), STANDARD_RULE);
}

/** Methods that are the gradient by another rule for rectifiers. */
const RULED = new Set(["guidedBackprop", "deconvolution", "guidedGradCam"]);
/**
 * The library's gradients take their rule from this module: with another one they would be the answer to a task about
 * it. No other file has the rules, so that nothing comes back when a student puts another function in its place.
 */
const STANDARD_RULE = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.reluRule = () => "standard";
exports.setReluRule = (rule) => {
  if (rule !== "standard") throw new Error("When a task is marked gradients have the standard rule alone.");
};
exports.rectifiersMet = () => ({ ruled: 0, leaky: 0 });
exports.meetRectifier = () => {};
exports.throughRectifier = (dy, masked) => masked(dy);
`;

/**
 * Writes the `vitrine-course` of the sandbox: its checks do nothing there, since they are not what gives points; what
 * they compare with is not there at all.
 * @param course the compiled package, `kernel-setup/course/`
 */
export function copyChecks(course: string, into: string): void {
  const dist = join(course, "dist"),
    names = libraryExports(dist).map(({ name }) => JSON.stringify(name));
  cpSync(dist, join(into, "dist"), { recursive: true, filter: onlyTypes(dist) });
  writeFileSync(
    join(into, "dist", "index.js"),
    `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
function inert() { return { data: [], layout: {} }; }
for (const name of [${names.join(", ")}]) exports[name] = inert;
`,
  );
  cpSync(join(course, "package.json"), join(into, "package.json"));
}

const onlyTypes =
  (dist: string) =>
  (path: string): boolean =>
    path === dist || !/\.(js|js\.map|d\.ts\.map|tsbuildinfo)$/.test(path);

/** @throws Error for an export that nobody has given a role: it might be what a task asks for */
function declaredRole(name: string): Role {
  const role = roleOf(name);
  if (role === undefined) throw new Error(`vitrine exports ${name}, which has no role in kernel-setup/course/roles.ts`);
  return role;
}

const isGiven = ({ name }: LibraryExport, { taught, uses }: LibraryPlan): boolean =>
  !taught.has(name) && (uses.has(name) || declaredRole(name) === "tool");

function indexOf(all: readonly LibraryExport[], plan: LibraryPlan): string {
  const lines = all.map((each) => {
    const { name, file, original } = each,
      at = JSON.stringify(file.endsWith(".js") ? `./${file}` : file),
      member = original === undefined ? "" : `[${JSON.stringify(original)}]`;
    if (isGiven(each, plan)) return `lazy(${JSON.stringify(name)}, () => require(${at})${member});`;
    if (declaredRole(name) === "drawing" && !plan.taught.has(name))
      return `lazy(${JSON.stringify(name)}, () => inert);`;
    return `lazy(${JSON.stringify(name)}, () => absent(${JSON.stringify(name)}));`;
  });
  return `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const lazy = (name, get) => Object.defineProperty(exports, name, { enumerable: true, get });
function inert() { return { data: [], layout: {} }; }
const absent = (name) => {
  const refuse = () => {
    const task = globalThis[Symbol.for("vitrine.marked")] ?? "a task";
    const words = ${JSON.stringify(absentWords(NAME, TASK))};
    throw new Error(words.replace(${JSON.stringify(NAME)}, name).replace(${JSON.stringify(TASK)}, task));
  };
  const traps = { apply: refuse, construct: refuse, get: refuse, set: refuse, has: refuse, ownKeys: refuse };
  return new Proxy(function () {}, traps);
};
require("./backend/index.js");
${lines.join("\n")}
`;
}

function needsOf(dist: string, files: readonly string[]): string[] {
  const modules = new Set<string>();
  for (const file of files) withNeeds(dist, file, modules);
  return [...modules];
}

function withNeeds(dist: string, file: string, seen: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  for (const [, name] of readFileSync(join(dist, file), "utf8").matchAll(/require\("(\.[^"]+)"\)/g)) {
    const base = resolve(dist, dirname(file), name);
    const found = [base, `${base}.js`, join(base, "index.js")].find((each) => each.endsWith(".js") && existsSync(each));
    if (!found) throw new Error(`${file} of vitrine needs ${name}, which is not there`);
    withNeeds(dist, relative(dist, found), seen);
  }
}

function copy(from: string, to: string, file: string): void {
  mkdirSync(dirname(join(to, file)), { recursive: true });
  cpSync(join(from, file), join(to, file));
}

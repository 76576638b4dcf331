import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readNotebook, textOf, type Cell, type Notebook, type Output } from "../../kernel-setup/course/sheet/notebook";

export const root = join(__dirname, "..", "..");
export const notebooks = join(root, "notebooks");
/** Ignored by git. */
export const output = join(root, "test", "output", "notebooks");

export type { Cell, Notebook, Output };

export { readNotebook, textOf as joined };

/** The sheets' names; each is a folder with a notebook of the same name. */
export const sheets = (): string[] =>
  readdirSync(join(notebooks, "source"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
export const notebookPath = (kind: "source" | "release", sheet: string): string =>
  join(notebooks, kind, sheet, `${sheet}.ipynb`);

const bin = join(root, ".venv", process.platform === "win32" ? "Scripts" : "bin");
export const python = join(bin, process.platform === "win32" ? "python.exe" : "python");

/** What the tests below need that set-up makes, or nothing. */
export function missing(): string | undefined {
  if (!existsSync(python)) return "[needs .venv: npm run setup]";
  if (!existsSync(join(root, ".venv", "share", "jupyter", "kernels", "vitrine", "kernel.json")))
    return "[needs the kernel: npm run setup]";
  if (!existsSync(join(root, "kernel-setup", "dist")) || !existsSync(join(root, "lib", "dist")))
    return "[needs the compiled library and kernel: npm run setup]";
  return undefined;
}

/** Runs a notebook headless in the real kernel. @returns it with its outputs */
export function execute(
  path: string,
  name: string,
  { allowErrors = false, env = {} }: { allowErrors?: boolean; env?: NodeJS.ProcessEnv } = {},
): Notebook {
  return runNotebook(path, name, allowErrors ? ["--allow-errors"] : [], env);
}

/** The same, as far as the first cell that fails. */
export const executeUntilError = (path: string, name: string): Notebook => runNotebook(path, name, ["--until-error"]);

function runNotebook(path: string, name: string, flags: string[], env: NodeJS.ProcessEnv = {}): Notebook {
  mkdirSync(output, { recursive: true });
  const target = join(output, `${name}.ipynb`);
  const args = [join(__dirname, "run_notebook.py"), path, target, ...flags];
  execFileSync(python, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 900_000,
  });
  return readNotebook(target);
}

export const cellOf = (notebook: Notebook, id: string): Cell => {
  const cell = notebook.cells.find((each) => each.id === id);
  if (!cell) throw new Error(`There is no cell ${id}.`);
  return cell;
};

/** What a cell printed, without colours. */
export const printed = (notebook: Notebook, id: string): string =>
  (cellOf(notebook, id).outputs ?? [])
    .filter(({ output_type, name }) => output_type === "stream" && name === "stdout")
    .map(({ text }) => textOf(text))
    .join("")
    .replace(/\u001b\[[0-9;]*m/g, "");

export const errorsOf = (notebook: Notebook): (Output & { cell: string })[] =>
  notebook.cells.flatMap((cell) =>
    (cell.outputs ?? [])
      .filter(({ output_type }) => output_type === "error")
      .map((error) => ({ ...error, cell: cell.id })),
  );

import { join } from "node:path";
import { projectRoot, runScript } from "vitrine/dist/kit";
import type { Sheet } from "./course";

export interface SheetRun {
  /** Whether every cell ran without an error. */
  readonly ok: boolean;
  /** The executed notebook, and the page made of it. */
  readonly notebook: string;
  readonly page: string;
  /** What the run printed: where it failed, if it did. */
  readonly said: string;
}

/**
 * Runs a sheet headless in the real kernel, up to the first cell that fails.
 * @param into folder that gets NAME.ipynb and NAME.html
 * @param quiet whether what it prints is kept back
 */
export async function runSheet({ name, notebook }: Sheet, into: string, { quiet = false } = {}): Promise<SheetRun> {
  const script = join(projectRoot(), "kernel-setup", "setup", "execute", "execute.mjs");
  const { status, said } = await runScript(script, [into, notebook], { shown: !quiet });
  return {
    ok: status === 0,
    notebook: join(into, `${name}.ipynb`),
    page: join(into, `${name}.html`),
    said: said.trim(),
  };
}

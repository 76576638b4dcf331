import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./course";

export const examplesFolder = join(root, "examples");
export const exampleNames = (): string[] =>
  readdirSync(examplesFolder)
    .filter((name) => name.endsWith(".ipynb"))
    .map((name) => name.replace(/\.ipynb$/, ""))
    .sort();
export const examplePath = (name: string): string => join(examplesFolder, `${name}.ipynb`);

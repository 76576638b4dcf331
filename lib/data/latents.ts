import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { writeAtomically } from "../core/files";

/** Where one class's latent numbers lie: `mean` plus the lower triangular `factor` times standard normal numbers. */
export interface ClassLatents {
  /** [latent] */
  readonly mean: readonly number[];
  /** [latent][≤ latent], the Cholesky factor of the covariance. */
  readonly factor: readonly (readonly number[])[];
}

const fileIn = (folder: string): string => path.join(folder, "latents.json");

export async function writeLatents(folder: string, latents: readonly ClassLatents[]): Promise<void> {
  const rounded = JSON.stringify(latents, (_, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value,
  );
  await writeAtomically(fileIn(folder), `${rounded}\n`);
}

export async function readLatents(folder: string): Promise<ClassLatents[]> {
  return JSON.parse(await readFile(fileIn(folder), "utf8")) as ClassLatents[];
}

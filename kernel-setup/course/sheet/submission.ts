import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { strToU8, zipSync } from "fflate";
import { projectRoot } from "vitrine/dist/kit";
import { join } from "node:path";
import { isTask } from "./notebook";
import type { StudentSheet } from "./student-sheet";
import { writtenIn } from "./written";

/** What `submit` calls the archive of a sheet. */
export const archiveName = (sheet: string): string => `${sheet}-submission.zip`;

/** What an archive claims to be: the hash shows damage and later changes, not who wrote what. */
export interface SubmissionManifest {
  readonly format: "vitrine-submission";
  readonly version: 1;
  readonly sheet: string;
  /** ISO time. */
  readonly created: string;
  readonly notebook: { readonly path: string; readonly bytes: number; readonly sha256: string };
  readonly versions: Readonly<Record<"vitrine" | "node" | "tfjs" | "typescript" | "platform", string>>;
}

/** A zip with SHEET.ipynb, byte for byte as it was saved, and manifest.json. */
export function packSubmission({ file, name }: StudentSheet): { archive: Uint8Array; manifest: SubmissionManifest } {
  const bytes = readFileSync(file);
  const manifest: SubmissionManifest = {
    format: "vitrine-submission",
    version: 1,
    sheet: name,
    created: new Date().toISOString(),
    notebook: { path: `${name}.ipynb`, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
    versions: {
      vitrine: versionOf(join(projectRoot(), "package.json")),
      node: process.version,
      tfjs: versionOf(require.resolve("@tensorflow/tfjs/package.json")),
      typescript: versionOf(require.resolve("typescript/package.json")),
      platform: `${process.platform} ${process.arch}`,
    },
  };
  return {
    archive: zipSync({
      [manifest.notebook.path]: new Uint8Array(bytes),
      "manifest.json": strToU8(`${JSON.stringify(manifest, null, 2)}\n`),
    }),
    manifest,
  };
}

const versionOf = (file: string): string => (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;

/** What a student may have forgotten, in words; nothing of it stands in the way of handing in. */
export function remindersOf({ notebook, released }: StudentSheet): string[] {
  const said: string[] = [];
  for (const { cell, written } of writtenIn(released.notebook, notebook)) {
    const what = cell.metadata.nbgrader!.grade_id;
    if (written === "missing")
      said.push(`The cell ${what} is missing: nothing can be marked there. A fresh copy of the sheet has it.`);
    else if (written === "untouched" && cell.metadata.nbgrader?.points !== 0)
      said.push(`The cell ${what} is as it was handed out: no ${isTask(cell) ? "code" : "answer"} yet.`);
  }
  const code = notebook.cells.filter(({ cell_type, source }) => cell_type === "code" && source.length > 0);
  if (code.length > 0 && code.every(({ outputs = [] }) => outputs.length === 0))
    said.push("No cell has an output. Your teacher sees your plots only if they were run and saved.");
  return said;
}

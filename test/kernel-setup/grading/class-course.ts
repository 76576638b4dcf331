import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync, type Zippable } from "fflate";
import { courseAt, type Course } from "../../../kernel-setup/grading/class/course";
import { notebookPath, readNotebook, type Notebook } from "../../notebooks/course";

export const sheet = "04-fashion-mnist-occlusion";

/** A course in a temporary folder, with one real sheet's source. */
export function temporaryCourse(): { course: Course; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), "vitrine-class-"));
  mkdirSync(join(root, "source", sheet), { recursive: true });
  writeFileSync(
    join(root, "source", sheet, `${sheet}.ipynb`),
    JSON.stringify(readNotebook(notebookPath("source", sheet))),
  );
  return { course: courseAt(root), remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** The released sheet with other text in some of its cells. */
export function handedIn(cells: Readonly<Record<string, string>> = {}): Notebook {
  const notebook = readNotebook(notebookPath("release", sheet));
  for (const cell of notebook.cells) if (cells[cell.id] !== undefined) cell.source = cells[cell.id];
  return notebook;
}

export function submit(course: Course, student: string, notebook: unknown = handedIn()): string {
  const folder = course.submitted(student, sheet);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${sheet}.ipynb`);
  writeFileSync(path, typeof notebook === "string" ? notebook : JSON.stringify(notebook));
  return path;
}

export type ZipContent = Record<
  string,
  string | Uint8Array | { content: string | Uint8Array; unix?: number; mtime?: Date }
>;

/** A zip file with any names, also those that no honest tool writes. */
export function zip(entries: ZipContent): Buffer {
  const bytes = (content: string | Uint8Array): Uint8Array =>
    typeof content === "string" ? strToU8(content) : content;
  const files: Zippable = Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => {
      if (typeof entry === "string" || entry instanceof Uint8Array) return [name, bytes(entry)];
      return [
        name,
        [
          bytes(entry.content),
          {
            ...(entry.unix !== undefined && { os: 3, attrs: entry.unix << 16 }),
            ...(entry.mtime && { mtime: entry.mtime }),
          },
        ],
      ];
    }),
  );
  return Buffer.from(zipSync(files));
}

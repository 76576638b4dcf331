import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import sumBy from "lodash/sumBy";
import { zipSync } from "fflate";
import { badInput, replaceWhole, VitrineError, writeAtomically } from "vitrine/dist/kit";
import { projectFiles, sheetFiles, type BundleFile } from "./bundle-files";
import { sheetAt, type Course, type Sheet } from "./course";
import { leakWords, releaseSheet, leaksIn, secretsOf, type Leak } from "./release";

export interface Bundle {
  readonly files: number;
  readonly bytes: number;
  /** How many lines of solutions, rubrics and hidden tests were looked for in every file. */
  readonly secrets: number;
}

/**
 * What students get: the released sheets, the library, set-up and the packages' versions; no source, solution, hidden
 * test or mutant, nor the code that grades. Written whole or not at all, and only if no secret line of any sheet is in
 * it.
 * @param out a .zip file, or a folder that is not there yet
 * @throws BadInputError, VitrineError that names what leaks
 */
export async function writeBundle(sheets: readonly Sheet[], out: string): Promise<Bundle> {
  const target = resolve(out),
    zipped = target.endsWith(".zip");
  if (!zipped && existsSync(target) && readdirSync(target).length > 0)
    badInput({ what: "--bundle", got: out, allowed: "a .zip file, or a folder that is empty or not there yet" });
  const release = mkdtempSync(join(tmpdir(), "vitrine-bundle-"));
  try {
    for (const sheet of sheets) await releaseSheet(sheet, release);
    const files = [
      ...projectFiles(),
      ...sheetFiles(
        release,
        sheets.map(({ name }) => name),
      ),
    ];
    const { leaks, secrets } = searched(files, sheets[0].course);
    if (leaks.length > 0) throw new VitrineError(`The bundle is not written: ${leakWords(leaks)}`);
    if (zipped) await writeAtomically(target, archive(files, basename(target, ".zip")));
    else await writeFolder(files, target);
    return { files: files.length, bytes: sumBy(files, ({ content }) => content.length), secrets };
  } finally {
    rmSync(release, { recursive: true, force: true });
  }
}

const forbidden = /^notebooks\/(?!release\/)|^kernel-setup\/grading\/|\/judge\//;
/** Library and checks are public, and share short lines such as loops with any code. */
const telling = 40;
const isPublic = (path: string): boolean => /^(lib|kernel-setup\/course)\//.test(path);

/** Secret lines of every sheet of the course, released or not, in every file. */
export function searched(files: readonly BundleFile[], course: Course): { leaks: Leak[]; secrets: number } {
  const secrets = course.sheets.flatMap((name) => secretsOf(sheetAt(course, name)));
  const long = secrets.filter(({ line }) => line.length >= telling);
  const leaks = files.flatMap(({ path, content }): Leak[] => {
    if (forbidden.test(path)) return [{ file: path, line: "the whole file", from: "what stays with the teacher" }];
    return /\.(bin|png)$/.test(path)
      ? []
      : leaksIn(path, Buffer.from(content).toString("utf8"), isPublic(path) ? long : secrets);
  });
  return { leaks, secrets: secrets.length };
}

/** One folder at the top, so that unpacking makes no mess. */
function archive(files: readonly BundleFile[], top: string): Uint8Array {
  return zipSync(Object.fromEntries(files.map(({ path, content }) => [`${top}/${path}`, new Uint8Array(content)])));
}

const writeFolder = (files: readonly BundleFile[], target: string): Promise<void> =>
  replaceWhole(target, async (partial) => {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(partial, path)), { recursive: true });
      writeFileSync(join(partial, path), content);
    }
    rmSync(target, { recursive: true, force: true });
  });

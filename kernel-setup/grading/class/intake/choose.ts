import { basename } from "node:path";
import orderBy from "lodash/orderBy";
import { Budget, IntakeError, limits, type IncomingFile } from "./incoming";
import { hashOfFile } from "../fingerprint";
import { type Origin, shown } from "./names";
import { firstLines } from "../words";
import { openZip } from "./zip-files";

export interface OwnFile extends Origin {
  incoming: IncomingFile;
}

export interface Chosen {
  notebook: Buffer;
  /** The file it came from. */
  from: OwnFile;
  /** Anything the assistant should know: other files, files that could not be read. */
  notes: string[];
}

/**
 * The notebook that one student handed in: a file named like the sheet (also with `-1` or ` (1)` behind, or as
 * `.ipynb.txt` and `.ipynb.json`, as platforms and browsers do), or an archive that has it; else one whose name has the
 * sheet's in it, also with other capitals and signs between its words; else another notebook. Of several the newest.
 * @throws IntakeError that says why there is none
 */
export async function chooseNotebook(files: readonly OwnFile[], sheet: string): Promise<Chosen> {
  // More are not even listed, and the newest may be among those.
  if (files.length > limits.studentFiles) {
    throw new IntakeError(
      `There are more than ${limits.studentFiles} files of one student: hand in the notebook alone.`,
    );
  }
  const ranked = orderBy(
    files
      .map((file) => ({ file, rank: isCheckpoint(file) ? 0 : rankOf(file.file, sheet) }))
      .filter(({ rank }) => rank > 0),
    [({ rank }) => rank, ({ file }) => file.order, ({ file }) => file.incoming.modified?.getTime() ?? 0],
    ["desc", "desc", "desc"],
  );
  if (ranked.length === 0) {
    const typed = files.every(isTyped) ? "Only a text was typed in, and no notebook handed in." : undefined;
    throw new IntakeError(typed ?? `There is no notebook among ${counted(files.length, "file")} (${namesOf(files)}).`);
  }
  const notes = ranked.length > 1 ? [`${ranked.length} candidates, tried from the newest`] : [];
  const failures: string[] = [];
  const budget = new Budget(limits.student);
  for (const { file } of ranked) {
    try {
      const { notebook, note } = await notebookIn(file, sheet, budget);
      return { notebook, from: file, notes: [...notes, ...firstLines(failures, MOST_TOLD), ...(note ? [note] : [])] };
    } catch (error) {
      if (!(error instanceof IntakeError)) throw error;
      failures.push(`${shown(file.file)}: ${error.message}`);
    }
  }
  throw new IntakeError(failures[0]);
}

/** What the platform makes of a text, or of an address. */
const isTyped = ({ platform, file }: OwnFile): boolean =>
  (platform === "moodle" ? /^onlinetext\.html?$/i : /^(?:text|link)\.html$/i).test(file);

/** What Jupyter kept by itself is not what was handed in. */
const isCheckpoint = ({ incoming }: OwnFile): boolean => /(^|\/)\.ipynb_checkpoints\//.test(incoming.path);

/** Some browsers put the kind that they take it for behind a notebook's name. */
const notebookName = /\.ipynb(?:\.(?:txt|json))?$/iu;
const numbered = /(?:-\d+| ?\(\d+\))$/u;

/**
 * 4: what was asked for; 3: a notebook whose name has the sheet's in it; 2: the same but for capitals, and for what
 * stands between its words; 1: another notebook; 0: something else.
 */
function rankOf(file: string, sheet: string): number {
  const name = basename(file);
  if (/\.zip$/iu.test(name) && !name.startsWith(".")) return 4;
  if (!isNotebook(name)) return 0;
  return isNamedLike(name, sheet) ? 4 : hasName(name, sheet) ? 3 : hasName(wordsOf(name), wordsOf(sheet)) ? 2 : 1;
}

/** `04_Fashion MNIST` is `04-fashion-mnist`: people and browsers write names as they like. */
const wordsOf = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/(?:%20|[^\p{L}\p{M}\p{N}])+/gu, "-");

export const isNotebook = (name: string): boolean => notebookName.test(name) && !name.startsWith(".");

/** As it stands first: a sheet's own name may end with a number. Browser and platform may both put one behind it. */
export function isNamedLike(name: string, sheet: string): boolean {
  if (!isNotebook(name)) return false;
  for (let stem = name.replace(notebookName, ""), before = ""; stem !== before; stem = stem.replace(numbered, "")) {
    if (stem === sheet) return true;
    before = stem;
  }
  return false;
}

/** As a word of its own: `exercise-12` has no `exercise-1` in it, `lee_exercise-1_final` has. */
function hasName(name: string, sheet: string): boolean {
  for (let at = name.indexOf(sheet); at >= 0; at = name.indexOf(sheet, at + 1))
    if (!/[\p{L}\p{N}]$/u.test(name.slice(0, at)) && !/^[\p{L}\p{N}]/u.test(name.slice(at + sheet.length))) return true;
  return false;
}

/** The first of them, for an assistant who has to look for the notebook elsewhere. */
const namesOf = (files: readonly OwnFile[]): string =>
  firstLines(
    files.map(({ file }) => shown(file)),
    3,
  ).join(", ");

async function notebookIn(file: OwnFile, sheet: string, budget: Budget): Promise<{ notebook: Buffer; note?: string }> {
  if (file.incoming.refused) throw new IntakeError(`It is not taken: ${file.incoming.refused}.`);
  if (!/\.zip$/iu.test(file.file)) return { notebook: await file.incoming.read(limits.notebook, budget) };
  const archive = await openZip(await file.incoming.read(limits.archive, budget), limits.archiveFiles);
  try {
    const inside = notebooksIn(archive.files, sheet);
    if (inside.length !== 1)
      throw new IntakeError(`The archive has ${inside.length || "no"} notebooks${whichOf(inside)}.`);
    if (inside[0].refused) throw new IntakeError(`The notebook in the archive is not taken: ${inside[0].refused}.`);
    const notebook = await inside[0].read(limits.notebook, budget),
      manifest = archive.files.find(({ path }) => path === "manifest.json");
    // A claim of the student's, no proof: it only tells of a file that was damaged or changed since.
    // One that cannot be read takes nothing from the notebook.
    const told =
      manifest && !manifest.refused ? await manifest.read(100_000, budget).catch(() => undefined) : undefined;
    const claimed = /"sha256"\s*:\s*"([0-9a-f]{64})"/.exec(told?.toString("latin1") ?? "")?.[1];
    return {
      notebook,
      ...(claimed &&
        claimed !== hashOfFile(notebook) && { note: "the notebook is not the one that its manifest tells of" }),
    };
  } finally {
    await archive.close();
  }
}

/** Named exactly like the sheet, or nearly so, or, where there are none, all others. */
function notebooksIn(files: readonly IncomingFile[], sheet: string): IncomingFile[] {
  const own = files.filter(({ path }) => !/(^|\/)(\.|__MACOSX\/)/.test(path) && notebookName.test(path)),
    exact = own.filter(({ path }) => basename(path) === `${sheet}.ipynb`),
    ranked = (rank: number): IncomingFile[] => own.filter(({ path }) => rankOf(path, sheet) === rank);
  return [exact, ranked(4), ranked(3), ranked(2)].find(({ length }) => length > 0) ?? own;
}

const whichOf = (files: readonly IncomingFile[]): string =>
  files.length === 0
    ? ""
    : `: ${firstLines(
        files.map(({ path }) => shown(path)),
        3,
      ).join(", ")}`;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
/** Hundreds of files that cannot be read are not hundreds of lines for the assistant. */
const MOST_TOLD = 5;

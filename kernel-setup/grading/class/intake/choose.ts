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
 * The notebook that one student handed in: a file named like the sheet (also with `-1` or ` (1)` behind, as platforms
 * and browsers do), or an archive of `vitrine submit` that has it; else the only other notebook. Of several the newest.
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
    throw new IntakeError(typed ?? `There is no notebook among ${counted(files.length, "file")}.`);
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

/** 2: what was asked for; 1: another notebook; 0: something else. */
function rankOf(file: string, sheet: string): number {
  const name = basename(file);
  if (name.startsWith(".")) return 0;
  const stem = name.replace(/\.[^.]*$/u, "").replace(/(?:-\d+| ?\(\d+\))$/u, "");
  if (/\.zip$/iu.test(name)) return 2;
  return /\.ipynb$/iu.test(name) ? (stem === sheet ? 2 : 1) : 0;
}

async function notebookIn(file: OwnFile, sheet: string, budget: Budget): Promise<{ notebook: Buffer; note?: string }> {
  if (file.incoming.refused) throw new IntakeError(`It is not taken: ${file.incoming.refused}.`);
  if (!/\.zip$/iu.test(file.file)) return { notebook: await file.incoming.read(limits.notebook, budget) };
  const archive = await openZip(await file.incoming.read(limits.archive, budget), limits.archiveFiles);
  try {
    const inside = archive.files.filter(
      ({ path }) => basename(path) === `${sheet}.ipynb` && !/(^|\/)(\.|__MACOSX\/)/.test(path),
    );
    if (inside.length !== 1)
      throw new IntakeError(`The archive has ${inside.length === 0 ? "no" : inside.length} ${sheet}.ipynb.`);
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

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
/** Hundreds of files that cannot be read are not hundreds of lines for the assistant. */
const MOST_TOLD = 5;

import sharp from "sharp";
import type { Course } from "../course";
import { readPlain } from "../intake/folder-files";
import { readNotebook, tooMuchToRead, notebookText } from "../../notebook/read-notebook";
import { canCount, namesOf } from "../../notebook/select-cells";
import { limits } from "../intake/incoming";
import { join } from "node:path";

/** What a feedback page shows of a student's own notebook. */
export interface NotebookParts {
  /** grade_id → the student's code. */
  code: Map<string, string>;
  /** grade_id of the solution before them → plots, as `data:` addresses of pictures drawn again from their pixels. */
  plots: Map<string, string[]>;
}

/**
 * Of one page; `tried` are those too that cannot be drawn, `pixels` those that are decoded, `shown` the characters of
 * what is shown.
 */
const most = {
  plots: 60,
  tried: 300,
  bytes: 8 << 20,
  pixels: 100_000_000,
  longest: 30_000,
  side: 1600,
  shown: 24 << 20,
  code: 50_000,
};

/** Reads the student's own notebook and nothing else; one that cannot be read has no parts. */
export async function notebookParts(course: Course, student: string, sheet: string): Promise<NotebookParts> {
  const parts: NotebookParts = { code: new Map(), plots: new Map() };
  let section = "",
    plots = 0,
    shown = 0;
  const source = readNotebook(join(course.source(sheet), `${sheet}.ipynb`)).cells,
    nameOf = namesOf(source),
    solutions = new Set(source.filter(({ solution }) => solution).map(({ gradeId }) => gradeId));
  const budget = { tried: most.tried, pixels: most.pixels };
  for (const cell of await cellsOf(join(course.submitted(student, sheet), `${sheet}.ipynb`))) {
    const id = nameOf({ gradeId: wordOf(cell.metadata?.nbgrader?.grade_id), id: wordOf(cell.id) });
    if (id !== undefined) {
      if (solutions.has(id)) section = id;
      const code = textOf(cell.source);
      if (!parts.code.has(id) && canCount(cell.cell_type, code)) parts.code.set(id, code.slice(0, most.code));
    }
    for (const output of Array.isArray(cell.outputs) ? cell.outputs.slice(0, 50) : []) {
      const picture =
        plots < most.plots
          ? await redrawn(textOf(output?.data?.["image/png"] ?? output?.data?.["image/jpeg"]), budget)
          : undefined;
      if (!picture || (shown += picture.length) > most.shown) continue;
      plots++;
      parts.plots.set(section, [...(parts.plots.get(section) ?? []), picture]);
    }
  }
  return parts;
}

const wordOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

interface LooseCell {
  id?: unknown;
  cell_type?: unknown;
  source?: unknown;
  metadata?: { nbgrader?: { grade_id?: unknown } };
  outputs?: { data?: Record<string, unknown> }[];
}

async function cellsOf(path: string): Promise<LooseCell[]> {
  try {
    const text = notebookText(await readPlain(path, limits.notebook));
    const { cells } = (tooMuchToRead(text) ? {} : JSON.parse(text)) as { cells?: unknown };
    return Array.isArray(cells)
      ? cells.filter((cell): cell is LooseCell => typeof cell === "object" && cell !== null)
      : [];
  } catch {
    return [];
  }
}

const textOf = (value: unknown): string =>
  typeof value === "string"
    ? value
    : Array.isArray(value)
      ? value.filter((line) => typeof line === "string").join("")
      : "";

/**
 * Only what is a PNG or JPEG of a size that can be shown; what was hidden in the file beside the pixels is left behind.
 */
async function redrawn(base64: string, budget: { tried: number; pixels: number }): Promise<string | undefined> {
  if (base64.length < 50 || base64.length > most.bytes * 1.4) return undefined;
  const bytes = Buffer.from(base64, "base64"),
    starts = bytes.subarray(0, 8).toString("latin1");
  const kind = starts === "\x89PNG\r\n\x1a\n" ? "png" : starts.startsWith("\xff\xd8\xff") ? "jpeg" : undefined;
  // One that is damaged takes its time as well, and a notebook may have a hundred thousand.
  if (!kind || --budget.tried < 0) return undefined;
  if (kind === "jpeg" && scansOf(bytes) > mostScans) return undefined;
  const pixels = kind === "png" ? withoutTexts(bytes) : bytes;
  try {
    const { width = 0, height = 0 } = await sharp(pixels).metadata();
    // One of millions of rows takes half a minute to make small.
    if (Math.max(width, height) > most.longest || (budget.pixels -= width * height) < 0) return undefined;
    const picture = sharp(pixels, { failOn: "error" })
      .rotate()
      .resize({ width: most.side, height: most.side, fit: "inside", withoutEnlargement: true });
    const drawn = await (
      kind === "png" ? picture.png({ compressionLevel: 9, palette: false }) : picture.jpeg({ quality: 85 })
    ).toBuffer();
    return `data:image/${kind};base64,${drawn.toString("base64")}`;
  } catch {
    return undefined;
  }
}

/** As formgrader has it (pictures.py): each passes over the whole picture. */
const mostScans = 100;

function scansOf(jpeg: Buffer): number {
  let count = 0;
  for (
    let at = jpeg.indexOf("\xff\xda", 0, "latin1");
    at >= 0 && count <= mostScans;
    at = jpeg.indexOf("\xff\xda", at + 2, "latin1")
  )
    count++;
  return count;
}

/** A PNG without its compressed texts, which may be a thousand times as long as they look. */
function withoutTexts(png: Buffer): Buffer {
  const kept = [png.subarray(0, 8)];
  for (let at = 8, end: number; at + 12 <= png.length; at = end) {
    end = at + 12 + png.readUInt32BE(at);
    if (end > png.length) break;
    if (!/^(?:zTXt|iTXt|tEXt)$/.test(png.toString("latin1", at + 4, at + 8))) kept.push(png.subarray(at, end));
  }
  return Buffer.concat(kept);
}

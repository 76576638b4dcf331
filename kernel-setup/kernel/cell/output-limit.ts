import type { RunningCell } from "./running-cell";

const DEFAULT_MB = 10;
const MEGABYTE = 1e6;
/** Pictures and tables are larger than what is worth printing, and the browser draws them one at a time. */
const SHOWN_FACTOR = 10;

/**
 * How much one cell may put into the notebook. A loop that prints without end would otherwise freeze the browser and
 * swell the file.
 */
export class OutputLimit {
  /** Characters of printed text per cell; ten times as many for what is displayed. Infinity lifts the limit. */
  characters = fromEnvironment(process.env.VITRINE_OUTPUT_LIMIT_MB);

  /** How much of `text` may still be printed; `notice` is to follow it if that is not all. */
  print(cell: RunningCell, text: string): { text: string; notice?: string } {
    const { printed } = cell;
    if (printed.stopped) return { text: "" };
    const room = this.characters - printed.text;
    printed.text += text.length;
    if (text.length <= room) return { text };
    printed.stopped = true;
    return { text: text.slice(0, Math.max(0, room)), notice: this.notice(this.characters) };
  }

  /**
   * May something of this many characters still be displayed? If it is the first that may not, with the notice to
   * print.
   */
  show(cell: RunningCell, characters: number): { allowed: boolean; notice?: string } {
    const { printed } = cell;
    if (printed.shown === Infinity) return { allowed: false };
    printed.shown += characters;
    if (printed.shown <= this.characters * SHOWN_FACTOR) return { allowed: true };
    printed.shown = Infinity;
    return { allowed: false, notice: this.notice(this.characters * SHOWN_FACTOR) };
  }

  /** What was shown is gone from the notebook. */
  cleared(cell: RunningCell): void {
    Object.assign(cell.printed, { text: 0, shown: 0, stopped: false });
  }

  private notice(characters: number): string {
    return `\n[This cell's output is cut here, at ${characters / MEGABYTE} MB; the cell goes on. The environment variable VITRINE_OUTPUT_LIMIT_MB sets the limit.]\n`;
  }
}

/** A number of megabytes, 0 for none. */
function fromEnvironment(value: string | undefined): number {
  const megabytes = value === undefined || value.trim() === "" ? DEFAULT_MB : Number(value);
  if (megabytes === 0) return Infinity;
  return (megabytes > 0 ? megabytes : DEFAULT_MB) * MEGABYTE;
}

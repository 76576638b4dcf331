import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import orderBy from "lodash/orderBy";
import sumBy from "lodash/sumBy";
import { isCheck, readNotebook, sourceOf, textOf, type Cell } from "vitrine-course/dist/sheet/notebook";
import { runSheet } from "../run-sheet";
import { proveCaptionsShown } from "./notebook";
import { counted, proof, type Draft, type Proof } from "./proof";

/** Runs the solved sheet once and shows what follows from it: no error, no slow cell, checks passed, captions. */
export async function proveRun({ sheet }: Draft, secondsPerCell: number): Promise<Proof[]> {
  const folder = mkdtempSync(join(tmpdir(), "vitrine-validate-"));
  try {
    const { ok, notebook, said } = await runSheet(sheet, folder, { quiet: true });
    if (!ok)
      return [
        proof(
          "run",
          [
            said
              .split("\n")
              .filter((line) => line.startsWith("Error"))
              .join(" ") ||
              said.slice(-300) ||
              "it could not be run",
          ],
          "",
        ),
      ];
    const run = readNotebook(notebook);
    const code = run.cells.filter((cell) => cell.cell_type === "code" && sourceOf(cell).trim());
    const times = orderBy(
      code.map((cell) => ({ id: cell.id, seconds: secondsOf(cell) })),
      ({ seconds }) => seconds,
      "desc",
    );
    const slow = times
      .filter(({ seconds }) => seconds > secondsPerCell)
      .map(({ id, seconds }) => `${id} takes ${seconds.toFixed(0)} s, more than ${secondsPerCell}`);
    const total = sumBy(times, ({ seconds }) => seconds);
    const checks = code.filter(isCheck);
    const silent = checks
      .filter((cell) => !praises(printed(cell)))
      .map(({ id }) => `${id} says nothing: each thing that is right deserves a line that begins with ✓`);
    return [
      proof(
        "run",
        slow,
        `${code.length} cells in ${total.toFixed(0)} s; the slowest, ${times[0]?.id}, ` +
          `${times[0]?.seconds.toFixed(1)} s of at most ${secondsPerCell}`,
      ),
      proof("checks", silent, `the solution passes ${counted(checks.length, "visible check")}`),
      proveCaptionsShown(run),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a check's output has a line for something right. A line before it may say on what it tried the code. */
export const praises = (output: string): boolean => /^✓/m.test(output) && !/^✗/m.test(output);

/** From the kernel's own messages, as the client stamps them. */
function secondsOf({ metadata: { execution = {} } }: Cell): number {
  const [from, to] = [execution["iopub.execute_input"], execution["shell.execute_reply"]].map((time) =>
    Date.parse(time),
  );
  return Number.isFinite(to - from) ? (to - from) / 1000 : 0;
}

const printed = ({ outputs = [] }: Cell): string =>
  outputs
    .filter(({ name }) => name === "stdout")
    .map(({ text }) => textOf(text))
    .join("")
    .replace(/\u001b\[[0-9;]*m/g, "");

/**
 * Numbers in a sheet's prose against runs of it: `npx tsx test/notebooks/prose/check.ts SHEET [--executed FILE |
 * --ways]`. Without a flag the sheet is executed once, as it runs here; `--ways` does so on each way of computing. Set
 * VITRINE_MIRROR for real data.
 */
import { parseArgs } from "node:util";
import { execute, notebookPath, readNotebook, type Notebook } from "../course";
import { proseFaults, proseOf } from "./numbers";
import { ways } from "./ways";

const {
  values,
  positionals: [sheet],
} = parseArgs({ allowPositionals: true, options: { executed: { type: "string" }, ways: { type: "boolean" } } });
const prose = proseOf(sheet);
if (!prose)
  throw new Error(`test/notebooks/prose/${sheet}.ts does not exist: numbers.ts beside it says how to write it.`);

/** The text may have changed since a sheet was executed; its outputs are what is asked of the run. */
function withTodaysText(run: Notebook): Notebook {
  const { cells } = readNotebook(notebookPath("source", sheet));
  return {
    ...run,
    cells: cells.map((cell) => ({ ...cell, outputs: run.cells.find(({ id }) => id === cell.id)?.outputs ?? [] })),
  };
}

function tell(way: string, run: Notebook): void {
  const faults = proseFaults(withTodaysText(run), prose!);
  console.log(
    [
      `${sheet}, ${way}: ${faults.length === 0 ? "every number has a source" : `${faults.length} faults`}`,
      ...faults,
    ].join("\n    "),
  );
  if (faults.length > 0) process.exitCode = 1;
}

if (values.executed) tell(values.executed, readNotebook(values.executed));
else
  for (const [way, env] of values.ways ? Object.entries(ways) : [["here", {}] as const])
    tell(way, execute(notebookPath("source", sheet), `${sheet}-${way}`, { env }));

import type { Notebook } from "vitrine-course/dist/sheet/notebook";
import { isObject, shown } from "../../judge/task-faults";
import { counted, proof, type Proof } from "./proof";

/** Every cell is made as a cell must be, before anything is asked of it: a notebook is edited by hand, too. */
export function proveForm({ cells, metadata }: Notebook): Proof {
  const faults = (cells as unknown[]).flatMap((cell, i) => faultsOf(cell).map((words) => `cell ${i + 1}: ${words}`));
  if (!isObject(metadata)) faults.push(`its \`metadata\` is ${shown(metadata)}; an object is needed`);
  return proof("form", faults, `${counted(cells.length, "cell")}, each made as a cell is`);
}

function faultsOf(cell: unknown): string[] {
  if (!isObject(cell)) return [`it is ${shown(cell)}, and no cell`];
  const { id, cell_type: kind, source, metadata, outputs } = cell,
    faults: string[] = [];
  if (typeof id !== "string" || !id) faults.push(`its \`id\` is ${shown(id)}; a text is needed`);
  if (!["code", "markdown", "raw"].includes(kind as string)) {
    faults.push(`its \`cell_type\` is ${shown(kind)}; allowed: code, markdown, raw`);
  }
  if (!isText(source)) faults.push(`its \`source\` is ${shown(source)}; a text or a list of texts is needed`);
  if (outputs !== undefined && !Array.isArray(outputs)) {
    faults.push(`its \`outputs\` are ${shown(outputs)}; a list is needed`);
  }
  if (!isObject(metadata)) return [...faults, `its \`metadata\` is ${shown(metadata)}; an object is needed`];
  const { nbgrader } = metadata;
  if (nbgrader === undefined) return faults;
  if (!isObject(nbgrader)) return [...faults, `its \`nbgrader\` is ${shown(nbgrader)}; an object is needed`];
  const { grade_id: name, points } = nbgrader;
  if (typeof name !== "string" || !name) faults.push(`its \`grade_id\` is ${shown(name)}; a text is needed`);
  for (const flag of ["grade", "solution", "locked"]) {
    if (typeof nbgrader[flag] === "boolean") continue;
    faults.push(`its \`${flag}\` is ${shown(nbgrader[flag])}; allowed: true, false`);
  }
  const isAmount = typeof points === "number" && points >= 0 && points <= 1000;
  if (points !== undefined && points !== null && !isAmount) {
    faults.push(`its \`points\` are ${shown(points)}; a number from 0 to 1000 is needed`);
  }
  return faults;
}

const isText = (value: unknown): boolean =>
  typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));

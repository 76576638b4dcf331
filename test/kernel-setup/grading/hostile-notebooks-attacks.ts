import { cellOf, solved, type Cell, type Notebook } from "./hostile-course";

type Change = (notebook: Notebook) => void;

/** The solved sheet, changed in these ways, one after the other. */
export function changed(...changes: readonly Change[]): Notebook {
  const notebook = solved();
  for (const change of changes) change(notebook);
  return notebook;
}

const textOf = ({ source }: Cell): string => (Array.isArray(source) ? source.join("") : String(source));
const stub = 'throw new Error("not implemented");';
const unsolved = (cell: Cell): void => {
  cell.source = `function myGradient(model: VisionModel, images: tf.Tensor4D,
    target: number[]): tf.Tensor4D {\n${stub}\n}`;
};
const nbgrader = (cell: Cell): Record<string, unknown> => cell.metadata.nbgrader as Record<string, unknown>;

/** Each is read to the end without a sandbox. */
export const unreadable: readonly { name: string; content: string | Buffer; reason: RegExp }[] = [
  { name: "an empty file", content: "", reason: /it is empty/ },
  { name: "text", content: "score: 100", reason: /not JSON/ },
  {
    name: "JSON that is no notebook",
    content: `{"score": 100, "tests": [{"score": 100}]}`,
    reason: /no list of cells/,
  },
  { name: "a list", content: "[1, 2]", reason: /no list of cells/ },
  { name: "null", content: "null", reason: /no list of cells/ },
  {
    name: "bytes of no meaning",
    content: Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)),
    reason: /not JSON/,
  },
  { name: "two million brackets", content: "[".repeat(2e6), reason: /more than 200 deep/ },
];

/** Graded like any other: what is not the student's to say has no say. */
export const altered: readonly { name: string; change: Change; score: number; reason?: RegExp }[] = [
  { name: "none: an honest submission", change: () => undefined, score: 12 },
  {
    name: "points changed to 100",
    change: (n) => {
      for (const cell of n.cells) if (nbgrader(cell)?.points !== undefined) nbgrader(cell).points = 100;
      unsolved(cellOf(n, "task-1"));
    },
    score: 5,
    reason: /Not implemented yet/,
  },
  {
    name: "test cells emptied, and unlocked",
    change: (n) => {
      for (const i of [1, 2, 3]) {
        cellOf(n, `check-${i}`).source = `console.log("✓");`;
        nbgrader(cellOf(n, `check-${i}`)).locked = false;
      }
      unsolved(cellOf(n, "task-1"));
    },
    score: 5,
    reason: /Not implemented yet/,
  },
  {
    name: "the check replaced in the set-up",
    change: (n) => {
      cellOf(n, "setup").source = `const checkGradient = () => true; const model = 1; const images = 2;`;
    },
    score: 12,
  },
  {
    name: "all cells of the sheet deleted but the solutions",
    change: (n) => {
      n.cells = n.cells.filter((cell) => /^task-/.test(cell.id!));
    },
    score: 12,
  },
  {
    name: "a solution deleted",
    change: (n) => {
      n.cells = n.cells.filter((cell) => cell.id !== "task-3");
    },
    score: 7,
    reason: /There is no function myOcclusionAttack in the notebook\./,
  },
  {
    name: "cells doubled, the later one broken",
    change: (n) => {
      const copy = structuredClone(cellOf(n, "task-1"));
      unsolved(copy);
      n.cells.push(copy);
    },
    score: 5,
    reason: /Not implemented yet/,
  },
  {
    name: "cells doubled, checks and all",
    change: (n) => {
      n.cells = n.cells.flatMap((cell) => [cell, structuredClone(cell)]);
    },
    score: 12,
  },
  {
    name: "a cell of its own under a check's name, with points",
    change: (n) => {
      n.cells.push({
        cell_type: "code",
        id: "check-1",
        metadata: {
          nbgrader: {
            grade: true,
            grade_id: "check-1",
            points: 100,
            locked: true,
            solution: true,
            schema_version: 3,
            task: false,
          },
        },
        source: "1 + 1",
        outputs: [],
        execution_count: null,
      });
      unsolved(cellOf(n, "task-1"));
    },
    score: 5,
    reason: /Not implemented yet/,
  },
  {
    name: "hidden metadata: scores, statuses, trust",
    change: (n) => {
      Object.assign(n.metadata, {
        score: 100,
        vitrine: { status: "graded", tasks: [{ task: "task-1", points: 100 }] },
        signature: "x",
      });
      for (const cell of n.cells) Object.assign(cell.metadata, { trusted: true, score: 100, autograded: true });
      unsolved(cellOf(n, "task-1"));
    },
    score: 5,
    reason: /Not implemented yet/,
  },
  {
    name: "names like __proto__ and ../../x",
    change: (n) => {
      for (const id of ["__proto__", "constructor", "../../x", "<script>"])
        n.cells.push({
          cell_type: "code",
          id,
          metadata: { nbgrader: { grade_id: id, grade: true, solution: true, points: 50 } },
          source: "1",
          outputs: [],
          execution_count: null,
        });
    },
    score: 12,
  },
  {
    name: "a Python kernel",
    change: (n) => {
      n.metadata.kernelspec = { name: "python3", language: "python", display_name: "=HYPERLINK()" };
    },
    score: 12,
  },
  {
    name: "cells that are none",
    change: (n) => {
      n.cells.push(
        null as never,
        5 as never,
        { cell_type: "code" } as never,
        { cell_type: "code", source: { a: 1 }, metadata: null } as never,
        { cell_type: "code", source: [1, null], metadata: { nbgrader: null } } as never,
        {
          cell_type: "code",
          source: "1",
          metadata: { nbgrader: { grade_id: ["task-1"], solution: 1, points: "9" } },
        } as never,
      );
    },
    score: 12,
  },
  {
    name: "a thousand cells",
    change: (n) => {
      for (let i = 0; i < 1000; i++)
        n.cells.push({
          cell_type: "code",
          id: `x${i}`,
          metadata: {},
          source: `const a${i} = ${i};`,
          outputs: [],
          execution_count: null,
        });
    },
    score: 12,
  },
  {
    name: "outputs with scripts, and of 30 MB",
    change: (n) => {
      cellOf(n, "check-1").outputs = [
        {
          output_type: "display_data",
          data: { "text/html": `<script>alert(1)</script>${"x".repeat(3e7)}` },
          metadata: {},
        },
        { output_type: "stream", name: "stdout", text: "✓ passed" },
      ];
    },
    score: 12,
  },
  {
    name: "a solution that also shows and loads things",
    change: (n) => {
      cellOf(n, "task-1").source =
        `${textOf(cellOf(n, "task-1"))}\nconst tried = myGradient(model, images, labels);\nawait ` +
        `show(attributionMap(tried, { images: images }));`;
    },
    score: 12,
  },
  {
    name: "a solution that reads the sheet's own variables",
    change: (n) => {
      const before = textOf(cellOf(n, "task-1"));
      cellOf(n, "task-1").source = before.replace("(score)(images);", "(score)(garments.images);");
      if (textOf(cellOf(n, "task-1")) === before) throw new Error("the solution has no such line any more");
    },
    score: 5,
    reason: /Cannot find name 'garments'.*a function must use its arguments/s,
  },
];

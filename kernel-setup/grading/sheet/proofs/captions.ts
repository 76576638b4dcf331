import * as ts from "typescript";
import { sourceOf, type Notebook } from "vitrine-course/dist/sheet/notebook";
import { counted, proof, type Draft, type Proof } from "./proof";

const plotly = "application/vnd.plotly.v1+json";
/** A caption says what is drawn: a word or two does not. */
const shortest = 20;

/** As far as the code tells: figures that are made where they are shown have a caption there. */
export function proveCaptionsInCode({ notebook }: Draft): Proof {
  let shown = 0;
  const faults: string[] = [];
  for (const cell of notebook.cells.filter(({ cell_type }) => cell_type === "code")) {
    for (const call of callsOfShow(sourceOf(cell))) {
      shown++;
      if (isMadeThere(call) && !hasCaption(call)) faults.push(`${cell.id}: a plot has no caption`);
    }
  }
  return proof("captions", faults, `${counted(shown, "call")} of show, each with a caption or a figure made before`);
}

/** As the sheet was run: every plot there is has words beside it, for those who cannot see it. */
export function proveCaptionsShown(run: Notebook): Proof {
  const plots = run.cells.flatMap(({ id, outputs = [] }) =>
    outputs
      .filter(({ data }) => data && plotly in data)
      .map(({ data }) => ({ id, caption: String(data!["text/plain"] ?? "") })),
  );
  const faults = plots
    .filter(({ caption }) => caption.trim().length < shortest)
    .map(({ id, caption }) => `${id}: a plot's caption is ${caption.trim() ? `only “${caption.trim()}”` : "missing"}`);
  return proof("captions", faults, `${counted(plots.length, "plot")}, each with its own`);
}

function callsOfShow(code: string): ts.CallExpression[] {
  const found: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "show")
      found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("cell.ts", code, ts.ScriptTarget.ES2022, true));
  return found;
}

const isMadeThere = ({ arguments: given }: ts.CallExpression): boolean =>
  given.some((argument) => containsNode(argument, ts.isObjectLiteralExpression));
const hasCaption = (call: ts.CallExpression): boolean =>
  containsNode(
    call,
    (node) =>
      (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) && node.name.getText() === "caption",
  );

function containsNode(node: ts.Node, wanted: (node: ts.Node) => boolean): boolean {
  return wanted(node) || (ts.forEachChild(node, (child) => containsNode(child, wanted) || undefined) ?? false);
}

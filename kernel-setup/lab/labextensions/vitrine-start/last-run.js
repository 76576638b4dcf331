// Notes in each of a sheet's cells of which code it was run last, and when: so that a check that passed before its task
// was changed does not count as passed. Read by kernel-setup/course/sheet/sheet-state.ts.

/** As `codeMark` there. undefined where a browser computes no hashes: without https on other machines. */
async function codeMark(source) {
  const bytes = await globalThis.crypto?.subtle?.digest("SHA-256", new TextEncoder().encode(source));
  return (
    bytes &&
    [...new Uint8Array(bytes)]
      .slice(0, 8)
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("")
  );
}

export function noteRuns({ NotebookActions }) {
  const running = new WeakMap();
  const isSheets = (cell) => cell.model.type === "code" && cell.model.getMetadata("nbgrader") !== undefined;
  // Taken when it is sent: it may be edited while it runs.
  NotebookActions.executionScheduled.connect((_, { cell }) => {
    if (isSheets(cell)) running.set(cell.model, cell.model.sharedModel.getSource());
  });
  NotebookActions.executed.connect(async (_, { cell }) => {
    const source = running.get(cell.model);
    running.delete(cell.model);
    // After a cell that fails those that were waiting are dropped; they have no number then.
    if (cell.model.executionCount === null) return;
    const at = new Date().toISOString(),
      code = source === undefined ? undefined : await codeMark(source);
    if (code !== undefined && !cell.model.isDisposed) cell.model.setMetadata("vitrine", { code, at });
  });
}

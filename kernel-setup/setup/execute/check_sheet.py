"""Runs a sheet's checks headless: check_sheet.py KERNEL NOTEBOOK RELEASED [--all] [--results FILE]

Of the sheet's own cells only those run that an answer may need: set-up, tasks and checks; and whatever the student added.
Read-only cells are taken as they were handed out. Prints what the checks say; exits 1 unless all of them pass. FILE gets
which check passed, as JSON.
"""
import argparse
import json
import os
import sys
import tempfile

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from execute_sheets import COLOURS, START_SECONDS, first_line

CELL_SECONDS = 300


def fields(cell):
    return cell.metadata.get("nbgrader", {})


def is_check(cell):
    return cell.cell_type == "code" and fields(cell).get("grade") and not fields(cell).get("solution")


def chosen(notebook, released, everything):
    original = {cell.id: cell for cell in released.cells}
    own = {cell.id for cell in notebook.cells}
    cells = []
    for cell in notebook.cells:
        handed_out = original.get(cell.id)
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if handed_out is not None and not fields(handed_out) and not everything:
            continue  # It only shows something.
        if handed_out is not None and fields(handed_out).get("locked"):
            cell.source = handed_out.source
        cells.append(cell)
    gone = [cell for cell in released.cells if is_check(cell) and cell.id not in own]
    return cells + gone


def printed(cell):
    parts = [output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout"]
    return [line for line in COLOURS.sub("", "".join(parts)).splitlines() if line.strip()]


def error_of(cell):
    for output in cell.outputs:
        if output.output_type == "error":
            return first_line(output.evalue or output.ename)
    return None


def run(kernel, path, released_path, everything=False, results=None):
    notebook = nbformat.read(path, as_version=4)
    cells = chosen(notebook, nbformat.read(released_path, as_version=4), everything)
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    notebook.cells = cells
    client = NotebookClient(
        notebook, kernel_name=kernel, timeout=CELL_SECONDS, startup_timeout=START_SECONDS, allow_errors=True, interrupt_on_timeout=True,
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
    )
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        try:
            client.execute(stderr=said)
        except DeadKernelError:
            print("The kernel died while your code ran.", file=sys.stderr)
    passed = report(cells)
    if results:
        with open(results, "w", encoding="utf-8") as file:
            json.dump(passed, file)
    return 0 if passed and all(passed.values()) else 1


def report(cells):
    """Prints what was said of each check. Returns which of them passed, by name."""
    passed = {}
    before = []
    for cell in cells:
        if not is_check(cell):
            words = error_of(cell)
            if words and fields(cell):
                before.append("%s: %s" % (fields(cell).get("grade_id"), words))
            continue
        name, points = fields(cell).get("grade_id", cell.id), fields(cell).get("points")
        print("\n%s%s" % (name, "" if points is None else " (%g points)" % points))
        for words in before:
            print("  ! the cell %s" % words)
        before = []
        for line in printed(cell):
            print("  %s" % line)
        words = error_of(cell)
        passed[name] = not words and cell.execution_count is not None
        if words:
            print("  %s" % (words if words.startswith("✗") else "✗ %s" % words))
        elif cell.execution_count is None:
            print("  ✗ it was not run")
    print("\n%d of %d checks pass." % (sum(passed.values()), len(passed)))
    return passed


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for each in ("kernel", "notebook", "released"):
        parser.add_argument(each)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--results")
    given = parser.parse_args()
    try:
        sys.exit(run(given.kernel, given.notebook, given.released, given.all, given.results))
    except KeyboardInterrupt:
        sys.exit(130)

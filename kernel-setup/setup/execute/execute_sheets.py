"""Runs notebooks headless: execute_sheets.py KERNEL FOLDER NOTEBOOK ...

Writes FOLDER/NAME.html and FOLDER/NAME.ipynb for each, also when a cell fails. Exits 1 if any cell failed.
"""
import os
import re
import sys
import tempfile
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from page import write_page

CELL_SECONDS = 900
START_SECONDS = 120
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Progress:
    """One line a sheet: rewritten on a terminal, printed once elsewhere."""

    def __init__(self, name, total):
        self.name, self.total, self.done = name, total, 0
        self.started = time.monotonic()
        self.live = sys.stdout.isatty()

    def line(self, note=""):
        return "%s  %d/%d cells, %.1f s%s" % (self.name, self.done, self.total, time.monotonic() - self.started, note)

    def cell_done(self, **_):
        self.done += 1
        if self.live:
            print("\r\x1b[K" + self.line(), end="", flush=True)

    def end(self, note):
        print(("\r\x1b[K" if self.live else "") + self.line(note), flush=True)


def first_line(text):
    lines = [line.strip() for line in COLOURS.sub("", text).splitlines() if line.strip()]
    return lines[0] if lines else "(no message)"


def describe(error):
    """What went wrong, in one line."""
    if isinstance(error, DeadKernelError):
        return "the kernel died"
    if isinstance(error, CellTimeoutError):
        return "no end within %d s" % CELL_SECONDS
    if isinstance(error, CellExecutionError):
        # The kernel's evalue may begin with the name already.
        return first_line(error.evalue if error.evalue.startswith(error.ename) else "%s: %s" % (error.ename, error.evalue))
    return first_line("%s: %s" % (type(error).__name__, error))


def failed_cell(notebook, running):
    if running is None:
        return "before the first cell"
    number = sum(1 for cell in notebook.cells[: running + 1] if cell.cell_type == "code")
    cell = notebook.cells[running]
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return "code cell %d%s" % (number, " (%s)" % name if name else "")


def execute(path, kernel, folder):
    name = os.path.splitext(os.path.basename(path))[0]
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    progress = Progress(name, len(code))
    running = [None]
    client = NotebookClient(
        notebook,
        kernel_name=kernel,
        timeout=CELL_SECONDS,
        startup_timeout=START_SECONDS,
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
        on_cell_execute=lambda cell, cell_index: running.__setitem__(0, cell_index),
        on_cell_executed=progress.cell_done,
    )
    failure = None
    # What the kernel's process itself says (TensorFlow greets there) is of interest only if it ends badly.
    said = tempfile.TemporaryFile("w+", errors="replace")
    try:
        client.execute(stderr=said)
    except (Exception, KeyboardInterrupt) as error:  # Whatever happened, the page shows how far it came.
        failure = "%s, %s: %s" % (name, failed_cell(notebook, running[0]), describe(error))
        if isinstance(error, KeyboardInterrupt):
            progress.end("  interrupted")
            raise
    page = write_page(notebook, name, folder)
    progress.end("  → %s" % os.path.relpath(page) if failure is None else "  FAILED")
    if failure:
        print("Error in %s" % failure, file=sys.stderr, flush=True)
        if "kernel" in failure:
            said.seek(0)
            print("".join(said.readlines()[-15:]), file=sys.stderr, flush=True)
    return failure is None


def main(kernel, folder, paths):
    try:
        results = [execute(path, kernel, folder) for path in paths]
    except KeyboardInterrupt:
        return 130
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))

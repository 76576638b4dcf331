"""What nbgrader's side makes of three notebooks' parts, as JSON: for class-reading.test.ts."""
import json
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "kernel-setup" / "grading" / "nbgrader"))
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook  # noqa: E402
from pictures import NotShown, Pictures  # noqa: E402
from safe_markdown import safe_markdown  # noqa: E402
from stage import restage  # noqa: E402

# Every paragraph opens again what is open: 400 elements in 600 of them.
opened = "<div><p>" + "".join("<b a%d>" % i for i in range(400)) + "</p>" + "<p>x" * 600 + "</div>"
start = time.process_time()
shown = safe_markdown(opened)
seconds = time.process_time() - start

# Fifty million pixels in a kilobyte: one pixel, and the end of the line.
palette, body = bytes(1024), b"\x01\x00\x00\x01"
header = struct.pack("<IiiHHIIiiII", 40, 49_900_000, 1, 1, 8, 1, len(body), 0, 0, 256, 0)
bmp = b"BM" + struct.pack("<IHHI", 14 + 40 + 1024 + len(body), 0, 0, 14 + 40 + 1024) + header + palette + body
try:
    Pictures().photograph(bmp)
    picture = "shown"
except NotShown as reason:
    picture = str(reason)


def named(cell, **facts):
    cell.metadata["nbgrader"] = {"grade": False, "locked": False, "schema_version": 3, "solution": True, "task": False, **facts}
    return cell


release = new_notebook(cells=[
    named(new_markdown_cell("*Your answer.*"), grade_id="answer-1", grade=True, points=4), named(new_code_cell("// Yours."), grade_id="task-1"),
])
handed = json.loads(json.dumps(release))
handed["cells"][0].update(cell_type="code", source="Since the collar is covered.", outputs=[], execution_count=None)
handed["cells"][1].update(cell_type="markdown", source="no code")
read = restage(release, json.dumps(handed))
cells = [(cell.cell_type, cell.source) for cell in read.cells]
print(json.dumps({"markdown": shown[:80], "letters": len(shown), "seconds": seconds, "picture": picture, "cells": cells}))

"""Which text people see as the answer to each cell of the sheet: class-twins.py RELEASE NOTEBOOK..., for class-twins.test.ts."""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "kernel-setup" / "grading" / "nbgrader"))
import nbformat  # noqa: E402
from stage import Unreadable, decoded, restage  # noqa: E402


def seen(release, path):
    try:
        staged, _ = restage(release, decoded(Path(path).read_bytes()))
    except Unreadable as reason:
        return {"unreadable": str(reason)}
    named = {cell.metadata.nbgrader["grade_id"]: cell.source for cell in staged.cells if "nbgrader" in cell.metadata}
    return {"answers": named, "others": [cell.source for cell in staged.cells if "nbgrader" not in cell.metadata]}


release = nbformat.read(sys.argv[1], as_version=4)
print(json.dumps([seen(release, path) for path in sys.argv[2:]]))

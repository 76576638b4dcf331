"""run_notebook.py NOTEBOOK OUTPUT [--allow-errors | --until-error]: headless, in the kernel that the notebook names.

Every cell; with --until-error those up to the first that fails, which is no failure of the run then.
"""
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

source, target = sys.argv[1:3]
notebook = nbformat.read(source, as_version=4)
client = NotebookClient(
    notebook, timeout=300, startup_timeout=120, allow_errors="--allow-errors" in sys.argv,
    resources={"metadata": {"path": os.path.dirname(os.path.abspath(target))}},
)
try:
    client.execute()
except CellExecutionError:
    if "--until-error" not in sys.argv:
        raise
finally:
    nbformat.write(notebook, target)

"""run_notebook.py NOTEBOOK OUTPUT [--allow-errors]: every cell, headless, in the kernel that the notebook names."""
import os
import sys

import nbformat
from nbclient import NotebookClient

source, target = sys.argv[1:3]
notebook = nbformat.read(source, as_version=4)
client = NotebookClient(
    notebook, timeout=300, startup_timeout=120, allow_errors="--allow-errors" in sys.argv,
    resources={"metadata": {"path": os.path.dirname(os.path.abspath(target))}},
)
try:
    client.execute()
finally:
    nbformat.write(notebook, target)

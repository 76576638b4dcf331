"""Settings of JupyterLab for students (npm start)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python"))

from vitrine_lab.settings import exports, start_page, without_nbgrader  # noqa: E402

c = get_config()  # noqa: F821 (given by Jupyter)
exports(c)
without_nbgrader(c)
if os.environ.get("VITRINE_START_PAGE") == "1":
    start_page(c)

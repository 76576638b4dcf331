"""Settings of JupyterLab for those who write or grade sheets (npm start -- --author, --grade)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python"))

from vitrine_lab.settings import exports  # noqa: E402

exports(get_config())  # noqa: F821 (given by Jupyter)

"""What jupyter_server_config.py of students and of authors sets."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
LABEXTENSIONS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "labextensions")

# They need pandoc, LaTeX, Qt, Playwright or the network, or write another language. The rest: HTML and PDF, which are
# ours (export.py), Markdown, and the code as a script.
HIDDEN = ["ASCIIDoc", "Latex", "Python", "QtPDF", "QtPNG", "RST", "Slides", "WebPDF"]


def exports(c):
    """What File → Save and Export Notebook As … offers."""
    for name in HIDDEN:
        c["%sExporter" % name].enabled = False


def without_nbgrader(c):
    """nbgrader's half in the server: students have no menu for it, and it takes most of a second to load."""
    names = ["formgrader", "validate_assignment", "assignment_list", "course_list"]
    c.ServerApp.jpserver_extensions.update({"nbgrader.server_extensions.%s" % name: False for name in names})


def start_page(c):
    """JupyterLab's half lies in labextensions/, the server's in server.py."""
    c.LabServerApp.extra_labextensions_path = [LABEXTENSIONS]
    c.ServerApp.jpserver_extensions.update({"vitrine_lab": True})

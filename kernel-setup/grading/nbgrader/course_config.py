"""nbgrader's settings of a course, as its own commands would read them."""
import logging
import os
import re
import sys

# jsonschema does without it; a grammar that nothing here needs takes half of the start.
sys.modules.setdefault("rfc3987_syntax", None)

from traitlets.config import Config, PyFileConfigLoader  # noqa: E402


def course_config(course):
    """The course's nbgrader_config.py, or where it has none the project's."""
    os.environ["VITRINE_COURSE_ROOT"] = course
    here = os.path.dirname(os.path.abspath(__file__))
    places = [course, os.path.join(here, "..", "..", "..", "notebooks")]
    folder = next(place for place in places if os.path.exists(os.path.join(place, "nbgrader_config.py")))
    config = PyFileConfigLoader("nbgrader_config.py", path=folder).load_config()
    config.CourseDirectory.root = course
    # Also where the course's settings are its own: hidden tests stay where they are.
    ignored = config.CourseDirectory.get("ignore", [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"])
    config.CourseDirectory.ignore = [*ignored, "judge"]
    config.CourseDirectory.db_url = "sqlite:///" + os.path.join(course, "gradebook.db").replace(os.sep, "/")
    return Config(config)


class Complaints(logging.Handler):
    """Keeps what nbgrader complains of, since it puts only "see above" into its exceptions."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())

    def last_error(self):
        """The line of the last traceback that names the error, else the first complaint."""
        text = "\n".join(self.lines)
        errors = [line for line in text.splitlines() if re.match(r"[\w.]*(Error|Exception)\b", line)]
        self.lines = []
        return (errors or text.splitlines() or [""])[-1 if errors else 0]


def collecting():
    """A logger that prints nothing, and what it was told."""
    log = logging.getLogger("vitrine-ingest")
    complaints = Complaints()
    log.handlers = [complaints]
    log.propagate = False
    log.setLevel(logging.ERROR)
    return log, complaints

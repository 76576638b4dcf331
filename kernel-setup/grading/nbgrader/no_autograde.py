"""nbgrader's own autograde, and its validation of what was handed in, refused: they run students' code with the rights of
whoever asks for it."""
import os
import sys

REFUSED = (
    "nbgrader's autograde runs students' code with your rights and is refused in this course. "
    "Use: npx vitrine grade %s (in a sandbox, against the hidden tests)."
)
VALIDATED = (
    "This was handed in: to validate it would run its code with your rights. Use: npx vitrine grade SHEET (in a sandbox). "
    "What you write yourself lies in no folder submitted or autograded, and is validated."
)


def refuse(autograde):
    """In the class itself: whoever calls it is refused."""
    from nbgrader.converters.base import NbGraderException

    def start(self):
        words = REFUSED % (self.coursedir.assignment_id or "SHEET")
        self.log.error(words)
        raise NbGraderException(words)

    autograde.start = start


def refuse_submissions(validator):
    """In the class itself, in the form of a cell that fails: for the shell, and for JupyterLab's button on every notebook."""
    theirs = validator.validate
    if hasattr(theirs, "refuses_submissions"):
        return

    def validate(self, filename):
        # Also by a link that leads there.
        places = os.path.abspath(filename), os.path.realpath(filename)
        if any({"submitted", "autograded"} & set(place.split(os.sep)) for place in places):
            return {"failed": [{"source": "", "error": VALIDATED, "raw_error": VALIDATED}]}
        return theirs(self, filename)

    validate.refuses_submissions = True
    validator.validate = validate


CHANGES = {
    "nbgrader.converters.autograde": lambda module: refuse(module.Autograde),
    "nbgrader.validator": lambda module: refuse_submissions(module.Validator),
}


class WhenLoaded:
    """One of those whom Python asks for modules. It changes one of them, and leaves the others alone."""

    def __init__(self, module):
        self.module = module

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return None
        sys.meta_path.remove(self)
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path)
        if spec and spec.loader:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                CHANGES[name](module)

            spec.loader.exec_module = exec_module
        return spec


def refuse_when_loaded():
    """For whatever runs with this project's Python, also a program of one's own and without any settings: see nbgrader-settings.mjs."""
    for module in CHANGES:
        if module not in sys.modules:
            sys.meta_path.insert(0, WhenLoaded(module))


def refuse_autograde():
    """For every command of nbgrader's, and for formgrader, which read nbgrader_config.py."""
    from nbgrader.api import MissingEntry  # noqa: F401, before the converters: they import each other
    from nbgrader.converters import Autograde
    from nbgrader.validator import Validator

    refuse(Autograde)
    refuse_submissions(Validator)
    # Only where formgrader is at work is it loaded, and then it is what reads this.
    extension = sys.modules.get("nbgrader.server_extensions.formgrader.formgrader")
    if extension:
        show_no_button(extension.FormgradeExtension)


def show_no_button(formgrader):
    """Formgrader's page of submissions without the button, and with the command that takes its place."""
    from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

    if hasattr(formgrader, "vitrine_templates"):
        return
    theirs = formgrader.init_tornado_settings
    formgrader.vitrine_templates = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")

    def init_tornado_settings(self, webapp):
        theirs(self, webapp)
        pages = webapp.settings["nbgrader_jinja2_env"]
        ours = FileSystemLoader(formgrader.vitrine_templates)
        pages.loader = ChoiceLoader([ours, PrefixLoader({"nbgrader": pages.loader}), pages.loader])

    formgrader.init_tornado_settings = init_tornado_settings

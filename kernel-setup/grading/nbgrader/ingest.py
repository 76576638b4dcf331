"""Puts the judge's results into nbgrader's gradebook, with nbgrader's own Autograde: ingest.py COURSE SHEET.

Reads a line of JSON for each submission and answers each with a line, so that whoever stops, stops between two:
{"student", "first", "last", "notebook": path or null, "unreadable": text or null, "submitted": ISO or null, "due": ISO or null,
"penalty": points, "tasks": [...], "extras": {cell: points}}  →  {"student", "failed": text or null, "extras": {...}}
"""
import json
import os
import secrets
import shutil
import sqlite3
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from course_config import collecting, course_config  # noqa: E402, before nbgrader: it makes the start shorter

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, IgnorePattern, LimitOutput, OverwriteCells, OverwriteKernelspec
from nbgrader.utils import parse_utc

from inject import InjectResults, SaveJudgedGrades, Submission  # noqa: E402
from stage import Unreadable, decoded, own_words, restage, stand_in, words_below  # noqa: E402


# Neither another's notebook by a link, nor a pipe that nobody writes to.
PLAIN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class JudgedAutograde(Autograde):
    """nbgrader's Autograde with the judge's results in place of a kernel's, which the course's settings do not refuse."""

    start = BaseConverter.start


class Ingest:
    def __init__(self, course, sheet, work, log):
        self.course, self.sheet, self.work = course, sheet, work
        config = course_config(course)
        config.LimitOutput.max_traceback = 20
        self.config, self.log = config, log
        self.release = self.prepare()
        self.number_the_gradebook()

    def directory(self, **places):
        directory = CourseDirectory(config=self.config, log=self.log)
        directory.assignment_id = self.sheet
        for name, place in places.items():
            setattr(directory, name, place)
        return directory

    def prepare(self):
        """The sheet's cells into the gradebook; the students' version stays in a folder of our own. Of the source's folder
        only the sheet is looked at: nbgrader would take each notebook there, a scratch too, for one that is handed in."""
        source = os.path.join(self.work, "source")
        os.makedirs(os.path.join(source, self.sheet))
        shutil.copy(os.path.join(self.course, "source", self.sheet, self.sheet + ".ipynb"), os.path.join(source, self.sheet))
        directory = self.directory(source_directory=source, release_directory=os.path.join(self.work, "release"))
        GenerateAssignment(coursedir=directory, config=self.config, log=self.log, force=True).start()
        path = os.path.join(self.work, "release", ".", self.sheet, self.sheet + ".ipynb")
        return nbformat.read(path, as_version=4)

    def number_the_gradebook(self):
        """By its number (gradebook.ts reads it) another gradebook in its place is known: what is in the one is not in the other."""
        database = sqlite3.connect(os.path.join(self.course, "gradebook.db"), timeout=30)
        try:
            if database.execute("PRAGMA user_version").fetchone()[0] == 0:
                database.execute("PRAGMA user_version = %d" % (1 + secrets.randbelow(2**31 - 2)))
                database.commit()
        finally:
            database.close()

    def staged(self, one):
        """The notebook for people, why it could not be read, and the names of cells that were not in it."""
        if one["unreadable"] is None:
            try:
                with os.fdopen(os.open(one["notebook"], PLAIN), "rb") as file:
                    notebook, missing = restage(self.release, decoded(file.read()))
                    return notebook, None, missing
            except (Unreadable, OSError) as error:
                return stand_in(self.release, str(error)), str(error), set()
        return stand_in(self.release, one["unreadable"]), one["unreadable"], set()

    def one(self, one):
        student = one["student"]
        notebook, unreadable, Submission.missing = self.staged(one)
        folder = os.path.join(self.work, "submitted", student, self.sheet)
        os.makedirs(folder, exist_ok=True)
        nbformat.write(notebook, os.path.join(folder, self.sheet + ".ipynb"))
        Submission.tasks = {task["cell"]: task for task in one["tasks"]}
        Submission.unreadable = unreadable
        Submission.before, Submission.words_before, Submission.below_before = self.answers_before(student)
        Submission.words = {} if unreadable else own_words(self.release, notebook.cells)
        Submission.below = {} if unreadable else words_below(self.release, notebook.cells)
        Submission.extras, Submission.new_extras = one.get("extras") or {}, {}
        directory = self.directory(student_id=student, submitted_directory=os.path.join(self.work, "submitted"))
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            # Where the platform gives none, those that somebody put into the gradebook stay.
            names = {"first_name": one["first"], "last_name": one["last"]}
            gradebook.update_or_create_student(student, **{part: name for part, name in names.items() if name})
            if one["due"]:
                gradebook.update_or_create_assignment(self.sheet, duedate=parse_utc(one["due"]))
        autograde = JudgedAutograde(coursedir=directory, config=self.config, log=self.log, force=True)
        # No ClearOutput: what is left of the outputs was chosen above, and plots are graded by people.
        autograde.sanitize_preprocessors = [OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
        autograde.autograde_preprocessors = [InjectResults, IgnorePattern, ClearMetadataPreprocessor, LimitOutput, SaveJudgedGrades, CheckCellMetadata]
        autograde.start()
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            # Not nbgrader's own penalty, which is cut to the points that there are before a person has graded.
            gradebook.find_submission_notebook(self.sheet, self.sheet, student).late_submission_penalty = one["penalty"] or None
            if one["submitted"]:
                gradebook.find_submission(self.sheet, student).timestamp = parse_utc(one["submitted"])
            gradebook.db.commit()
        return dict(Submission.new_extras)

    def answers_before(self, student):
        path = os.path.join(self.course, "autograded", student, self.sheet, self.sheet + ".ipynb")
        try:
            cells = nbformat.read(path, as_version=4).cells
        except Exception:
            return {}, {}, {}
        answers = {cell.metadata.nbgrader["grade_id"]: cell.source for cell in cells if cell.metadata.get("nbgrader", {}).get("solution")}
        return answers, own_words(self.release, cells), words_below(self.release, cells)


def main():
    course, sheet = sys.argv[1:3]
    # nbgrader and its helpers print; the answers are the only thing for the other side.
    answers, sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8"), sys.stderr
    os.dup2(2, 1)

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    log, complaints = collecting()

    def failure(error):
        traceback.print_exc()
        return complaints.last_error() or "%s: %s" % (type(error).__name__, error)

    with tempfile.TemporaryDirectory(prefix="vitrine-ingest-") as work:
        try:
            ingest = Ingest(course, sheet, work, log)
        except Exception as error:
            return answer({"student": None, "failed": failure(error)})
        answer({"student": None, "failed": None})
        for line in sys.stdin:
            one = json.loads(line)
            try:
                answer({"student": one["student"], "failed": None, "extras": ingest.one(one)})
            except Exception as error:
                answer({"student": one["student"], "failed": failure(error)})


if __name__ == "__main__":
    main()

"""What the gradebook says of one sheet, a line of JSON for each student: dump.py COURSE SHEET."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from course_config import course_config  # noqa: E402, before nbgrader: it makes the start shorter

from nbgrader.api import Gradebook, MissingEntry
from safe_markdown import safe_markdown


def grade_of(grade):
    return {
        "auto": grade.auto_score, "manual": grade.manual_score, "extra": grade.extra_credit, "max": grade.max_score,
        "needsPerson": bool(grade.needs_manual_grade),
    }


def submission_of(gradebook, sheet, student):
    notebook = gradebook.find_submission_notebook(sheet, sheet, student)
    return {
        "grades": {grade.name: grade_of(grade) for grade in notebook.grades},
        "comments": {comment.name: comment.manual_comment for comment in notebook.comments if comment.manual_comment},
        "penalty": notebook.late_submission_penalty or 0,
    }


def answers_of(course, student, sheet):
    """The student's prose, as HTML without anything that acts."""
    path = os.path.join(course, "autograded", student, sheet, sheet + ".ipynb")
    try:
        with open(path, encoding="utf-8") as file:
            cells = json.load(file)["cells"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    try:
        return {
            cell["metadata"]["nbgrader"]["grade_id"]: safe_markdown("".join(cell["source"]), cell.get("attachments"))
            for cell in cells if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution")
        }
    except (KeyError, TypeError, AttributeError):
        # Somebody has put another file there: no reason for the others to have no feedback.
        return {}


def main():
    course, sheet = sys.argv[1:3]
    config = course_config(course)
    if os.path.exists(os.path.join(course, "gradebook.db")):
        with Gradebook(config.CourseDirectory.db_url, config.CourseDirectory.course_id) as gradebook:
            try:
                students = [submission.student.id for submission in gradebook.find_assignment(sheet).submissions]
            except MissingEntry:
                students = []
            for student in students:
                found = {**submission_of(gradebook, sheet, student), "answers": answers_of(course, student, sheet)}
                print(json.dumps({"student": student, **found}))


if __name__ == "__main__":
    main()

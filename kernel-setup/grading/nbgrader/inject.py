"""nbgrader's preprocessors with the judge's results in place of a kernel's."""
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades

from stage import plain


class Submission:
    """What is ingested now: set by ingest.py before each submission."""

    tasks = {}
    unreadable = None
    # Names of the sheet's cells that are not in it.
    missing = set()
    before = {}
    # What stands in cells that the student added, by whether it is code; and in those of the notebook before.
    words, words_before = {}, {}
    # What stands below nbgrader's tasks, which have no cell of their own for the answer.
    below, below_before = {}, {}
    extras, new_extras = {}, {}


def points_text(value):
    return ("%.4f" % value).rstrip("0").rstrip(".")


def elsewhere(name, cell):
    """May the answer stand in a cell of the student's own? Its own is not in the notebook, or as it was handed out."""
    unchanged = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return name in Submission.missing or unchanged and bool(Submission.words.get(cell.cell_type == "code"))


class InjectResults(NbGraderPreprocessor):
    """In place of nbgrader's Execute. No kernel starts; without a result that says so there is not a point."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
            return cell, resources
        most = float(cell.metadata.nbgrader["points"])
        task = Submission.tasks.get(cell.metadata.nbgrader["grade_id"])
        cell.execution_count = None
        if task is None or task["status"] == "error":
            reason = Submission.unreadable or (task or {}).get("reason") or "There is no result for this task."
            cell.outputs = [new_output("error", ename="NotGraded", evalue=plain(reason, 1000), traceback=["NotGraded: %s" % plain(reason, 1000)])]
            return cell, resources
        points = min(most, max(0.0, float(task["points"])))
        said = "%s of %s points%s" % (points_text(task["points"]), points_text(most), ": " + plain(task["reason"], 1000) if task.get("reason") else "")
        cell.outputs = [new_output("stream", name="stdout", text=said + "\n"), new_output("execute_result", data={"text/plain": str(points)}, execution_count=1)]
        return cell, resources


class SaveJudgedGrades(SaveAutoGrades):
    """A new result always takes the place of the old one; what a person said stays, and is asked about again only where it changed."""

    def _add_score(self, cell, resources):
        name = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        settled = grade.manual_score is not None and not grade.needs_manual_grade
        old_score = grade.auto_score
        super()._add_score(cell, resources)
        task = Submission.tasks.get(name)
        by_judge = cell.cell_type == "code" and not utils.is_solution(cell)
        if by_judge:
            missing = task is None or task["status"] == "error"
            extra = 0 if missing else max(0.0, float(task["points"]) - float(cell.metadata.nbgrader["points"]))
            if extra or grade.extra_credit is not None and Submission.extras.get(name) == grade.extra_credit:
                grade.extra_credit = extra or None
            if extra:
                Submission.new_extras[name] = extra
            unchanged = settled and not missing and grade.auto_score == old_score
        else:
            missing = Submission.unreadable is not None
            unchanged = settled and Submission.before.get(name) == cell.source
            if elsewhere(name, cell):
                # nbgrader would take it for none, and give 0.
                grade.auto_score = None
                grade.needs_manual_grade = True
                by_code = cell.cell_type == "code"
                unchanged = unchanged and Submission.words_before.get(by_code) == Submission.words.get(by_code)
        if missing:
            # Zero for now, but not because of an answer: a person has to look.
            grade.needs_manual_grade = True
        elif unchanged:
            grade.needs_manual_grade = False
        self.gradebook.db.commit()

    def preprocess_cell(self, cell, resources, index):
        cell, resources = super().preprocess_cell(cell, resources, index)
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if utils.is_task(cell) and Submission.below.get(name) != Submission.below_before.get(name):
            # nbgrader asks for it once, and never again.
            self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id).needs_manual_grade = True
            self.gradebook.db.commit()
        return cell, resources

    def _add_comment(self, cell, resources):
        super()._add_comment(cell, resources)
        name = cell.metadata.nbgrader["grade_id"]
        task = next((task for task in Submission.tasks.values() if task.get("task") == name), {})
        reason = task.get("reason")
        if not reason and name in Submission.missing:
            reason = "This cell is not in the notebook. Is the answer in another?"
        elif not reason and utils.is_grade(cell) and elsewhere(name, cell):
            reason = "This cell is as it was handed out. Is the answer in another?"
        if not reason:
            return
        try:
            comment = self.gradebook.find_comment(name, self.notebook_id, self.assignment_id, self.student_id)
        except MissingEntry:
            return
        comment.auto_comment = plain(reason, 1000)
        self.gradebook.db.commit()

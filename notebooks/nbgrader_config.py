"""nbgrader's settings for the course: notebooks/ is the course root (source, release, submitted, autograded, feedback)."""
import os

c = get_config()  # noqa: F821 (given by nbgrader)

here = os.path.dirname(os.path.abspath(__file__))
root = os.environ.get("VITRINE_COURSE_ROOT", here)
c.CourseDirectory.course_id = "vitrine"
c.CourseDirectory.root = root
c.CourseDirectory.db_url = "sqlite:///" + os.path.join(root, "gradebook.db").replace(os.sep, "/")

# Hidden tests lie beside a sheet's source: nbgrader would copy them to release/ and autograded/.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "judge"]

# What students find in place of a solution. The checks know the message (kernel-setup/course/checks/call-student.ts).
c.ClearSolutions.code_stub = {"typescript": '// YOUR CODE HERE\nthrow new Error("not implemented");'}
c.ClearSolutions.begin_solution_delimeter = "/// BEGIN SOLUTION"
c.ClearSolutions.end_solution_delimeter = "/// END SOLUTION"
c.ClearHiddenTests.begin_test_delimeter = "/// BEGIN HIDDEN TESTS"
c.ClearHiddenTests.end_test_delimeter = "/// END HIDDEN TESTS"

# What students wrote is shown in formgrader, whose reader may change grades: no HTML of theirs acts there.
_safe = os.path.join(here, "..", "kernel-setup", "grading", "nbgrader")
if os.path.isdir(_safe):
    import sys
    sys.path.insert(0, _safe)
    from safe_markdown import markdown2html
    c.HTMLExporter.filters = {"markdown2html": markdown2html}
    from no_autograde import refuse_autograde
    refuse_autograde()

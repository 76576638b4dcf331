"""What an assistant does in formgrader: class-person.py COURSE_DB SHEET STUDENT CELL POINTS [COMMENT] [COMMENT_CELL]."""
import sys

from nbgrader.api import Gradebook

db, sheet, student, cell, points = sys.argv[1:6]
with Gradebook("sqlite:///" + db, "vitrine") as gradebook:
    grade = gradebook.find_grade(cell, sheet, sheet, student)
    grade.manual_score = float(points)
    grade.needs_manual_grade = False
    if len(sys.argv) > 6:
        gradebook.find_comment(sys.argv[7] if len(sys.argv) > 7 else cell, sheet, sheet, student).manual_comment = sys.argv[6]
    gradebook.db.commit()

"""What an assistant does in formgrader: class-person.py COURSE_DB SHEET {STUDENT: {CELL: {"points", "comment"?}}}, the last as JSON."""
import json
import sys

from nbgrader.api import Gradebook

db, sheet, given = sys.argv[1:4]
with Gradebook("sqlite:///" + db, "vitrine") as gradebook:
    for student, cells in json.loads(given).items():
        for cell, said in cells.items():
            grade = gradebook.find_grade(cell, sheet, sheet, student)
            grade.manual_score = float(said["points"])
            grade.needs_manual_grade = False
            if "comment" in said:
                gradebook.find_comment(cell, sheet, sheet, student).manual_comment = said["comment"]
    gradebook.db.commit()

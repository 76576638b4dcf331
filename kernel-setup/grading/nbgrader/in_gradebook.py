"""Whose submissions of a sheet are in the gradebook, as a list in JSON: in_gradebook.py GRADEBOOK SHEET. Without nbgrader, which
takes seconds to start."""
import json
import sqlite3
import sys
from pathlib import Path

QUERY = """
SELECT submitted_assignment.student_id FROM submitted_assignment
JOIN assignment ON assignment.id = submitted_assignment.assignment_id WHERE assignment.name = ?
"""

database = sqlite3.connect(Path(sys.argv[1]).resolve().as_uri() + "?mode=ro", uri=True, timeout=30)
try:
    found = database.execute(QUERY, (sys.argv[2],)).fetchall()
except sqlite3.Error:
    # Another program's, or a damaged one: whoever puts something in says so.
    found = []
print(json.dumps([student for (student,) in found]))

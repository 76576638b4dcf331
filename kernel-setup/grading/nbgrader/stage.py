"""A student's notebook made again of nothing but what may be graded: the sheet's own cells, the student's text, pictures."""
import itertools
import json
import re

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from pictures import ATTACHMENTS_LIMIT, NotShown, Pictures, joined, size_of

# Of a cell, and of all cells that a student added: to set a page takes seconds for twenty thousand characters.
SOURCE_LIMIT = 20_000
SOURCES_LIMIT = 150_000
TEXT_LIMIT = 4_000
# Of a line of code: colouring takes time by the square of its length, half a minute for a cell of one line.
LINE_LIMIT = 1_000
# As the judge has it (notebook/read-notebook.ts), which says so first.
CELLS_LIMIT = 2_000
# As the judge has it (notebook/select-cells.ts), in the units of its language; what it takes for no space is text.
JUDGED_LIMIT = 200_000
HAS_TEXT = re.compile("[^\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]")

# A picture that some editors paste into the text itself, where it would be most of what is shown of the cell. Its name or
# the like may stand between kind and data.
PASTED = re.compile(r"data:(image/[a-z0-9.+-]{1,20})(?:;[a-z0-9-]{1,20}=[^;,\s\"')>]{0,200}){0,5};base64,([a-z0-9+/=]{16,})", re.IGNORECASE)


class Unreadable(Exception):
    """Why a notebook cannot be shown to a person; one line."""


def plain(text, limit):
    """Text that JSON, a database and a page can hold: no lone surrogates, no controls but tab and line end."""
    cut = len(text) > limit
    text = "".join(char if char in "\n\t" or (char >= " " and not "\x7f" <= char <= "\x9f") else "\ufffd" for char in text[:limit].replace("\r\n", "\n"))
    return text.encode("utf-8", "replace").decode("utf-8") + ("\n… (cut)" if cut else "")


def outputs_of(cell, pictures):
    """Plots as they were saved, and the beginning of what was printed."""
    kept = []
    outputs = cell.get("outputs")
    for output in outputs[:50] if isinstance(outputs, list) else []:
        if not isinstance(output, dict) or pictures.outputs <= 0:
            continue
        pictures.outputs -= 1
        if output.get("output_type") == "stream" and output.get("name") == "stdout":
            text = plain(joined(output.get("text")), min(TEXT_LIMIT, max(0, pictures.printed)))
            pictures.printed -= len(text)
            if text.strip():
                kept.append(new_output("stream", name="stdout", text=text))
            continue
        try:
            found = pictures.of(output.get("data"))
        except NotShown as why:
            kept.append(new_output("stream", name="stdout", text="[a picture that is not shown: %s]\n" % why))
            continue
        if found:
            mime, encoded = found
            # Not wider than formgrader's page.
            look = {"alt": "the student's plot", "width": min(900, size_of(encoded)[0]) if mime == "image/png" else 900}
            kept.append(new_output("display_data", data={mime: encoded}, metadata={mime: look}))
    return kept


def attachments_of(cell, pictures):
    """By name: the picture, or as text why it is not shown."""
    found = cell.get("attachments")
    kept = {}
    # Text that is shown has room for no more names.
    for name, bundle in list(found.items())[: SOURCE_LIMIT // len("attachment:")] if isinstance(found, dict) else []:
        # No text that is shown can name it. A shorter one is kept whole, or what is in the text would not find it.
        if len(name) > SOURCE_LIMIT:
            continue
        pictures.attachments -= 1
        # As many again are told why, or the words would be the page.
        if pictures.attachments < -ATTACHMENTS_LIMIT:
            break
        try:
            if pictures.attachments < 0:
                raise NotShown("the notebook has more than %d pictures in its text" % ATTACHMENTS_LIMIT)
            mime, shown = pictures.of(bundle) or ("text/plain", "it is no picture")
        except NotShown as why:
            mime, shown = "text/plain", str(why)
        kept[plain(name, SOURCE_LIMIT)] = {mime: shown}
    return kept


def pictures_apart(cell):
    """The same cell with the pictures in its text beside it, as JupyterLab keeps them."""
    text, apart = joined(cell.get("source")), {}
    own = cell.get("attachments")
    own = own if isinstance(own, dict) else {}
    # Numbers of names that the student's own attachments have, or that the text calls so.
    taken = set(re.findall(r"pasted-(\d+)", "\n".join([text, *own])))
    free = (number for number in itertools.count(1) if str(number) not in taken)

    def beside(found):
        name = "pasted-%d" % next(free)
        apart[name] = {found.group(1).lower(): found.group(2)}
        return "attachment:" + name

    text = PASTED.sub(beside, text)
    if not apart:
        return cell
    return {**cell, "source": text, "attachments": {**own, **apart}}


def coloured(code):
    """Code whose lines can be coloured in time; nobody reads longer ones."""
    return "\n".join(line if len(line) <= LINE_LIMIT else line[:LINE_LIMIT] + " … (cut)" for line in code.split("\n"))


def clean_cell(cell, kind, source, metadata, pictures):
    if kind == "code":
        return new_code_cell(source=coloured(source), metadata=metadata, outputs=outputs_of(cell, pictures))
    if kind == "raw":
        return new_raw_cell(source=source, metadata=metadata)
    made = new_markdown_cell(source=source, metadata=metadata)
    attachments = attachments_of(cell, pictures)
    if attachments:
        made["attachments"] = attachments
    return made


def decoded(data):
    """UTF-8, or UTF-16 with a mark or with a zero in every other byte, as the judge reads it (read-notebook.ts)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if len(data) > 1 and (data[0] == 0) != (data[1] == 0):
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    return data.decode("utf-8-sig", "replace")


def read_cells(text):
    """The cells of a notebook that somebody handed in. Raises Unreadable."""
    try:
        # Python refuses numbers of thousands of digits, which are of no use here.
        notebook = json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 20 else 0, parse_constant=no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("It is not JSON.")
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise Unreadable("It has no list of cells.")
    if len(notebook["cells"]) > CELLS_LIMIT:
        raise Unreadable("It has %d cells; allowed: %d." % (len(notebook["cells"]), CELLS_LIMIT))
    return [cell for cell in notebook["cells"] if isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")]


def no_constant(name):
    """NaN and Infinity are no JSON, for the judge neither."""
    raise ValueError(name)


def id_of(cell, by_id):
    """nbgrader's name for it, or where an editor has taken all metadata away, what the sheet's cell of that id is called."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    value = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    if isinstance(value, str):
        return value
    own = cell.get("id")
    return by_id.get(own) if isinstance(own, str) else None


def can_count(cell, mine):
    """Can it be the answer to this cell of the sheet's? The judge asks the same of code."""
    source = joined(cell.get("source"))
    if mine.cell_type != "code":
        return HAS_TEXT.search(source) is not None
    if cell["cell_type"] != "code" or HAS_TEXT.search(source) is None:
        return False
    return len(source.encode("utf-16-le", "surrogatepass")) <= 2 * JUDGED_LIMIT


def counted(cells, known, by_id):
    """For each name the place of the cell that counts: of several the first that can, else the first."""
    first, answers = {}, {}
    for place, cell in enumerate(cells):
        grade_id = id_of(cell, by_id)
        if grade_id in known:
            first.setdefault(grade_id, place)
            if grade_id not in answers and can_count(cell, known[grade_id]):
                answers[grade_id] = place
    return {**first, **answers}


def restage(release, text):
    """`release` with the student's text in the cells that are the student's, and the student's own cells where they were.

    What the sheet says of a cell (points, locks, kind) holds, whatever the notebook says; of cells of one name the first
    counts that can be an answer, and the others are the student's own; one that is missing comes back as it was handed out.
    Returns the notebook and the names of those that were missing.
    """
    known = {cell.metadata.nbgrader["grade_id"]: cell for cell in release.cells if "nbgrader" in cell.metadata}
    by_id = {cell["id"]: name for name, cell in known.items() if "id" in cell}
    order = list(known)
    given = {cell.source for cell in release.cells}
    pictures, cells, placed, left = Pictures(), [], set(), SOURCES_LIMIT
    handed = read_cells(text)
    counting = counted(handed, known, by_id)
    for place, cell in enumerate(handed):
        grade_id = id_of(cell, by_id)
        mine = known[grade_id] if counting.get(grade_id) == place else None
        if (mine or cell).get("cell_type") == "markdown":
            cell = pictures_apart(cell)
        source = plain(joined(cell.get("source")), SOURCE_LIMIT)
        if mine is None:
            # The sheet's own text costs nothing, once: a thousand copies of it would keep formgrader busy for minutes.
            if source in given:
                given.discard(source)
            else:
                source = plain(source, max(0, left))
                left -= len(source)
            cells.append((None, clean_cell(cell, cell["cell_type"], source, {}, pictures)))
            continue
        placed.add(grade_id)
        info = mine.metadata.nbgrader
        # A slip of a key makes code of an answer in prose: it is read as what the sheet has there.
        own = info.get("solution") and (cell["cell_type"] == mine.cell_type or mine.cell_type == "markdown")
        cells.append((grade_id, clean_cell(cell, mine.cell_type, source if own else mine.source, {"nbgrader": dict(info)}, pictures)))
    for index, grade_id in enumerate(order):
        if grade_id in placed:
            continue
        before = [at for at, (other, _) in enumerate(cells) if other in order[:index]]
        mine = known[grade_id]
        cells.insert(before[-1] + 1 if before else 0, (grade_id, clean_cell({}, mine.cell_type, mine.source, {"nbgrader": dict(mine.metadata.nbgrader)}, pictures)))
    return new_notebook(cells=[cell for _, cell in cells], metadata=release.metadata), set(order) - placed


def own_words(release, cells):
    """What is in cells that a student added: prose, and code. The sheet's own text is none, wherever it stands."""
    given = {"", *(" ".join(cell.source.split()) for cell in release.cells)}
    own = [cell for cell in cells if "nbgrader" not in cell.metadata and " ".join(cell.source.split()) not in given]
    return {code: "\n".join(cell.source for cell in own if (cell.cell_type == "code") == code) for code in (False, True)}


def words_below(release, cells):
    """For each task of nbgrader's what the student wrote below it, in cells of their own, up to the sheet's next cell with a name."""
    given = {" ".join(cell.source.split()) for cell in release.cells}
    found, task = {}, None
    for cell in cells:
        if "nbgrader" in cell.metadata:
            task = cell.metadata.nbgrader["grade_id"] if cell.metadata.nbgrader.get("task") else None
        elif task and " ".join(cell.source.split()) not in given:
            found.setdefault(task, []).append(cell.source)
    return found


def stand_in(release, reason):
    """What a person sees where nothing can be read."""
    note = new_markdown_cell(source="**This submission could not be read:** %s" % plain(reason, 500).replace("<", "&lt;"))
    return new_notebook(cells=[note, *release.cells], metadata=release.metadata)

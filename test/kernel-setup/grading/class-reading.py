"""What nbgrader's side makes of three notebooks' parts, as JSON: for class-reading.test.ts."""
import base64
import io
import json
import random
import struct
import sys
import time
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "kernel-setup" / "grading" / "nbgrader"))
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook  # noqa: E402
from pictures import PNG, NotShown, Pictures  # noqa: E402
import safe_markdown as page  # noqa: E402
from safe_markdown import safe_markdown  # noqa: E402
from PIL import Image  # noqa: E402
from stage import restage  # noqa: E402

# Every paragraph opens again what is open: 400 elements in 600 of them.
opened = "<div><p>" + "".join("<b a%d>" % i for i in range(400)) + "</p>" + "<p>x" * 600 + "</div>"
start = time.process_time()
shown = safe_markdown(opened)
seconds = time.process_time() - start

# A pasted photograph that was made smaller is HTML; one in a block of it, by a name with a space, and one that is not there.
dot = {"image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="}
resized = safe_markdown(
    'See <img src="attachment:a.png" width="300">.\n\n<div>\n<IMG width=9 src=\'attachment:my photo.png\' onerror="x()"/></div>\n\n<img src=attachment:gone.png>',
    {"a.png": dot, "my photo.png": dot},
)

# Languages whose colouring takes time by the cube of the code's length; nbconvert knows them all.
start = time.process_time()
coloured = safe_markdown("```autoit\n" + " " * 19_000 + "x\n```\n\n```java\n" + "a " * 400 + "\n```")
colouring = time.process_time() - start

# The sheet's own text is free once, and no thousand times.
own = new_notebook(cells=[new_markdown_cell(source="w" * 9_000)])
copies, _ = restage(own, json.dumps({"cells": [{"cell_type": "markdown", "metadata": {}, "source": "w" * 9_000}] * 400}))
copied = sum(len(cell.source) for cell in copies.cells)

# Fifty million pixels in a kilobyte: one pixel, and the end of the line.
palette, body = bytes(1024), b"\x01\x00\x00\x01"
header = struct.pack("<IiiHHIIiiII", 40, 49_900_000, 1, 1, 8, 1, len(body), 0, 0, 256, 0)
bmp = b"BM" + struct.pack("<IHHI", 14 + 40 + 1024 + len(body), 0, 0, 14 + 40 + 1024) + header + palette + body
try:
    Pictures().photograph(bmp)
    picture = "shown"
except NotShown as reason:
    picture = str(reason)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def saved(kind, **options):
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(file, kind, **options)
    return file.getvalue()


def looked_at(kind, data):
    """What becomes of a picture, and how long it takes."""
    began = time.process_time()
    try:
        mime, encoded = Pictures().of({kind: base64.b64encode(data).decode()})
        image = Image.open(io.BytesIO(base64.b64decode(encoded)))
        said = "%s %dx%d %s" % (mime, *image.size, [round(value, -1) for value in image.convert("RGB").getpixel((5, 5))])
    except NotShown as reason:
        said = str(reason)
    return said, time.process_time() - began


# Each with what is read in Python, byte by byte or part by part, before its pixels.
lying = Image.Exif()
lying[0x0112] = 6
jpeg, png, gif = saved("JPEG", exif=lying, comment=b"secret"), saved("PNG"), saved("GIF")
large = Image.new("RGB", (2100, 20), (200, 30, 30))
wide = io.BytesIO()
large.save(wide, "PNG")
scan = io.BytesIO()
Image.frombytes("I;16", (2100, 20), struct.pack("<H", 0x8200) * 2100 * 20).save(scan, "PNG")
colours = 13 + 3 * (2 << (gif[10] & 7))
head, rest = png[:33], png[33:]
slow = {
    "a photograph": looked_at("image/jpeg", jpeg), "a plot": looked_at("image/png", png), "a wide plot": looked_at("image/png", wide.getvalue()), "a drawing": looked_at("image/gif", gif),
    "a scan of 65,536 greys": looked_at("image/png", scan.getvalue()),
    "fill": looked_at("image/jpeg", jpeg[:2] + b"\xff" * 15_000_000 + jpeg[2:]), "fill behind": looked_at("image/jpeg", jpeg[:-2] + b"\xff" * 15_000_000 + b"\xd9"),
    "comments": looked_at("image/jpeg", jpeg[:2] + b"\xff\xfe\x00\x02" * 1_000_000 + jpeg[2:]), "chunks": looked_at("image/png", head + chunk(b"qqQq", b"") * 1_000_000 + rest),
    "pixels by the byte": looked_at("image/png", head + chunk(b"IDAT", b"x") * 1_000_000 + rest), "blocks": looked_at("image/gif", gif[:colours] + b"\x21\xfe" + b"\x01a" * 5_000_000 + b"\x00" + gif[colours:]),
    "texts": looked_at("image/png", head + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000))) * 4000 + rest), "no end": looked_at("image/png", png[:-8]), "no marker": looked_at("image/jpeg", jpeg[:2] + b"x" + jpeg[2:]),
}

# Sixty plots of four million pixels are a quarter of a MiB, and a gigabyte for who draws them.
blank = head[:16] + struct.pack(">IIBBBBB", 2000, 2000, 1, 0, 0, 0, 0)
blank = PNG + chunk(b"IHDR", blank[16:]) + chunk(b"IDAT", zlib.compress(bytes(251 * 2000))) + chunk(b"IEND", b"")
pictures, plots = Pictures(), []
for _ in range(60):
    try:
        plots.append(pictures.of({"image/png": base64.b64encode(blank).decode()})[0])
    except NotShown as reason:
        plots.append(str(reason))


def named(cell, **facts):
    cell.metadata["nbgrader"] = {"grade": False, "locked": False, "schema_version": 3, "solution": True, "task": False, **facts}
    return cell


release = new_notebook(cells=[
    named(new_markdown_cell("*Your answer.*"), grade_id="answer-1", grade=True, points=4), named(new_code_cell("// Yours."), grade_id="task-1"),
])
handed = json.loads(json.dumps(release))
handed["cells"][0].update(cell_type="code", source="Since the collar is covered.", outputs=[], execution_count=None)
handed["cells"][1].update(cell_type="markdown", source="no code")
read, _ = restage(release, json.dumps(handed))
# A photograph in the text itself, as some editors paste it: what is written below it is read, and it is shown.
noise = io.BytesIO()
Image.frombytes("RGB", (120, 120), random.Random(1).randbytes(3 * 120 * 120)).save(noise, "PNG")
pasted = "![by hand](data:image/png;base64,%s)\n\nBelow the photograph." % base64.b64encode(noise.getvalue()).decode()
handed["cells"][0].update(cell_type="markdown", source=pasted)
below = restage(release, json.dumps(handed))[0].cells[0]
below = [len(pasted), safe_markdown(below.source, below.attachments)[-200:], len(below.source)]
# Pictures that only just are as others are: a small one, one with more in its address, long names, a name like ours.
small, drawing = dot["image/png"], base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
long_names = ["%s %d.png" % ("Screenshot " * 30, i) for i in range(2)]
handed["cells"][0].update(
    attachments={"pasted-1": dot, **{name: dot for name in long_names}},
    source="![own](attachment:pasted-1) ![small](data:image/png;base64,%s)\n\n![drawing](data:image/gif;base64,%s)\n\n<img alt=\"loud\" src=\"data:image/PNG;name=a.png;base64,%s\">\n\n"
    % (small, base64.b64encode(saved("GIF")).decode(), small)
    + "".join("![long %d](<attachment:%s>)\n\n" % (i, name) for i, name in enumerate(long_names))
    + "<b>%s</b>\n\n" % "".join("![](data:image/png;base64,%s)" % small for _ in range(220))
    + "![svg](data:image/svg+xml;base64,%s)\n\n<img alt=\"plain\" src=\"data:image/svg+xml;utf8,x\">" % drawing,
)
ordinary = restage(release, json.dumps(handed))[0].cells[0]
ordinary = safe_markdown(ordinary.source, ordinary.attachments)
spelled = safe_markdown("".join("![](attachment:%s) " % "".join("%61" if i >> bit & 1 else "a" for bit in range(6)) for i in range(64)), {"aaaaaa": dot})
signs = safe_markdown("`<!-- x -->` and a <!b <b>c</b>, $x<?y$ <!-- never ended\n\n```html\n<!DOCTYPE html>\n```\n\nthe *end*")
table = safe_markdown("|a|b|\n|-|-:|\n|1|2|")
# A page of cells each of which takes as long as a cell may, with an ordinary one at its end.
page.SECONDS_LIMIT, page.PAGE_SECONDS, page.REST_SECONDS = 0.4, 1, 0.05
long = ('**a*<p>[a](b "' + "[a][|a|b|\n|-|-|\n|a|b|\n|-|-|\n" * 1000)[:19_900]
context = {"cell": {}, "resources": {}}
pages = [page.markdown2html(context, source) for source in [long] * 12 + ["an *answer*"]]
pages = [sum("[shown as text: to set it takes more than" in each for each in pages), pages[-1], sum("more than 0.05 seconds" in each for each in pages)]
# Whatever it is at when its time is over.
opening = Image.open
Image.open = lambda *_, **__: time.sleep(5)
pages.append(safe_markdown("![](attachment:a)", {"a": dot}, 0.1)[:80])
Image.open = opening
cells = [(cell.cell_type, cell.source) for cell in read.cells]
print(json.dumps({"markdown": shown[:80], "letters": len(shown), "seconds": seconds, "picture": picture, "cells": cells, "plots": plots, "slow": slow, "coloured": coloured[:60], "colouring": colouring, "copied": copied, "resized": resized, "below": below, "ordinary": ordinary, "spelled": spelled.count("<img"), "signs": signs, "table": table, "pages": pages}))

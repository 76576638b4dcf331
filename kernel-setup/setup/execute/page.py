"""An executed notebook as one page that needs nothing else: plots live, plotly.js in it once, mathematics as MathML."""
import base64
import copy
import html
import json
import mimetypes
import os
import re
from urllib.parse import unquote

import nbformat
from latex2mathml.converter import convert as to_mathml
from nbconvert import HTMLExporter
from plotly.offline import get_plotlyjs

from clean import clean_html

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

DRAW = """
document.querySelectorAll("div.vitrine-plot").forEach(function (place) {
  var figure = JSON.parse(place.querySelector("script").textContent);
  place.querySelectorAll("img").forEach(function (image) { image.remove(); });
  // The wide layout or the narrow one (lib/plot/at-widths.ts), by the room there is.
  function fitting() {
    var layout = figure.layout || {}, narrow = figure.narrow;
    if (!narrow || layout.width <= place.clientWidth) return { data: figure.data, layout: layout };
    var data = figure.data.map(function (trace, i) { return Object.assign({}, trace, (narrow.traces || {})[i]); });
    return { data: data, layout: narrow.layout };
  }
  var shown;
  function draw() {
    var next = fitting();
    if (shown === next.layout) return;
    shown = next.layout;
    var config = Object.assign({ responsive: true }, figure.config);
    Plotly.react(place, structuredClone(next.data), structuredClone(shown), config).then(function () {
      if (figure.frames) Plotly.addFrames(place, structuredClone(figure.frames));
    });
  }
  draw();
  new ResizeObserver(draw).observe(place);
});
"""

STYLE = "<style>.vitrine-plot { min-height: 100px } @media print { .modebar { display: none } }</style>"

# A4, nothing off its edge: code breaks, pictures shrink, and what belongs together stays together where it can.
PAPER = """<style>
@page { size: A4; margin: 16mm 14mm }
body.jp-Notebook, body { padding: 0; overflow: visible }
.jp-Cell { page-break-inside: auto; break-inside: auto }
.jp-InputPrompt, .jp-OutputPrompt, .jp-InputCollapser, .jp-OutputCollapser { display: none }
.jp-CodeMirrorEditor pre, .highlight pre, .jp-OutputArea pre {
  white-space: pre-wrap !important; overflow-wrap: anywhere; word-break: normal !important
}
.jp-OutputArea-output { overflow: visible; max-height: none }
img, .vitrine-plot { max-width: 100%; height: auto; break-inside: avoid }
h1, h2, h3 { break-after: avoid }
table { break-inside: avoid }
</style>"""


def json_in_script(value):
    """JSON that no content can end early: a script element is read up to the first closing tag."""
    return json.dumps(value).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def caption_of(data):
    """The figure's caption, which the library gives as its text: what those read who cannot see it."""
    text = "".join(data.get("text/plain", "")).strip()
    return "Figure" if not text or text.startswith("<") else text


def picture_html(kind, data):
    return '<img alt="%s" src="data:%s;base64,%s">' % (
        html.escape(caption_of(data)), kind, "".join(data[kind]).replace("\n", ""))


def plot_html(data, paper):
    """The live plot; its picture stands there until it is drawn, and for good on paper and where scripts are off."""
    still = picture_html("image/png", data) if data.get("image/png") else ""
    if paper and still:
        return still
    words = ' role="img" aria-label="%s"' % html.escape(caption_of(data))
    return '<div class="vitrine-plot"%s>%s<script type="application/json">%s</script></div>' % (
        words, still, json_in_script(data[PLOTLY]))


def with_plots(notebook, paper=False):
    """A copy whose plots and pictures are HTML with their captions, and how many of them are live."""
    notebook = copy.deepcopy(notebook)
    # The state of sliders, for which the template would fetch a script from outside.
    notebook.metadata.pop("widgets", None)
    count = 0
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        for output in outputs:
            data = output.get("data", {})
            picture = next((kind for kind in ("image/png", "image/jpeg") if kind in data), None)
            if PLOTLY in data:
                shown = plot_html(data, paper)
                count += "vitrine-plot" in shown[:40]
                output["data"] = nbformat.from_dict({"text/html": shown})
            elif picture and "text/html" not in data:
                output["data"] = nbformat.from_dict({"text/html": picture_html(picture, data)})
            elif WIDGET in data:
                del data[WIDGET]
        # A slider moves nothing here; what it drew last is an output of its own.
        if cell.cell_type == "code":
            cell.outputs = [each for each in outputs if not only_widget(each)]
    return notebook, count


def only_widget(output):
    """A widget of which the page has nothing to show but its state as text."""
    data = output.get("data")
    if data is None or list(data) != ["text/plain"]:
        return False
    text = "".join(data["text/plain"])
    return text.startswith("widget {") or ": a slider from " in text


def formulas(text):
    """TeX between dollars to MathML, which browsers draw by themselves; what is not TeX stays as it is."""

    def formula(display):
        def replace(match):
            try:
                return to_mathml(match.group(1).strip(), display=display)
            except Exception:
                return match.group(0)

        return replace

    pieces = re.split(r"(```.*?```|`[^`\n]*`)", text, flags=re.S)
    for index in range(0, len(pieces), 2):
        piece = re.sub(r"\$\$(.+?)\$\$", formula("block"), pieces[index], flags=re.S)
        pieces[index] = re.sub(r"(?<![\\$\w])\$(?!\s)([^$\n]+?)(?<!\s)\$(?![\w$])", formula("inline"), piece)
    return "".join(pieces)


def page_html(notebook, name, paper=False, sanitize=False, folder=None):
    """
    The page of a notebook.
    :param paper: to be printed: pictures in place of live plots, nothing wider than the page
    :param sanitize: no HTML of the notebook's acts there; plots are pictures. JupyterLab ticks this for File → Export
    :param folder: of the notebook, whose pictures are put into the page
    """
    shown, plots = with_plots(notebook, paper or sanitize)
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = formulas(cell.source)
    # Nothing from outside: the page must read the same without a network.
    exporter = HTMLExporter(
        template_name="lab", require_js_url="", jquery_url="", mathjax_url="", mermaid_js_url="",
        sanitize_html=sanitize,
        filters={"clean_html": clean_html},
    )
    body, _ = exporter.from_notebook_node(shown, resources={"metadata": {"name": name}})
    body = without_outside_scripts(body)
    if folder:
        body = with_files(body, folder)
    scripts = "<script>%s</script>\n<script>%s</script>" % (get_plotlyjs(), DRAW) if plots else ""
    head, middle, rest = body.partition("</head>")
    body = head + STYLE + (PAPER if paper else "") + middle + rest
    start, middle, end = body.rpartition("</body>")
    return start + scripts + middle + end


def write_page(notebook, name, folder):
    """Writes NAME.ipynb and NAME.html, each whole or not at all. Returns the page's path."""
    write(os.path.join(folder, name + ".ipynb"), nbformat.writes(notebook))
    page = os.path.join(folder, name + ".html")
    write(page, page_html(notebook, name))
    return page


def with_files(body, folder):
    """Pictures that lie beside the notebook, put into the page. (nbconvert's embed_images takes formulas apart.)"""
    inside = os.path.realpath(folder) + os.sep

    def embed(match):
        path = os.path.realpath(os.path.join(folder, unquote(html.unescape(match.group(2)))))
        kind = mimetypes.guess_type(path)[0] or ""
        if not path.startswith(inside) or not kind.startswith("image/") or not os.path.isfile(path):
            return match.group(0)
        with open(path, "rb") as file:
            return '%sdata:%s;base64,%s"' % (match.group(1), kind, base64.b64encode(file.read()).decode())

    return re.sub(r'(<img\b[^>]*?\ssrc=")(?!data:)([^":]+)"', embed, body)


def without_outside_scripts(body):
    """The template's own loaders (MathJax, Mermaid, widgets), which ask the network."""
    body = re.sub(r"<script[^>]*\ssrc=[^>]*>\s*</script>", "", body)
    return re.sub(r'<script type="(?:text/x-mathjax-config|module)">.*?</script>', "", body, flags=re.S)


def write(path, text):
    partial = "%s.%d.partial" % (path, os.getpid())
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(partial, path)

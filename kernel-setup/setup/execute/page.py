"""An executed notebook as one page that needs nothing else: plots live, plotly.js in it once, mathematics as MathML."""
import copy
import json
import os
import re

import nbformat
from latex2mathml.converter import convert as to_mathml
from nbconvert import HTMLExporter
from plotly.offline import get_plotlyjs

PLOTLY = "application/vnd.plotly.v1+json"

DRAW = """
document.querySelectorAll("div.vitrine-plot").forEach(function (place) {
  var figure = JSON.parse(place.querySelector("script").textContent);
  place.querySelectorAll("img").forEach(function (image) { image.remove(); });
  Plotly.newPlot(place, figure.data, figure.layout || {}, Object.assign({ responsive: true }, figure.config));
});
"""

STYLE = "<style>.vitrine-plot { min-height: 100px } @media print { .modebar { display: none } }</style>"


def json_in_script(value):
    """JSON that no content can end early: a script element is read up to the first closing tag."""
    return json.dumps(value).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def plot_html(data):
    """The live plot; its picture stands there until it is drawn, and for good where scripts are off."""
    figure = data[PLOTLY]
    picture = data.get("image/png", "").replace("\n", "")
    still = '<img alt="plot" src="data:image/png;base64,%s">' % picture if picture else ""
    return '<div class="vitrine-plot">%s<script type="application/json">%s</script></div>' % (still, json_in_script(figure))


def with_plots(notebook):
    notebook = copy.deepcopy(notebook)
    count = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if PLOTLY in output.get("data", {}):
                output["data"] = nbformat.from_dict({"text/html": plot_html(output["data"])})
                count += 1
    return notebook, count


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


def write_page(notebook, name, folder):
    """Writes NAME.ipynb and NAME.html, each whole or not at all. Returns the page's path."""
    shown, plots = with_plots(notebook)
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = formulas(cell.source)
    # Nothing from outside: the page must read the same without a network.
    exporter = HTMLExporter(template_name="lab", require_js_url="", jquery_url="", mathjax_url="", mermaid_js_url="")
    body, _ = exporter.from_notebook_node(shown, resources={"metadata": {"name": name}})
    body = without_outside_scripts(body)
    scripts = "<script>%s</script>\n<script>%s</script>" % (get_plotlyjs(), DRAW) if plots else ""
    head, middle, rest = body.partition("</head>")
    body = head + STYLE + middle + rest
    start, middle, end = body.rpartition("</body>")
    body = start + scripts + middle + end
    write(os.path.join(folder, name + ".ipynb"), nbformat.writes(notebook))
    page = os.path.join(folder, name + ".html")
    write(page, body)
    return page


def without_outside_scripts(body):
    """The template's own loaders (MathJax, Mermaid, widgets), which ask the network."""
    body = re.sub(r"<script[^>]*\ssrc=[^>]*>\s*</script>", "", body)
    return re.sub(r'<script type="(?:text/x-mathjax-config|module)">.*?</script>', "", body, flags=re.S)


def write(path, text):
    partial = "%s.%d.partial" % (path, os.getpid())
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(partial, path)

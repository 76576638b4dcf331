"""File → Save and Export Notebook As …: a page that needs nothing else, and the same on paper."""
import os
import subprocess
import sys
import tempfile

from nbconvert import HTMLExporter
from traitlets import Bool, Int, default

from .chromium import chromium

# The pages of npm start -- --execute are made by the same file.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.abspath(os.path.join(HERE, *[os.pardir] * 3, "setup", "execute")))
from page import page_html  # noqa: E402


class PageExporter(HTMLExporter):
    """One file with live plots and formulas, which asks no network for anything."""

    export_from_notebook = "HTML"

    paper = False

    def page(self, nb, resources):
        metadata = resources["metadata"]
        return page_html(nb, metadata.get("name") or "Notebook", self.paper, self.sanitize_html, metadata.get("path"))

    def from_notebook_node(self, nb, resources=None, **kw):
        resources = self._init_resources(resources)
        return self.page(nb, resources), {**resources, "output_extension": ".html"}


class PdfExporter(PageExporter):
    """That page as Chromium prints it, with the plots' pictures. Not offered where there is no Chromium."""

    export_from_notebook = "PDF"
    output_mimetype = "application/pdf"
    paper = True

    enabled = Bool(help="Whether it is offered").tag(config=True)
    seconds = Int(120, help="How long Chromium may take").tag(config=True)

    @default("template_name")
    def _template_name_default(self):
        return "webpdf"  # Of those for this kind of file, which nbconvert asks for, the one that is HTML.

    @default("enabled")
    def _enabled_default(self):
        return chromium() is not None

    def from_notebook_node(self, nb, resources=None, **kw):
        resources = self._init_resources(resources)
        return printed(self.page(nb, resources), self.seconds), {**resources, "output_extension": ".pdf"}


def printed(html, seconds):
    """@raises RuntimeError in words where it cannot be printed."""
    browser = chromium()
    if browser is None:
        raise RuntimeError("no Chromium or Chrome was found. Install one, or export HTML and print that page")
    with tempfile.TemporaryDirectory(prefix="vitrine-pdf-") as folder:
        page, pdf = os.path.join(folder, "page.html"), os.path.join(folder, "page.pdf")
        with open(page, "w", encoding="utf-8") as file:
            file.write(html)
        command = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            # What a notebook shows may name addresses; a page on paper asks nobody.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--user-data-dir=%s" % os.path.join(folder, "profile"),
            "--no-pdf-header-footer",
            "--print-to-pdf=%s" % pdf,
            # As root, in containers, Chromium has no sandbox.
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            "file://%s" % page if os.name != "nt" else "file:///%s" % page.replace(os.sep, "/"),
        ]
        try:
            made = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError("%s printed nothing within %d s" % (browser, seconds)) from None
        if not os.path.exists(pdf):
            said = made.stderr.decode("utf-8", "replace").strip().splitlines()
            why = ": " + said[-1] if said else ""
            raise RuntimeError("%s could not print (exit %s)%s" % (browser, made.returncode, why))
        with open(pdf, "rb") as file:
            return file.read()

"""Markdown that a student wrote, as HTML for the page of someone who may change grades."""
import base64
import io
import re
import signal
import threading
import time
from contextlib import contextmanager
from html import escape, unescape
from urllib.parse import unquote

import bleach
from nbconvert.filters.markdown_mistune import MISTUNE_V3, HTMLRenderer, IPythonRenderer, MarkdownWithMath

from pictures import SIDE, joined

try:
    from jinja2 import pass_context
except ImportError:  # jinja2 < 3
    from jinja2 import contextfilter as pass_context

TAGS = [
    "a", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "b",
    "img", "li", "ol", "p", "pre", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
]
ATTRIBUTES = {"a": lambda tag, name, value: name == "title" or (name == "href" and is_address(value)), "img": lambda tag, name, value: name == "alt" or (name == "src" and is_picture(value)), "th": ["align"], "td": ["align"], "ol": ["start"]}
MARKDOWN_LIMIT = 20_000
# Of signs that begin an element, or end it: a table's row is four of them for each two characters.
SIGNS_LIMIT = 8_000
# Of formulas, each of which takes MathJax milliseconds, however short it is.
FORMULAS_LIMIT = 500
FORMULA_ENDS = re.compile(r"\$|\\[()\[\]]|\\(?:begin|end)(?![a-zA-Z])")
# MathJax obeys these in a formula. Defined names make of four letters five thousand, again and again, and hold for the whole page.
COMMANDS = re.compile(
    r"(?:\\|&#92;|&#x5c;|&bsol;)(href|url|class|cssId|style|unicode|require|data|htmlData|htmlStyle|htmlClass|htmlId|bbox|includegraphics|mmlToken"
    r"|def|let|newcommand|renewcommand|newenvironment|renewenvironment|DeclareMathOperator|Newextarrow)(?![a-zA-Z])",
    re.IGNORECASE,
)
# Whatever else takes time without end, in an answer that a person writes in milliseconds.
SECONDS_LIMIT = 5
# Of a whole page, which keeps JupyterLab waiting: a dozen cells may each take that long. Once it is used up no cell has
# more than the rest, in which everything that people write is set.
PAGE_SECONDS = 12
REST_SECONDS = 0.25
USED_UP = "vitrine_seconds_left"
# MathJax's rules, raised letters and spaces below zero may be put anywhere: they are seen, and clicked on, only within
# the answer, not over the field for its points or over another student's name.
BOX = '<div style="contain: paint; overflow: auto; max-height: 12000px">%s</div>'

# A letter of a command's name may be written by its number: what the browser makes of it is what MathJax reads.
ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|#39|#x27);)(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);?", re.IGNORECASE)


# A picture of the notebook's own as HTML, which JupyterLab shows too: whoever makes a pasted photograph smaller writes it so.
IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
OWN_PICTURE = re.compile(r"""\ssrc\s*=\s*(?:"(attachment:[^"]*)"|'(attachment:[^']*)'|(attachment:[^\s"'>]*))""", re.IGNORECASE)

# Stands for a sign that begins no element. A character of nobody's.
LESS = "\ue000"


class TooSlow(BaseException):
    """It took longer than it may. Nothing on the way takes it for an error of its own: a picture that cannot be read."""


@contextmanager
def in_time(seconds):
    """Stops what takes too long, where the system can: a regular expression looks for signals, too."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise TooSlow()

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def as_read(html):
    return ENTITY.sub(lambda found: escape(unescape(found.group(0))), html)


def is_picture(value):
    """A picture that is in the page: one from elsewhere would tell who reads it, and when. No larger than those we draw."""
    if re.fullmatch(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*", value) is None:
        return False
    # Ten thousand letters can be a picture of a hundred million pixels, which a browser gives up on.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(value.split(",", 1)[1])), formats=("PNG", "JPEG")) as image:
            return image.width <= SIDE and image.height <= SIDE
    except Exception:
        return False


def is_address(value):
    return re.match(r"\s*(https?:|mailto:|#)", value, re.IGNORECASE) is not None


def clean(html):
    """Raises ValueError where the page would have too many elements."""
    cleaner = bleach.Cleaner(tags=TAGS, attributes=ATTRIBUTES, protocols=["http", "https", "mailto", "data"], strip=False)
    # What is open is opened again in every paragraph: a few thousand letters may make millions of elements.
    tree, made = cleaner.parser.tree, 0
    element = tree.elementClass

    def counted(*args, **named):
        nonlocal made
        made += 1
        if made > SIGNS_LIMIT:
            raise ValueError("more than %d elements" % SIGNS_LIMIT)
        return element(*args, **named)

    tree.elementClass = counted
    html = cleaner.clean(html)
    html = re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "[a picture that is not shown here: paste it into the notebook, as PNG or JPEG]", html)
    # Nbgrader's page leaves no room in tables: "1" and "2" beside each other would be read as 12.
    html = re.sub(r"<(t[dh])(?=[ >])", r'<\1 style="padding: 2px 8px"', html)
    # Whole, where the page is narrower: what is left of the student's tags is ours, and only they begin so.
    return html.replace("<img ", '<img style="max-width: 100%; height: auto" ')


class Renderer(IPythonRenderer):
    """Says in place which picture is not shown, where nbconvert's own gives up the whole notebook. Each is shown once."""

    def __init__(self, **options):
        super().__init__(**options)
        self.shown = set()

    def block_code(self, code, info=None):
        """Not coloured: the language is the student's choice, and some take time by the cube of the code's length."""
        return HTMLRenderer.block_code(self, code)

    def block_html(self, html):
        return super().block_html(self.with_own_pictures(html))

    def inline_html(self, html):
        return super().inline_html(self.with_own_pictures(html))

    def with_own_pictures(self, html):
        return IMG.sub(self.own_picture, html)

    def own_picture(self, tag):
        source = OWN_PICTURE.search(tag.group(0))
        if source is None:
            return tag.group(0)
        url = unescape(next(filter(None, source.groups())))
        return self.image(*(("", url) if MISTUNE_V3 else (url, "")))

    def image(self, text, url, title=None):
        # The older mistune has them the other way round.
        source = url if MISTUNE_V3 else text
        if not source.startswith("attachment:"):
            return super().image(text, url, title)
        name = source[len("attachment:"):]
        # One name, in however many ways it is spelled.
        name = name if name in self.attachments else unquote(name)
        bundle = self.attachments.get(name) or {}
        picture = next((kind for kind in ("image/png", "image/jpeg") if kind in bundle), None)
        if picture is None:
            why = joined(bundle.get("text/plain")) or "it is not in the notebook"
        elif name in self.shown:
            # Hundreds of times a picture would make a page that nothing can hold.
            picture, why = None, "it is shown above"
        if picture is None:
            return "<em>[picture “%s”: %s]</em>" % (escape(unquote(name)[:80]), escape(why[:200]))
        self.shown.add(name)
        shown = "data:%s;base64,%s" % (picture, joined(bundle[picture]))
        return HTMLRenderer.image(self, *((text, shown) if MISTUNE_V3 else (shown, url)), title)


def safe_markdown(source, attachments=None, seconds=SECONDS_LIMIT):
    """Of a text without end only its letters: elements in each other take time by the square of their number."""
    if len(source) > MARKDOWN_LIMIT:
        return as_text(source, "it has more than %d characters" % MARKDOWN_LIMIT)
    attachments = attachments if isinstance(attachments, dict) else {}
    renderer = Renderer(escape=False, attachments=attachments, embed_images=False, path="", anchor_link_text="", exclude_anchor_links=True)
    try:
        with in_time(seconds):
            return set_as_html(renderer, source)
    except TooSlow:
        return as_text(source, "to set it takes more than %g seconds" % round(seconds, 2))
    except Exception:
        # Whatever no renderer gets to the end of: a person reads it as text.
        return as_text(source, "it cannot be set as Markdown")


def set_as_html(renderer, source):
    # What begins as a comment and does not end would take the rest of the answer with it. Of code the sign is a part.
    html = MarkdownWithMath(renderer=renderer).render(re.sub(r"<(?=[!?])", LESS, source.replace(LESS, "\ufffd")))
    if html.count("<") > SIGNS_LIMIT:
        return as_text(source, "it makes more than %d elements" % (SIGNS_LIMIT // 2))
    if len(FORMULA_ENDS.findall(html)) > 2 * FORMULAS_LIMIT:
        return as_text(source, "it has more than %d formulas" % FORMULAS_LIMIT)
    # Afterwards: comments and entities may have hidden a command's name before.
    return COMMANDS.sub(r"\\text{\1}", as_read(clean(html))).replace(LESS, "&lt;")


def as_text(source, why):
    return "<p><em>[shown as text: %s]</em></p><pre>%s</pre>" % (why, escape(source))


@pass_context
def markdown2html(context, source):
    """In place of nbconvert's filter of the same name, which lets HTML through."""
    # Its own for each page.
    page, begun = context.get("resources", {}), time.monotonic()
    left = page.get(USED_UP, PAGE_SECONDS)
    attachments = context.get("cell", {}).get("attachments", {})
    html = BOX % safe_markdown(source, attachments, min(SECONDS_LIMIT, max(REST_SECONDS, left)))
    page[USED_UP] = left - (time.monotonic() - begun)
    return html

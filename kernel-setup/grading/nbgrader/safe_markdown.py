"""Markdown that a student wrote, as HTML for the page of someone who may change grades."""
import re

import bleach
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

try:
    from jinja2 import pass_context
except ImportError:  # jinja2 < 3
    from jinja2 import contextfilter as pass_context

TAGS = [
    "a", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "b",
    "img", "li", "ol", "p", "pre", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
]
ATTRIBUTES = {"a": ["href", "title"], "img": lambda tag, name, value: name == "alt" or (name == "src" and is_picture(value)), "th": ["align"], "td": ["align"], "ol": ["start"]}
# MathJax obeys these in a formula.
COMMANDS = re.compile(r"\\(href|url|class|cssId|style|unicode|require|data|htmlData|htmlStyle|htmlClass|htmlId|bbox|includegraphics)(?![a-zA-Z])")


def is_picture(value):
    """A picture that is in the page: one from elsewhere would tell who reads it, and when."""
    return re.fullmatch(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=\s]*", value) is not None


def clean(html):
    html = bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=["http", "https", "mailto", "data"], strip=False)
    return re.sub(r"<img(?![^>]*\ssrc=)[^>]*>", "[a picture that is not in the notebook]", html)


def safe_markdown(source, attachments=None):
    renderer = IPythonRenderer(escape=False, attachments=attachments or {}, embed_images=False, path="", anchor_link_text="", exclude_anchor_links=True)
    return clean(MarkdownWithMath(renderer=renderer).render(COMMANDS.sub(r"\\text{\1}", source)))


@pass_context
def markdown2html(context, source):
    """In place of nbconvert's filter of the same name, which lets HTML through."""
    return safe_markdown(source, context.get("cell", {}).get("attachments", {}))

"""What may stand in a page whose HTML is not to act: text, tables, formulas and pictures that are in the page itself."""
import re

import bleach
from bleach.css_sanitizer import CSSSanitizer

TEXT = (
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 "
    "hr i img kbd li ol p pre s small span strong sub summary sup table tbody td tfoot th thead tr ul"
).split()
# What latex2mathml writes.
FORMULAS = (
    "math menclose mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt "
    "mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"
).split()
FORMULA_ATTRIBUTES = (
    "xmlns display stretchy fence form separator lspace rspace width height depth minsize maxsize mathvariant "
    "linethickness accent accentunder columnalign rowspacing columnspacing displaystyle scriptlevel movablelimits"
).split()
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$")
ADDRESS = re.compile(r"(?:https?:|mailto:|#|[\w./-]+(?:[?#]|$))", re.IGNORECASE)
STYLE = CSSSanitizer(allowed_css_properties=["text-align", "color", "font-weight", "font-style", "width", "height"])


def allowed(tag, name, value):
    """Whether an element keeps an attribute."""
    if name in ("class", "id", "title", "align", "colspan", "rowspan", "start", "style"):
        return True
    if tag == "a":
        return name == "href" and ADDRESS.match(value.strip()) is not None
    if tag == "img":
        return name in ("alt", "width", "height") or (name == "src" and PICTURE.match(value.strip()) is not None)
    return tag in FORMULAS and name in FORMULA_ATTRIBUTES


def clean_html(element):
    """In place of nbconvert's filter of this name, which shows the tags of paragraphs, headings and pictures as text."""
    text = element.decode() if isinstance(element, bytes) else str(element)
    return bleach.clean(
        text,
        tags=TEXT + FORMULAS,
        attributes=allowed,
        protocols=["http", "https", "mailto", "data"],
        css_sanitizer=STYLE,
        strip=True,
        strip_comments=True,
    )

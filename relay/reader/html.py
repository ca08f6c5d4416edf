"""HTML to text, by inscriptis, from a tree in which nothing is left that could hurt or hide.

What inscriptis would do with a whole document: recurse to its depth, pad every cell of a table to
the longest (25 kB of rows become 40 MB), leave as much room as a style asks for. So the tree is
counted, stripped of every attribute and laid out without tables. Gone are scripts, styles, pictures
and what is hidden from whoever reads the mail. A link stays as its text, followed by its address
where the text does not show it. What a mail program calls a quote or a signature has borders around
it in the text (``relay.reader.lines``). Nothing is fetched.
"""

from __future__ import annotations

import re
from typing import Any, Final

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from lxml import etree
from lxml import html as lxml_html

from relay.reader.counted import TooMuch
from relay.reader.lines import (
    BORDER,
    CLOSES_QUOTE,
    CLOSES_SIGNATURE,
    OPENS_QUOTE,
    OPENS_SIGNATURE,
)

MAX_DEPTH: Final = 250
"""Elements in elements; libxml2 stops at 256, silently. A long exchange of quotes has a hundred."""

MAX_ELEMENTS: Final = 20_000
"""Elements; 20,000 take 0.2 s. A newsletter has two thousand."""

MAX_ATTRIBUTES: Final = 500
"""Attributes of one element, and words in its tag outside quotation marks: the parser takes the
square of their number, 0.9 s for 20,000. Mail programs write a dozen."""

MAX_CHARACTERS: Final = 1_000_000
"""Characters of text in the document, fifty times what a message may have."""

_UNSEEN: Final = frozenset(
    [
        "head",
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "svg",
        "math",
        "audio",
        "video",
        "canvas",
        "select",
        "textarea",
        "datalist",
    ]
)
_HIDING: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|font-size\s*:\s*0+(?:\.0+)?(?![.\d])|opacity\s*:\s*0+(?:\.0+)?(?![.\d])",
    re.IGNORECASE,
)
_LONGEST_STYLE: Final = 4096
_ADDRESS: Final = re.compile(r"(?:https?://|mailto:|tel:)\S+\Z", re.IGNORECASE)
_NO_XML: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff{BORDER}]")
"""What lxml gives out of HTML and takes back from nobody; and what we put in ourselves."""

_SCHEME: Final = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)
_VALUE: Final = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_LONG_TAG: Final = re.compile(rf"<[a-zA-Z/!?][^<>]{{{MAX_ATTRIBUTES * 2},}}")
_WORDS_OF_TAG: Final = re.compile(r"[\s/=]+")

_TABLES: Final = ("table", "tr", "td", "th")
_LAYOUT: Final = ParserConfig(
    css={
        **STRICT_CSS_PROFILE,
        "body": HtmlElement(display=Display.block),
        "table": HtmlElement(display=Display.block),
        "tr": HtmlElement(display=Display.block),
        "td": HtmlElement(suffix=" "),
        "th": HtmlElement(suffix=" "),
    },
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        start_tag_mapping=dict.fromkeys(_TABLES), end_tag_mapping=dict.fromkeys(_TABLES)
    ),
)


def to_text(html: str) -> str:
    """The text of an HTML document, not yet cleaned. Raises TooMuch."""
    if html.count("<") > 3 * MAX_ELEMENTS:
        raise TooMuch("too much HTML")
    _count_attributes(html)
    parser = lxml_html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    try:
        tree = lxml_html.document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # there is no element in it
        return ""
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise TooMuch("HTML beyond the limits of its parser")
    _count(tree)
    _tidy(tree)
    return str(Inscriptis(tree, _LAYOUT).get_text())


def _count_attributes(html: str) -> None:
    """Refuse a tag with too many attributes before the parser sees it.

    A rough look: who nests quotation marks to get past it meets the CPU limit of the process."""
    for tag in _LONG_TAG.finditer(_VALUE.sub("=", html)):
        if len(_WORDS_OF_TAG.findall(tag[0])) > MAX_ATTRIBUTES:
            raise TooMuch("an HTML element with too many attributes")


def _count(tree: Any) -> None:
    elements = depth = characters = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "end":
            continue
        elements += 1
        characters += len(element.text or "") + len(element.tail or "")
        if depth > MAX_DEPTH:
            raise TooMuch("HTML nested too deeply")
        if elements > MAX_ELEMENTS or characters > MAX_CHARACTERS:
            raise TooMuch("too much HTML")


def _tidy(tree: Any) -> None:
    """Drop what is not shown, write out addresses, and leave no attribute."""
    for element in tree.iter("*"):
        if _NO_XML.search(element.text or ""):
            element.text = _NO_XML.sub("", element.text)
        if _NO_XML.search(element.tail or ""):
            element.tail = _NO_XML.sub("", element.tail)
    for element in list(tree.iter("*")):
        if element is not tree and _hidden(element):
            element.drop_tree()
    for link in tree.iter("a"):
        _show_address(link)
    for element in tree.iter("*"):
        _set_apart(element)
    for element in tree.iter("*"):
        element.attrib.clear()


def _hidden(element: Any) -> bool:
    if element.tag in _UNSEEN or element.get("hidden") is not None:
        return True
    return _HIDING.search((element.get("style") or "")[:_LONGEST_STYLE]) is not None


_QUOTES: Final = re.compile(r"quote|^cite|replycontent|original-?message", re.IGNORECASE)
_SIGNS: Final = re.compile(r"signature", re.IGNORECASE)
_RULED: Final = re.compile(
    r"border(?:-left|-right)?\s*:\s*(?!0|none)[^;]{0,60}solid", re.IGNORECASE
)
_LONGEST_NAME: Final = 200


def _set_apart(element: Any) -> None:
    """Put borders around what the program that made this says is a quote, or a signature: by a
    type, a class, an id; or a line drawn beside it. A blockquote alone may be an indentation."""
    names = [(element.get(name) or "")[:_LONGEST_NAME] for name in ("type", "class", "id")]
    if element.tag == "blockquote":
        style = (element.get("style") or "")[:_LONGEST_STYLE]
        if any(map(_QUOTES.search, names)) or _RULED.search(style):
            _put_around(element, OPENS_QUOTE, CLOSES_QUOTE)
    elif any(map(_SIGNS.search, [*names[1:], (element.get("data-smartmail") or "")[:99]])):
        _put_around(element, OPENS_SIGNATURE, CLOSES_SIGNATURE)


def _put_around(element: Any, opens: str, closes: str) -> None:
    element.text = opens + (element.text or "")
    _put_last(element, closes)


def _put_last(element: Any, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _show_address(link: Any) -> None:
    """Write the address after the text: who sent the link meant it, and what is not seen cannot be
    checked for danger."""
    address = _NO_XML.sub("", link.get("href") or "").strip()
    if not _ADDRESS.match(address):
        return
    text = link.text_content()
    if _SCHEME.sub("", address).rstrip("/") in text:
        return
    shown = f" <{address}>" if text.strip() else f"<{address}>"
    _put_last(link, shown)

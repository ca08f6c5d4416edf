"""Clean text: what is changed in a text that is published, and nothing else.

- NFC; line ends are ``\\n``; white space at the ends of lines and of the text is gone, and of
  several empty lines two stay;
- control characters but newline and tab, U+FEFF, U+00AD, tag characters (U+E0000 to U+E007F) and
  bidi embeddings and overrides (U+202A to U+202E), which can disguise a link, are gone; so are
  isolates (U+2066 to U+2069) that have no partner;
- ZWNJ and ZWJ stay: Persian and emoji need them. So do U+200E and U+200F.
"""

from __future__ import annotations

import re
import unicodedata

_GONE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\ufeff\u202a-\u202e\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_ENDS = re.compile(r"[ \t\u00a0]+$", re.MULTILINE)
_EMPTY = re.compile(r"\n{4,}")
_OPEN, _CLOSE = "\u2066\u2067\u2068", "\u2069"
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85\x0b\x0c]")


def clean(text: str) -> str:
    """The text as it may be published."""
    text = _LINE_ENDS.sub("\n", text)
    text = unicodedata.normalize("NFC", _GONE.sub("", text))
    text = _EMPTY.sub("\n\n\n", _ENDS.sub("", _paired(text)))
    return text.strip("\n").strip()


def _paired(text: str) -> str:
    """The text without isolates that are not closed in their paragraph, or close nothing."""
    if not any(one in text for one in _OPEN + _CLOSE):
        return text
    return "\n".join(_paired_line(line) for line in text.split("\n"))


def _paired_line(line: str) -> str:
    kept = list(line)
    opened: list[int] = []
    for at, one in enumerate(line):
        if one in _OPEN:
            opened.append(at)
        elif one == _CLOSE:
            if opened:
                opened.pop()
            else:
                kept[at] = ""
    for at in opened:
        kept[at] = ""
    return "".join(kept)


def unflow(text: str, delsp: bool) -> str:
    """Join the lines that a mail program broke (RFC 3676, format=flowed)."""
    lines: list[str] = []
    going_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        shown = line[1:] if line.startswith(" ") else line
        if going_on and not shown.startswith(">") and shown != "-- ":
            lines[-1] += shown
        else:
            lines.append(shown)
        going_on = shown.endswith(" ") and shown != "-- "
        if going_on and delsp:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)

"""What is done to a text, and nothing else is: what remains is published to the letter.

1. Lines end with LF. CRLF, CR, VT, FF, NEL, U+2028 and U+2029 are ends of lines.
2. Removed: all other C0 and C1 controls but the tab; U+FEFF, U+00AD, tag characters
   (U+E0000-E007F); the bidi embeddings and overrides U+202A-202E, and isolates U+2066-2069 that
   are not closed, or not opened, on their line; interlinear marks U+FFF9-FFFB; signs of formulas,
   music and shorthand without width (U+2061-2064, 1D173-1D17A, 1BCA0-1BCA3), deprecated ones
   (U+206A-206F); noncharacters U+FFFE and U+FFFF, which XML cannot carry.
3. A surrogate without its other half becomes U+FFFD.
4. What shows nothing stays only where a script needs it (``relay.reader.signs``):
   - ZWNJ and ZWJ stay everywhere: Persian and emoji need them;
   - a variation selector stays on a sign that has such forms, one on each: U+FE0E and FE0F on a
     picture (on a digit before U+20E3 alone), U+FE00-FE02 on Han, Burmese, Phags-pa, mathematics
     and full-width stops, U+E0100-E01EF on Han;
   - U+200B and U+2060 stay beside Thai, Lao, Tibetan, Burmese, Khmer and their like, U+034F beside
     Hebrew, U+17B4 and 17B5 beside Khmer, U+180B-180F beside Mongolian; one of each in a row;
   - marks of direction U+200E, U+200F and U+061C, and isolates, go where nothing in the text runs
     from right to left; those marks also within a word of one direction, and the second of two;
   - U+115F stays before a vowel of Hangul, U+1160 after a consonant, U+2800 beside Braille.
5. Blanks of other widths (U+00A0, U+2000-200A, U+202F, U+205F, U+3000) become plain ones, also
   before the signs of French: a line that breaks before its "!" is the lesser harm. U+3000 stays
   beside Chinese, Japanese and Korean, U+202F beside Mongolian. Two plain blanks between words
   become one; three and more are seen, and stay, as do those at the beginning of a line.
6. More than 30 combining marks on one letter are cut to 30 (the Stream-Safe Text Format, UAX #15
   section 13, keeps normalising cheap). NFC. White space at the ends of lines and around the whole
   text is gone.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby, islice
from typing import Final

from relay.reader.signs import plain_blanks, without_unseen

MEDIA: Final = "media"
"""Flag: something came along that is not text; held for a person."""

CUT: Final = "cut_text"
"""Flag: the text is the beginning of a longer one, which is kept whole as a medium."""

MAX_TEXT: Final = 20_000
"""Characters of a text: ten pages, seventy posts of a short platform. What is longer is kept whole
as a medium and its beginning becomes the text, so that a person sees it before it goes on."""

MAX_TITLE: Final = 300
"""Characters of a title. A longer Subject is a text somebody wrote in the wrong place."""

MAX_MARKS: Final = 30

_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_REMOVED: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\ufeff\u202a-\u202e\u2061-\u2065\u206a-\u206f\ufff9-\ufffb"
    "\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ISOLATE: Final = re.compile("[\u2066-\u2069]")
_END_OF_ISOLATE: Final = "\u2069"


def clean(text: str) -> str:
    """The text as it may be published. ``text`` has at most a few times MAX_TEXT characters."""
    text = _ENDS.sub("\n", text)
    text = _SURROGATE.sub("\ufffd", _REMOVED.sub("", text))
    if _ISOLATE.search(text):
        text = "\n".join(map(_paired_isolates, text.split("\n")))
    text = plain_blanks(without_unseen(text))
    text = unicodedata.normalize("NFC", _few_marks(text))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n").rstrip()


def clean_line(text: str) -> str:
    """As ``clean``, in one line: for a title."""
    return " ".join(clean(text).split())


def fitted(text: str) -> tuple[str, bool]:
    """The text clean and no longer than MAX_TEXT, to the end of a word; and whether it was cut.

    It is cut before it is cleaned, so that nothing costly is done to what is too long, and once
    more after: NFC can make three characters of one."""
    begun, was_cut = _cut(text.strip())
    made, was_cut_again = _cut(clean(begun))
    return made.rstrip(), was_cut or was_cut_again


def _cut(text: str) -> tuple[str, bool]:
    if len(text) <= MAX_TEXT:
        return text, False
    end = re.search(r"\s\S*\Z", text[MAX_TEXT - 100 : MAX_TEXT])
    return text[: MAX_TEXT - len(end[0])] if end else text[:MAX_TEXT], True


def _few_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    for is_mark, run in groupby(text, lambda char: unicodedata.combining(char) > 0):
        kept += islice(run, MAX_MARKS if is_mark else None)
    return "".join(kept)


def _paired_isolates(line: str) -> str:
    """Without isolates that are not closed here, or close nothing: they would turn what follows."""
    opened: list[int] = []
    alone: set[int] = set()
    for found in _ISOLATE.finditer(line):
        if found[0] != _END_OF_ISOLATE:
            opened.append(found.start())
        elif opened:
            opened.pop()
        else:
            alone.add(found.start())
    alone.update(opened)
    return "".join(char for at, char in enumerate(line) if at not in alone) if alone else line


def unflow(text: str, *, delete_space: bool) -> str:
    """Undo ``format=flowed`` (RFC 3676 section 4): lines that end with a space go on in the next.

    ``delete_space`` is DelSp=yes: that space was added and goes. Quoted lines are joined with those
    of the same depth only; an empty line and the signature separator "-- " stay lines of their own.
    """
    paragraphs: list[list[str]] = []
    depth_before, goes_on = 0, False
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # space-stuffing
        signature = bare == "-- "
        flowed = bare.endswith(" ") and not signature
        piece = bare[:-1] if flowed and delete_space else bare
        if goes_on and bare and depth == depth_before and not signature:
            paragraphs[-1].append(piece)
        else:
            paragraphs.append([">" * depth + " " * bool(depth) + piece])
        depth_before, goes_on = depth, flowed
    return "\n".join(map("".join, paragraphs))

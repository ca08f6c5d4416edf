"""Burmese that was typed in Zawgyi, an older coding that uses the same code points otherwise.

Read as Unicode it shows wrong letters, and a search for its words finds nothing; many phones in
Myanmar still write it. It is told by myanmartools (Apache-2.0), a model of which letters follow
each other in either coding. It is turned into Unicode by the rules of CLDR ("Zawgyi-my") where
PyICU is installed, the one library with those rules that is kept; it is 40 MB and wants a compiler,
so that a node does not have it by itself. Elsewhere, and in doubt, the text is left as it came and
marked, and a person sees it.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final

from relay.reader.text import MAX_TEXT

ZAWGYI: Final = "zawgyi"
"""Flag: the text may be Zawgyi and was left as it came."""

WAS_ZAWGYI: Final = "was_zawgyi"
"""Flag: the text came in Zawgyi and was turned into Unicode."""

PERHAPS: Final = 0.05
CERTAIN: Final = 0.95
"""Probabilities. The authors of the model advise the lower one where a person looks afterwards (it
misses under 1 % of Zawgyi), the upper one before a text is changed (it takes under 1 % of Unicode
for Zawgyi)."""

_BURMESE: Final = re.compile("[\u1000-\u109f]")
_PIECE: Final = re.compile(r"[\s\S]{1,400}(?!\S)")
"""As much as is turned at once, up to a blank: ICU's time grows with the square of what it gets (20
kB of one letter took it 13 s). Burmese has blanks between phrases; what has none is no text."""

Convert = Callable[[str], str]


def in_unicode(title: str, text: str) -> tuple[str, str, str]:
    """Title and text in Unicode as far as possible, and the flag that says what was done (empty
    where nothing is to say). Linear in their length."""
    detector, convert = _detector(), _converter()  # both loaded while a reader may open files
    if not _BURMESE.search(f"{title}\n{text}"):
        return title, text, ""
    probability = detector.get_zawgyi_probability(f"{title}\n{text}")
    if probability < PERHAPS:
        return title, text, ""
    if convert is None or probability < CERTAIN:
        return title, text, ZAWGYI
    made_title, made_text = _turned(title, convert), _turned(text, convert)
    if bool(made_title) != bool(title) or bool(made_text) != bool(text):
        return title, text, ZAWGYI
    return made_title, made_text, WAS_ZAWGYI


def _turned(text: str, convert: Convert) -> str:
    """The text in Unicode; empty if it cannot be turned, or becomes too long."""
    made: list[str] = []
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            return ""
        made.append(convert(piece[0]))
        at = piece.end()
    turned = unicodedata.normalize("NFC", "".join(made)).strip()
    return turned if len(turned) <= MAX_TEXT else ""


@cache
def _detector() -> Any:
    from myanmartools import ZawgyiDetector

    with warnings.catch_warnings():  # it opens its model by a call that Python 3.11 advises against
        warnings.simplefilter("ignore", DeprecationWarning)
        return ZawgyiDetector()


@cache
def _converter() -> Convert | None:
    try:
        icu: Any = import_module("icu")
        convert: Convert = icu.Transliterator.createInstance("Zawgyi-my").transliterate
    except Exception:  # not installed; or an ICU before 63, which lacks the rules
        return None
    return convert

"""Which language a text is in, as far as its letters tell.

Honest rather than clever: a script that one language uses names it, tell-tale letters name some
more, Latin letters name none ("und"). Nothing is guessed from words.
"""

from __future__ import annotations

import re
from typing import Final

UNKNOWN: Final = "und"

_SCRIPTS: Final = {
    "Latn": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
    "Arab": "\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c7"
    "\ufb50-\ufdff\ufe70-\ufefc",
    "Cyrl": "\u0400-\u052f",
    "Hani": "\u3400-\u4dbf\u4e00-\u9fff",
    "Kana": "\u3040-\u30ff",
    "Hang": "\uac00-\ud7a3\u1100-\u11ff",
    "Mymr": "\u1000-\u109f",
    "Hebr": "\u05d0-\u05ea",
    "Grek": "\u0370-\u03ff",
    "Thai": "\u0e00-\u0e7f",
    "Deva": "\u0900-\u097f",
    "Beng": "\u0980-\u09ff",
    "Geor": "\u10a0-\u10ff",
    "Armn": "\u0531-\u058f",
    "Ethi": "\u1200-\u137f",
    "Khmr": "\u1780-\u17ff",
}
_LETTERS: Final = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS.items()}

# First match wins. Letters that only this language has among those likely to reach us.
_ARABIC: Final = (
    ("ckb", re.compile("[\u0695\u06b5\u06c6\u06ce\u06d5]")),
    ("ps", re.compile("[\u067c\u0689\u0693\u0696\u069a\u06ab\u06bc\u06cd\u06d0]")),
    ("ur", re.compile("[\u0679\u0688\u0691\u06ba\u06be\u06c1\u06d2]")),
    ("fa", re.compile("[\u067e\u0686\u0698\u06af\u06a9\u06cc]")),
    ("ar", re.compile("")),
)
_CYRILLIC: Final = (
    ("und-Cyrl", re.compile("[әғқңөұүһђјљњћџѓќѕӣӯҳҷ]", re.I)),
    ("be", re.compile("ў", re.I)),
    ("uk", re.compile("[іїєґ]", re.I)),
    ("ru", re.compile("")),
)
_ONLY: Final = {
    "Latn": UNKNOWN,
    "Hani": "zh",
    "Kana": "ja",
    "Hang": "ko",
    "Mymr": "my",
    "Hebr": "he",
    "Grek": "el",
    "Thai": "th",
    "Deva": "und-Deva",
    "Beng": "bn",
    "Geor": "ka",
    "Armn": "hy",
    "Ethi": "und-Ethi",
    "Khmr": "km",
}

_WRITTEN: Final = """
Arab  ar fa ur ps ckb ku ug sd azb glk mzn lrc ks
Hebr  he yi
Cyrl  ru uk be bg mk kk ky tg mn tt ba cv ce os sr uz az
Latn  sr uz az ku
Deva  hi mr ne sa
Ethi  am ti
Hani  zh ja ko
Kana  ja
Hang  ko
Mymr  my
Grek  el
Thai  th
Beng  bn
Geor  ka
Armn  hy
Khmr  km
"""
"""Scripts and the languages written in them; a language that is not named here is in Latin."""

_SCRIPTS_OF: Final[dict[str, set[str]]] = {}
for _script, *_languages in map(str.split, _WRITTEN.strip().splitlines()):
    for _language in _languages:
        _SCRIPTS_OF.setdefault(_language, set()).add(_script)
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_NOT_PROSE: Final = re.compile(r"\w{1,12}://\S+|[@#]\w+")
_ENOUGH: Final = 20_000


def language_of(text: str, declared: str = "") -> str:
    """The language of a text as a BCP 47 tag, "und" if its letters do not tell.

    ``declared`` is a Content-Language field: one simple tag is believed, unless that language is
    not written in the letters of the text (mail programs write "en-US" over everything).
    """
    script = _main_script(text[:_ENOUGH])
    tag = declared.strip()
    if _TAG.fullmatch(tag):
        language = tag.partition("-")[0].lower()
        if script == "" or script in _SCRIPTS_OF.get(language, {"Latn"}):
            return tag
    if script == "Arab":
        return _first(_ARABIC, text)
    if script == "Cyrl":
        return _first(_CYRILLIC, text)
    return _ONLY.get(script, UNKNOWN)


def _main_script(text: str) -> str:
    """The script of most letters; empty if there are none. Japanese is what has any Kana in Han."""
    prose = _NOT_PROSE.sub(" ", text)
    counts = {name: len(letters.findall(prose)) for name, letters in _LETTERS.items()}
    if counts["Kana"] and counts["Hani"]:
        counts["Kana"] += counts.pop("Hani")
    script = max(counts, key=lambda name: counts[name])
    return script if counts[script] else ""


def _first(languages: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str:
    return next(name for name, letters in languages if letters.search(text))

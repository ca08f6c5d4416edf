"""What language a text is in, as far as its letters tell, and which way it runs.

Honest and small: scripts and tell-tale letters, no statistics. What cannot be told is "und"
(BCP 47).
"""

from __future__ import annotations

import unicodedata

SAMPLE = 2000
"""Characters that are looked at."""

_PERSIAN = frozenset("پچژگیک")
_ARABIC = frozenset("ةىيكؤئإأ")
_URDU = frozenset("ٹڈڑںےہ")
_UKRAINIAN = frozenset("іїєґІЇЄҐ")
_SCRIPTS = {
    "HEBREW": "he", "CYRILLIC": "ru", "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja",
    "HANGUL": "ko", "MYANMAR": "my", "GREEK": "el", "THAI": "th", "ARMENIAN": "hy",
    "GEORGIAN": "ka", "ETHIOPIC": "am", "TIBETAN": "bo", "KHMER": "km", "LAO": "lo",
}  # fmt: skip


def language_of(text: str) -> str:
    """A BCP 47 tag: by script, and within Arabic and Cyrillic by letters others do not have."""
    counts: dict[str, int] = {}
    sample = text[:SAMPLE]
    for one in sample:
        if one.isalpha():
            script = unicodedata.name(one, "").partition(" ")[0]
            counts[script] = counts.get(script, 0) + 1
    if not counts:
        return "und"
    script = max(counts, key=lambda name: counts[name])
    letters = frozenset(sample)
    if script == "ARABIC":
        return _arabic(letters)
    if script == "CYRILLIC" and letters & _UKRAINIAN:
        return "uk"
    if script == "CJK" and (counts.get("HIRAGANA") or counts.get("KATAKANA")):
        return "ja"
    return _SCRIPTS.get(script, "und")


def _arabic(letters: frozenset[str]) -> str:
    if letters & _URDU:
        return "ur"
    persian, arabic = len(letters & _PERSIAN), len(letters & _ARABIC)
    return "fa" if persian > arabic else "ar" if arabic else "und"


def direction(text: str) -> str:
    """ "rtl" or "ltr", by the first strong character (UAX 9, rule P2)."""
    for one in text[:SAMPLE]:
        strength = unicodedata.bidirectional(one)
        if strength in ("R", "AL"):
            return "rtl"
        if strength == "L":
            return "ltr"
    return "ltr"

"""The desk's own words, in English and in the languages that have a catalogue of them.

The English ones stand where they are used: ``_("Sign in")`` in a template, ``say(request, "...")``
in a page. ``relay/locales/desk/LANG.po`` has them in another language (gettext; ``docs/desk.md``
says how to add one). What a catalogue lacks is shown in English.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Final

LANGUAGES: Final = {"en": "English", "fa": "فارسی"}
"""Those a person may choose, by their own names."""

RIGHT_TO_LEFT: Final = frozenset({"fa", "ar"})


_CHECKED_BY: Final = re.compile(r'^"X-Checked-By: *[^ \\\n]', re.MULTILINE)

_NUMBER: Final = re.compile(r"(?<![\w.])[0-9]{1,9}(?![\w.])", re.ASCII)

_DIGITS: Final = {"fa": str.maketrans("0123456789,", "۰۱۲۳۴۵۶۷۸۹٬")}


@cache
def words_in(language: str) -> dict[str, tuple[str, ...]]:
    """What each English text is in this language: one form, or as many as it has plurals."""
    if not (written := _written(language)):
        return {}
    from babel.messages.pofile import read_po  # 4 MB: only who asks for another language has it

    found: dict[str, tuple[str, ...]] = {}
    for one in read_po(StringIO(written), abort_invalid=True):
        name = one.id if isinstance(one.id, str) else one.id[0]
        said = (one.string,) if isinstance(one.string, str) else tuple(one.string or ())
        if name and said and all(said):
            found[name] = said
    return found


@cache
def is_checked(language: str) -> bool:
    """Whether somebody who speaks it has checked its catalogue, and signed it."""
    return language == "en" or bool(_CHECKED_BY.search(_written(language)))


def _written(language: str) -> str:
    there = files("relay").joinpath(f"locales/desk/{language}.po")
    return there.read_text("utf-8") if language in LANGUAGES and there.is_file() else ""


def say(language: str, english: str) -> str:
    """A text in this language. One with a number in it, as the core says some, stands in a
    catalogue with ``%(n)s`` in its place."""
    known = words_in(language)
    if english in known:
        return known[english][0]
    if len(found := _NUMBER.findall(english)) == 1:
        for said in known.get(_NUMBER.sub("%(n)s", english), ())[:1]:
            return said.replace("%(n)s", number(language, int(found[0])))
    return english


def reasons(language: str, why: str) -> str:
    """Why a message waits, as the core says it in English: several reasons with "; " between them,
    kinds of danger with ", "."""
    return "; ".join(_reason(language, one) for one in why.split("; "))


def _reason(language: str, english: str) -> str:
    name, _, kinds = english.partition(": ")
    if name != "danger" or not kinds:
        return say(language, english)
    return f"{say(language, name)}: {', '.join(say(language, one) for one in kinds.split(', '))}"


def count(language: str, one: str, many: str, n: int) -> str:
    """A text that counts. Persian, as English, says one thing of 1 and another of the others."""
    forms = words_in(language).get(one, (one, many))
    return forms[0] if n == 1 else forms[-1]


def number(language: str, n: int) -> str:
    """A number as it is written in this language, in groups of three."""
    return f"{n:,}".translate(_DIGITS.get(language, {}))


def wanted(said: str) -> str:
    """The first language of an Accept-Language header that we have; English if there is none."""
    for part in said[:200].split(","):
        language = part.partition(";")[0].strip().lower().partition("-")[0]
        if language in LANGUAGES:
            return language
    return "en"

"""``send/``: where people may write, how to tell that it is really us, and what to know before.

Made from one signed statement (docs/wire.md): ``send/ways.json`` carries it as it was signed, and
``send/index.html`` shows it. Sentences on which somebody's safety hangs come from a catalogue of
checked languages, ``relay/locales/safety.json``; in a page of another language they stand in
English, marked as such. Nothing here checks a signature: whoever reads the page does.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from typing import Any, Final

from relay.ports import Instant

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_BYTES: Final = 48 * 1024
"""Bytes of the largest statement."""

SAFEST_FIRST: Final = ("form", "mail", "chat", "sms")
"""Kinds of ways, in the order of what saves: they are shown in it, and others behind them."""

CHECKED: Final = ("en",)
"""Languages in whose safety texts a named speaker found no mistake; the first stands in for all."""


class NotWays(ValueError):
    """These bytes are no statement that the page can show."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Ways of one kind: what to write to, and the warnings that belong beside them, by name."""

    name: str
    shown: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """A statement to be shown. ``when`` is the midnight its day began with; ``key`` is the page key
    in base64, ``words`` the same in eight words."""

    day: str
    when: Instant
    key: str
    words: str
    kinds: tuple[Kind, ...]
    file: bytes
    sig: str


def read_ways(document: bytes, signature: bytes) -> Ways:
    """What a statement says. Raises NotWays, which never quotes it."""
    try:
        made = json.loads(document)
        if len(document) > MOST_BYTES or made["v"] != 1 or made["kind"] != "ways":
            raise NotWays("a statement that is not known here")
        day = made["day"]
        if not DAY.fullmatch(day):
            raise NotWays("a statement without its day")
        when = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        said = [(_text(w, "kind"), tuple(w["warnings"]), _text(w, "shown")) for w in made["ways"]]
        kinds = tuple(
            Kind(name, tuple(shown for _, _, shown in of), warnings)
            for (name, warnings), of in groupby(sorted(said, key=_place), lambda one: one[:2])
        )
        key = base64.b64decode(_text(made, "key"), validate=True)
    except NotWays:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotWays("no statement of ways") from None
    shown = base64.b64encode(key).decode()
    file = _file(document, signature)
    sig = base64.b64encode(signature).decode()
    return Ways(day, int(when.timestamp()), shown, key_words(key), kinds, file, sig)


def ways_in_file(file: bytes | None) -> Ways | None:
    """The statement in its file; None where there is none, or none that can be read."""
    try:
        made = json.loads(file or b"")
        halves = [base64.b64decode(made[name], validate=True) for name in ("signed", "sig")]
        return read_ways(halves[0], halves[1])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _place(one: tuple[str, tuple[str, ...], str]) -> tuple[int, str, tuple[str, ...]]:
    """Where it stands (a sort keeps the order within a kind)."""
    kind, warnings, _ = one
    known = kind in SAFEST_FIRST
    return SAFEST_FIRST.index(kind) if known else len(SAFEST_FIRST), kind, warnings


def _text(source: Mapping[str, Any], key: str) -> str:
    value = source[key]
    if not isinstance(value, str):
        raise NotWays("no statement of ways")
    return value


def _file(document: bytes, signature: bytes) -> bytes:
    signed, sig = base64.b64encode(document).decode(), base64.b64encode(signature).decode()
    return json.dumps({"kind": "ways", "signed": signed, "sig": sig}).encode() + b"\n"


def key_words(key: bytes) -> str:
    """A public key as its eight words (proquints, arXiv:0901.4016, of its SHA-256)."""
    bits = sha256(key).digest()[:16]
    return "-".join(_word(int.from_bytes(bits[at : at + 2], "big")) for at in range(0, 16, 2))


def _word(number: int) -> str:
    consonants, vowels = "bdfghjklmnprstvz", "aiou"
    parts = ((12, consonants), (10, vowels), (6, consonants), (4, vowels), (0, consonants))
    return "".join(letters[number >> shift & len(letters) - 1] for shift, letters in parts)


def safety(language: str) -> tuple[str, Mapping[str, Any]]:
    """The sentences about safety, and the language they are in."""
    wanted = language.partition("-")[0].lower()
    found = wanted if wanted in CHECKED else CHECKED[0]
    return found, _catalogue()[found]


@cache
def _catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Data of ours, shared with whatever prints the same sentences."""
    made: dict[str, Mapping[str, Any]] = json.loads(
        files("relay").joinpath("locales/safety.json").read_bytes()
    )
    return made

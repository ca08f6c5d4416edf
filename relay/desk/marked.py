"""A text in pieces: plain ones, and those in which danger was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """Some of a text, and what kinds of danger it is."""

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Marked:
    """A mark as a form offers it: ``value`` says where it is, ``words`` are what is there."""

    value: str
    kind: str
    words: str


def pieces(text: str, where: str, marks: Iterable[Mapping[str, Any]]) -> list[Piece]:
    """The text cut at its marks, which may overlap. ``where``: whether it is the title or the
    text."""
    spans = [
        (max(0, one["offset"]), min(len(text), one["offset"] + one["length"]), str(one["kind"]))
        for one in marks
        if one["where"] == where
    ]
    begins = _by_place((start, kind) for start, end, kind in spans if start < end)
    over = _by_place((end, kind) for start, end, kind in spans if start < end)
    made, open_ = [], Counter[str]()
    for start, end in pairwise(sorted({0, len(text), *begins, *over})):
        open_.update(begins.get(start, ()))
        open_.subtract(over.get(start, ()))
        open_ = +open_
        made.append(Piece(text[start:end], tuple(open_)))
    return made


def _by_place(kinds: Iterable[tuple[int, str]]) -> Mapping[int, Sequence[str]]:
    """What begins or ends at each place."""
    found: dict[int, list[str]] = {}
    for place, kind in kinds:
        found.setdefault(place, []).append(kind)
    return found


def places(title: str, text: str, marks: Iterable[Mapping[str, Any]]) -> list[Marked]:
    """What of these marks can be cut out: those with a place of their own."""
    words = {"title": title, "text": text}
    return [
        Marked(f"{one['where']}:{one['offset']}:{one['length']}", str(one["kind"]), found)
        for one in marks
        if (found := words.get(one["where"], "")[one["offset"] : one["offset"] + one["length"]])
    ]


def cut_in(value: str) -> dict[str, Any] | None:
    """The cut that a form names: ``text:12:5``, or ``alt:2`` for what medium 2 is said to show;
    None for what names none."""
    match value.split(":"):
        case ["text" | "title" as where, offset, length] if _are(offset, length):
            return {"where": where, "offset": int(offset), "length": int(length)}
        case ["alt", n] if _are(n):
            return {"where": "alt", "n": int(n)}
    return None


def _are(*said: str) -> bool:
    return all(one.isascii() and one.isdecimal() and len(one) < 10 for one in said)

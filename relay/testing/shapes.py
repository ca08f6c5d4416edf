"""What a request may hold, as a table, and each thing that is wrong with one that does not fit.

A published schema is written down as shapes: what is required, of which type, how long, out of
which words. ``Record`` refuses names that it does not know, which many platforms would silently
ignore: a bridge that misspells a field is to fail here. Each platform words its own errors, from
the ``rule`` that a ``Flaw`` names::

    POST = Record(need={"text": Text(most=500)}, may={"reply": Whole(least=1)})
    [flaw] = POST.flaws({"text": "x", "replies": 1})       # Flaw(("replies",), "unknown")
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

import regex

Path = tuple[str | int, ...]
"""Where in a value: names of fields and numbers of items."""

Rule = Literal["missing", "unknown", "type", "least", "most", "choice", "form"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong. ``limit`` is the number, the words, the pattern or the type (in
    JSON's words) that was not met. It never holds what was written."""

    at: Path
    rule: Rule
    limit: object = None

    @property
    def name(self) -> str:
        """Where it is, in the words of most platforms: ``media.0.alt``."""
        return ".".join(map(str, self.at))


class Shape(Protocol):
    """What one value must be."""

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """Everything that is wrong with a value, as JSON was read."""
        ...


def _between(size: float, least: float | None, most: float | None, at: Path) -> Iterator[Flaw]:
    if least is not None and size < least:
        yield Flaw(at, "least", least)
    if most is not None and size > most:
        yield Flaw(at, "most", most)


@dataclass(frozen=True, slots=True)
class Text:
    """A string. ``length`` counts it, in the platform's unit; ``form`` matches all of it."""

    least: int | None = None
    most: int | None = None
    among: Sequence[str] = ()
    form: str = ""
    length: Callable[[str], int] = len

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if not isinstance(value, str):
            yield Flaw(at, "type", "string")
            return
        if self.among and value not in self.among:
            yield Flaw(at, "choice", tuple(self.among))
        if self.form and not re.fullmatch(self.form, value, re.DOTALL):
            yield Flaw(at, "form", self.form)
        yield from _between(self.length(value), self.least, self.most, at)


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer; never a boolean, a string or 1.0."""

    least: int | None = None
    most: int | None = None

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if isinstance(value, int) and not isinstance(value, bool):
            yield from _between(value, self.least, self.most, at)
        else:
            yield Flaw(at, "type", "integer")


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or a fraction."""

    least: float | None = None
    most: float | None = None

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from _between(value, self.least, self.most, at)
        else:
            yield Flaw(at, "type", "number")


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if not isinstance(value, bool):
            yield Flaw(at, "type", "boolean")


@dataclass(frozen=True, slots=True)
class Nothing:
    """JSON's null."""

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if value is not None:
            yield Flaw(at, "type", "null")


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever it is: for parts of a schema that a stand-in has no use for."""

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Listed:
    """An array, each of its items of one shape."""

    of: Shape
    least: int | None = None
    most: int | None = None

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if not isinstance(value, list):
            yield Flaw(at, "type", "array")
            return
        yield from _between(len(value), self.least, self.most, at)
        for n, one in enumerate(value):
            yield from self.of.flaws(one, (*at, n))


@dataclass(frozen=True, slots=True)
class Record:
    """An object: what it needs, what it may have, and nothing else unless ``more`` says of which
    shape the rest is."""

    need: Mapping[str, Shape] = field(default_factory=dict)
    may: Mapping[str, Shape] = field(default_factory=dict)
    more: Shape | None = None

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if not isinstance(value, dict):
            yield Flaw(at, "type", "object")
            return
        for name in self.need:
            if name not in value:
                yield Flaw((*at, name), "missing")
        for name, one in value.items():
            shape = self.need.get(name) or self.may.get(name) or self.more
            if shape is None:
                yield Flaw((*at, name), "unknown")
            else:
                yield from shape.flaws(one, (*at, name))


@dataclass(frozen=True, slots=True)
class Tagged:
    """An object of one of several shapes; the field ``tag`` says which."""

    tag: str
    of: Mapping[str, Shape]

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if not isinstance(value, dict):
            yield Flaw(at, "type", "object")
        elif self.tag not in value:
            yield Flaw((*at, self.tag), "missing")
        elif not isinstance(value[self.tag], str) or value[self.tag] not in self.of:
            yield Flaw((*at, self.tag), "choice", tuple(self.of))
        else:
            yield from self.of[value[self.tag]].flaws(value, at)


class Either:
    """One of several shapes. What is wrong is told of the one that comes nearest."""

    def __init__(self, *shapes: Shape) -> None:
        self._shapes = shapes

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        found = [list(shape.flaws(value, at)) for shape in self._shapes]
        yield from min(found, key=lambda flaws: (_misfit(flaws, at), len(flaws)))


def _misfit(flaws: list[Flaw], at: Path) -> bool:
    """Whether the value is not even of the type."""
    return any(flaw.rule == "type" and flaw.at == at for flaw in flaws)


class Every:
    """All of several shapes at once: a text with limits in two units."""

    def __init__(self, *shapes: Shape) -> None:
        self._shapes = shapes

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        for shape in self._shapes:
            yield from shape.flaws(value, at)


def maybe(shape: Shape) -> Shape:
    """That shape, or null."""
    return Either(shape, Nothing())


# ---------------------------------------------------------------- units, and what has only texts


def graphemes(text: str) -> int:
    """The length of a text in grapheme clusters."""
    return len(regex.findall(r"\X", text))


def utf8(text: str) -> int:
    """The length of a text in bytes, as it is sent."""
    return len(text.encode(errors="surrogatepass"))


def typed(pairs: Iterable[tuple[str, str]], record: Record) -> dict[str, object]:
    """What a query or a form says, in the types of a record's shapes: ``"5"`` is 5 for a ``Whole``,
    ``"true"`` is true for a ``Flag``, each value of a ``Listed`` is one item. What does not convert
    stays a text, and a name that is there twice is a list: the record then finds the flaw."""
    shapes = {**record.need, **record.may}
    made: dict[str, object] = {}
    for name, text in pairs:
        shape = shapes.get(name)
        if isinstance(shape, Listed):
            so_far = made.setdefault(name, [])
            assert isinstance(so_far, list)
            so_far.append(_typed(text, shape.of))
        else:
            made[name] = [made[name], text] if name in made else _typed(text, shape)
    return made


def _typed(text: str, shape: Shape | None) -> object:
    if isinstance(shape, Whole) and re.fullmatch("-?[0-9]{1,19}", text):
        return int(text)
    if isinstance(shape, Flag) and text in ("true", "false"):
        return text == "true"
    return text


YES: Final = frozenset({"true", "yes", "1"})


def from_text(shape: Shape | None, text: str) -> Any:
    """A value of a form, where all is text: what is to be more is written there as JSON. What
    cannot be read stays as it is, for the shape to refuse."""
    if shape is None or isinstance(shape, Text):
        return text
    if isinstance(shape, Flag):
        return text.lower() in YES
    if isinstance(shape, Whole | Either) and not text.lstrip("-").isdecimal():
        return text
    return from_json(text)


def from_json(text: str) -> Any:
    """What a string holds, if it is JSON; or that string."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text

"""What a request may say, as a table of facts: names, types, limits.

A stand-in writes its platform's published schema down as a table of rules and reads every request
through it. A rule is called with a value and where it stands, and raises ``Amiss``; the stand-in
then says so in its platform's own words. A name that the table does not have is amiss, also where
the platform would let it pass: a bridge that invents a field is wrong.

    POST = table({
        "text": text(most_clusters=300, most_bytes=3000),
        "langs?": many(text(like=r"[a-z]{2}"), most=3),
    })
    POST({"text": "hello"}, "record")

A form or a query has only texts: read it with ``fields``, and its numbers and yeses with ``digits``
and ``flag``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

import regex

from relay.testing.loopback import Request

Why = Literal["missing", "unknown", "type", "value", "long", "short"]


class Amiss(ValueError):
    """What is wrong (``why``), where (``at``: names with dots between them), and what would be
    right (``wanted``)."""

    def __init__(self, why: Why, at: str, wanted: str) -> None:
        self.why = why
        self.at = at
        self.wanted = wanted
        super().__init__(f"{at}: {why}, wanted {wanted}")


Rule = Callable[[Any, str], None]
"""Looks at a value that stands at a place. Raises Amiss."""


def anything(value: Any, at: str = "") -> None:
    """Whatever it is."""


def clusters(value: str) -> int:
    """The length of a text in grapheme clusters."""
    return len(regex.findall(r"\X", value))


def utf16(value: str) -> int:
    """The length of a text in UTF-16 units, as JavaScript and Java count."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def text(
    *,
    like: str = "",
    of: Collection[str] = (),
    least: int = 0,
    most: int | None = None,
    most_clusters: int | None = None,
    most_bytes: int | None = None,
    most_utf16: int | None = None,
) -> Rule:
    """A text: all of it matches ``like``, it is one ``of`` these, it is not longer than these
    (code points, grapheme clusters, UTF-8 bytes, UTF-16 units) and has ``least`` code points."""
    pattern = re.compile(like)
    limits: list[tuple[int | None, Callable[[str], int], str]] = [
        (most, len, "characters"),
        (most_clusters, clusters, "graphemes"),
        (most_bytes, lambda value: len(value.encode(errors="surrogatepass")), "bytes"),
        (most_utf16, utf16, "UTF-16 units"),
    ]

    def rule(value: Any, at: str) -> None:
        if not isinstance(value, str):
            raise Amiss("type", at, "string")
        if len(value) < least:
            raise Amiss("short", at, f"at least {least} characters")
        for limit, length, unit in limits:
            if limit is not None and length(value) > limit:
                raise Amiss("long", at, f"at most {limit} {unit}")
        if of and value not in of:
            raise Amiss("value", at, "one of " + ", ".join(sorted(of)))
        if like and not pattern.fullmatch(value):
            raise Amiss("value", at, f"like {like}")

    return rule


def whole(least: int | None = None, most: int | None = None) -> Rule:
    """A whole number, both ends included."""

    def rule(value: Any, at: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Amiss("type", at, "integer")
        if least is not None and value < least:
            raise Amiss("short", at, f"at least {least}")
        if most is not None and value > most:
            raise Amiss("long", at, f"at most {most}")

    return rule


def digits(least: int | None = None, most: int | None = None) -> Rule:
    """A whole number as a form or a query writes it."""
    number = whole(least, most)

    def rule(value: Any, at: str) -> None:
        if not (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value)):
            raise Amiss("type", at, "integer")
        number(int(value), at)

    return rule


def yes(value: Any, at: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise Amiss("type", at, "boolean")


flag: Final = text(of=("true", "false"))
"""True or false as a form or a query writes it."""


def same(wanted: object) -> Rule:
    """This and nothing else; ``same(None)`` is JSON's null."""

    def rule(value: Any, at: str) -> None:
        if type(value) is not type(wanted) or value != wanted:
            raise Amiss("value", at, json.dumps(wanted))

    return rule


def either(*rules: Rule) -> Rule:
    """What at least one of these takes; what is amiss is what the last one says."""

    def rule(value: Any, at: str) -> None:
        for one in rules[:-1]:
            try:
                return one(value, at)
            except Amiss:
                continue
        rules[-1](value, at)

    return rule


def many(of: Rule, *, least: int = 0, most: int | None = None) -> Rule:
    """A list of such values."""

    def rule(value: Any, at: str) -> None:
        if not isinstance(value, list):
            raise Amiss("type", at, "array")
        if len(value) < least:
            raise Amiss("short", at, f"at least {least} of them")
        if most is not None and len(value) > most:
            raise Amiss("long", at, f"at most {most} of them")
        for n, one in enumerate(value):
            of(one, f"{at}.{n}")

    return rule


def table(names: Mapping[str, Rule], *, others: Rule | None = None) -> Rule:
    """An object with these names; one that ends in ``?`` may be missing. ``others``: the rule for
    names that are not in the table, where the schema lets anybody add some."""
    rules = {name.removesuffix("?"): one for name, one in names.items()}
    required = [name for name in names if not name.endswith("?")]

    def rule(value: Any, at: str = "") -> None:
        if not isinstance(value, dict):
            raise Amiss("type", at, "object")
        for name in required:
            if name not in value:
                raise Amiss("missing", _under(at, name), "it to be there")
        for name, one in value.items():
            known = rules.get(name, others)
            if known is None:
                raise Amiss("unknown", _under(at, name), "no such name")
            known(one, _under(at, name))

    return rule


def tagged(by: str, kinds: Mapping[str, Rule]) -> Rule:
    """An object whose ``by`` says which of these it is; its rule sees the rest."""

    def rule(value: Any, at: str) -> None:
        if not isinstance(value, dict):
            raise Amiss("type", at, "object")
        kind = value.get(by)
        if not isinstance(kind, str):
            raise Amiss("missing", _under(at, by), "it to be there")
        if kind not in kinds:
            raise Amiss("value", _under(at, by), "one of " + ", ".join(sorted(kinds)))
        kinds[kind]({name: one for name, one in value.items() if name != by}, at)

    return rule


def fields(pairs: Iterable[tuple[str, str]], *, lists: Collection[str] = ()) -> dict[str, Any]:
    """A form or a query as an object of texts: lists for the names in ``lists``. Raises Amiss for
    any other name that is there twice."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in lists:
            made.setdefault(name, []).append(value)
        elif name in made:
            raise Amiss("value", name, "it once")
        else:
            made[name] = value
    return made


def query(request: Request, *, lists: Collection[str] = ()) -> dict[str, Any]:
    """The query of a request, as ``fields`` reads it."""
    return fields(parse_qsl(urlsplit(request.target).query, keep_blank_values=True), lists=lists)


def read_json(body: bytes) -> Any:
    """A body in JSON (RFC 8259: UTF-8, no NaN, each name once in an object). Raises Amiss."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            raise ValueError("a name twice")
        return made

    def never(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=never)
    except (ValueError, RecursionError):
        raise Amiss("type", "", "JSON") from None


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name

"""What ``relay queue show`` prints of the dangers of a message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from relay.rules.bidi import apart

NEAR = 40
"""Characters of what was found that stand on its line; of what is longer its beginning."""

_WHERE = ("text", "title", "alt")


def lines_of_dangers(message: dict[str, Any]) -> Iterator[str]:
    """A line for each mark, in the order in which they are read: its kind, where it stands, and
    what is there; then what was cut."""
    for mark in sorted(message["marks"], key=_as_read):
        yield f"danger   {mark['kind']}: {_place(mark, message)}"
    if message.get("taken_out"):
        cut = ", ".join(f"{count} {kind}" for kind, count in message["taken_out"].items())
        yield f"cut out  {cut}"


def lines_as_written(message: dict[str, Any]) -> Iterator[str]:
    """The words before something was cut out of them, for who has to decide whether that is
    right."""
    written = message.get("written")
    if not written:
        return
    yield "\n(as it was written, and is not published:)\n"
    if written["title"]:
        yield written["title"] + "\n"
    yield written["text"]


def _as_read(mark: dict[str, Any]) -> tuple[int, int, int, str]:
    """The text, then the title, then media; in each what has no place of its own at the end."""
    where = _WHERE.index(mark.get("where", "text"))
    return where, not mark["length"], mark["offset"], mark["kind"]


def _place(mark: dict[str, Any], message: dict[str, Any]) -> str:
    where = mark.get("where", "text")
    if where == "alt":
        return "in the words about a medium"
    if not mark["length"]:
        return "somewhere in it"
    text = message[where]
    start, end = mark["offset"], mark["offset"] + mark["length"]
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    place = f"line {line}, column {column}" if where == "text" else f"title, column {column}"
    found = " ".join(text[start:end].split())
    shown = found if len(found) <= NEAR else f"{found[:NEAR]}…"
    return f"{place}: {apart(shown)}"

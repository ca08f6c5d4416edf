"""What the command line is told of the dangers of one message: kinds and places, never words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from relay.exit.guard import as_written, counted, taken_out
from relay.exit.record import Record
from relay.model import Mark
from relay.rules.redact import can_be_cut

Answer = Mapping[str, Any]


def dangers_of(record: Record) -> Answer:
    """``marks`` of what would be published, ``marked`` how many of each kind; ``taken_out`` how
    many of each kind were cut, and then ``written``: the words before that, and where it stood.
    Where a person has put others in their place these are the sender's."""
    assert record.message is not None
    written = None
    if record.theirs is not None:
        theirs = record.theirs
        marks = _places(can_be_cut(theirs.marks))
        written = {"title": theirs.title, "text": theirs.text, "marks": marks}
    elif record.written is not None:
        before = as_written(record)
        marks = _places(can_be_cut(record.written.marks))
        written = {"title": before.title, "text": before.text, "marks": marks}
    return {
        "marks": _places(record.message.marks),
        "marked": dict(counted(record.message.marks)),
        "taken_out": dict(taken_out(record)),
        "written": written,
    }


def _places(marks: Iterable[Mark]) -> list[Answer]:
    return [
        {"kind": one.kind, "where": one.where, "offset": one.offset, "length": one.length}
        for one in marks
    ]

"""assign, note and ask: what persons write about a message, and to its sender."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from relay.errors import Asked
from relay.exit.reply import answered
from relay.exit.sheet import Line, with_line
from relay.model import hour_of
from relay.node.desk.deed import Deed, Plan
from relay.node.desk.messages import Messages, Seen
from relay.node.desk.users import HANDLE

MOST_CHARS: Final = 4000
"""Characters of a note."""


def assign(seen: Seen, to: str) -> Plan:
    """Somebody sees to it; the empty handle: nobody in particular. Raises Asked."""
    if to and not HANDLE.fullmatch(to):
        raise Asked("that is no handle")
    return Plan((), replace(seen.sheet, assignee=to), int(to != seen.sheet.assignee))


def note(seen: Seen, deed: Deed, text: str) -> Plan:
    """Words for the others at the desk. Raises Asked."""
    line = _line(deed, text)
    return Plan((), replace(seen.sheet, notes=with_line(seen.sheet.notes, line)), 1)


def ask(seen: Seen, deed: Deed, text: str, messages: Messages) -> Plan:
    """A question to its sender, who may fetch it as an answer. Raises Asked, also where it may lead
    a sender astray."""
    line = _line(deed, text)
    change = answered(seen.row, seen.record, text, messages.keys)
    sheet = replace(seen.sheet, questions=with_line(seen.sheet.questions, line))
    return Plan(((seen.row, change),), sheet, 1)


def _line(deed: Deed, text: str) -> Line:
    if not text.strip():
        raise Asked("there is no text")
    if len(text) > MOST_CHARS:
        raise Asked(f"it is too long: at most {MOST_CHARS} characters")
    return Line(deed.by, hour_of(deed.now), text.strip(), deed.name)

"""What an order of the desk asks for, checked: ids, equal messages, media, destinations, a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from relay.errors import Asked
from relay.exit.sheet import Choice
from relay.model import Instant
from relay.node.desk.messages import id_of

MOST_IDS: Final = 500
"""Messages of one deed."""

MOST_JOINED: Final = 1000
"""Equal messages that end with those of one deed."""

MOST_EMBARGO_S: Final = 7 * 86400
"""Seconds that an embargo may last: what is due later than that was set by a wrong clock
(``relay.node.overview``)."""

MINUTE: Final = 60
"""Seconds that the end of an embargo may be past: a form has whole minutes."""

MOST_CHARS: Final = 4000
"""Characters that somebody writes with a deed."""


def ids_of(order: Mapping[str, Any]) -> list[bytes]:
    """The ids that a deed is about, each once. Raises Asked."""
    said = order.get("ids")
    if said is None and "id" in order:
        said = [order["id"]]
    if not isinstance(said, list) or not said:
        raise Asked("say which messages")
    if len(said) > MOST_IDS:
        raise Asked(f"that is too many at once: at most {MOST_IDS}")
    return list(dict.fromkeys(id_of(one) for one in said))


def joins_of(order: Mapping[str, Any], ids: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """For each id that is published those of its equals. Raises Asked."""
    said = order.get("with") or {}
    if not isinstance(said, dict) or not all(isinstance(some, list) for some in said.values()):
        raise Asked("that is no list of equal messages")
    if sum(map(len, said.values())) > MOST_JOINED:
        raise Asked(f"that is too many at once: at most {MOST_JOINED} equal messages")
    joins = {id_of(id): [id_of(one) for one in some] for id, some in said.items()}
    if not joins.keys() <= set(ids):
        raise Asked("equal messages end with one that is published")
    joined = [one for some in joins.values() for one in some]
    if len(set(joined)) < len(joined) or not set(ids).isdisjoint(joined):
        raise Asked("a message is published, or ends with one other")
    return joins


def asked_choice(order: Mapping[str, Any], messages: int, now: Instant) -> Choice:
    """How they are to be published. Raises Asked."""
    only, without, not_before = (order.get(key) for key in ("only", "without", "not_before"))
    choice = Choice(without=_names(without), not_before=_instant(not_before, now))
    if only is None:
        return choice
    if messages > 1:
        raise Asked("media are chosen of one message at a time")
    if not isinstance(only, list) or not all(type(one) is int for one in only):
        raise Asked("media have numbers")
    return replace(choice, chosen=True, only=tuple(sorted(set(only))))


def text_of(order: Mapping[str, Any], key: str) -> str:
    """A text that may be there. Raises Asked."""
    text = order.get(key) or ""
    if not isinstance(text, str) or len(text) > MOST_CHARS:
        raise Asked(f"it is too long: at most {MOST_CHARS} characters")
    return text.strip()


def _names(said: object) -> tuple[str, ...]:
    if said is None:
        return ()
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise Asked("destinations have names")
    return tuple(sorted(set(said)))


def _instant(said: object, now: Instant) -> Instant:
    if said is None or said == 0:
        return 0
    if type(said) is not int:
        raise Asked("an embargo ends at an instant, in seconds")
    if said > now + MOST_EMBARGO_S:
        raise Asked("an embargo lasts for seven days at most")
    if said <= now - MINUTE:  # not let out at once: a slip of the day, or a clock that is not UTC
        raise Asked("that time is over: an embargo ends later than now, by UTC")
    return said

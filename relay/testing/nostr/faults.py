"""What a script can do to one message: an EVENT, a REQ, a CLOSE, an AUTH.

As with HTTP it matters whether the message was acted on all the same, so each one says so. An
upgrade and the information document are HTTP: for those take the faults of ``testing.recorder``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to one message, in place of its answers. ``text`` and ``number``: see the
    functions below, which make these."""

    then: Literal[
        "refuse", "silence", "cut", "close", "endless", "pings", "notice", "raw", "other", "late"
    ]
    text: str = ""
    number: int = 0
    made: bool = False
    named: bool = True


def refused(why: str, *, made: bool = False, named: bool = True) -> Trouble:
    """OK false (of a REQ: CLOSED) with ``why``: ``"rate-limited: slow down"``. Without ``named``
    the OK has an empty id, as nostr-relay writes it."""
    return Trouble("refuse", why, made=made, named=named)


def silence(*, made: bool = True) -> Trouble:
    """No answer, and the connection stays."""
    return Trouble("silence", made=made)


def cut(*, made: bool = True) -> Trouble:
    """The connection ends, without a close frame, where the answer should begin."""
    return Trouble("cut", made=made)


def late() -> Trouble:
    """Nothing happens until the client has gone; then the message is acted on."""
    return Trouble("late")


def closed(code: int = 1001, text: str = "", *, made: bool = False) -> Trouble:
    """A close frame (RFC 6455, 7.4.1) instead of an answer: 1001 is a relay that goes down."""
    return Trouble("close", text, code, made)


def notice(text: str = "error: something went wrong", *, made: bool = False) -> Trouble:
    """A NOTICE, which names no message, and nothing else."""
    return Trouble("notice", text, made=made)


def broken(text: str = '["OK","', *, made: bool = True) -> Trouble:
    """A text frame that holds this, which is not the answer and need not be JSON."""
    return Trouble("raw", text, made=made)


def other(*, made: bool = False) -> Trouble:
    """The answer belongs to a message that the client never sent."""
    return Trouble("other", made=made)


def endless(*, made: bool = True) -> Trouble:
    """A text frame that says it is a terabyte long, and goes on."""
    return Trouble("endless", made=made)


def pings(number: int = 1000) -> Trouble:
    """So many pings, and then the answer: a client that answers each of them gets it."""
    return Trouble("pings", number=number, made=True)

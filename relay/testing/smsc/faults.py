"""What a script can do at one moment of a session.

The moments: ``connect`` (before anything is said), ``bind``, ``enquire``, ``submit``, ``deliver``
(a message has just been sent to the client) and ``answered`` (the client has answered one).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Moment = Literal["connect", "bind", "enquire", "submit", "deliver", "answered"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens in place of what would have. ``octets`` are sent as they are, before ``then``;
    ``made``: a submit_sm counts as sent, an answer as heard, all the same."""

    then: Literal["say", "cut", "hang", "unbind", "go on"] = "say"
    status: int = 0
    octets: bytes = b""
    made: bool = False


def says(status: int) -> Fault:
    """Another status than 0."""
    return Fault("say", status)


def cut(*, made: bool = False) -> Fault:
    """The connection is gone, with nothing said."""
    return Fault("cut", made=made)


def hang() -> Fault:
    """From now on it says nothing at all, and reads what comes."""
    return Fault("hang")


def unbinds() -> Fault:
    """It ends the session, as for maintenance."""
    return Fault("unbind")


def sends(octets: bytes) -> Fault:
    """Octets of any kind come in between; it goes on as if nothing were."""
    return Fault("go on", octets=octets)


GARBAGE: Final = sends(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
HUGE: Final = sends(b"\xff\xff\xff\xff\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01")
"""A PDU of 4 GiB is announced."""
SHORT: Final = sends(b"\x00\x00\x00\x0f\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01")
"""A PDU that is shorter than its own header."""

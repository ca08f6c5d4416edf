"""The process that judges mails: it computes, and can do nothing else.

Once its libraries are loaded it can open neither a file nor a socket, nor start a process
(``relay.confine``), and no descriptor at all (RLIMIT_NOFILE, setrlimit(2)); it leaves no core file
and cannot be traced by others of its user; its memory and its time are limited. What it needs from
the DNS it asks of the door. It ends when the door closes its end, and after anything that it cannot
make sense of.
"""

from __future__ import annotations

import math
import resource
import signal
import sys
from functools import partial
from typing import Any, BinaryIO, Final

from relay.confine import Grants, confine
from relay.errors import Damaged
from relay.transports.verdicts.framed import HEAD, MOST_BYTES, READY, framed, length_of, unframed
from relay.transports.verdicts.judging import judged
from relay.transports.verdicts.lookup import NoAnswer, Record

CPU_S: Final = 1
"""Seconds of CPU for one mail."""

MEMORY_BYTES: Final = 256 * 1024 * 1024
"""Of data (RLIMIT_DATA): the libraries take a tenth, and the largest mail is a few times there."""

_WARM: Final = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from;\r\n"
    b" bh=MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=; b=MTExMTEx\r\n"
    b"From: a@example.org\r\n\r\nwarm\r\n"
)


def main() -> int:
    """Judge what comes in, one mail after the other."""
    judged(_WARM, b"a@example.org", "192.0.2.1", _warm)
    _confine()
    hears, says = sys.stdin.buffer, sys.stdout.buffer
    try:
        _say(says, READY)
        while True:
            mail, envelope, client, now = _heard(hears)
            _grant()
            said = judged(mail, envelope, client, partial(_ask, hears, says), now)
            del mail
            _say(says, [said])
    except (Damaged, ValueError, OSError, EOFError):
        return 0


def _warm(name: str, kind: str) -> list[Record]:
    """Enough of an answer that every library is used once."""
    if kind != "TXT":
        return []
    return [
        [b"v=DMARC1"] if name.startswith("_dmarc") else [b"v=spf1 a mx ptr ip6:2001:db8:: ~all"]
    ]


def _confine() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine(Grants(), or_else_less=True)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def _grant() -> None:
    """Time for one mail; the kernel ends us where it is over (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _ask(hears: BinaryIO, says: BinaryIO, name: str, kind: str) -> list[Record]:
    _say(says, [name, kind])
    word, records = _heard(hears)
    if word != "told":
        raise NoAnswer
    return [(one[0], one[1]) if kind == "MX" else one for one in records]


def _heard(hears: BinaryIO) -> list[Any]:
    return unframed(_whole(hears, length_of(_whole(hears, HEAD.size), MOST_BYTES)))


def _whole(hears: BinaryIO, size: int) -> bytes:
    got = hears.read(size)
    if len(got) < size:
        raise EOFError
    return got


def _say(says: BinaryIO, value: list[Any]) -> None:
    says.write(framed(value))
    says.flush()


if __name__ == "__main__":
    sys.exit(main())

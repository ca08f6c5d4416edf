"""A mailing list: the stand-in of a submission server, and the settings of a bridge before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Literal

from relay.testing.journey import VirtualClock
from relay.testing.mailserver import (
    cut,
    endless,
    full,
    garbage,
    greylisted,
    hang,
    late,
    long_line,
    mailserver,
    maintenance,
    says,
)
from relay.testing.stand import Stand, secret

FAULTS = {
    "it goes down": maintenance,
    "no room": full,
    "put off": greylisted,
    "too many for now": partial(says, "450 4.7.1 Rate limit exceeded"),
    "an error": partial(says, "451 4.3.0 Temporary server error"),
    "cut after it was posted": cut,
    "cut before it was posted": partial(cut, made=False),
    "no answer, and posted": hang,
    "no answer, and not posted": partial(hang, made=False),
    "posted after we gave up": late,
    "an answer without end": endless,
    "an answer of one endless line": long_line,
    "no SMTP": garbage,
    "no SMTP, and not posted": partial(garbage, made=False),
}
MOMENTS = ("GREETING", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT*", "DATA", "DOT")


@asynccontextmanager
async def stand(
    clock: VirtualClock, folder: Path, tls: Literal["later", "now"] = "later"
) -> AsyncIterator[Stand]:
    async with mailserver(clock=clock, tls=tls) as platform:
        settings = {
            "server": platform.host,
            "port": platform.port,
            "tls": "now" if tls == "now" else "starttls",
            "user": platform.policy.user,
            "password_file": secret(folder, "password", platform.policy.password),
            "sender": platform.address,
            "to": [platform.list_address],
        }
        moments = tuple(one for one in MOMENTS if tls == "later" or one != "STARTTLS")
        yield Stand(
            platform,
            settings,
            publishing=moments,
            threads=False,
            title="عنوان",
            faults=FAULTS,
            authority=str(platform.certificate),
        )


under_tls = partial(stand, tls="now")

"""A mail that the canary lays into a folder is fetched as any other, from a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from conftest import soon
from dovecot import PASSWORD, Account, Dovecot

from relay.errors import KeyFileError
from relay.keyfiles import Kept
from relay.mailing.imap.session import Session
from relay.testing.door import Taken, Tick, serving, with_take_in
from relay.transports.canary import Note, Unheard, drawn
from relay.transports.canary.box import Laid
from relay.transports.limits import MailboxLimits
from relay.transports.mailbox import Mailbox, Where

NOW, LINE = 1_800_000_000, "canary " + "A" * 52
PERSIAN = "خبر & تازه"


class Clock:
    def now(self) -> int:
        return NOW


def laid(where: Where, password: bytes = PASSWORD.encode()) -> tuple[Note, str]:
    note = drawn(LINE)
    write = Laid(lambda: Session(where, 5.0), lambda: password, "box@example.org", Clock().now)
    try:
        asyncio.run(write(note))  # type: ignore[arg-type]
    except Unheard as unheard:
        return note, unheard.why
    return note, ""


@pytest.mark.parametrize(("tls", "folder"), [(False, "relay"), (True, PERSIAN)])
def test_it_is_fetched_and_removed(
    tls: bool, folder: str, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = Account(dovecot, f"canary{tls}", folder)
    port = dovecot.tls if tls else dovecot.plain
    where = Where("127.0.0.1", port, account.user, folder, tls, str(dovecot.ca_file) if tls else "")
    taken, turned = Taken(), Tick()
    (tmp_path / "keys").mkdir(mode=0o700)
    box = Mailbox(
        "box",
        where,
        "news",
        password=lambda: PASSWORD.encode(),
        store=Kept(tmp_path / "keys" / "box.seen"),
        where_key="00" * 16,
        clock=Clock(),
        faring=lambda state, why: None,
        turned_away=turned,
        every_s=0.05,
        limits=MailboxLimits(ready_s=3),
    )
    with serving(with_take_in(box.run, taken)):
        note, why = laid(where)
        assert why == ""
        soon(lambda: taken.arrivals)
        soon(lambda: account.uids() == [])
    [arrival] = taken.arrivals
    assert arrival.sender == f"{note.who}@example.org".encode()
    assert arrival.content.endswith(f"\r\n\r\n{LINE}\r\n".encode()) and turned.n == 0


def test_what_is_wrong_is_told_in_our_own_words(dovecot: Dovecot) -> None:
    account = Account(dovecot, "canarywrong")
    where = Where("127.0.0.1", dovecot.plain, account.user, account.folder, False)
    assert "is not accepted" in laid(where, b"wrong")[1]

    def none() -> bytes:
        raise KeyFileError("x")

    write = Laid(lambda: Session(where, 5.0), none, "box@example.org", Clock().now)
    with pytest.raises(Unheard, match="password file"):
        asyncio.run(write(drawn(LINE)))  # type: ignore[arg-type]

"""A mailbox provider that means harm: what it says costs us no more than one round."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from relay.mailing.imap.apart import Apart
from relay.mailing.imap.bounded import LINES_BYTES
from relay.mailing.imap.session import Opened, Session, Where
from relay.mailing.imap.trouble import Trouble
from relay.model import Verdict
from relay.transports.imap import marks as marking
from relay.transports.imap.fetch import WORKS, Fetch
from relay.transports.imap.wake import Wake
from relay.transports.limits import MailboxLimits

SECRET = "a-password-of-ours"
GOOD = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n",
    b"SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [UIDNEXT 9]\r\n",
    b"LOGOUT": b"* BYE\r\n",
}

Answers = dict[bytes, bytes]


@contextmanager
def provider(answers: Answers, greeting: bytes = b"* OK\r\n") -> Iterator[Where]:
    """Answers each command with what stands for it, and then says that it was done."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        sock.settimeout(10)
        with sock, sock.makefile("rwb") as stream:
            try:
                stream.write(greeting)
                stream.flush()
                for line in stream:
                    tag, word = line.split()[:2]
                    name = line.split()[2] if word == b"UID" else word
                    nothing = b" DELETED" in line  # nobody has marked anything
                    stream.write(b"" if nothing else {**GOOD, **answers}.get(name.upper(), b""))
                    stream.write(tag + b" OK done\r\n")
                    stream.flush()
            except (OSError, ValueError, IndexError):
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Where("127.0.0.1", listener.getsockname()[1], "user", "INBOX", tls=False)
    finally:
        listener.close()
        thread.join(10)


def asked(answers: Answers, ask: Callable[[Session], Any], greeting: bytes = b"* OK\r\n") -> Any:
    with provider(answers, greeting) as where:
        session = Session(where, 5)
        try:
            session.open(SECRET.encode())
            return ask(session)
        finally:
            session.abort()
            session.close()


def uids(session: Session) -> set[int]:
    return session.uids(1)[0]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"* SEARCH 1 2 3\r\n", {1, 2, 3}),
        (b"* SEARCH 0 -5 2 2 2\r\n", {2}),
        (b"* SEARCH 4294967295 99999999999 7\r\n", {4294967295, 7}),
        (b"* SEARCH " + b"9" * 5000 + b" 7\r\n", {7}),
        (b"* SEARCH\r\n* SEARCH NIL\r\n* 5 EXPUNGE\r\n* SEARCH 8\r\n", {8}),
        (b"* SEARCH \xff\xfe \xd9\xa1 6\r\n", {6}),
    ],
)
def test_a_search_finds_what_can_be_a_uid(said: bytes, found: set[int]) -> None:
    assert asked({b"SEARCH": said}, uids) == found


def test_a_folder_that_is_made_anew_while_it_is_open_is_opened_again() -> None:
    renewed = {b"SEARCH": b"* OK [UIDVALIDITY 8] anew\r\n* SEARCH 1 2 3\r\n"}
    with pytest.raises(Trouble) as caught:
        asked(renewed, uids)
    assert caught.value.state == "blocked"
    assert asked({b"SEARCH": renewed[b"SEARCH"].replace(b"8", b"7")}, uids) == {1, 2, 3}


@pytest.mark.parametrize(
    "answers",
    [
        {b"SEARCH": b"* SEARCH {10000000000}\r\n"},
        {b"SEARCH": b"* SEARCH {" + b"9" * 5000 + b"}\r\n"},
        {b"SEARCH": b"* SEARCH " + b"1" * (LINES_BYTES + 1) + b"\r\n"},
        {b"SEARCH": b"* 1 FETCH (UID 1)\r\n" * (LINES_BYTES // 19 + 1)},
        {b"SEARCH": b"no answer at all\r\n"},
        {b"SELECT": b""},
        {b"SELECT": b"* OK [UIDVALIDITY 0]\r\n"},
        {b"SELECT": b"* OK [UIDVALIDITY " + b"9" * 5000 + b"]\r\n"},
        {b"SELECT": b"* OK [UIDVALIDITY NIL]\r\n* OK [UIDNEXT NIL]\r\n"},
    ],
    ids=range(9),
)
def test_whatever_it_says_is_a_trouble_in_our_words(answers: Answers) -> None:
    with pytest.raises(Trouble) as caught:
        asked(answers, uids)
    assert SECRET not in repr(caught.value) and "9999" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "greeting", [b"", b"HTTP/1.1 400 Bad\r\n\r\n", b"* BYE " + SECRET.encode()]
)
def test_what_is_no_imap_server_is_a_trouble(greeting: bytes) -> None:
    with provider({}, greeting + b"\r\n") as where, pytest.raises(Trouble) as caught:
        session = Session(where, 1)
        try:
            session.open(SECRET.encode())
        finally:
            session.abort()
            session.close()
    assert SECRET not in str(caught.value)


def test_the_longest_search_takes_little_memory() -> None:
    said = b"* SEARCH" + b"".join(b" %d" % (10_000_000 + n) for n in range(LINES_BYTES // 9 - 10))
    assert LINES_BYTES - 200 < len(said) < LINES_BYTES
    with provider({b"SEARCH": said + b"\r\n"}) as where:
        session = Session(where, 5)
        session.open(SECRET.encode())
        tracemalloc.start()
        try:
            assert len(session.uids(1)[0]) == LINES_BYTES // 9 - 10
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            session.abort()
            session.close()
    assert peak < 160 << 20  # 32 MiB took 600 in one search


def body_of(uid: int, size: int) -> bytes:
    return b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (uid, size, b"x" * size)


@pytest.mark.parametrize(("size", "taken"), [(100, True), (101, False), (5000, False)])
def test_a_mail_that_is_longer_than_it_was_said_to_be_is_left(size: int, taken: bool) -> None:
    """Also where the server sends more than the piece that it was asked for."""
    kept: list[int] = []
    turned: list[int] = []

    async def hand_over(uid: int, mail: bytes, doubtful: bool) -> Verdict:
        kept.append(len(mail))
        return Verdict.TAKEN

    async def fetched(session: Session) -> None:
        async with Apart(session) as apart:
            marks = marking.adopted(None, Opened(7, 9), "where", take=True)
            await Fetch(
                apart,
                session,
                marks,
                save=lambda content: None,
                hand_over=hand_over,
                turned_away=lambda: turned.append(1),
                clock=cast(Any, type("Hands", (), {"now": staticmethod(lambda: 1_800_000_000)})),
                limits=MailboxLimits(message_bytes=100, batch_bytes=10_000),
            ).run()

    sizes_then_body = b"* 1 FETCH (UID 3 RFC822.SIZE 10)\r\n" + body_of(3, size)
    answers = {b"SEARCH": b"* SEARCH 3\r\n", b"FETCH": sizes_then_body}
    asked(answers, lambda session: asyncio.run(fetched(session)))
    assert (kept, len(turned)) == (([size], 0) if taken else ([], 1))


def test_bodies_that_nobody_asked_for_are_not_taken() -> None:
    said = body_of(9, 5) + body_of(3, 5) + b"* 1 FETCH (BODY[] NIL UID 3)\r\n* 7 FETCH NIL\r\n"
    found = asked({b"FETCH": said}, lambda session: session.bodies([3], 100, 1000))
    assert found == {3: b"xxxxx"}


def test_the_password_is_in_no_repr() -> None:
    with provider({}) as where:
        session = Session(where, 5)
        session.open(SECRET.encode())
        shown = repr(session) + repr(where) + repr(vars(session))
        session.abort()
        session.close()
    assert not re.search(SECRET, shown)


# ---------------------------------------------------------------- a server that is waited on


IDLES = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 UIDPLUS IDLE\r\n"}


@contextmanager
def waited_on(said: bytes, ending: bytes = b"WAIT1 OK\r\n") -> Iterator[Where]:
    """Says ``said`` to IDLE, and ``ending`` to DONE."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError, ValueError):
            sock, _ = listener.accept()
            sock.settimeout(10)
            with sock, sock.makefile("rwb") as stream:
                stream.write(b"* OK\r\n")
                stream.flush()
                for line in stream:
                    tag, word = [*line.split(), b"", b""][:2]
                    if word == b"IDLE":
                        stream.write(said)
                    elif tag == b"DONE":
                        stream.write(ending)
                    else:
                        stream.write({**GOOD, **IDLES}.get(word, b"") + tag + b" OK done\r\n")
                    stream.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Where("127.0.0.1", listener.getsockname()[1], "user", "INBOX", tls=False)
    finally:
        listener.close()
        thread.join(10)


def idled(
    said: bytes, ending: bytes = b"WAIT1 OK\r\n", within_s: float = 0.05
) -> tuple[bool, bool]:
    """Whether it woke us, and whether it is waited on again."""
    with waited_on(said, ending) as where:
        session = Session(where, 0.3)
        try:
            session.open(SECRET.encode())
            assert session.idles
            session._at.untagged_responses.clear()  # what SELECT said
            return session.idle(within_s), session.idles
        finally:
            session.abort()
            session.close()


@pytest.mark.parametrize(
    ("said", "woken"),
    [
        (b"+ idling\r\n* 3 EXISTS\r\n", True),
        (b"* 3 EXISTS\r\n+ idling\r\n", True),
        (b"+\r\n* 3 exists\r\n* 1 RECENT\r\n", True),
        (b"+ idling\r\n* OK Still here\r\n* OK [UIDVALIDITY 7] as ever\r\n", False),
        (b"+ idling\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 2 EXPUNGE\r\n", False),
        (b"+ idling\r\n* EXISTS 3\r\n* x EXISTS\r\n", False),
        (b"+ idling\r\n" + b"* OK \xff\xfe {99999}\r\n" * 1000, False),
        (b"+ idling\r\n" + b"* OK so much\r\n" * 1000 + b"* 1 EXISTS\r\n", True),
    ],
    ids=range(8),
)
def test_only_a_mail_that_came_wakes_us(said: bytes, woken: bool) -> None:
    assert idled(said, within_s=5 if woken else 0.05) == (woken, True)


@pytest.mark.parametrize("said", [b"WAIT1 BAD what?\r\n", b"* OK x\r\nWAIT1 NO\r\n"])
def test_a_server_that_cannot_tell_after_all_is_not_waited_on_again(said: bytes) -> None:
    assert idled(said, within_s=5) == (False, False)


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        (b"", b""),  # nothing at all, not even that it heard
        (b"+ idling", b""),
        (b"+ idling\r\n* BYE\r\n", b""),
        (b"+ idling\r\n* OK [UIDVALIDITY 8] anew\r\n", b"WAIT1 OK\r\n"),
        (b"+ idling\r\n", b""),
        (b"+ idling\r\n", b"* OK not yet\r\n"),
        (b"+ idling\r\n", b"* BYE\r\n"),
        (b"+ idling\r\n* 1 EXISTS\r\n", b"* OK " + b"x" * (LINES_BYTES + 1) + b"\r\nWAIT1 OK\r\n"),
        (b"+ idling\r\n" + b"x" * (LINES_BYTES + 1), b""),
        (b"* OK flood\r\n" * (LINES_BYTES // 12 + 1), b""),
        (b"+ idling\r\n" + b"* OK flood\r\n" * (LINES_BYTES // 12 + 1), b""),
    ],
    ids=range(11),
)
def test_a_server_that_floods_or_never_answers_is_left(said: bytes, ending: bytes) -> None:
    with pytest.raises(Trouble) as caught:
        idled(said, ending, within_s=0.05 if len(said) < 1000 else 5)
    assert SECRET not in str(caught.value)


class Called:
    """A session that is always called, and a look that never finds anything."""

    idles = True
    handed = 0

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.pauses: list[float] = []

    def idle(self, within_s: float) -> bool:
        self.calls -= 1
        self.idles = self.calls > 0
        return True

    async def do(self, within_s: float, call: Any, *words: Any) -> Any:
        return call(*words)

    async def run(self) -> tuple[str, str]:
        return WORKS

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def test_a_server_that_calls_for_nothing_is_heard_more_and_more_slowly() -> None:
    called = Called(40)
    wake = Wake(
        cast(Any, called),
        cast(Any, called),
        cast(Any, called),
        marking.Marks("where", 7, 9),
        idle_s=300,
        every_s=60,
        over_s=60,
        lives_s=3600,
        looking=lambda: None,
        said=lambda fares: None,
        pause=called.pause,
    )
    assert asyncio.run(wake.run()) == WORKS
    assert called.pauses[:4] == [0.25, 0.5, 1.0, 2.0]
    assert max(called.pauses) == called.pauses[-1] == 60

"""A door's own clients, against its own servers over real sockets."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from gammu_tables import TABLES

from relay.mailing.smtp.limits import SmtpLimits
from relay.model import Verdict
from relay.serving.certificate import Certificate
from relay.serving.peers import is_loopback
from relay.testing.certificates import make_pair
from relay.testing.door import Taken, Tick, listening, serving, with_take_in
from relay.transports.canary import Note, Unheard, Write, drawn
from relay.transports.canary import end as ending
from relay.transports.canary.box import Rows
from relay.transports.canary.end import End, end_of
from relay.transports.canary.form import Forms
from relay.transports.canary.mail import Letters
from relay.transports.canary.sms import Texts
from relay.transports.canary.web import Call, answered
from relay.transports.form import Form
from relay.transports.gammu import Gammu
from relay.transports.gammu.database import MISSING, Database
from relay.transports.gateways.table import GATEWAYS, Account
from relay.transports.limits import WebLimits
from relay.transports.lmtp import Lmtp
from relay.transports.sms import Sms
from relay.transports.smtp import Smtp
from relay.transports.web import Web

TO, LINE, SECRET = "post@example.org", "canary " + "A" * 52, b"signing key of ours"
NOW = 1_800_000_000


class Clock:
    def now(self) -> int:
        return NOW


def written(write: Write) -> tuple[Note, str]:
    """What was written, and what was wrong."""
    note = drawn(LINE)
    try:
        asyncio.run(write(note))  # type: ignore[arg-type]
    except Unheard as unheard:
        return note, unheard.why
    return note, ""


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    pair = make_pair(tmp_path)
    made = Certificate(pair.certificate, pair.key)
    made.look()
    return made


def shown(certificate: Certificate) -> Callable[[], bytes]:
    assert certificate.shown is not None
    fingerprint = certificate.shown.fingerprint
    return lambda: fingerprint


# ---------------------------------------------------------------- mail


@pytest.mark.parametrize("tls", ["", "offered", "required"])
def test_a_mail_goes_by_smtp_under_tls_where_there_is_any(
    tls: str, certificate: Certificate
) -> None:
    sock, taken = listening(), Taken()
    end = end_of(sock, shown(certificate) if tls else None)
    smtp = Smtp(
        "mail",
        sock,
        {TO: "news"},
        SmtpLimits(),
        Tick(),
        certificate if tls else None,
        tls_first=tls == "required",
    )
    with serving(with_take_in(smtp.run, taken)):
        note, why = written(Letters(end, TO, "EHLO", lambda: NOW))
    assert why == ""
    [arrival] = taken.arrivals
    assert arrival.sender == f"{note.who}@example.org".encode() and arrival.network == b""
    assert arrival.content.endswith(f"\r\n\r\n{LINE}\r\n".encode())


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_it_comes_from_this_machine_also_to_an_address_that_the_world_sees(
    family: socket.AddressFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each try would have a name server asked for our own domain."""
    assert is_loopback(ending.OURS[family])
    monkeypatch.setitem(ending.OURS, socket.AF_INET, "127.0.0.9")

    async def peer() -> str:
        with socket.socket(family) as sock:
            sock.bind((ending.ANYWHERE["::" if family == socket.AF_INET6 else "0.0.0.0"], 0))
            sock.listen()
            sock.setblocking(False)
            async with ending.connected(end_of(sock)):
                accepted, address = await asyncio.get_running_loop().sock_accept(sock)
                accepted.close()
                return str(address[0])

    assert asyncio.run(peer()) == ending.OURS[family]


def test_another_certificate_is_noticed(tmp_path: Path, certificate: Certificate) -> None:
    sock, taken = listening(), Taken()
    end = end_of(sock, lambda: bytes(32))
    smtp = Smtp("mail", sock, {TO: "news"}, SmtpLimits(), Tick(), certificate)
    with serving(with_take_in(smtp.run, taken)):
        _, why = written(Letters(end, TO, "EHLO", lambda: NOW))
    assert why == "it shows another certificate than the one in its file: reload it"
    assert taken.arrivals == []


def test_a_server_that_has_lost_its_tls_is_noticed(certificate: Certificate) -> None:
    sock, taken = listening(), Taken()
    end = end_of(sock, shown(certificate))
    with serving(with_take_in(Smtp("mail", sock, {TO: "news"}, SmtpLimits(), Tick()).run, taken)):
        assert written(Letters(end, TO, "EHLO", lambda: NOW))[1] == "it offers no STARTTLS"


def test_a_mail_goes_by_lmtp_through_a_unix_socket(tmp_path: Path) -> None:
    taken = Taken()
    lmtp = Lmtp("behind", tmp_path / "lmtp", {"*@example.org": "news"}, SmtpLimits(), Tick())
    with serving(with_take_in(lmtp.run, taken)):
        end = End(path=tmp_path / "lmtp")
        _, why = written(Letters(end, "canary@example.org", "LHLO", lambda: NOW))
    assert why == "" and len(taken.arrivals) == 1


@pytest.mark.parametrize(
    ("verdict", "why"),
    [(Verdict.BUSY, "it answers 451"), (Verdict.FULL, "it answers 452"), (Verdict.KNOWN, "")],
)
def test_the_answer_is_told_by_its_number(verdict: Verdict, why: str) -> None:
    sock, taken = listening(), Taken()
    taken.verdict = verdict
    end = end_of(sock)
    with serving(with_take_in(Smtp("mail", sock, {TO: "news"}, SmtpLimits(), Tick()).run, taken)):
        assert written(Letters(end, TO, "EHLO", lambda: NOW))[1] == why
        assert written(Letters(end, "who@example.org", "EHLO", lambda: NOW))[1] == "it answers 550"


def test_nobody_at_home_is_told(tmp_path: Path) -> None:
    with closing(listening()) as sock:
        end = end_of(sock)
    for one in (end, End(path=tmp_path / "none"), End(path=tmp_path / "no" / "folder")):
        assert written(Letters(one, TO, "EHLO", lambda: NOW))[1] == "nobody listens there"


@contextmanager
def saying(said: bytes) -> Iterator[End]:
    """A server that says this to whoever comes, and goes."""
    with closing(listening()) as sock:
        sock.setblocking(True)

        def serve() -> None:
            peer, _ = sock.accept()
            with closing(peer), suppress(OSError):
                peer.sendall(said)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield end_of(sock)
        thread.join(5)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "the connection broke"),
        (b"someone@example.net!\r\n", "it answers nothing that we know"),
        (b"220-a\r\n" * 100, "its answer has no end"),
        (b"2" * 100_000, "the connection broke"),
    ],
)
def test_an_odd_server_is_told_in_our_own_words(said: bytes, why: str) -> None:
    with saying(said) as end:
        assert written(Letters(end, TO, "EHLO", lambda: NOW))[1] == why


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 503 x\r\n\r\n", "it answers 503"),
        (b"SSH-2.0-x\r\n\r\n", "it does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", "its page has no form"),
    ],
)
def test_an_odd_web_server_as_well(said: bytes, why: str) -> None:
    with saying(said) as end:
        assert written(Forms(end, "form"))[1] == why


def test_who_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "WITHIN_S", 0.05)
    with closing(listening()) as sock:
        assert written(Letters(end_of(sock), TO, "EHLO", lambda: NOW))[1] == "it took too long"


# ---------------------------------------------------------------- web


@contextmanager
def web(certificate: Certificate | None = None) -> Iterator[tuple[End, Taken]]:
    sock, taken = listening(), Taken()
    account = Account(SECRET, "https://news.example.org/in/phone")
    sms = Sms(
        "phone",
        GATEWAYS["android"].make(account),
        "news",
        taken,
        Clock(),
        service=Tick(),
    )
    inlets = {"phone": sms, "form": Form("form", "news", taken, b"s" * 32)}
    served = Web(sock, inlets, None, lambda: "ok", WebLimits(), certificate=certificate)
    end = end_of(sock, shown(certificate) if certificate else None)
    with serving(served.run):
        yield end, taken


def texts(end: End, secret: bytes = SECRET) -> Texts:
    account = Account(secret, "https://news.example.org/in/phone")
    return Texts(end, "android", account, b"", "+15550100123", lambda: NOW)


@pytest.mark.parametrize("tls", [False, True])
def test_a_form_is_fetched_filled_in_and_sent(tls: bool, certificate: Certificate) -> None:
    with web(certificate if tls else None) as (end, taken):
        assert written(Forms(end, "form"))[1] == ""
        assert written(Forms(end, "form"))[1] == ""
        assert written(Forms(end, "else"))[1] == "it answers 404"
    assert [one.content.decode() for one in taken.arrivals] == [LINE] * 2
    assert len({one.provider_id for one in taken.arrivals}) == 2


def test_a_form_that_takes_nothing_is_noticed() -> None:
    with web() as (end, taken):
        taken.verdict = Verdict.BUSY
        assert written(Forms(end, "form"))[1] == "it answers 503"


def test_an_sms_is_brought_as_its_gateway_would() -> None:
    with web() as (end, taken):
        note, why = written(texts(end))
        assert why == ""
        assert written(texts(end, b"another"))[1] == "it answers 403"
    [arrival] = taken.arrivals
    assert (arrival.content.decode(), arrival.sender.decode()) == (LINE, note.number)


def test_a_page_without_end_is_not_read(certificate: Certificate) -> None:
    with saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000) as end, pytest.raises(Unheard):
        asyncio.run(answered(end, Call("/", method="GET")))


def test_tls_is_not_spoken_with_whoever_does_not(certificate: Certificate) -> None:
    with saying(b"HTTP/1.1 200 OK\r\n\r\n") as plain:
        end = End(plain.host, plain.port, None, shown(certificate))
        why = written(Forms(end, "form"))[1]
    assert why == "no TLS could be agreed on with it"


# ---------------------------------------------------------------- Gammu


def test_a_row_is_taken_as_an_sms_that_gammu_wrote_down(tmp_path: Path) -> None:
    path, taken = tmp_path / "smsd.db", Taken()
    with closing(sqlite3.connect(path)) as at:
        at.executescript(TABLES)
    database = Database(path, "phone1")
    note, why = written(Rows(database, lambda: NOW))
    assert why == ""

    class Adopted:
        def load(self) -> bytes:
            return b"1 adopted"

        def save(self, content: bytes) -> None: ...

    gammu = Gammu("modem", database, "news", store=Adopted(), faring=lambda state, why: None)
    with serving(with_take_in(gammu.run, taken)):
        pass
    [arrival] = taken.arrivals
    assert arrival.content.decode("utf-16-be") == LINE
    assert arrival.sender.decode() == note.number
    with closing(sqlite3.connect(path)) as at:
        assert at.execute("SELECT count(*) FROM inbox").fetchone() == (0,)


def test_tables_that_are_not_there_are_told(tmp_path: Path) -> None:
    assert written(Rows(Database(tmp_path / "none"), lambda: NOW))[1] == MISSING

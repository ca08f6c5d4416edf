"""TLS of the SMTP and HTTP doors, as honest clients and as enemies speak it."""

from __future__ import annotations

import smtplib
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from shutil import which

import httpx
import pytest

from relay.mailing.smtp.limits import SmtpLimits
from relay.serving import tls as tls_module
from relay.serving.certificate import Certificate
from relay.testing.certificates import NAME, Pair, make_pair
from relay.testing.door import Taken, Tick, listening, port_of, serving, with_take_in
from relay.transports.limits import WebLimits
from relay.transports.smtp import Smtp
from relay.transports.web import Reply, Web

HELLO = b"EHLO c\r\n"
MAIL = b"MAIL FROM:<m@example.net>\r\nRCPT TO:<post@example.org>\r\nDATA\r\n"
BODY = "honest\r\n"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return make_pair(tmp_path_factory.mktemp("tls"))


def in_force(pair: Pair) -> Certificate:
    certificate = Certificate(pair.certificate, pair.key)
    assert certificate.look()
    return certificate


def soon(claim: Callable[[], bool]) -> None:
    end = time.monotonic() + 3
    while not claim() and time.monotonic() < end:
        time.sleep(0.005)
    assert claim()


def to_the_end(raw: socket.socket) -> bytes:
    said = b""
    with suppress(ConnectionError, ssl.SSLError):
        while got := raw.recv(65536):
            said += got
    return said


# ---------------------------------------------------------------- STARTTLS


class MailDoor:
    def __init__(self, smtp: Smtp, address: str, taken: Taken, pair: Pair) -> None:
        self.smtp = smtp
        self.port = port_of(address)
        self.taken = taken
        self.pair = pair

    def connect(self) -> socket.socket:
        raw = socket.create_connection(("127.0.0.1", self.port), 5)
        assert raw.recv(100) == b"220 ESMTP\r\n"
        return raw

    def begun(self) -> socket.socket:
        """A connection on which both sides are about to speak TLS."""
        raw = self.connect()
        raw.sendall(b"STARTTLS\r\n")
        assert raw.recv(100) == b"220 2.0.0 Begin TLS now\r\n"
        return raw

    def wrapped(self, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        return (context or self.pair.trusting()).wrap_socket(self.begun(), server_hostname=NAME)

    def a_mail_passes(self) -> None:
        before = len(self.taken.arrivals)
        with smtplib.SMTP("127.0.0.1", self.port, timeout=5) as client:
            client.starttls(context=self.pair.trusting())
            client.sendmail("m@example.net", ["post@example.org"], BODY)
        assert [a.content for a in self.taken.arrivals[before:]] == [BODY.encode()]

    def becomes_empty(self) -> None:
        soon(lambda: not self.smtp.open)
        assert (self.smtp.sessions.taken, self.smtp.in_flight.taken) == (0, 0)


@contextmanager
def mail_door(
    pair: Pair, limits: SmtpLimits | None = None, *, tls_first: bool = False
) -> Iterator[MailDoor]:
    taken = Taken()
    channels = {"post@example.org": "news"}
    smtp = Smtp(
        "mail",
        listening(),
        channels,
        limits or SmtpLimits(),
        Tick(),
        in_force(pair),
        tls_first=tls_first,
    )
    with serving(with_take_in(smtp.run, taken)) as address:
        yield MailDoor(smtp, address, taken, pair)


@pytest.fixture(scope="module")
def shared(pair: Pair) -> Iterator[MailDoor]:
    with mail_door(pair) as door:
        yield door


@pytest.fixture
def mails(shared: MailDoor) -> Iterator[MailDoor]:
    shared.taken.arrivals.clear()
    yield shared
    shared.a_mail_passes()
    shared.becomes_empty()


def test_a_mail_comes_over_starttls(mails: MailDoor) -> None:
    with smtplib.SMTP("127.0.0.1", mails.port, timeout=5) as client:
        client.ehlo()
        assert client.has_extn("starttls") and client.has_extn("pipelining")
        client.starttls(context=mails.pair.trusting())
        client.ehlo()
        assert not client.has_extn("starttls") and client.has_extn("pipelining")
        client.sendmail("m@example.net", ["post@example.org"], BODY)
        client.sendmail("m@example.net", ["post@example.org"], BODY)
    assert [a.content for a in mails.taken.arrivals] == [BODY.encode()] * 2


def test_a_mail_of_megabytes_comes_whole(mails: MailDoor) -> None:
    line = "x" * 98 + "\r\n"
    with smtplib.SMTP("127.0.0.1", mails.port, timeout=10) as client:
        client.starttls(context=mails.pair.trusting())
        client.sendmail("m@example.net", ["post@example.org"], line * 40_000)
    assert mails.taken.arrivals[0].content == (line * 40_000).encode()


@pytest.mark.parametrize(
    "versions",
    [
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
    ],
)
def test_tls_is_1_2_or_1_3_and_gives_no_ticket(
    mails: MailDoor, versions: tuple[ssl.TLSVersion, ssl.TLSVersion]
) -> None:
    context = mails.pair.trusting()
    context.minimum_version, context.maximum_version = versions
    with mails.wrapped(context) as secure:
        secure.sendall(HELLO)
        assert secure.recv(1000).startswith(b"250-")  # a ticket of TLS 1.3 would have come before
        assert secure.version() in ("TLSv1.2", "TLSv1.3")
        assert secure.session is None or not secure.session.has_ticket
        secure.sendall(b"QUIT\r\n")
        assert to_the_end(secure) == b"221 2.0.0 Bye\r\n"


def test_older_versions_and_no_certificate_names_are_refused(mails: MailDoor) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        mails.wrapped(old)


@pytest.mark.parametrize(
    "more",
    [
        b"NOOP\r\n",
        HELLO + MAIL + b"injected\r\n.\r\n",
        b"\r\n",
        b"x",
        b"x" * 200_000,
    ],
)
def test_what_follows_starttls_in_the_clear_ends_the_session(mails: MailDoor, more: bytes) -> None:
    with mails.connect() as raw:
        with suppress(ConnectionError):
            raw.sendall(HELLO + b"STARTTLS\r\n" + more)
            raw.shutdown(socket.SHUT_WR)
        said = to_the_end(raw)
    assert said.split(b"\r\n")[-2].startswith(b"503 5.5.1 Nothing")
    assert b"220 " not in said and mails.taken.arrivals == []


def test_what_is_slipped_in_before_the_handshake_is_never_obeyed(mails: MailDoor) -> None:
    """The enemy waits for our answer and then speaks first, in the clear."""
    with mails.begun() as raw:
        raw.sendall(HELLO + MAIL + b"injected\r\n.\r\n")
        assert b"250" not in to_the_end(raw)
    assert mails.taken.arrivals == []


def test_the_session_starts_anew(mails: MailDoor) -> None:
    with smtplib.SMTP("127.0.0.1", mails.port, timeout=5) as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<m@example.net>")[0] == 250
        assert client.docmd("RCPT", "TO:<post@example.org>")[0] == 250
        assert client.docmd("STARTTLS")[0] == 220
        assert client.sock is not None
        client.sock = mails.pair.trusting().wrap_socket(client.sock, server_hostname=NAME)
        client.file = None
        assert client.docmd("DATA")[0] == 503
        assert client.docmd("MAIL", "FROM:<m@example.net>")[0] == 503  # who greeted is forgotten
        assert client.docmd("STARTTLS")[0] == 503
        client.ehlo()
        assert client.docmd("RCPT", "TO:<post@example.org>")[0] == 503
        assert client.docmd("MAIL", "FROM:<m@example.net>")[0] == 250


def test_starttls_takes_no_argument_and_is_no_command_without_a_certificate(
    mails: MailDoor,
) -> None:
    with mails.connect() as raw:
        raw.sendall(b"STARTTLS now\r\n")
        assert raw.recv(100).startswith(b"501 ")
    assert mails.smtp.certificate is not None
    kept, mails.smtp.certificate.mail = mails.smtp.certificate.mail, None
    with mails.connect() as raw:
        raw.sendall(b"STARTTLS\r\n")
        assert raw.recv(100) == b"454 4.7.0 TLS is not available now\r\n"
    mails.smtp.certificate.mail = kept


def test_where_tls_comes_first_a_plain_mail_is_told_so(pair: Pair) -> None:
    with mail_door(pair, tls_first=True) as door:
        with door.connect() as raw:
            raw.sendall(HELLO + b"NOOP\r\n" + MAIL + b"QUIT\r\n")
            said = to_the_end(raw)
        assert said.count(b"530 5.7.0 ") == 3 and b"221 " in said
        door.a_mail_passes()


HALF = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(
    40
)  # a ClientHello that says it is 508 bytes long, and is not


@pytest.mark.parametrize("said", [b"", HALF, b"\x16"])
def test_a_handshake_that_never_ends_holds_a_place_only_so_long(pair: Pair, said: bytes) -> None:
    limits = SmtpLimits(handshake_s=0.2, sessions=2, sessions_per_network=2)
    with mail_door(pair, limits) as door, ExitStack() as held:
        begun = time.monotonic()
        for _ in range(2):
            held.enter_context(raw := door.begun()).sendall(said)
        with socket.create_connection(("127.0.0.1", door.port), 5) as third:
            assert to_the_end(third).startswith(b"421 ")  # they count although they said nothing
        assert to_the_end(raw) == b""
        assert 0.15 < time.monotonic() - begun < 6
        door.becomes_empty()
        door.a_mail_passes()


def test_a_megabyte_of_noise_in_the_place_of_a_handshake_ends_the_session(mails: MailDoor) -> None:
    import random

    with mails.begun() as raw, suppress(ConnectionError):
        raw.sendall(random.Random(1).randbytes(1024 * 1024))
        assert b"250" not in to_the_end(raw)
    mails.becomes_empty()


@pytest.mark.parametrize("reset", [True, False])
def test_a_client_that_goes_away_amid_the_handshake_leaves_nothing(
    mails: MailDoor, reset: bool
) -> None:
    with mails.begun() as raw:
        raw.sendall(HALF)
        if reset:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    mails.becomes_empty()


def test_a_client_that_goes_away_inside_tls_leaves_nothing(mails: MailDoor) -> None:
    for said in (HELLO, HELLO + MAIL + b"half a mail"):
        with mails.wrapped() as secure:
            secure.sendall(said)
            secure.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    mails.becomes_empty()
    assert mails.taken.arrivals == []


def test_a_silent_client_inside_tls_is_sent_away(pair: Pair) -> None:
    with mail_door(pair, SmtpLimits(idle_s=0.2)) as door, door.wrapped() as secure:
        begun = time.monotonic()
        assert to_the_end(secure).startswith(b"421 ")
        assert time.monotonic() - begun < 6
        door.becomes_empty()


def test_last_words_reach_a_client_inside_tls_that_goes_on_talking(mails: MailDoor) -> None:
    with mails.wrapped() as secure:
        secure.sendall(HELLO + MAIL + b"bare\nfeed\r\n.\r\n")
        secure.sendall(b"x" * 3_000_000)
        said = b""
        while b"\r\n554 " not in said:
            said += (got := secure.recv(65536))
            assert got


def test_a_client_inside_tls_that_was_sent_away_and_stays_is_cut(pair: Pair) -> None:
    with mail_door(pair, SmtpLimits(idle_s=0.2)) as door, door.wrapped() as secure:
        secure.sendall(HELLO + MAIL + b"bare\nfeed\r\n.\r\n")
        assert b"\r\n554 " in to_the_end(secure)
        door.becomes_empty()


def test_stopping_ends_a_handshake_at_once(pair: Pair) -> None:
    with mail_door(pair) as door:
        raw = door.begun()
        begun = time.monotonic()
    with raw:
        assert time.monotonic() - begun < 6.5
        assert to_the_end(raw) == b""


# ---------------------------------------------------------------- HTTPS


class Echo:
    async def receive(self, headers: object, body: bytes, network: bytes) -> Reply:
        return Reply(200, b"%d" % len(body))


class WebDoor:
    def __init__(self, web: Web, address: str, pair: Pair) -> None:
        self.web = web
        self.address = address
        self.pair = pair

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port_of(self.address)), 5)

    def request(self, method: str, path: str, **more: object) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=5, verify=self.pair.trusting()) as client:
            return client.request(method, f"https://{self.address}{path}", **more)

    def becomes_empty(self) -> None:
        soon(lambda: not self.web.server._connections)
        assert (self.web.server._near.taken, self.web.server._sessions.taken) == (0, 0)


@contextmanager
def web_door(pair: Pair, limits: WebLimits | None = None) -> Iterator[WebDoor]:
    web = Web(
        listening(),
        {"echo": Echo()},
        None,
        lambda: "ok",
        limits or WebLimits(),
        certificate=in_force(pair),
    )
    with serving(web.run) as address:
        yield WebDoor(web, address, pair)


@pytest.fixture(scope="module")
def shared_web(pair: Pair) -> Iterator[WebDoor]:
    with web_door(pair) as door:
        yield door


@pytest.fixture
def web(shared_web: WebDoor) -> Iterator[WebDoor]:
    yield shared_web
    assert shared_web.request("GET", "/healthz").text == "ok"
    shared_web.becomes_empty()


def test_requests_come_over_https(web: WebDoor) -> None:
    assert web.request("GET", "/healthz").text == "ok"
    with httpx.Client(trust_env=False, timeout=5, verify=web.pair.trusting()) as client:
        for size in (0, 1, 70_000):  # one connection
            answer = client.post(f"https://{web.address}/in/echo", content=b"x" * size)
            assert (answer.status_code, answer.text) == (200, str(size))


def test_a_large_body_right_behind_the_handshake_is_read_whole(web: WebDoor) -> None:
    body = b"x" * WebLimits().body_bytes
    head = b"POST /in/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: "
    with web.connect() as raw:
        client, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = web.pair.trusting().wrap_bio(client, out, server_hostname=NAME)
        done = False
        while not done:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                raw.sendall(out.read())
                client.write(raw.recv(65536))
        tls.write(head + b"%d\r\n\r\n" % len(body) + body)
        raw.sendall(out.read())  # our last word of the handshake and all of the request
        said = b""
        while b"\r\n\r\n262144" not in said:
            with suppress(ssl.SSLWantReadError):
                said += tls.read(65536)
                continue
            got = raw.recv(65536)
            assert got, said
            client.write(got)


def test_nothing_but_http_1_1_is_agreed_on(web: WebDoor) -> None:
    for offered, agreed in ((["h2", "http/1.1"], "http/1.1"), (["h2"], None), ([], None)):
        context = web.pair.trusting()
        if offered:
            context.set_alpn_protocols(offered)
        with context.wrap_socket(web.connect(), server_hostname=NAME) as secure:
            assert secure.selected_alpn_protocol() == agreed
            secure.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            assert to_the_end(secure).startswith(b"HTTP/1.1 200 ")


def test_a_session_that_has_ended_is_soon_forgotten(web: WebDoor) -> None:
    context = web.pair.trusting()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    certificate = web.web.server._certificate
    assert certificate is not None
    with context.wrap_socket(web.connect(), server_hostname=NAME) as first:
        session = first.session
    certificate.look()  # as it is done every minute
    with context.wrap_socket(web.connect(), server_hostname=NAME, session=session) as second:
        assert not second.session_reused


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 100,
        b"EHLO c\r\n",
    ],
)
def test_what_is_said_in_the_clear_is_not_answered_in_http(web: WebDoor, said: bytes) -> None:
    with web.connect() as raw:
        raw.sendall(said)
        assert b"HTTP" not in to_the_end(raw)


def test_a_megabyte_of_noise_at_https_is_cut_off(web: WebDoor) -> None:
    import random

    with web.connect() as raw, suppress(ConnectionError):
        raw.sendall(random.Random(2).randbytes(1024 * 1024))
        assert b"HTTP" not in to_the_end(raw)
    web.becomes_empty()


@pytest.mark.parametrize("said", [b"", HALF, b"\x16"])
def test_half_a_hello_holds_a_connection_only_so_long(pair: Pair, said: bytes) -> None:
    with web_door(pair, WebLimits(handshake_s=0.2, sessions=2)) as door, ExitStack() as held:
        begun = time.monotonic()
        for _ in range(2):
            held.enter_context(raw := door.connect()).sendall(said)
        soon(lambda: door.web.server._near.taken == 2)
        with door.connect() as third:
            assert to_the_end(third) == b""
        assert to_the_end(raw) == b""
        assert 0.15 < time.monotonic() - begun < 6
        door.becomes_empty()
        assert door.request("GET", "/healthz").text == "ok"


def test_a_client_that_never_says_goodbye_is_cut(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_module, "GOODBYE_S", 0.2)
    with web_door(pair, WebLimits(header_s=0.2)) as door:
        secure = pair.trusting().wrap_socket(door.connect(), server_hostname=NAME)
        with secure:
            begun = time.monotonic()
            soon(lambda: bool(door.web.server._connections))
            soon(lambda: not door.web.server._connections)
            assert 0.35 < time.monotonic() - begun < 6
        door.becomes_empty()


def test_without_a_certificate_in_force_nothing_is_served_in_the_clear(pair: Pair) -> None:
    with web_door(pair) as door:
        certificate = door.web.server._certificate
        assert certificate is not None
        kept, certificate.web = certificate.web, None
        with door.connect() as raw:
            raw.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert to_the_end(raw) == b""
        certificate.web = kept
        assert door.request("GET", "/healthz").text == "ok"


def test_stopping_ends_handshakes_at_the_http_door_at_once(pair: Pair) -> None:
    with web_door(pair) as door:
        raw = door.connect()
        soon(lambda: bool(door.web.server._shaking))
        begun = time.monotonic()
    with raw:
        assert time.monotonic() - begun < 6.5


@pytest.mark.skipif(which("openssl") is None, reason="needs the program openssl")
def test_nobody_can_ask_for_a_new_handshake_within_one(web: WebDoor) -> None:
    client = subprocess.run(
        ["openssl", "s_client", "-connect", web.address, "-tls1_2"],
        input=b"R\n",  # to s_client: renegotiate
        capture_output=True,
        timeout=10,
    )
    shown = client.stdout + client.stderr
    assert b"New, TLSv1.2" in shown and b"RENEGOTIATING" in shown
    assert b"no renegotiation" in shown


def test_nothing_of_a_handshake_is_printed_or_logged(
    pair: Pair, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(30)
    with mail_door(pair, SmtpLimits(handshake_s=0.1)) as door, web_door(pair) as web:
        for said in (b"noise", HALF, b""):
            with door.begun() as raw:
                raw.sendall(said)
                if said != b"":
                    raw.shutdown(socket.SHUT_WR)
                to_the_end(raw)
            with web.connect() as raw:
                raw.sendall(said)
        with suppress(ssl.SSLError), door.wrapped(ssl.create_default_context()):
            pass  # a client that does not trust us
        with door.wrapped() as secure:
            secure.sendall(HELLO)
            secure.unwrap().close()
        web.becomes_empty()
    shown = capfd.readouterr()
    assert shown.out == shown.err == caplog.text == ""

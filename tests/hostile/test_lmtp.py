"""LMTP as RFC 2033 has it, and what is said there that is none."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from relay.mailing.smtp import sentences
from relay.mailing.smtp.limits import SmtpLimits
from relay.model import Verdict
from relay.testing.door import Taken, Tick, listening, port_of, serving, with_take_in
from relay.transports import lmtp
from relay.transports.lmtp import Lmtp

HELLO = b"LHLO mx.example.org\r\n"
CHANNELS = {"post@example.org": "news", "other@example.org": "news", "family@example.org": "family"}


def to(*names: str, sender: str = "m@example.net") -> bytes:
    """The commands before a text."""
    rcpt = "".join(f"RCPT TO:<{name}@example.org>\r\n" for name in names)
    return f"MAIL FROM:<{sender}>\r\n{rcpt}DATA\r\n".encode()


class Door:
    def __init__(self, taken: Taken, turned: Tick, address: str) -> None:
        self.taken, self.turned, self.address = taken, turned, address

    def connect(self) -> socket.socket:
        if self.address.startswith("/"):
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(5)
            sock.connect(self.address)
            return sock
        return socket.create_connection(("127.0.0.1", port_of(self.address)), 5)

    def say(self, *said: bytes) -> list[bytes]:
        """Every line that is answered to a client that says this and then closes its side."""
        answer = b""
        with self.connect() as raw:
            with suppress(ConnectionError):
                for one in said:
                    raw.sendall(one)
                raw.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                while got := raw.recv(65536):
                    answer += got
        return answer.split(b"\r\n")[:-1]


@contextmanager
def open_door(where: socket.socket | Path | None = None, **more: object) -> Iterator[Door]:
    taken, turned = Taken(), Tick()
    limits = more.pop("limits", SmtpLimits())
    made = Lmtp("behind", where or listening(), CHANNELS, limits, turned, **more)  # type: ignore[arg-type]
    with serving(with_take_in(made.run, taken)) as address:
        yield Door(taken, turned, address)


@pytest.fixture(scope="module")
def shared() -> Iterator[Door]:
    with open_door() as made:
        yield made


@pytest.fixture
def door(shared: Door) -> Iterator[Door]:
    shared.taken.arrivals.clear()
    shared.turned.n = 0
    yield shared
    shared.taken.verdict, shared.taken.fault = Verdict.TAKEN, None


def after_data(lines: list[bytes]) -> list[bytes]:
    """What was answered after the text."""
    at = next(n for n, line in enumerate(lines) if line.startswith(b"354"))
    return lines[at + 1 :]


def test_each_recipient_gets_an_answer_and_the_mail_is_one_arrival(door: Door) -> None:
    lines = door.say(HELLO + to("post", "family", "other") + b"text\r\n.\r\nQUIT\r\n")
    assert after_data(lines) == [sentences.OK] * 3 + [sentences.BYE]
    [arrival] = door.taken.arrivals
    assert arrival.channels == ("news", "family")
    assert arrival.recipients == (b"other@example.org\npost@example.org", b"family@example.org")
    assert (arrival.content, arrival.sender) == (b"text\r\n", b"m@example.net")


def test_it_offers_what_a_mail_server_needs_and_no_more(door: Door) -> None:
    lines = door.say(HELLO + b"QUIT\r\n")
    offered = {line[4:].split()[0] for line in lines[1:-1]}
    must = {b"PIPELINING", b"ENHANCEDSTATUSCODES", b"8BITMIME"}  # RFC 2033 section 4
    assert must <= offered and b"STARTTLS" not in offered and b"AUTH" not in offered


def test_a_refused_recipient_gets_no_second_answer(door: Door) -> None:
    lines = door.say(HELLO + to("post", "nobody") + b"text\r\n.\r\nQUIT\r\n")
    assert sentences.NO_SUCH_USER in lines
    assert after_data(lines) == [sentences.OK, sentences.BYE]


def test_without_a_recipient_there_is_one_answer_and_no_text(door: Door) -> None:
    lines = door.say(HELLO + to("nobody") + b"QUIT\r\n")
    assert lines[-2:] == [sentences.BY_CODE["503"], sentences.BYE]


@pytest.mark.parametrize("greeting", [b"EHLO c", b"HELO c"])
def test_the_greetings_of_smtp_are_none_here(door: Door, greeting: bytes) -> None:
    lines = door.say(greeting + b"\r\n" + to("post") + b"text\r\n.\r\n")
    assert lines[1] == sentences.NO_COMMAND
    assert not any(line.startswith(b"354") for line in lines)
    assert door.taken.arrivals == []


@pytest.mark.parametrize(
    "command", [b"STARTTLS", b"AUTH PLAIN x", b"EXPN a", b"BDAT 5 LAST", b"LHLO"]
)
def test_what_is_not_offered_is_refused_and_the_session_goes_on(door: Door, command: bytes) -> None:
    lines = door.say(HELLO + command + b"\r\n" + to("post") + b"text\r\n.\r\nQUIT\r\n")
    assert any(line.startswith(b"50") for line in lines)
    assert after_data(lines) == [sentences.OK, sentences.BYE]


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (Verdict.KNOWN, sentences.OK),
        (Verdict.BUSY, sentences.TRY_LATER),
        (Verdict.FULL, sentences.FULL),
        (Verdict.REFUSED, sentences.NOT_ACCEPTED),
    ],
)
def test_all_recipients_have_the_same_fate(door: Door, verdict: Verdict, sentence: bytes) -> None:
    door.taken.verdict = verdict
    lines = door.say(HELLO + to("post", "family") + b"text\r\n.\r\nQUIT\r\n")
    assert after_data(lines) == [sentence] * 2 + [sentences.BYE]
    assert door.turned.n == (verdict is not Verdict.KNOWN)  # one mail was turned away, not two


def test_a_fault_of_ours_is_temporary_for_all(door: Door) -> None:
    door.taken.fault = OSError("disk /srv/secret")
    lines = door.say(HELLO + to("post", "family") + b"text\r\n.\r\nQUIT\r\n")
    assert after_data(lines) == [sentences.TRY_LATER] * 2 + [sentences.BYE]


@pytest.mark.parametrize(
    "text", [b"bare\nline\r\n.\r\n", b"bare\rline\r\n.\r\n", b"n\0ul\r\n.\r\n"]
)
def test_a_text_that_could_smuggle_is_refused_for_each_and_ends_the_session(
    door: Door, text: bytes
) -> None:
    lines = door.say(HELLO + to("post", "family") + text + to("post") + b"second\r\n.\r\n")
    assert after_data(lines) == [sentences.BAD_TEXT] * 2
    assert door.taken.arrivals == []


def test_a_text_that_is_too_large_is_refused_for_each() -> None:
    with open_door(limits=SmtpLimits(message_bytes=100)) as door:
        lines = door.say(HELLO + to("post", "family") + b"x" * 200 + b"\r\n.\r\nQUIT\r\n")
        assert after_data(lines) == [sentences.TOO_BIG] * 2 + [sentences.BYE]


def test_a_client_that_leaves_before_the_end_has_sent_nothing(door: Door) -> None:
    lines = door.say(HELLO + to("post") + b"half of a te")
    assert after_data(lines) == []
    assert door.taken.arrivals == []


def test_many_mails_go_through_one_session(door: Door) -> None:
    one = to("post", "family") + b"text\r\n.\r\n"
    lines = door.say(HELLO + one * 50 + b"QUIT\r\n")
    assert lines.count(sentences.OK) == 50 * (2 + 3)
    assert len(door.taken.arrivals) == 50


def test_a_hundred_recipients_that_are_refused_are_one_error(door: Door) -> None:
    door.taken.verdict = Verdict.REFUSED
    everybody = to(*["post"] * 90)
    lines = door.say(HELLO + everybody + b"text\r\n.\r\nNOOP\r\nQUIT\r\n")
    assert after_data(lines) == [sentences.NOT_ACCEPTED] * 90 + [sentences.OK, sentences.BYE]


# ---------------------------------------------------------------- the unix socket


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lmtp-") as made:  # short, as sun_path is
        yield Path(made) / "lmtp"


def test_a_unix_socket_is_for_us_alone_and_gone_at_the_end(place: Path) -> None:
    with open_door(place) as door:
        assert door.address == str(place)
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        lines = door.say(HELLO + to("post") + b"text\r\n.\r\nQUIT\r\n")
        assert after_data(lines) == [sentences.OK, sentences.BYE]
    assert not place.exists()


def test_a_socket_that_a_killed_node_left_is_replaced(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place))
    with open_door(place) as door:
        assert door.say(b"QUIT\r\n")[-1] == sentences.BYE


def test_users_that_are_named_are_heard_and_others_are_not(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lmtp, "is_ours", lambda peer: False)
    with open_door(place, clients=[os.getuid()]) as door:
        assert stat.S_IMODE(place.stat().st_mode) == 0o666  # the kernel says who comes
        assert door.say(b"QUIT\r\n")[-1] == sentences.BYE
    with open_door(place, clients=[os.getuid() + 12345]) as door:
        assert door.say(HELLO + to("post") + b"text\r\n.\r\n") == [sentences.TOO_BUSY]
        assert (door.taken.arrivals, door.turned.n) == ([], 1)


def test_a_folder_that_is_not_there_is_told_and_waited_for(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lmtp, "AGAIN_S", 0.01)
    said: list[str] = []
    deep = place.parent / "later" / "lmtp"

    def faring(state: str, why: str) -> None:
        said.append(state)
        if state == "blocked" and len(said) == 3:
            deep.parent.mkdir()

    with open_door(deep, faring=faring) as door:
        while not deep.exists():
            pass
        assert door.say(b"QUIT\r\n")[-1] == sentences.BYE
    assert said == ["blocked"] * 3 + ["works"]

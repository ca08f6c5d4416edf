"""What an enemy says to the SMTP door, and that nobody else suffers from it."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from relay.mailing.smtp.limits import SmtpLimits
from relay.testing.door import Taken, Tick, listening, port_of, serving, with_take_in
from relay.transports.smtp import MOST_CHANNELS, Smtp
from relay.wire.pack import MAX_BYTES
from relay.wire.padding import CLASSES

HELLO = b"EHLO c\r\n"
MAIL = b"MAIL FROM:<m@example.net>\r\nRCPT TO:<post@example.org>\r\nDATA\r\n"
SECOND = b"MAIL FROM:<evil@x>\r\nRCPT TO:<post@example.org>\r\nDATA\r\nsmuggled\r\n.\r\n"


class Door:
    def __init__(self, smtp: Smtp, address: str, taken: Taken) -> None:
        self.smtp = smtp
        self.port = port_of(address)
        self.taken = taken

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 5)

    def say(self, *said: bytes) -> bytes:
        """Everything that is answered to a client that says this and then closes its side."""
        with self.connect() as raw:
            with suppress(ConnectionError):
                for one in said:
                    raw.sendall(one)
                raw.shutdown(socket.SHUT_WR)
            return to_the_end(raw)

    def a_mail_passes(self) -> None:
        before = len(self.taken.arrivals)
        assert b"\r\n354 " in self.say(HELLO + MAIL + b"honest\r\n.\r\nQUIT\r\n")
        assert [a.content for a in self.taken.arrivals[before:]] == [b"honest\r\n"]

    def becomes_empty(self) -> None:
        """Every session ends and gives back what it held."""
        end = time.monotonic() + 3
        rooms = (self.smtp.sessions, self.smtp.in_flight)
        while (self.smtp.open or any(r.taken for r in rooms)) and time.monotonic() < end:
            time.sleep(0.005)
        assert not self.smtp.open
        assert [r.taken for r in rooms] == [0, 0]


def to_the_end(raw: socket.socket) -> bytes:
    said = b""
    try:
        while got := raw.recv(65536):
            said += got
    except ConnectionResetError:
        pass
    return said


def codes(said: bytes) -> list[int]:
    """The codes of the answers, a multi-line one once."""
    return [int(line[:3]) for line in said.split(b"\r\n") if line and line[3:4] != b"-"]


@contextmanager
def open_door(limits: SmtpLimits | None = None) -> Iterator[Door]:
    taken = Taken()
    channels = {"post@example.org": "news", "post2@example.org": "news"}
    smtp = Smtp("mail", listening(), channels, limits or SmtpLimits(), Tick())
    with serving(with_take_in(smtp.run, taken)) as address:
        yield Door(smtp, address, taken)


@pytest.fixture(scope="module")
def shared() -> Iterator[Door]:
    with open_door() as made:
        yield made


@pytest.fixture
def door(shared: Door) -> Iterator[Door]:
    shared.taken.arrivals.clear()
    yield shared
    shared.a_mail_passes()
    shared.becomes_empty()


# ---------------------------------------------------------------- smuggling


@pytest.mark.parametrize(
    "end",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\r\n.\r\r\n",
        b"\r\r\n.\r\r\n",
        b"\r\n\0.\r\n",
        b"\n\r.\n\r",
        b"\x85.\x85\n",
    ],
)
def test_only_the_true_end_of_a_mail_ends_it(door: Door, end: bytes) -> None:
    said = door.say(HELLO + MAIL, b"first" + end + SECOND, b"\r\n.\r\nQUIT\r\n")
    assert door.taken.arrivals == []
    assert codes(said)[-1] == 554
    assert said.count(b"354") == 1


def test_a_true_end_in_odd_company_ends_the_mail_and_the_session(door: Door) -> None:
    said = door.say(HELLO + MAIL, b"first\r\r\n.\r\n" + SECOND)
    assert door.taken.arrivals == []
    assert codes(said)[-1] == 554


@pytest.mark.parametrize("odd", [b"a\nb", b"a\rb", b"a\0b", b"\n", b"\r", b"\0"])
def test_bare_cr_lf_and_nul_are_refused_wherever_they_are(door: Door, odd: bytes) -> None:
    for text in (odd + b"\r\nx", b"x\r\n" + odd, b"x" + odd + b"\r\ny"):
        said = door.say(HELLO + MAIL + text + b"\r\n.\r\n")
        assert codes(said)[-1] == 554
    assert door.taken.arrivals == []


def test_dots_are_taken_away_exactly_once(door: Door) -> None:
    door.say(HELLO + MAIL + b"..\r\n...\r\n.a\r\n..\r\n\r\n.\r\n")
    assert door.taken.arrivals[0].content == b".\r\n..\r\na\r\n.\r\n\r\n"


def test_a_mail_that_begins_with_its_end_is_empty(door: Door) -> None:
    door.say(HELLO + MAIL + b".\r\n")
    assert door.taken.arrivals[0].content == b""


def test_the_end_is_found_wherever_the_packets_are_cut(door: Door) -> None:
    whole = HELLO + MAIL + b"a\r\n..b\r\n.\r\n" + MAIL + b"c\r\n.\r\nQUIT\r\n"
    for at in range(len(HELLO + MAIL), len(whole), 3):
        door.taken.arrivals.clear()
        with door.connect() as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.sendall(whole[:at])
            time.sleep(0.001)
            raw.sendall(whole[at:])
            assert codes(to_the_end(raw)).count(354) == 2
        assert [a.content for a in door.taken.arrivals] == [b"a\r\n.b\r\n", b"c\r\n"]


def test_a_session_sent_in_one_piece_is_answered_in_order(door: Door) -> None:
    said = door.say(
        HELLO + MAIL + b"x\r\n.\r\nRSET\r\nMAIL FROM:<a@b>\r\nRCPT TO:<no@x>\r\nQUIT\r\n"
    )
    assert codes(said) == [220, 250, 250, 250, 354, 250, 250, 250, 550, 221]
    assert len(door.taken.arrivals) == 1


# ---------------------------------------------------------------- commands


def test_a_bare_line_feed_between_commands_ends_the_session(door: Door) -> None:
    said = door.say(HELLO + b"MAIL FROM:<a\n@x>\r\nRCPT TO:<post@example.org>\r\n")
    assert codes(said) == [220, 250, 500]


@pytest.mark.parametrize(
    "line", [b"MAIL FROM:<a\0@x>", b"MAIL FROM:<a\r@x>", b"NO\0OP", b"\x1b[2J"]
)
def test_control_characters_make_no_command(door: Door, line: bytes) -> None:
    assert codes(door.say(HELLO + line + b"\r\nQUIT\r\n")) == [220, 250, 500, 221]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"MAIL FROM:<>", 250),
        (b'MAIL FROM:<"a b"@x>', 250),
        (b"MAIL FROM:<@r1,@r2:u@x>", 250),
        (b"MAIL FROM:<\xff\xfe@x>", 250),
        (b"MAIL FROM:<a@x> SIZE=99999999999", 552),
        (b"MAIL FROM:<a@x> SIZE=-1", 501),
        (b"MAIL FROM:<a@x> BODY=BINARYMIME", 501),
        (b"MAIL FROM:<a@x> RET=FULL", 555),
        (b"MAIL FROM:<" + b"(" * 400, 553),
        (b"MAIL FROM:", 501),
        (b"MAIL", 501),
        (b"MAIL FROM:<" + b"a" * 700 + b"@x>", 500),
        (b"RCPT TO:<post@example.org>", 503),
        (b"DATA", 503),
        (b"BDAT 3 LAST", 500),
        (b"STARTTLS", 500),
        (b"AUTH PLAIN AGEAYg==", 502),
        (b"", 500),
        (b" ", 500),
        (b"\xc3\xa9", 500),
        (b"EHLO", 501),
        (b"HELO", 501),
        (b"NOOP " + b"x" * 505, 250),
        (b"NOOP " + b"x" * 506, 500),
        (b"EHLO " + b"x" * 2048, 500),
        (b"EHLO <script>alert(1)</script>", 250),
        (b"EHLO \xd9\x81", 250),
    ],
)
def test_each_odd_command_has_its_answer(door: Door, line: bytes, code: int) -> None:
    said = door.say(HELLO + line + b"\r\nQUIT\r\n")
    assert codes(said) == [220, 250, code, 221]
    assert b"alert" not in said and b"aaaa" not in said


def test_a_command_without_end_ends_the_session(door: Door) -> None:
    assert codes(door.say(b"x" * 100_000)) == [220, 500]


def test_an_injected_command_is_not_run_before_its_turn(door: Door) -> None:
    said = door.say(
        HELLO + b"STARTTLS\r\nMAIL FROM:<inj@x>\r\nRSET\r\nRCPT TO:<post@example.org>\r\n"
    )
    assert codes(said) == [220, 250, 500, 250, 250, 503]


def test_helo_knows_no_parameters(door: Door) -> None:
    assert codes(door.say(b"HELO c\r\nMAIL FROM:<a@x> SIZE=1\r\nMAIL FROM:<a@x>\r\n")) == [
        220,
        250,
        501,
        250,
    ]


def test_mail_before_a_greeting_is_out_of_order(door: Door) -> None:
    assert codes(door.say(MAIL)) == [220, 503, 503, 503]


# ---------------------------------------------------------------- limits


def test_the_last_recipient_is_taken_and_the_next_is_put_off() -> None:
    with open_door(SmtpLimits(recipients=3)) as door:
        rcpt = b"RCPT TO:<post@example.org>\r\n"
        said = door.say(HELLO + b"MAIL FROM:<a@x>\r\n" + rcpt * 4 + b"DATA\r\nx\r\n.\r\n")
        assert codes(said) == [220, 250, 250, 250, 250, 250, 452, 354, 250]
        assert b"452 4.5.3" in said


def test_the_fourth_channel_is_put_off_since_one_frame_takes_three_of_the_largest() -> None:
    assert (MOST_CHANNELS, MOST_CHANNELS * CLASSES[-1] < MAX_BYTES) == (3, True)
    taken = Taken()
    channels = {f"a{n}@x.example": f"c{n}" for n in range(4)}
    smtp = Smtp("mail", listening(), channels, SmtpLimits(), Tick())
    with serving(with_take_in(smtp.run, taken)) as address:
        rcpts = b"".join(b"RCPT TO:<a%d@x.example>\r\n" % n for n in range(4))
        said = Door(smtp, address, taken).say(
            HELLO + b"MAIL FROM:<>\r\n" + rcpts + b"DATA\r\n.\r\n"
        )
    assert codes(said).count(452) == 1
    assert len(taken.arrivals[0].channels) == 3


def test_a_client_that_only_talks_is_sent_away(door: Door) -> None:
    assert codes(door.say(HELLO + b"NOOP\r\n" * 1000))[-1] == 421
    said = door.say(HELLO + b"XYZZY\r\n" * 30)
    assert codes(said)[-1] == 421 and codes(said).count(500) < 30


def test_names_cannot_be_tried_by_the_hundred(door: Door) -> None:
    tries = b"".join(b"RCPT TO:<a%d@example.org>\r\n" % n for n in range(100))
    said = door.say(HELLO + b"MAIL FROM:<a@x>\r\n" + tries)
    assert codes(said)[-1] == 421 and codes(said).count(550) < 30


def test_a_line_of_a_mail_at_the_limit_is_taken_and_one_past_it_is_not(door: Door) -> None:
    assert codes(door.say(HELLO + MAIL + b"x" * 998 + b"\r\n.\r\n"))[-1] == 250
    assert codes(door.say(HELLO + MAIL + b".." + b"x" * 997 + b"\r\n.\r\n"))[-1] == 250
    assert codes(door.say(HELLO + MAIL + b"x" * 999 + b"\r\n.\r\nQUIT\r\n"))[-2:] == [500, 221]
    assert len(door.taken.arrivals) == 2


def test_too_many_sessions_are_told_to_come_again() -> None:
    with open_door(SmtpLimits(sessions=5, sessions_per_network=3)) as door, ExitStack() as held:
        for _ in range(3):
            raw = held.enter_context(door.connect())
            assert raw.recv(100) == b"220 ESMTP\r\n"
        with door.connect() as fourth:
            assert to_the_end(fourth) == b"421 4.3.2 Too busy, try again later\r\n"
        other = held.enter_context(
            socket.create_connection(("127.0.0.1", door.port), 5, source_address=("127.0.9.1", 0))
        )
        assert other.recv(100) == b"220 ESMTP\r\n"  # another network is served
        raw.close()
        end = time.monotonic() + 3
        while door.smtp.sessions.taken > 3 and time.monotonic() < end:
            time.sleep(0.005)
        door.a_mail_passes()


def test_bodies_in_flight_have_a_limit_for_all_and_for_each_network() -> None:
    with open_door(SmtpLimits(in_flight=400_000)) as door, ExitStack() as held:
        for source in ("127.0.1.1", "127.0.2.1"):
            raw = held.enter_context(
                socket.create_connection(("127.0.0.1", door.port), 5, source_address=(source, 0))
            )
            raw.sendall(HELLO + MAIL + (b"x" * 78 + b"\r\n") * 1000)  # 80,000 of 100,000
        wait_for(lambda: door.smtp.in_flight.taken == 160_000)
        with held.enter_context(
            socket.create_connection(("127.0.0.1", door.port), 5, source_address=("127.0.2.9", 0))
        ) as same:
            same.sendall(HELLO + MAIL + (b"x" * 78 + b"\r\n") * 500)
            assert codes(to_the_end(same))[-1] == 421
        door.a_mail_passes()
        assert door.smtp.in_flight.taken == 160_000


def wait_for(claim: object) -> None:
    assert callable(claim)
    end = time.monotonic() + 3
    while not claim() and time.monotonic() < end:
        time.sleep(0.005)
    assert claim()


def test_what_a_flood_held_is_given_back() -> None:
    with open_door(SmtpLimits(in_flight=4_000_000)) as door:
        with ExitStack() as held:
            for _ in range(30):
                raw = held.enter_context(door.connect())
                raw.sendall(HELLO + MAIL + (b"x" * 78 + b"\r\n") * 800)
            wait_for(lambda: door.smtp.in_flight.taken > 900_000)
            assert door.smtp.in_flight.taken <= 1_000_000
        door.becomes_empty()
        door.a_mail_passes()
    assert len(door.taken.arrivals) == 1


# ---------------------------------------------------------------- time


QUICK = SmtpLimits(idle_s=0.2, data_s=0.3, session_s=0.6)


def test_a_client_that_says_nothing_is_sent_away() -> None:
    with open_door(QUICK) as door, door.connect() as raw:
        begun = time.monotonic()
        assert codes(to_the_end(raw)) == [220, 421]
        assert 0.15 < time.monotonic() - begun < 6
        door.becomes_empty()


def test_a_byte_now_and_then_does_not_keep_a_mail_open() -> None:
    with open_door(QUICK) as door, door.connect() as raw:
        raw.sendall(HELLO + MAIL)
        begun = time.monotonic()
        said = drip(raw)
        assert 0.25 < time.monotonic() - begun < 6
        assert codes(said)[-1] == 421
        door.becomes_empty()
        assert door.taken.arrivals == []


def test_a_client_that_was_sent_away_and_stays_is_cut() -> None:
    with open_door(QUICK) as door, ExitStack() as held:
        raw = held.enter_context(door.connect())
        raw.sendall(HELLO + MAIL + b"bare\nfeed\r\n.\r\n")
        assert codes(to_the_end(raw))[-1] == 554
        door.becomes_empty()  # although this side is still open
        door.a_mail_passes()


def test_commands_now_and_then_do_not_keep_a_session_open() -> None:
    with open_door(QUICK) as door, door.connect() as raw:
        raw.sendall(HELLO)
        begun = time.monotonic()
        drip(raw, b"NOOP\r\n")
        assert 0.5 < time.monotonic() - begun < 6


def drip(raw: socket.socket, what: bytes = b"x") -> bytes:
    said = b""
    raw.settimeout(0.05)
    while True:
        time.sleep(0.01)
        try:
            raw.sendall(what)
            got = raw.recv(65536)
            said += got
            if not got or b"421" in said:
                return said
        except TimeoutError:
            continue
        except ConnectionError:
            return said


def test_slow_clients_do_not_slow_a_good_one() -> None:
    with open_door() as door, ExitStack() as held:
        for _ in range(60):
            held.enter_context(door.connect()).sendall(HELLO + MAIL + b"slow")
        begun = time.monotonic()
        door.a_mail_passes()
        assert time.monotonic() - begun < 6


def test_our_own_slowness_does_not_cut_the_client() -> None:
    with open_door(SmtpLimits(idle_s=0.1, data_s=0.1)) as door:
        door.taken.wait_s = 0.3
        assert codes(door.say(HELLO + MAIL + b"x\r\n.\r\n"))[-1] == 250


def test_a_client_that_does_not_read_is_cut_too() -> None:
    with open_door(SmtpLimits(idle_s=0.2, commands=10**6)) as door, door.connect() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.settimeout(0.5)
        with pytest.raises(OSError):
            raw.sendall(b"VRFY x\r\n" * 2_000_000)
        door.becomes_empty()


@pytest.mark.parametrize("part", [b"", HELLO, HELLO + MAIL, HELLO + MAIL + b"half a mail\r\n."])
@pytest.mark.parametrize("reset", [True, False])
def test_a_client_that_goes_away_leaves_nothing(door: Door, part: bytes, reset: bool) -> None:
    with door.connect() as raw:
        raw.sendall(part)
        if reset:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    door.becomes_empty()
    assert door.taken.arrivals == []


def test_a_client_that_goes_away_while_its_mail_is_stored_holds_nothing() -> None:
    with open_door() as door:
        door.taken.wait_s = 0.1
        with door.connect() as raw:
            raw.sendall(HELLO + MAIL + b"x\r\n.\r\n")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wait_for(lambda: door.smtp.in_flight.taken > 0)
        door.becomes_empty()


def test_noise_breaks_nothing(door: Door) -> None:
    import random

    noise = random.Random(1)
    for _ in range(50):
        said = door.say(noise.randbytes(noise.randrange(1, 5000)))
        assert said.startswith(b"220 ESMTP\r\n") and codes(said)[-1] in (220, 500, 421)
    assert door.taken.arrivals == []


def test_nothing_of_a_session_is_printed_or_logged(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with open_door() as door:
        door.taken.fault = RuntimeError("MARKER")
        said = door.say(HELLO + MAIL + b"MARKER\r\n.\r\n" + b"XYZMARKER\r\n" + b"VRFY MARKER\r\n")
        door.say(HELLO + MAIL + b"MARKER")
    assert b"MARKER" not in said
    shown = capfd.readouterr()
    assert shown.out == shown.err == ""
    assert (
        "MARKER" not in caplog.text and "example" not in caplog.text and "127." not in caplog.text
    )

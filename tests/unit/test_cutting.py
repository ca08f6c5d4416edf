"""A line that cuts, delays, corrupts and swallows: at the byte that the script says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from relay.testing.cutting import WHOLE, Fate, Spoil, always, at_random, cutting, scripted

SAID = bytes(range(256)) * 400  # longer than what is read at once


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """A server that says what it hears, once it has heard all, or all that it will hear."""

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=meet, args=(client,), daemon=True).start()

    def meet(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.sendall(b"".join(iter(lambda: client.recv(65536), b"")))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()
        listening.shutdown(socket.SHUT_RDWR)


def talked(port: int, said: bytes = SAID) -> bytes:
    """What comes back. Raises OSError where the connection is reset, or nothing comes for long."""
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(said)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def test_a_line_without_a_script_passes_everything_on(echo):
    with cutting(echo) as line:
        assert talked(line.port) == SAID
        assert (line.spoilt, line.connections[0].up, line.connections[0].down) == (
            0,
            len(SAID),
            len(SAID),
        )


@pytest.mark.parametrize("at", [0, 1, 16383, 16384, 16385, 70000])
def test_a_direction_ends_after_exactly_so_many_bytes(echo, at):
    with cutting(echo, scripted(Fate(up=Spoil(at, "half")))) as line:
        assert talked(line.port) == SAID[:at]
        assert talked(line.port) == SAID  # the script is at its end
        assert line.spoilt == 1


@pytest.mark.parametrize("at", [1, 16384, 70000])
def test_both_directions_end_where_it_says_close(echo, at):
    with cutting(echo, always(Fate(down=Spoil(at, "close")))) as line:
        assert talked(line.port) == SAID[:at]
        assert line.connections[0].down == at


def test_a_reset_is_a_reset(echo):
    with cutting(echo, always(Fate(down=Spoil(10)))) as line, pytest.raises(ConnectionResetError):
        talked(line.port)


@pytest.mark.parametrize("at", [0, 1, 16384, 70000])
def test_one_bit_of_one_byte_is_turned_over(echo, at):
    with cutting(echo, always(Fate(up=Spoil(at, "corrupt")))) as line:
        got = talked(line.port)
        assert [n for n, (a, b) in enumerate(zip(got, SAID, strict=True)) if a != b] == [at]


@pytest.mark.parametrize("then", ["swallow", "hang"])
def test_who_is_swallowed_or_hangs_hears_nothing_and_no_end(echo, then):
    with (
        cutting(echo, always(Fate(up=Spoil(5, then)))) as line,
        socket.create_connection(("127.0.0.1", line.port), 0.1) as sock,
    ):
        sock.sendall(b"0123456789")
        sock.shutdown(socket.SHUT_WR)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        assert line.connections[0].up == 5


def test_what_is_throttled_and_late_comes_all_the_same(echo):
    with cutting(echo, always(Fate(delay_s=0.001, bytes_per_s=100_000))) as line:
        assert talked(line.port, SAID[:2000]) == SAID[:2000]


def test_a_blocked_line_lets_nobody_through_and_an_open_one_does(echo):
    with cutting(echo) as line:
        line.blocked = True
        with pytest.raises(OSError):
            assert talked(line.port, b"x") == b"x"
            raise ConnectionResetError  # it may be an end without a word
        line.blocked = False
        assert talked(line.port, b"x") == b"x"


def test_what_is_open_can_be_cut_at_any_time(echo):
    with (
        cutting(echo) as line,
        socket.create_connection(("127.0.0.1", line.port), 5) as sock,
    ):
        sock.sendall(b"x")
        while not (line.connections and line.connections[0].up):
            pass
        line.cut()
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_nobody_behind_it_is_a_reset(echo):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        gone = nobody.getsockname()
    with cutting(gone) as line, pytest.raises(OSError):
        assert talked(line.port, b"x") == b"x"
        raise ConnectionResetError


def test_chance_is_the_same_for_the_same_seed():
    fates = [at_random(7, 1000, share=0.5)(n) for n in range(100)]
    assert fates == [at_random(7, 1000, share=0.5)(n) for n in range(100)]
    assert fates != [at_random(8, 1000, share=0.5)(n) for n in range(100)]
    assert 20 < fates.count(WHOLE) < 80

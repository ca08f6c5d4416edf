"""The parts of the measurements that need no peer: sink, clients, CPU times, profile."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import clients, mailrise, postfix
from bench.clients import Probe, marked, side_by_side
from bench.processes import cpu_s, family, wait_for_greeting
from bench.profiles import counted, top
from bench.relay import OUTAGE, Outage, named, shown
from bench.sink import Sink


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


def post(sink: Sink, *bodies: str) -> list[int]:
    """Post these over one connection; the statuses."""
    connection = http.client.HTTPConnection("127.0.0.1", sink.port, timeout=10)
    statuses = []
    for body in bodies:
        connection.request("POST", "/", body=body.encode())
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    return statuses


def test_the_sink_counts_each_marker_over_a_kept_connection(sink: Sink) -> None:
    first, second = named(2)
    assert post(sink, f"{first} and {first}", f'{{"text": "{second}"}}', first) == [200] * 3
    seen = sink.tell("seen")
    assert (seen["times"][first], seen["times"][second]) == (2, 1)
    assert seen["last_s"] > 0


def test_nobody_listens_where_the_sink_is_down(sink: Sink) -> None:
    (marker,) = named(1)
    sink.tell("down")
    with pytest.raises(ConnectionError):
        post(sink, marker)
    assert marker not in sink.tell("seen")["times"]
    sink.tell("up")
    assert post(sink, marker) == [200]
    assert sink.tell("seen")["times"][marker] == 1


class Server:
    """A mail server for one test: says 250 to all, but to each ``refused``-th mail 450."""

    def __init__(self, refused: int = 0) -> None:
        self.mails: list[bytes] = []
        self.sessions = 0
        self._refused = refused
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.port = self._sock.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._sock.shutdown(socket.SHUT_RDWR)  # wakes accept
        self._sock.close()

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock, sock.makefile("rb") as lines:
            sock.sendall(b"220 test\r\n")
            for line in lines:
                if line.startswith(b"DATA"):
                    sock.sendall(b"354 go on\r\n")
                    self.mails.append(b"".join(iter(lines.readline, b".\r\n")))
                    refuse = self._refused and len(self.mails) % self._refused == 0
                    sock.sendall(b"450 later\r\n" if refuse else b"250 kept\r\n")
                elif line.startswith(b"EHLO"):
                    sock.sendall(b"250-test\r\n250 SIZE 1000\r\n")
                else:
                    sock.sendall(b"250 fine\r\n")


def test_a_kept_session_is_one_connection_and_each_mail_is_another() -> None:
    server = Server()
    markers = named(6)  # a thread may take all of them: then its session is the only one
    assert sorted(marked(server.port, markers, 2, kept=True)) == sorted(markers)
    begun = server.sessions
    assert begun in (1, 2)
    assert len({*server.mails}) == 6
    assert all(0.9 * clients.BYTES < len(mail) <= clients.BYTES for mail in server.mails)
    assert len(marked(server.port, named(6), 2, kept=False)) == 6
    assert server.sessions == begun + 6
    server.close()


def test_what_is_not_answered_250_is_not_counted_as_accepted() -> None:
    server = Server(refused=3)
    assert len(marked(server.port, named(6), 1, kept=True)) == 4
    server.close()


def test_a_client_that_cannot_connect_is_an_error_and_not_a_figure() -> None:
    server = Server()
    server.close()
    with pytest.raises(OSError):
        marked(server.port, named(2), 2, kept=True)


def test_the_probe_measures_and_a_refused_probe_is_told() -> None:
    good, bad = Server(), Server(refused=1)
    with Probe(good.port) as probe:
        pass
    assert probe.error is None and len(probe.waits_ms) == 1 and probe.waits_ms[0] > 0
    with Probe(bad.port) as refused:
        pass
    assert "450" in str(refused.error) and not refused.waits_ms
    good.close()
    bad.close()


def test_the_first_error_of_any_thread_is_raised() -> None:
    def fail() -> None:
        raise ValueError("one of them")

    with pytest.raises(ValueError, match="one of them"):
        side_by_side(fail, 3)


_BUSY = "import time\nt=time.process_time()\nwhile time.process_time() < t + 0.05: pass\n"
_PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, '-c', {_BUSY!r}])
print('done', flush=True)
waits = 'import sys; sys.stdin.read()'
child = subprocess.Popen([sys.executable, '-c', waits], stdin=subprocess.PIPE)
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_cpu_of_a_family_counts_children_that_have_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None and parent.stdin is not None
        assert parent.stdout.readline() == b"done\n"
        child = int(parent.stdout.readline())
        assert family(parent.pid) == [parent.pid, child]
        assert cpu_s(parent.pid) >= 0.05
        parent.stdin.close()


def test_a_peer_that_ends_before_it_greets_is_an_error() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        with pytest.raises(RuntimeError, match="no greeting"):
            wait_for_greeting(1, process)


def test_a_greeting_is_waited_for() -> None:
    server = Server()
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as process:
        wait_for_greeting(server.port, process)
        assert process.poll() is None
        assert process.stdin is not None
        process.stdin.close()
    server.close()


FOLDED = """\
main (relay/cli/run.py:3);seal (relay/wire/envelope.py:10);wrap (relay/wire/primitives.py:7) 6
main (relay/cli/run.py:3);seal (relay/wire/envelope.py:12) 1
main (relay/cli/run.py:3);seal (relay/wire/envelope.py:10);hkdf (cryptography/kdf.py:9) 2
main (relay/cli/run.py:4);select (selectors.py:4) 1
"""


def test_a_profile_counts_functions_of_ours_and_not_lines() -> None:
    within, itself, total = counted(FOLDED)
    assert total == 10
    assert within == {"wire/envelope.py seal": 9, "wire/primitives.py wrap": 6}
    assert (itself["wire/envelope.py seal"], itself["cryptography/kdf.py hkdf"]) == (1, 2)


def test_a_function_that_calls_itself_counts_once_a_sample() -> None:
    assert counted("f (relay/b.py:1);f (relay/b.py:1) 3")[0]["relay/b.py f"] == 3


def test_the_top_of_a_profile_is_half_of_either_measure() -> None:
    assert top(FOLDED, most=4)[1:] == [
        ("wire/envelope.py seal", "90 %", "10 %"),
        ("wire/primitives.py wrap", "60 %", "60 %"),
        ("cryptography/kdf.py hkdf", "-", "20 %"),
    ]


def test_the_outage_is_shown_with_its_share() -> None:
    rows = shown(
        [Outage("mailrise", 300, 0, 0, 0, 0, 0.0), Outage("relay", 300, 300, 299, 1, 0, 41.2)]
    )
    assert rows[1][2:] == ("0 (0 %)", "0", "0", "0", "-")
    assert rows[2][2:] == ("300 (100 %)", "299", "1", "0", "after 41 s")


def test_every_marker_is_new_and_can_be_found() -> None:
    markers = named(3) + named(3)
    assert len({*markers}) == 6
    assert all(re.fullmatch(r"bench-[0-9a-z]+-\d+", marker) for marker in markers)


@pytest.mark.slow
def test_the_comparison_with_postfix_from_end_to_end(capfd: pytest.CaptureFixture[str]) -> None:
    if why := postfix.missing():
        pytest.skip(why)
    from bench.accept import main

    assert main(["--quick", "--rounds", "1"]) == 0
    said = capfd.readouterr().out
    assert re.search(r"50 sessions, kept .* \d+\.\d\d \[", said)


@pytest.mark.slow
def test_the_comparison_with_mailrise_from_end_to_end(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if why := mailrise.missing():
        pytest.skip(why)
    from bench.relay import main

    assert main(["--quick", "--rounds", "1", str(tmp_path)]) == 0
    said = capfd.readouterr().out
    assert "mailrise  " in said and f"{OUTAGE.messages} (100 %)" in said

"""The launcher over children that fail: who is started, who waits, and what is left behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from relay.node.kids import end_strays

HEAD = """
import os, signal, socket, sys, threading, time
from relay.journal import Journal
from relay.node.launcher import Launcher

folder = sys.argv[1]

def note(word):
    with open(os.path.join(folder, "notes"), "a") as notes:
        notes.write(word + "\\n")

def stays(role):
    def run(sock, pulse):
        note(role)
        while True:
            pulse.beat()
            time.sleep(0.1)
    return run

def ends(role, status):
    def run(sock, pulse):
        note(role)
        return status
    return run

def core(sock, pulse):
    note("core")
    sock.settimeout(0.1)
    while True:
        pulse.beat()
        try:
            for fd in socket.recv_fds(sock, 65536, 4)[1]:
                os.close(fd)
        except TimeoutError:
            pass

def go(for_s, **mains):
    stay = {role: stays(role) for role in ("door", "reader", "outlet")}
    mains = {"core": globals()["core"], **stay, **mains}
    launcher = Launcher(mains, {}, Journal("launcher"), lambda: None, lambda: None)
    threading.Timer(for_s, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
    return launcher
"""


def launched(folder: Path, script: str) -> tuple[list[str], str]:
    """What the children noted, and what was said, by a launcher in a process of its own."""
    made = subprocess.run(
        [sys.executable, "-c", HEAD + script, str(folder)], capture_output=True, timeout=60
    )
    assert made.returncode == 0, made.stderr.decode()
    return (folder / "notes").read_text().split(), made.stdout.decode()


def test_while_no_core_can_be_started_a_door_is_there(tmp_path: Path) -> None:
    script = """
def door(sock, pulse):
    said = sock.recv(1)  # a core's word, or the end
    note("door-alone" if not said else "door")
    return stays("waits")(sock, pulse)

go(5.0, core=ends("core", 75), door=door).run()
"""
    notes, _ = launched(tmp_path, script)
    assert notes.count("core") >= 4
    assert notes[-2:] == ["door-alone", "waits"]


def test_what_is_not_ours_to_end_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    known = {int(pid) for pid in children.read_text().split()}
    sleeps = subprocess.Popen(["sleep", "60"])

    def forbidden(pid: int, number: int) -> None:
        raise PermissionError(errno.EPERM, "it is root's")

    with monkeypatch.context() as patched:
        patched.setattr(os, "kill", forbidden)
        assert not end_strays(known)
    assert end_strays(known)
    assert sleeps.wait(10) == -signal.SIGKILL
    assert not end_strays(known)


def test_children_that_end_over_and_over_leave_nothing_behind(tmp_path: Path) -> None:
    script = """
launcher = go(2.5, reader=ends("reader", 0))
wait, counts = launcher._wait, []

def counting(*given):
    counts.append(len(os.listdir("/proc/self/fd")))
    wait(*given)

launcher._wait = counting
launcher.run()
print(counts[10], max(counts[10:]))
try:
    os.waitpid(-1, os.WNOHANG)
    print("a child is left")
except ChildProcessError:
    print("no child is left")
"""
    notes, said = launched(tmp_path, script)
    assert notes.count("reader") > 10
    first, most = map(int, said.split()[:2])
    assert most <= first + 3
    assert "no child is left" in said


def test_a_fork_that_fails_is_tried_again(tmp_path: Path) -> None:
    script = """
fork, fails = os.fork, [2]

def failing():
    if fails[0]:
        fails[0] -= 1
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()

os.fork = failing
go(2.5).run()
"""
    notes, _ = launched(tmp_path, script)
    assert sorted(set(notes)) == ["core", "door", "outlet", "reader"]


@pytest.mark.slow
def test_a_child_that_hears_no_term_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    script = """
def deaf(sock, pulse):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return stays("deaf")(sock, pulse)

go(1.0, core=deaf, door=deaf).run()
"""
    began = time.monotonic()
    notes, _ = launched(tmp_path, script)
    assert notes.count("deaf") == 2
    assert time.monotonic() - began < 1.0 + 10.0


def test_a_core_that_does_not_read_holds_up_neither_the_watch_nor_a_stop(tmp_path: Path) -> None:
    script = """
def full(sock, pulse):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    return stays("core")(sock, pulse)

from relay.node import launcher
pair = launcher.pair

def small():
    one, two = pair()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    return one, two

launcher.pair = small
go(2.0, core=full, reader=ends("reader", 0)).run()
"""
    began = time.monotonic()
    notes, _ = launched(tmp_path, script)
    assert notes.count("reader") > 5
    assert time.monotonic() - began < 8


def test_a_second_term_while_it_stops_changes_nothing(tmp_path: Path) -> None:
    script = """
launcher = go(1.0)
for n in range(10):
    threading.Timer(1.0 + n / 50, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
launcher.run()
time.sleep(0.3)
"""
    launched(tmp_path, script)
    assert os.path.exists(tmp_path / "notes")


OUTLETS = """
def go_with(outlet, for_s, **mains):
    launcher = go(for_s, **mains)
    launcher._mains["outlet.loft"] = outlet
    return launcher
"""


def test_an_outlet_of_its_own_that_ends_over_and_over_waits_ever_longer(tmp_path: Path) -> None:
    script = OUTLETS + "go_with(ends('loft', 0), 3.0).run()\n"
    notes, _ = launched(tmp_path, script)
    assert 3 <= notes.count("loft") <= 6  # at 0, 0.1, 0.3, 0.7, 1.5 and 3.1 s
    assert notes.count("outlet") == 1


def test_what_an_outlet_leaves_behind_is_ended_before_it_counts_as_dead(tmp_path: Path) -> None:
    script = (
        OUTLETS
        + """
from relay.node.pipes import PlainPipe
from relay.wire import frames

def core(sock, pulse):
    pipe = PlainPipe(sock, (frames.Child, frames.Dead, frames.Beat))
    while True:
        pulse.beat()
        frame = pipe.receive()
        if isinstance(frame, frames.Dead):
            left = open(os.path.join(folder, "left")).read().split()
            alive = [pid for pid in left if os.path.exists(f"/proc/{pid}")]
            note(f"dead-with-{len(alive)}-of-{len(left)}")
            time.sleep(60)

def loft(sock, pulse):
    pids = []
    for _ in range(3):  # each a daemon: its parent has ended
        if os.fork() == 0:
            os.setsid()
            child = os.fork()
            if child == 0:
                time.sleep(3600)
            with open(os.path.join(folder, "left"), "a") as left:
                left.write(f"{child} ")
            os._exit(0)
        os.wait()
    return 1

go_with(loft, 1.5, core=core).run()
"""
    )
    notes, _ = launched(tmp_path, script)
    assert "dead-with-0-of-3" in notes


def test_an_outlet_that_closes_its_pulse_is_ended(tmp_path: Path) -> None:
    script = (
        OUTLETS
        + """
def loft(sock, pulse):
    note("loft")
    os.close(pulse.fileno())
    time.sleep(3600)

go_with(loft, 2.0).run()
"""
    )
    notes, _ = launched(tmp_path, script)
    assert notes.count("loft") >= 3


def test_a_stop_ends_what_an_outlet_has_started_as_well(tmp_path: Path) -> None:
    script = (
        OUTLETS
        + """
def loft(sock, pulse):
    if os.fork() == 0:
        os.setsid()
        note(f"left-{os.getpid()}")
        time.sleep(3600)
    return stays("loft")(sock, pulse)

go_with(loft, 1.0).run()
"""
    )
    notes, _ = launched(tmp_path, script)
    [left] = [word.partition("-")[2] for word in notes if word.startswith("left-")]
    assert not os.path.exists(f"/proc/{left}")


DIES = """
def dies(pulse_first):
    def run(sock, pulse):
        note("reader")
        if pulse_first:
            pulse.beat()
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)
    return run

"""


def test_a_reader_that_its_work_ends_again_and_again_comes_back_as_soon(tmp_path: Path) -> None:
    """Else a hundred hostile mails would hold up the next honest one by a thousand seconds."""
    notes, _ = launched(tmp_path, DIES + "go(4.0, reader=dies(True)).run()\n")
    assert notes.count("reader") >= 8  # with back-off: at 0, 0.1, 0.3, 0.7, 1.5 and 3.1 s


def test_a_reader_that_never_begins_waits_ever_longer(tmp_path: Path) -> None:
    notes, _ = launched(tmp_path, DIES + "go(3.0, reader=dies(False)).run()\n")
    assert 3 <= notes.count("reader") <= 6

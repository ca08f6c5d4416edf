"""Processes of one side: what they used, and ending them by their own id."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and everything that descends from it."""
    found = [pid]
    for one in found:
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in listed.read_text().split()]
            except OSError:
                continue  # that thread has ended
    return found


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a family has used, with those of its children that have ended.

    proc(5): of /proc/PID/stat the fields 14 to 17, utime, stime, cutime and cstime. A child that
    has ended counts once, in its parent's.
    """
    ticks = 0
    for one in family(pid):
        try:
            stat = Path(f"/proc/{one}/stat").read_text()
        except OSError:
            continue
        ticks += sum(int(field) for field in stat.rpartition(")")[2].split()[11:15])
    return ticks * TICK_S


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now, for a peer that cannot choose its own."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for_greeting(port: int, process: subprocess.Popen[bytes], wait_s: float = 20.0) -> None:
    """Until an SMTP server greets there. Raises RuntimeError if it ends, or takes too long."""
    until = time.monotonic() + wait_s
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as sock:
                if sock.recv(512).startswith(b"220"):
                    sock.sendall(b"QUIT\r\n")
                    return
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError(f"a peer gives no greeting (its status: {process.poll()})")


def end(process: subprocess.Popen[bytes], wait_s: float = 10.0) -> None:
    """SIGTERM, and SIGKILL for one that does not hear it."""
    process.terminate()
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

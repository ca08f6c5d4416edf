"""Real proxies on loopback, each on a free port: Debian's microsocks, tinyproxy and tor.

Tor here knows no network: it listens, takes what it is asked, and carries nothing.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from relay.reach.way import Way

START_S = 10.0

TORRC = """\
SocksPort 127.0.0.1:{port}
DataDirectory {folder}
DirAuthority nobody orport=1 no-v2 v3ident={ident} 127.0.0.1:1 {key}
UseDefaultFallbackDirs 0
SocksTimeout 2
AvoidDiskWrites 1
Log notice file {folder}/log
"""

TINYPROXY = """\
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 20
{login}
"""


def needs(program: str) -> str:
    """Where a program is; the test is skipped where it is not installed."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed (.ci/test-tools)")
    return found


@contextlib.contextmanager
def microsocks(*, user: str = "", password: str = "") -> Iterator[Way]:
    """A SOCKS5 proxy; with a user, for nobody else."""
    login = ["-u", user, "-P", password] if user else []
    with running("microsocks", lambda port: ["-i", "127.0.0.1", "-p", str(port), *login]) as port:
        yield Way("socks", "socks5", "127.0.0.1", port, user.encode(), password.encode())


@contextlib.contextmanager
def tinyproxy(folder: Path, *, user: str = "", password: str = "") -> Iterator[Way]:
    """An HTTP proxy; with a user, for nobody else."""
    login = f"BasicAuth {user} {password}" if user else ""

    def arguments(port: int) -> Sequence[str]:
        config = folder / "tinyproxy.conf"
        config.write_text(TINYPROXY.format(port=port, login=login))
        return ["-d", "-c", str(config)]

    with running("tinyproxy", arguments) as port:
        yield Way("web", "http", "127.0.0.1", port, user.encode(), password.encode())


@contextlib.contextmanager
def tor(folder: Path) -> Iterator[Way]:
    """Tor that is up and carries nothing. What it is asked stands in ``folder/log``."""
    data = folder / "tor"
    data.mkdir(mode=0o700)

    def arguments(port: int) -> Sequence[str]:
        written = TORRC.format(port=port, folder=data, ident="A" * 40, key="B" * 40)
        (folder / "torrc").write_text(written)
        return ["-f", str(folder / "torrc"), "--quiet", "--defaults-torrc", "/dev/null"]

    with running("tor", arguments) as port:
        yield Way("tor", "socks5", "127.0.0.1", port)


@contextlib.contextmanager
def running(program: str, arguments: Callable[[int], Sequence[str]]) -> Iterator[int]:
    """A program that listens at a free port of this machine, until the block ends; the port."""
    port = _free_port()
    command = [needs(program), *arguments(port)]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait(process, port)
            yield port
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        assert process.poll() is None, "it ended at once"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise AssertionError("it does not listen")

"""``relay run``: what is opened before the first process is forked, and who is given what."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from relay.clock import SystemClock
from relay.config import Settings, SmtpIn
from relay.errors import KeyFileError, OutwordError, SettingsError
from relay.journal import Event, Journal, silence_libraries
from relay.node.child import Pulse
from relay.node.launcher import Launcher, Main, in_child, lock
from relay.node.making import folder, make_keys
from relay.plugins import destinations, mistakes
from relay.sockets import address_of


class CannotListen(OutwordError):
    """An address of `listen` cannot be used: another program has it, or it is not ours."""

    exit_code = 69


def start(path: Path, settings: Settings) -> int:
    """Run the node of a settings file until it is told to stop; gives the exit status.

    Raises SettingsError, KeyFileError, Busy or CannotListen before anything was started.
    """
    journal = Journal("launcher")
    silence_libraries(journal)
    held = lock(folder(settings.data))
    status = in_child(lambda: _checked(path, settings, journal), journal)
    if status != 0:
        return status
    sockets = open_sockets(settings)
    try:
        return Launcher(
            _mains(settings, sockets),
            list(sockets.values()),
            journal,
            lambda: _ready(settings, sockets),
        ).run()
    finally:
        os.close(held)


def _checked(path: Path, settings: Settings, journal: Journal) -> int:
    """The first child: what ``relay check`` does, and the keys; it ends before the others start."""
    try:
        wrong = tuple(mistakes(settings))
        if wrong:
            raise SettingsError(str(path), wrong)
        make_keys(settings, SystemClock(), journal)
    except (SettingsError, KeyFileError) as error:
        os.write(2, f"{error}\n".encode())
        return error.exit_code
    return 0


def open_sockets(settings: Settings) -> dict[str, socket.socket]:
    """Every listening socket by its name (a transport's, or "http"). Raises CannotListen."""
    wanted = {
        name: transport.listen
        for name, transport in settings.transports.items()
        if isinstance(transport, SmtpIn)
    }
    if settings.http is not None:
        wanted["http"] = settings.http.listen
    sockets = {}
    for name, (host, port) in wanted.items():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(1024)
        except OSError as error:
            raise CannotListen(f"{name} cannot listen: {error.strerror}") from None
        sockets[name] = sock
    return sockets


def url_of(settings: Settings, sockets: Mapping[str, socket.socket]) -> str:
    """The base URL of the page: ``[http] url``, or the address bound; empty without ``[http]``."""
    if settings.http is None:
        return ""
    return settings.http.url or f"http://{address_of(sockets['http'])}"


def _mains(settings: Settings, sockets: Mapping[str, socket.socket]) -> dict[str, Main]:
    """What each role runs. Modules are imported in the child: none needs another's libraries."""
    clock = SystemClock()
    url = url_of(settings, sockets)  # now: the other roles close these sockets

    def core(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.core import main

        return main(sock, pulse, _journal("core"), clock, settings)

    def door(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.door import main

        return main(sock, pulse, _journal("door"), clock, settings, sockets)

    def reader(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.reader import main

        return main(sock, pulse)

    def outlet(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.outlet import main

        served = destinations(settings)
        return main(sock, pulse, _journal("outlet"), clock, served, settings.base, url)

    return {"core": core, "door": door, "reader": reader, "outlet": outlet}


def _journal(process: str) -> Journal:
    journal = Journal(process)
    silence_libraries(journal)
    journal.say(Event.STARTED)
    return journal


def _ready(settings: Settings, sockets: Mapping[str, socket.socket]) -> None:
    """Tell whoever waits: a line on standard output, and systemd (sd_notify(3))."""
    opened = " ".join(f"{name}={address_of(sock)}" for name, sock in sockets.items())
    line = f"ready {opened}".strip()
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)  # noqa: T201 - the one line that is promised
    where = os.environ.get("NOTIFY_SOCKET", "")
    if where:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
            sock.sendto(b"READY=1", where.replace("@", "\0", 1) if where[0] == "@" else where)

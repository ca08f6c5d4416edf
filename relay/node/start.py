"""``relay run``: what is opened before the first process is forked, and who is given what."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TextIO

from relay.clock import SteadyClock, SystemClock
from relay.config import Checks, Destination, Settings, load, no_more
from relay.errors import CannotMake, KeyFileError, Mistake, OutwordError, SettingsError
from relay.journal import Event, Journal, hush, silence_libraries
from relay.node import service
from relay.node.before import Tell, in_child, lock
from relay.node.bounds import give_back_large
from relay.node.brake import START_PAUSED
from relay.node.child import BEHIND_ALL, Pulse, harden, until_asked
from relay.node.confined import keep_to
from relay.node.granted import granted_to, make_pages, make_sessions
from relay.node.launcher import Launcher, Main, Plan
from relay.node.making import LOST, folder, is_lost, make_keys
from relay.node.panic.destroying import destroyed
from relay.node.panic.listed import listed
from relay.node.roles import has_door, opens_messages
from relay.node.timekeeping import steady_clock
from relay.plugins import destinations, each_alone, mistakes, ours
from relay.sockets import address_of


class CannotListen(OutwordError):
    """An address of `listen` cannot be used: another program has it, or it is not ours."""

    exit_code = 69


class CannotReload(OutwordError):
    """The new settings were not taken up."""


def start(
    path: Path, settings: Settings, warn: Callable[[Settings], None], *, paused: bool = False
) -> int:
    """Run the node of a settings file until it is told to stop; gives the exit status.

    ``paused``: post nothing before a person says so, and nothing blindly then: this may be an
    older copy of a node that went on. ``warn`` names the unsafe choices of settings that are about
    to be used. Raises SettingsError, KeyFileError, Busy or CannotListen before anything was
    started.
    """
    harden()
    give_back_large()
    journal = Journal("launcher")
    silence_libraries(journal)
    hush(journal)
    held = lock(folder(settings.data))
    status, alone = in_child(lambda tell: _checked(path, journal, tell), journal)
    if status != 0:
        return status
    warn(settings)
    if paused:
        (settings.data / START_PAUSED).touch(mode=0o600)
    clock = steady_clock(settings.data)
    running = _Running(path, settings, alone, journal, warn, clock)
    try:
        plan = running.plan()
        ready, renew = running.ready, running.renew
        here, destroy = service.alive(), running.destroy
        launcher = Launcher(plan.mains, plan.listening, journal, ready, renew, here, destroy)
        return launcher.run()
    finally:
        os.close(held)


class _Running:
    """The settings in force, the sockets that belong to them, and which destinations have an outlet
    of their own, as the child has found that looked at their bridges."""

    def __init__(
        self,
        path: Path,
        settings: Settings,
        alone: frozenset[str],
        journal: Journal,
        warn: Callable[[Settings], None],
        clock: SteadyClock,
    ) -> None:
        self._clock = clock
        self._path = path
        self._settings = settings
        self._alone = alone
        self._journal = journal
        self._warn = warn
        self._sockets = open_sockets(settings)

    def plan(self) -> Plan:
        """What to start."""
        make_pages(destinations(self._settings), self._settings.base)
        mains = _mains(self._settings, self._sockets, self._alone, self._clock)
        linked = self._settings.links
        doors = [sock for name, sock in self._sockets.items() if name not in ("desk", *linked)]
        desk = [sock for name, sock in self._sockets.items() if name == "desk"]
        links = [sock for name, sock in self._sockets.items() if name in linked]
        return Plan(mains, {"door": doors, "desk": desk, "links": links})

    def ready(self) -> None:
        """Everything serves."""
        _ready(self._sockets)

    def renew(self) -> Plan | None:
        """Read the file again. None, and said why, if it cannot be used: nothing has changed."""
        try:
            status, alone = in_child(
                lambda tell: _checked(self._path, self._journal, tell, self._moved), self._journal
            )
            if status != 0:
                raise CannotReload
            settings = load(self._path)
            sockets = open_sockets(settings, self._kept(settings))
        except OutwordError as error:
            os.write(2, f"{error}\n".encode())
            self._journal.say(Event.NOT_RELOADED)
            return None
        self._warn(settings)
        for name, sock in self._sockets.items():
            if sockets.get(name) is not sock:
                sock.close()
        self._settings, self._sockets, self._alone = settings, sockets, alone
        return self.plan()

    def destroy(self) -> None:
        """In a panic: every key and secret."""
        with contextlib.suppress(Exception):  # whatever it is, the node must end
            for _ in destroyed(listed(self._path).files):
                pass

    def _moved(self, settings: Settings) -> Iterator[Mistake]:
        if (settings.data, settings.keys) != (self._settings.data, self._settings.keys):
            yield Mistake("node", "has other folders", "stop the relay to move them")

    def _kept(self, settings: Settings) -> dict[str, socket.socket]:
        """The sockets whose address stays what it is."""
        before, after = _addresses(self._settings), _addresses(settings)
        return {
            name: sock for name, sock in self._sockets.items() if before[name] == after.get(name)
        }


def _checked(path: Path, journal: Journal, tell: Tell, more: Checks = no_more) -> int:
    """The first child: what ``relay check`` does, and the keys; it ends before the others start.

    It tells which destinations have an outlet of their own: it alone has imported bridges.
    """
    try:
        settings = load(path, lambda read: chain(mistakes(read), more(read)))
        make_keys(settings, SystemClock(), journal)
        tell(each_alone(settings))
    except (SettingsError, KeyFileError, CannotMake) as error:
        said = [_lost(path)] if isinstance(error, SettingsError) else []
        os.write(2, "".join(f"{one}\n" for one in (*said, error) if one).encode())
        return error.exit_code
    return 0


def _lost(path: Path) -> str:
    """What is to be said of the keys where something else is wrong, too: a panic destroys secret
    files with them, and each of these by itself looks like a slip."""
    node = listed(path)
    return LOST if node.opens and is_lost(node.keys, node.data) else ""


def _addresses(settings: Settings) -> dict[str, tuple[str, int]]:
    """Every address to listen at, by the transport's name, or "http" or "desk"."""
    wanted = {
        name: listens
        for name, transport in settings.transports.items()
        if (listens := transport.listens()) is not None
    }
    if settings.http is not None:
        wanted["http"] = settings.http.listen
    if settings.desk is not None:
        wanted["desk"] = settings.desk.listen
    for name, link in settings.links.items():
        if (listens := link.listens()) is not None:
            wanted[name] = listens
    return wanted


def open_sockets(
    settings: Settings, kept: Mapping[str, socket.socket] | None = None
) -> dict[str, socket.socket]:
    """Every listening socket by its name, those that are ``kept`` as they are.

    Raises CannotListen.
    """
    sockets = dict(kept or {})
    for name, (host, port) in _addresses(settings).items():
        if name in sockets:
            continue
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
    scheme = "https" if settings.https else "http"
    return settings.http.url or f"{scheme}://{address_of(sockets['http'])}"


def _mains(
    settings: Settings,
    sockets: Mapping[str, socket.socket],
    apart: frozenset[str],
    clock: SteadyClock,
) -> dict[str, Main]:
    """What each role runs. Modules are imported in the child: none needs another's libraries. What
    is searched for in every text is made ready once, for the core and each reader to come."""
    import relay.rules.danger  # noqa: F401 - 0.3 s of the processor

    def core(sock: socket.socket, pulse: Pulse) -> int:
        if opens_messages(settings):
            from relay.node.core import main
        else:
            from relay.node.entering.core import main

        keep_to(granted_to("core", settings))
        return main(sock, pulse, _journal("core"), clock, settings, apart)

    def door(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.door import main

        # Of one that relieves another nothing is said: it would tell how many wrote, and when.
        journal = _journal("door", started=pulse.batons.before is None)
        return main(sock, pulse, journal, clock, settings, sockets)

    def reader(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.reader import main

        keep_to(granted_to("reader", settings))
        return main(sock, pulse)

    def cleaner(sock: socket.socket, pulse: Pulse) -> int:
        keep_to(granted_to("cleaner", settings))
        os.nice(BEHIND_ALL)
        until_asked(sock, pulse)  # most nodes are sent text: only now are its libraries loaded
        from relay.node.cleaner import main

        return main(sock, pulse)

    def desk(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.desk.process import main

        return main(sock, pulse, _journal("desk"), clock, settings, sockets["desk"])

    def links(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.links.process import main

        return main(sock, pulse, _journal("links"), clock, settings, sockets)

    outlets = _outlets(settings, url_of(settings, sockets), apart, clock)
    others = dict(outlets)
    if opens_messages(settings):
        others |= {"reader": reader, "cleaner": cleaner}
    if has_door(settings):
        others["door"] = door
    if settings.desk is not None:
        others["desk"] = desk
    if settings.links:
        others["links"] = links
    return {"core": core, **{label: _only_reads(clock, main) for label, main in others.items()}}


def _only_reads(clock: SteadyClock, main: Main) -> Main:
    """What cannot change the time that all go by, whatever becomes of it."""

    def run(sock: socket.socket, pulse: Pulse) -> int:
        clock.only_read()
        return main(sock, pulse)

    return run


def _outlets(
    settings: Settings, url: str, apart: frozenset[str], clock: SteadyClock
) -> dict[str, Main]:
    """One for all that need none of their own, and one each for the others, who get nothing of the
    settings but their own section. (``url`` is made by now: outlets close the sockets.)"""
    every = destinations(settings)
    if any(not ours(every[name].bridge) for name in apart & every.keys()):
        import relay.node.strangers.keeper  # noqa: F401 - into memory that all of these share
    shared = {name: one for name, one in every.items() if name not in apart}
    # An entry without alarms has no way out but its links.
    mains = {"outlet": _outlet("outlet", shared, settings, url, clock)} if shared else {}
    for name in sorted(apart & every.keys()):
        label = f"outlet.{name}"
        mains[label] = _outlet(label, {name: every[name]}, settings, url, clock, alone=True)
    return mains


def _outlet(
    label: str,
    served: Mapping[str, Destination],
    settings: Settings,
    url: str,
    clock: SteadyClock,
    *,
    alone: bool = False,
) -> Main:
    named = {name for one in served.values() for name in one.routes}
    routes = {name: route for name, route in settings.routes.items() if name in named}
    base = settings.base

    def outlet(sock: socket.socket, pulse: Pulse) -> int:
        from relay.node.apart import keep_apart, say_nothing
        from relay.node.outlet import Place, main

        journal = _journal(label, say_nothing())
        if alone:
            keep_apart(sock.fileno(), pulse.fileno())
        make_sessions(served, settings)
        granted = granted_to("outlet", settings, served)
        if alone and not all(ours(one.bridge) for one in served.values()):
            from relay.node.strangers.keeper import main as keeper

            place, keep = Place(base, url, routes), partial(keep_to, granted)
            [(name, one)] = served.items()
            return keeper(sock, pulse, journal, clock, name, one, place, keep)
        return main(
            sock, pulse, journal, clock, served, routes, base, url, granted=granted, alone=alone
        )

    return outlet


def _journal(process: str, stream: TextIO | None = None, *, started: bool = True) -> Journal:
    journal = Journal(process, stream)
    silence_libraries(journal)
    hush(journal)
    if started:
        journal.say(Event.STARTED)
    return journal


def _ready(sockets: Mapping[str, socket.socket]) -> None:
    """Tell whoever waits: a line on standard output, and systemd (sd_notify(3))."""
    opened = " ".join(f"{name}={address_of(sock)}" for name, sock in sockets.items())
    line = f"ready {opened}".strip()
    with contextlib.suppress(OSError):  # who started us reads no more
        print(line, flush=True)  # noqa: T201 - the one line that is promised
    service.tell("READY=1")

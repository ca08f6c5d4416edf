"""What each process of the node can reach on this machine: tried, in a copy under the same grants.

A copy of this process is confined as the role is, and tries: a file of its own and one of somebody
else's, a socket, a connection that waits, a program. What it got is told; what it should not have
got is wrong. Each plug-in of others is tried as its section says; where there is none, one that was
granted nothing of its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.config import Settings
from relay.confine import CannotConfine, Means, libraries, possible
from relay.node.confined import compute_only, keep_to
from relay.node.granted import Granted, granted_to
from relay.node.roles import has_door, opens_messages
from relay.node.strangers.cell import grants_of
from relay.node.strangers.starting import files_of, folders_of
from relay.plugins import destinations
from relay.plugins.found import candidates

PLUG_IN: Final = "plug-in"
ROLES: Final = ("core", "door", "desk", "reader", "cleaner", "outlet", PLUG_IN)
LINKS: Final = "links"
"""The role of the process that a node has besides, where it has links to others."""

COMPUTE: Final = frozenset({"reader", "cleaner"})
"""They are kept to nothing before the first thing that anybody sent."""

SOMEBODY_ELSES: Final = Path("/etc/passwd")
A_PROGRAM: Final = "/bin/true"

_WHY: Final = "what takes over one process of the node can take what the others have"


@dataclass(frozen=True, slots=True)
class Reached:
    """What a process got at when it tried."""

    own: bool = False
    others: bool = False
    out: bool = False
    inward: bool = False
    programs: bool = False
    parent: bool = False

    def said(self, role: str) -> str:
        """In words."""
        files = "all" if self.others else "its own" if self.own else "none"
        ways = [*(["in"] if self.inward else []), *(["out"] if self.out else [])]
        network = " and ".join(ways) or "none"
        if role == "core" and network == "in":  # it makes no socket of the network to listen at
            network = "control socket only"
        programs = "any" if self.programs else "none"
        said = f"files: {files}; network: {network}; programs: {programs}"
        return said + ("; signals to others" if self.parent else "")


def look(settings: Settings) -> Iterator[Finding]:
    """What this kernel offers, and what each role reaches by it."""
    means = possible()
    yield kernel(means)
    for role in (*ROLES, LINKS):
        if role != PLUG_IN and _is_started(role, settings):
            granted = granted_to(role, settings, destinations(settings))
            yield found(role, granted, tried(role, granted), means)
    for name, granted in plug_ins(settings).items() or ((PLUG_IN, plugged((), ())),):
        yield found(name, granted, tried(PLUG_IN, granted), means)


def _is_started(role: str, settings: Settings) -> bool:
    """Whether this node has such a process."""
    match role:
        case "desk":
            return settings.desk is not None
        case "door":
            return has_door(settings)
        case "links":
            return bool(settings.links)
        case "reader" | "cleaner":
            return opens_messages(settings)
        case "outlet":
            return bool(destinations(settings))
        case _:
            return True


def plug_ins(settings: Settings) -> dict[str, Granted]:
    """What each plug-in of others is granted, by what it is called here."""
    found = {}
    for name, destination in destinations(settings).items():
        offers = candidates(destination.bridge)
        if offers and not all(one.ours for one in offers):
            reads = files_of(destination, settings.base, offers[0].point.module)
            found[f"{PLUG_IN} {name}"] = plugged(reads, folders_of(destination, settings.base))
    return found


def plugged(reads: Iterable[str], writes: Iterable[str]) -> Granted:
    """As its process confines itself."""
    return Granted(grants_of(reads, writes))


def kernel(means: Means) -> Finding:
    """Landlock and seccomp."""
    if means.enough:
        return good("confinement", f"the kernel has Landlock (ABI {means.landlock}) and seccomp")
    remedy = "use Linux 5.13 or newer with `landlock` in lsm=, and install libseccomp2"
    why = f"{_WHY}; a bridge of another package starts only with allow_unconfined = true"
    return mind("confinement", means.lacks, why, remedy)


def found(role: str, granted: Granted, reached: Reached | None, means: Means) -> Finding:
    """What to say of one role. ``reached``: None where it could not be tried."""
    if reached is None:
        return mind(f"reach of {role}", "it could not be tried", "", "tell us what this kernel is")
    too_much = (
        reached.others
        or reached.programs
        or reached.parent
        or (reached.out and not granted.grants.network)
        or (reached.inward and not granted.grants.accepts)
        or (role in COMPUTE and reached.own)
    )
    if not too_much:
        return good(f"reach of {role}", reached.said(role))
    if not means.enough:
        return mind(f"reach of {role}", reached.said(role), _WHY, "see `confinement`")
    return wrong(f"reach of {role}", reached.said(role), _WHY, "tell us what this kernel is")


def tried(role: str, granted: Granted) -> Reached | None:
    """Have a copy of this process try."""
    own = _own(granted)
    heard, said = os.pipe()
    with _waiting() as waiting:
        pid = os.fork()
        if pid == 0:
            _try(role, granted, own, waiting, said)
        os.close(said)
        with open(heard, "rb") as told:
            answer = told.read()
        os.waitpid(pid, 0)
    return Reached(*map(bool, answer)) if answer else None


def _try(role: str, granted: Granted, own: Path | None, waiting: socket.socket, said: int) -> None:
    """In the copy: never returns."""
    try:
        if role in COMPUTE:
            compute_only()
        else:
            keep_to(granted)
        tries: tuple[Callable[[], object], ...] = (
            lambda: _opened(own),
            lambda: _opened(SOMEBODY_ELSES),
            lambda: socket.socket(socket.AF_INET).close(),
            lambda: waiting.accept()[0].close(),
            lambda: _started(A_PROGRAM),
            lambda: os.kill(os.getppid(), 0),
        )
        os.write(said, bytes(_done(one) for one in tries))
    except CannotConfine:
        pass
    finally:
        os._exit(0)


def _done(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _own(granted: Granted) -> Path | None:
    """Something of its own that is there: what it may write, or else read."""
    grants = granted.grants
    common = set(libraries())
    named = (*grants.writes, *(path for path in grants.reads if path not in common))
    return next((path for path in named if path.exists()), None)


def _opened(path: Path | None) -> None:
    if path is None:
        raise FileNotFoundError
    os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))


def _started(program: str) -> None:
    """Raises OSError where it cannot be. Without a shell, and without an answer."""
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(OSError):
            os.execv(program, [program])
        os._exit(1)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        raise PermissionError


@contextlib.contextmanager
def _waiting() -> Iterator[socket.socket]:
    """A listening socket at which a connection waits."""
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        waiting.setblocking(False)
        with socket.create_connection(waiting.getsockname()):
            yield waiting

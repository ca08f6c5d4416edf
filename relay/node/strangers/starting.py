"""A new process for a plug-in: a Python that was never a part of this one, and what it is granted.

A fork would hold the settings of every other section, the environment of the service, and whatever
else was in memory: a plug-in reads its own memory as it likes. So it is started as a program is,
with nothing on its command line but folders in which Python looks for modules.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from relay.config import Destination
from relay.confine import possible, where_started
from relay.node.strangers.line import pair
from relay.node.strangers.room import too_full
from relay.plugins import Unusable, absolute
from relay.plugins.building import only
from relay.plugins.places import resolved
from relay.wire import asked

_BOOT: Final = (
    "import sys; parent, *sys.argv[1:] = sys.argv[1:]; sys.path += sys.argv[1:]; del sys.argv[1:]; "
    "from relay.node.strangers.cell import main; main(int(parent))"
)


@dataclass(frozen=True, slots=True)
class Started:
    """The process, our end of its pair, and what it is to be told first."""

    process: subprocess.Popen[bytes]
    sock: socket.socket
    begin: asked.Begin


def started(name: str, destination: Destination, base: Path, url: str) -> Started:
    """The process of a third party's destination. Called before there is a second thread or a loop.

    Raises Unusable where nobody offers its bridge, or the kernel cannot confine it and its section
    does not allow that.
    """
    offered = only(destination.bridge)
    confined = possible().enough
    if not confined and not destination.allow_unconfined:
        why = f"it cannot be confined, since {possible().lacks}"
        raise Unusable(f"{why}: allow_unconfined = true lets it run all the same")
    table = absolute(destination.rest, base)
    _make_folder(table)
    writes = folders_of(destination, base)
    if too_full(writes):
        raise Unusable("its folder holds too much: make room there, and reload the relay")
    begin = asked.Begin(
        name,
        offered.point.value,
        pickle.dumps(table),
        url,
        files_of(destination, base, offered.point.module),
        writes,
        0.0,
        confined,
    )
    ours, theirs = pair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _BOOT, str(os.getpid()), *_paths(base)],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
    return Started(process, ours, begin)


def files_of(destination: Destination, base: Path, module: str) -> tuple[str, ...]:
    """What it may read: the files that its section names, secrets and what is no secret, and its
    code."""
    table = absolute(destination.rest, base)
    named = (str(value) for key, value in table.items() if key.endswith("_file"))
    return (*filter(os.path.isfile, named), *_code(module))


def folders_of(destination: Destination, base: Path) -> tuple[str, ...]:
    """Where it may write: the folder that its section names, if it is there."""
    value = absolute(destination.rest, base).get("folder")
    return (value,) if isinstance(value, str) and os.path.isdir(value) else ()


def _make_folder(table: Mapping[str, object]) -> None:
    """The folder that is its own; made here, since what is not there cannot be granted."""
    value = table.get("folder")
    if isinstance(value, str):
        with contextlib.suppress(OSError):  # it will say so itself
            os.makedirs(value, exist_ok=True)


def _code(module: str) -> Iterator[str]:
    """Where its package lies, if that is none of the folders of packages: installed to be worked
    on. Nothing of it is imported to know."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError, AttributeError):
        return
    if spec is None:
        return
    if spec.submodule_search_locations:
        yield from spec.submodule_search_locations
    elif spec.origin and os.path.isfile(spec.origin):
        yield spec.origin


def _paths(base: Path) -> Iterator[str]:
    """Where Python looks for modules, but for where the node itself lies, and where it was started:
    what is named here may be read."""
    nowhere, node = where_started(), resolved(base)
    for path in sys.path:
        here = Path(path)
        if path in nowhere or base.is_relative_to(here) or node.is_relative_to(resolved(here)):
            continue
        yield path

"""Where everything goes, and how a step is done: printed first, and only then done.

Paths stand in a shell script and in a unit file, so they are made of letters that mean nothing
there. A throw-away root moves all of it into one folder: no user is made then and systemd is not
told, and the unit and the command name the paths in there, so that they can be tried as they are.
"""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

SOURCE = Path(__file__).resolve().parent.parent

PATH = re.compile(r"(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*){2,16}", re.ASCII)
"""At least two folders deep: never a folder that the system shares."""

NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)
"""What useradd(8) of Debian takes as a name."""

HIDDEN = ("/home", "/root", "/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys", "/boot")
"""The unit hides or replaces these folders, or a reboot empties them."""


EXTRAS = ("apprise", "encrypted")
"""What a small node does without: each has a file of requirements, ``requirements-NAME.txt``."""


class Cannot(Exception):
    """What keeps an installation from being done, as a sentence; with its exit status."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True, slots=True)
class Place:
    """Every path of an installation, with the throw-away root in it if there is one; ``extra`` is
    one of EXTRAS, or nothing."""

    prefix: Path
    node: Path
    user: str
    root: Path | None = None
    source: Path = SOURCE
    extra: str = ""

    mark = "Made by `make install` of Outword"

    @property
    def real(self) -> bool:
        """Whether this is the machine itself, with its users and its systemd."""
        return self.root is None

    @property
    def requirements(self) -> str:
        """The file of all that the program needs besides itself, hashes included."""
        return f"requirements-{self.extra}.txt" if self.extra else "requirements.txt"

    @property
    def link(self) -> Path:
        """What names the program in force."""
        return self.prefix / "venv"

    @property
    def command(self) -> Path:
        """``relay`` on the PATH."""
        return self._at("usr/local/bin/relay")

    @property
    def unit(self) -> Path:
        """The systemd unit."""
        return self._at("etc/systemd/system/outword.service")

    def _at(self, path: str) -> Path:
        return (self.root or Path("/")) / path


class Steps:
    """Prints each step in one line, then does it; with ``dry`` it only prints."""

    def __init__(self, *, dry: bool, out: TextIO | None) -> None:
        self.dry = dry
        self._out = out

    def says(self, about: str, what: str) -> None:
        """Print one line."""
        if self._out is not None:
            print(f"{about:<9} {what}", file=self._out, flush=True)

    def does(self, about: str, what: str, act: Callable[[], object]) -> None:
        """Print one line and do what it says."""
        self.says(about, f"would be done: {what}" if self.dry else what)
        if not self.dry:
            act()


def read_place(root: str, prefix: str, node: str, user: str, extra: str = "") -> Place:
    """The places that were asked for, or the usual ones. Raises Cannot."""
    if not root and os.geteuid() != 0:
        raise Cannot("run it as root, or try it with ROOT=some/folder", 77)
    for name, path in (("PREFIX", prefix), ("NODE", node)):
        if path and not PATH.fullmatch(path):
            raise Cannot(f"{name} takes a full path of plain letters, two folders deep or more", 64)
        if path and any(path == one or path.startswith(f"{one}/") for one in HIDDEN):
            raise Cannot(f"{name} cannot lie there: the service does not see that folder", 64)
    if extra and extra not in EXTRAS:
        raise Cannot(f"WITH takes {' or '.join(EXTRAS)}", 64)
    within = Path(prefix or "/opt/outword"), Path(node or "/srv/outword")
    if within[0].is_relative_to(within[1]) or within[1].is_relative_to(within[0]):
        raise Cannot("PREFIX and NODE must not lie in each other", 64)
    if not root:
        if user and not NAME.fullmatch(user):
            raise Cannot("USER_ takes the name of a user: small letters, at most 32", 64)
        return Place(*within, user or "outword", extra=extra)
    below = Path(os.path.abspath(root))
    if not PATH.fullmatch(str(below)):
        raise Cannot("ROOT takes a path of plain letters, two folders deep or more", 64)
    prefix_in, node_in = (below / path.relative_to("/") for path in within)
    return Place(prefix_in, node_in, user or str(os.geteuid()), below, extra=extra)


def ids_of(place: Place) -> tuple[int, int]:
    """User and group of the node; in a throw-away root a number may stand for both.

    Raises KeyError for a name that nobody has.
    """
    if place.user.isascii() and place.user.isdigit() and not place.real:
        return int(place.user), int(place.user)
    found = pwd.getpwnam(place.user)
    return found.pw_uid, found.pw_gid


def put(place: Place, file: Path, text: str, mode: int, steps: Steps) -> None:
    """Write one of our files, whole or not at all; leave it alone if it is there already."""
    if file.exists() and file.read_text() == text and file.stat().st_mode & 0o777 == mode:
        steps.says("file", f"{file} is there, unchanged")
        return

    def write() -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f".{file.name}.new")
        beside.write_text(text)
        beside.chmod(mode)
        beside.replace(file)

    steps.does("file", f"{file} is written", write)


def is_ours(place: Place, file: Path) -> bool:
    """Whether a file is there and was made by ``make install``."""
    return file.is_file() and place.mark in file.read_text(errors="replace")


def remove_made(place: Place, file: Path, steps: Steps) -> None:
    """Remove one of our files; says so if there is another's."""
    if not file.exists():
        return
    if not is_ours(place, file):
        steps.says("file", f"{file} stays: not made by `make install`")
        return

    def remove() -> None:
        file.unlink()
        prune(place, file.parent)

    steps.does("file", f"{file} is removed", remove)


def prune(place: Place, folder: Path) -> None:
    """In a throw-away root the empty folders above what was removed go as well."""
    while place.root is not None and folder != place.root and folder.is_relative_to(place.root):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent

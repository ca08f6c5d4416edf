"""``make install`` and ``make uninstall``: a program, a command, a service and a folder for a node.

It promises to print each thing it does, one line a step; to do nothing twice; to change nothing
when it fails half way to a new version; and to take away what it made, and only that. The node's
folder holds keys and messages: it goes only when asked for by ``PURGE=1``.

Nothing but Python's own library: this runs before anything is installed. Exit codes: sysexits(3).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from place import Cannot, Place, Steps, is_ours, put, read_place, remove_made
from program import build_program, program_name, python_of, remove_programs, switch_program
from user import as_user, make_folder, make_user, remove_folder, remove_user

TEMPLATES = Path(__file__).parent

COMMAND = """\
#!/bin/sh
# {mark}
# Root works in the node's folder as the node's user, so that nothing there comes to be root's.
[ "$(id -u)" = 0 ] || exec {prefix}/venv/bin/relay "$@"
cd {node} && HOME={node} exec {as_user} {prefix}/venv/bin/relay "$@"
exit 73
"""
"""The command on the PATH. As root its file names are those of the node's folder."""


def unit_text(place: Place) -> str:
    """The systemd unit, for these places."""
    text = (TEMPLATES / "outword.service").read_text()
    for name, value in (("PREFIX", place.prefix), ("NODE", place.node), ("USER", place.user)):
        text = text.replace(f"@{name}@", str(value))
    return text


def command_text(place: Place) -> str:
    """The command that stands on the PATH."""
    return COMMAND.format(
        mark=place.mark,
        prefix=place.prefix,
        node=place.node,
        as_user=" ".join(as_user(place)),
    )


def install(
    place: Place,
    steps: Steps,
    *,
    check: bool = True,
    build: Callable[[Place, Path, Steps], None] = build_program,
) -> None:
    """Put everything where it belongs. Raises Cannot; an older version then stays in force.

    ``check``: ask a new version whether it takes the settings of the node before it is put in
    force. ``build`` fills a folder with the program.
    """
    _refuse_what_is_not_ours(place)
    make_user(place, steps)
    make_folder(place, steps)
    program = place.prefix / program_name(place)
    build(place, program, steps)
    if check and _is_new(place, program):
        _ask(place, program, steps)
    put(place, place.command, command_text(place), 0o755, steps)
    put(place, place.unit, unit_text(place), 0o644, steps)
    was = place.prefix / os.readlink(place.link) if place.link.is_symlink() else None
    switch_program(place, program, steps)
    systemd(place, steps, ["daemon-reload"], ["enable", "--quiet", place.unit.name])
    _say_what_is_next(place, steps, changed=was is not None and was != program)


def uninstall(place: Place, steps: Steps, *, purge: bool = False) -> None:
    """Take away what ``install`` made. Raises Cannot, before anything is touched, if ``purge``
    names a folder that is no node's."""
    if purge:
        remove_folder(place, Steps(dry=True, out=None))
    served = is_ours(place, place.unit)
    if served:
        systemd(place, steps, ["disable", "--now", "--quiet", place.unit.name])
    for file in (place.unit, place.command):
        remove_made(place, file, steps)
    if served and place.real:
        systemd(place, steps, ["daemon-reload"])
    remove_programs(place, steps)
    if purge:
        remove_folder(place, steps)
    elif place.node.exists():
        steps.says("folder", f"{place.node} stays, with keys and messages (PURGE=1 destroys it)")
        if place.real:
            steps.says("user", f"{place.user} stays: the folder is this user's")
            return
    remove_user(place, steps)


def systemd(place: Place, steps: Steps, *calls: Sequence[str]) -> None:
    """Tell systemd, where it runs and the unit is its own."""
    if not place.real or not Path("/run/systemd/system").is_dir():
        steps.says("systemd", "is not told: it does not run here, or this is a throw-away root")
        return
    for call in calls:
        command = ["systemctl", *call]
        steps.does("systemd", " ".join(command), lambda command=command: _run(command))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Cannot(f"{' '.join(command)}: {done.stderr.strip()}", 69)


def _refuse_what_is_not_ours(place: Place) -> None:
    """Before anything is made: files of others are never replaced."""
    for file in (place.command, place.unit):
        if file.exists() and not is_ours(place, file):
            raise Cannot(f"{file} is there and not made by `make install`: move it away", 73)
    if place.prefix.is_symlink() or (place.link.exists() and not place.link.is_symlink()):
        raise Cannot(f"{place.link} is there and not made by `make install`: move it away", 73)


def _is_new(place: Place, program: Path) -> bool:
    return place.link.is_symlink() and os.readlink(place.link) != program.name


def _ask(place: Place, program: Path, steps: Steps) -> None:
    """A new version says whether it takes the settings there are, as the node's user."""
    settings = place.node / "relay.toml"
    if not settings.exists():
        return
    command = [*as_user(place), str(program / "bin/relay"), "check", "-c", str(settings)]

    def ask() -> None:
        done = subprocess.run(command, capture_output=True, text=True, cwd="/")
        if done.returncode:
            steps.says("settings", done.stderr.strip())
            raise Cannot(
                "the new version does not take these settings, so the old one stays in force; "
                "put them right, or go on with CHECK=no and do it before you restart",
                78,
            )

    steps.does("settings", f"{settings}: does the new version take it?", ask)


def _say_what_is_next(place: Place, steps: Steps, *, changed: bool) -> None:
    steps.says("journal", "keeps what the node says of itself: no names, no texts, no addresses")
    if not (place.node / "relay.toml").exists():
        steps.says("next", "relay init, which says what comes after it")
    elif changed:
        steps.says("next", "systemctl restart outword (until then the old version runs)")


def main(words: Sequence[str]) -> int:
    """The command behind the two targets of the Makefile; gives the exit status."""
    parser = argparse.ArgumentParser(prog="make", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["install", "uninstall"])
    parser.add_argument("--root", default="", help="a throw-away root: all of it lies in there")
    parser.add_argument("--prefix", default="", help="the program (/opt/outword)")
    parser.add_argument("--node", default="", help="the node's folder (/srv/outword)")
    parser.add_argument("--user", default="", help="the node's user (outword)")
    parser.add_argument("--with", default="", dest="extra", help="apprise: a library more")
    parser.add_argument("--dry", default="", help="1: print only")
    parser.add_argument("--purge", default="", help="1: uninstall destroys the node's folder")
    parser.add_argument("--check", default="", help="no: do not ask a new version to read settings")
    given = parser.parse_args(words)
    os.umask(0o022)
    try:
        place = read_place(given.root, given.prefix, given.node, given.user, given.extra)
        steps = Steps(dry=_yes(given.dry, "DRY"), out=sys.stdout)
        if given.what == "install":
            python_of(place)
            install(place, steps, check=_yes(given.check or "yes", "CHECK"))
        else:
            uninstall(place, steps, purge=_yes(given.purge, "PURGE"))
    except Cannot as error:
        print(f"make {given.what}: {error}", file=sys.stderr)
        return error.status
    except OSError as error:
        print(f"make {given.what}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 73
    return 0


def _yes(word: str, name: str) -> bool:
    """A switch of the command line. Raises Cannot for what is neither yes nor no."""
    if word in ("1", "yes"):
        return True
    if word in ("", "0", "no"):
        return False
    raise Cannot(f"{name} takes 1 or 0", 64)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

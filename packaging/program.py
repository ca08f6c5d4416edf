"""The program: a folder of its own for each version, and a link that names the one in force.

A version is named by what it is made of, so that the same sources make the same folder and
nothing is done twice. It is whole before the link is turned, in one step: an upgrade that fails
changes nothing, and the processes of a running node keep the files they began with. The version
before stays: a node that was not restarted yet uses it, and going back to it takes a second.

Everything in it comes from a file of requirements, with hashes, and built already but for three
packages that are offered as sources only: pure Python, they are built by the setuptools of the same
file. Nothing is compiled or fetched on the way besides, and pip itself does not stay.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from place import Cannot, Place, Steps, prune

NAMED = re.compile(r"venv-[0-9a-f]{12}", re.ASCII)

WHOLE = "made-whole"
"""The file that is written last."""

AS_SOURCES = ("authres", "dkimpy", "pyspf")
"""Packages that nobody offers built."""

BUILDER = "setuptools"

PARTS = ("relay", "bridges", "pyproject.toml", "README.md", "LICENSE")
"""What a program is made of, besides its requirements; this file as well, since it says how."""


def python_of(place: Place) -> Path:
    """The Python that the program will run with. Raises Cannot if the node could not use it."""
    found = Path(os.path.realpath(sys.executable))
    hidden = ("/home/", "/root/", "/tmp/")
    if place.real and str(found).startswith(hidden):
        raise Cannot(f"the service cannot see {found}: make install PYTHON=/usr/bin/python3", 69)
    try:
        import ensurepip
        import venv  # noqa: F401 - both are left out by Debian's python3
    except ImportError:
        raise Cannot("the venv module is missing: apt-get install python3-venv", 69) from None
    del ensurepip
    return found


def program_name(place: Place) -> str:
    """The folder of this version: its name is a hash of all that goes into it."""
    digest = hashlib.sha256(f"{sys.version}\n{os.path.realpath(sys.executable)}\n".encode())
    for path in (*_sources(place), Path(__file__)):
        content = path.read_bytes()
        digest.update(f"{_name(path, place)}\n{len(content)}\n".encode())
        digest.update(content)
    return f"venv-{digest.hexdigest()[:12]}"


def _name(path: Path, place: Place) -> Path:
    return path.relative_to(place.source) if path.is_relative_to(place.source) else Path(path.name)


def _sources(place: Place) -> Iterator[Path]:
    for part in (*PARTS, place.requirements):
        path = place.source / part
        if path.is_file():
            yield path
        else:
            yield from sorted(
                one for one in path.rglob("*") if one.is_file() and "__pycache__" not in one.parts
            )


def build_program(place: Place, program: Path, steps: Steps) -> None:
    """Fill the folder of a version, if it is not whole yet. Raises Cannot; then it is gone."""
    if (program / WHOLE).exists():
        steps.says("program", f"{program} is there, unchanged")
        return

    def build() -> None:
        shutil.rmtree(program, ignore_errors=True)
        place.prefix.mkdir(parents=True, exist_ok=True)
        try:
            _fill(place, program)
        except BaseException:
            shutil.rmtree(program, ignore_errors=True)
            raise

    steps.does("program", f"{program} is built from {place.requirements}, hashes checked", build)


def _fill(place: Place, program: Path) -> None:
    python = program / "bin/python"
    pip = [str(python), "-I", "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
    add = [*pip, "install", "--quiet", "--no-compile", "--root-user-action=ignore"]
    built = ["--require-hashes", "--only-binary=:all:"]
    sources = ["--no-build-isolation", "--use-pep517", f"--no-binary={','.join(AS_SOURCES)}"]
    with tempfile.TemporaryDirectory(prefix="outword-build-") as made:
        copy = Path(made) / "source"  # a build leaves files beside the sources
        for path in _sources(place):
            to = copy / path.relative_to(place.source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
        _run([sys.executable, "-I", "-m", "venv", str(program)], copy)
        builder = Path(made) / "builder.txt"
        builder.write_text(_entry(BUILDER, (copy / place.requirements).read_text()))
        _run([*add, *built, "-r", str(builder)], copy)
        _run([*add, *built, *sources, "-r", place.requirements], copy)
        wheels = ["--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", made]
        _run([*pip, "wheel", "--quiet", *wheels, "."], copy)
        _run([*add, "--no-index", "--no-deps", "--find-links", made, "outword"], copy)
        _run([*pip, "uninstall", "--quiet", "--yes", "--root-user-action=ignore", "pip"], copy)
    _compile(python, program / "lib")
    _run([str(program / "bin/relay"), "--version"], program)
    os.sync()  # the mark must not outlive what it stands for
    (program / WHOLE).write_text(f"{place.mark}\n")


def _entry(name: str, requirements: str) -> str:
    """The lines about one package: its version, and its hashes below that."""
    entries = re.findall(r"^\S.*\n(?:[ \t]+.*\n?)*", requirements, re.MULTILINE)
    return next(one for one in entries if one.startswith(f"{name}=="))


def _compile(python: Path, libraries: Path) -> None:
    """Compile now, as the node cannot write here; by content, so that no file's time matters. A
    package may bring templates that are no Python: those stay as they are, so the status says
    nothing."""
    command = [str(python), "-I", "-m", "compileall", "-q"]
    command += ["--invalidation-mode", "unchecked-hash", str(libraries)]
    subprocess.run(command, capture_output=True, cwd="/")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=folder
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        said = [line for line in lines if line.startswith("ERROR")] or lines[-6:]
        raise Cannot("\n  ".join(["the program could not be built:", *said]), 69)


def switch_program(place: Place, program: Path, steps: Steps) -> None:
    """Put a version in force, in one step; versions that nobody uses any more go."""
    before = os.readlink(place.link) if place.link.is_symlink() else ""
    if before == program.name:
        steps.says("program", f"{place.link} names it already")
        return

    def switch() -> None:
        beside = place.prefix / ".venv.new"
        beside.unlink(missing_ok=True)
        beside.symlink_to(program.name)
        beside.replace(place.link)

    steps.does("program", f"{place.link} names it now", switch)
    for old in _versions(place):
        if old.name not in (program.name, before) and not _in_use(old):
            steps.does("program", f"{old} is removed", lambda old=old: shutil.rmtree(old))


def remove_programs(place: Place, steps: Steps) -> None:
    """Remove every version and the link; the folder around them if nothing else lies in it."""
    if place.link.is_symlink() and NAMED.fullmatch(os.readlink(place.link)):
        steps.does("program", f"{place.link} is removed", place.link.unlink)
    for old in _versions(place):
        steps.does("program", f"{old} is removed", lambda old=old: shutil.rmtree(old))
    if place.prefix.is_dir() and not steps.dry:
        if any(place.prefix.iterdir()):
            steps.says("program", f"{place.prefix} stays: other files lie in it")
        else:
            place.prefix.rmdir()
            prune(place, place.prefix.parent)


def _versions(place: Place) -> list[Path]:
    found = place.prefix.glob("venv-*")
    return sorted(one for one in found if NAMED.fullmatch(one.name) and not one.is_symlink())


def _in_use(program: Path) -> bool:
    """Whether a process was started from there: it loads more of its files when a child starts."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended
        if any(word.startswith(os.fsencode(program) + b"/") for word in words):
            return True
    return False

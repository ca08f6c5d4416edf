"""``relay bridges new``: a small complete package of a bridge, green as it is, for its author.

The files lie in ``template`` as data: what is written is what anybody can read there, with the
names put in. Nothing that is there already is ever written over.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

import click

from relay.cli.common import common, said
from relay.errors import CannotMake
from relay.plugins import ours

NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*", re.ASCII)
MOST_CHARACTERS = 32

FILES: Mapping[str, str] = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    "$module.py": "bridge.py.txt",
    "tests/stand_in.py": "stand_in.py.txt",
    "tests/test_$module.py": "test.py.txt",
}
"""What is written, and the template of each."""

NEXT = (
    "pip install -e '.[test]'",
    "python -m pytest",
    "relay bridges try {name} --text - --secret token_file=token",
)


@click.command()
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@common
def new(name: str, folder: Path | None, path: Path, as_json: bool) -> None:
    """Write a package of a new bridge: a module, its tests, pyproject.toml, README.

    NAME is how relays call it: bridge = "NAME". It is put into FOLDER, or ./outword-NAME.
    """
    _check(name)
    names = _names(name)
    where = folder or Path(names["distribution"])
    written = {
        Template(place).substitute(names): Template(_template(file)).substitute(names)
        for place, file in FILES.items()
    }
    _put(where, written)
    then = [f"cd {where}", *(line.format(name=name) for line in NEXT)]
    if as_json:
        said({"folder": str(where), "files": sorted(written), "next": then})
        return
    for file in written:
        click.echo(f"made  {where / file}")
    click.echo("\nIts tests are green as it is. Then:\n" + "\n".join(f"  {one}" for one in then))


def _check(name: str) -> None:
    """Raises UsageError for a name that no bridge can have, or that is one of ours."""
    if not NAME.fullmatch(name) or len(name) > MOST_CHARACTERS:
        what = f"at most {MOST_CHARACTERS} lower-case letters, digits, - and _"
        raise click.UsageError(f"a bridge's name has {what}, a letter first")
    if ours(name):
        raise click.UsageError(f"{name} is a bridge of the relay itself, which goes first: rename")


def _names(name: str) -> dict[str, str]:
    """Every name in the package. With a prefix, so that no module of Python's is hidden by it."""
    stem = "".join(word.capitalize() for word in re.split("[-_]", name))
    plain = name.replace("_", "-")
    return {
        "name": name,
        "stem": stem,
        "cls": f"{stem}Bridge",
        "module": f"outword_{name.replace('-', '_')}",
        "distribution": f"outword-{plain}",
        "version": version("outword"),
    }


def _template(name: str) -> str:
    return (files("relay.cli.bridges") / "template" / name).read_text("utf-8")


def _put(where: Path, written: Mapping[str, str]) -> None:
    """All of it or nothing, in a folder that is not there yet or is empty. Raises CannotMake."""
    if where.is_symlink() or (where.exists() and (not where.is_dir() or any(where.iterdir()))):
        raise CannotMake(f"{where} is there already: nothing was written; name another folder")
    with _all_or_nothing(where, written):
        for file, text in written.items():
            _folder((where / file).parent)
            with open(where / file, "x", encoding="utf-8") as to:
                # A wheel keeps modes, and the user of a node must be able to read what it holds.
                os.fchmod(to.fileno(), 0o644)
                to.write(text)


def _folder(path: Path) -> None:
    if not path.exists():
        _folder(path.parent)
        path.mkdir()
        path.chmod(0o755)


@contextlib.contextmanager
def _all_or_nothing(where: Path, written: Mapping[str, str]) -> Iterator[None]:
    there = where.exists()
    try:
        yield
    except BaseException as error:
        made = {where / file for file in written}
        for one in sorted(made | {file.parent for file in made}, reverse=True):
            with contextlib.suppress(OSError):
                if not one.is_dir():
                    one.unlink()
                elif one != where or not there:
                    one.rmdir()
        if isinstance(error, OSError):
            said = f"{where}: {error.strerror}; nothing was made"
            raise CannotMake(said) from None
        raise

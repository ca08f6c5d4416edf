"""The pictures, films and sounds that lie beside what ``relay verify`` checks: are they those?"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

PACKED: Final = "copy-media.zip"
"""The file that goes with a copy of the page."""

_PIECE: Final = 65536


@dataclass(frozen=True, slots=True)
class Files:
    """How many files of media are what was signed, which are not, and how many are elsewhere."""

    good: int
    altered: tuple[str, ...]
    elsewhere: int


def hashed(what: str, media: Sequence[tuple[str, str]], *, of_a_copy: bool = False) -> Files:
    """The files of media in the folder of a page that lies here, and those packed beside a copy; of
    an address none is fetched, since whoever fetches one later can tell by its name. Raises
    ClickException where one cannot be read."""
    if what == "-" or urlsplit(what).scheme in ("http", "https"):
        return Files(0, (), len(media))
    folder = Path(what).absolute().parent
    if folder.name == "items":
        folder = folder.parent
    signed = dict(media)
    found = [(name, _digest(folder / name)) for name in signed if (folder / name).is_file()]
    if of_a_copy:
        found += _packed(folder / PACKED, signed).items()
    altered = tuple(dict.fromkeys(name for name, digest in found if digest != signed[name]))
    there = {name for name, _ in found}
    return Files(len(there) - len(altered), altered, len(signed) - len(there))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None


def _packed(path: Path, names: Collection[str]) -> dict[str, str]:
    """The digests of those that lie in the file that goes with a copy."""
    if not path.is_file():
        return {}
    try:
        with zipfile.ZipFile(path) as packed:
            there = packed.infolist()
            _refuse_tricks(path, there, names)
            return {one.filename: _digest_packed(packed, one) for one in there}
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        raise click.ClickException(f"{path}: it is damaged") from None


def _refuse_tricks(path: Path, there: Sequence[zipfile.ZipInfo], names: Collection[str]) -> None:
    """Whoever unpacks it beside a copy that was found good must get what was looked at, once, and
    nothing else: no other copy.html. What overlaps could keep us busy for ever."""
    said = [one.filename for one in there]
    if not set(said) <= set(names) or len(set(said)) != len(said):
        raise click.ClickException(
            f"{path}: it holds what the copy does not show; do not unpack it"
        )
    if sum(one.compress_size for one in there) > path.stat().st_size:
        raise click.ClickException(f"{path}: it is damaged")


def _digest_packed(packed: zipfile.ZipFile, one: zipfile.ZipInfo) -> str:
    """Only of what lies there as it is: of what is packed a small file could become a large one."""
    if one.compress_type != zipfile.ZIP_STORED or one.file_size != one.compress_size:
        return ""
    made = hashlib.sha256()
    with packed.open(one) as file:
        while piece := file.read(_PIECE):
            made.update(piece)
    return made.hexdigest()

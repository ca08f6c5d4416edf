"""What is wrong with the files that settings name: secrets, certificates, authorities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from relay.config import Settings
from relay.errors import KeyFileError, Mistake
from relay.keyfiles import read_secret
from relay.serving.certificate import BadCertificate, first_of


def gone(key: str, path: Path) -> Iterator[Mistake]:
    """A file that everybody may read, and that is not there."""
    if not path.is_file():
        yield Mistake(key, "names no file", "put the certificate there")


def unreadable(key: str, path: Path) -> Iterator[Mistake]:
    """A secret that cannot be used."""
    try:
        if not read_secret(path).strip():
            yield Mistake(key, "names an empty file", "put the secret into it")
    except KeyFileError as error:
        name = key.split(".")[1]
        remedy = "mend the file" if path.exists() else f"use `relay login {name}`, or make it, 0600"
        yield Mistake(key, f"names a file that cannot be used ({error})", remedy)


def for_routes(settings: Settings) -> Iterator[Mistake]:
    """The passwords of proxies, and the authorities that destinations believe."""
    for name, route in settings.routes.items():
        if route.password_file:
            yield from unreadable(f"routes.{name}.password_file", settings.at(route.password_file))
    for name, one in settings.destinations.items():
        if one.ca_file:
            yield from _no_authority(f"destinations.{name}.ca_file", settings.at(one.ca_file))


def _no_authority(key: str, path: Path) -> Iterator[Mistake]:
    missing = list(gone(key, path))
    yield from missing
    try:
        if not missing:
            first_of(path)
    except BadCertificate as error:
        if error.word == "unreadable":
            what, remedy = "names a file that cannot be read", "let the node's user read it"
        else:
            what = "names a file without a certificate in PEM"
            remedy = "put the authority's certificate there, not a key"
        yield Mistake(key, what, remedy)

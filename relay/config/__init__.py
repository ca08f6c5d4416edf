"""``relay.toml``: one file, checked whole, every mistake reported at once with its remedy.

Unknown keys are errors. What the design names and this version has not built is refused by name, so
that nothing is ever accepted and ignored. No value from the file is ever echoed: it may be a secret
that was pasted into the wrong place. ``relay.toml.example`` shows every key with its default.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from relay.config.checks import crossed, mistake_of, not_built, warnings
from relay.config.inward import ImapIn, LmtpIn, SmsIn, SmtpIn, TransportIn, WayIn
from relay.config.reaching import DIRECT, Canary, Fallback, Route, Window
from relay.config.sections import (
    AlarmsTo,
    Channel,
    Destination,
    HttpIn,
    Node,
    Settings,
    SpoolAt,
    TlsFiles,
)
from relay.config.values import seconds
from relay.config.windows_checks import windows_of
from relay.config.windows_odd import odd_windows
from relay.errors import Mistake, SettingsError

__all__ = [
    "DIRECT",
    "AlarmsTo",
    "Canary",
    "Channel",
    "Checks",
    "Destination",
    "Fallback",
    "HttpIn",
    "ImapIn",
    "LmtpIn",
    "Node",
    "Route",
    "Settings",
    "SmsIn",
    "SmtpIn",
    "SpoolAt",
    "TlsFiles",
    "TransportIn",
    "WayIn",
    "Window",
    "load",
    "no_more",
    "odd_windows",
    "parse",
    "seconds",
    "warnings",
    "windows_of",
]

MAX_BYTES = 1024 * 1024
"""No settings file is larger."""

Checks = Callable[[Settings], Iterable[Mistake]]


def no_more(settings: Settings) -> Iterable[Mistake]:
    """Nothing else to check."""
    return ()


def load(path: Path, more: Checks = no_more) -> Settings:
    """Read and check a settings file. Raises SettingsError with every mistake in it.

    ``more`` is checked as well: it is given what of the settings is sound.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            written = file.read(MAX_BYTES + 1)
        if len(written) > MAX_BYTES:
            raise _one(path, "(file)", "is larger than 1 MiB", "this is no settings file")
        table = tomllib.loads(written.decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError:
        raise _one(path, "(file)", "does not exist", "make one with `relay init`") from None
    except IsADirectoryError:
        raise _one(path, "(file)", "is a folder", "name the relay.toml in it") from None
    except OSError:
        raise _one(path, "(file)", "cannot be read", "look at its owner and mode") from None
    except UnicodeDecodeError:
        raise _one(path, "(file)", "is not UTF-8", "save it as UTF-8") from None
    except RecursionError:
        raise _one(path, "(file)", "has lists in lists without end", "mend it") from None
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(path, str(error)) from None
    return parse(table, path, more)


def parse(table: Mapping[str, Any], path: Path, more: Checks = no_more) -> Settings:
    """Settings from a parsed table, paths taken relative to the folder of ``path``."""
    mistakes = list(not_built(table))
    settings, errors = _sound(table)
    mistakes += _new(dict.fromkeys(map(mistake_of, errors)), mistakes)
    if settings is not None:
        settings.lies_at(path)
        mistakes += _new(crossed(settings, table), mistakes)
        mistakes += _new(more(settings), mistakes)
    if mistakes or settings is None:
        raise SettingsError(str(path), tuple(mistakes))
    return settings


def _sound(table: Mapping[str, Any]) -> tuple[Settings | None, list[ErrorDetails]]:
    """The settings without what is wrong by itself, and what that is.

    One misspelt or missing key must not hide that a secret file is missing, so the rest is checked
    further: what is wrong is taken out, and what is missing is stood in for once.
    """
    rest = deepcopy(dict(table))
    first: list[ErrorDetails] = []
    stood_in: set[tuple[str, ...]] = set()
    while True:
        try:
            return Settings.model_validate(rest), first
        except ValidationError as error:
            errors = error.errors(include_input=False, include_url=False)
        first = first or errors
        wrong = {(_place(rest, one["loc"]), _lacking(one)) for one in errors}
        if any(not place for place, _ in wrong):
            return None, first
        for place, key in wrong:  # each round takes out one, or stands in: so there is an end
            if key and (*place, key) not in stood_in:
                stood_in.add((*place, key))
                _section(rest, place)[key] = _ANYTHING
            else:
                _take_out(rest, place)


_ANYTHING = "localhost"
"""In place of what is missing: a name, a path, a near host. What is said of it is not told."""


def _lacking(error: ErrorDetails) -> str:
    """The key that is missing; empty where something else is wrong."""
    return str(error["loc"][-1]) if error["type"] == "missing" else ""


def _place(table: Mapping[str, Any], loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """The innermost keys of the file that an error names: of what is missing, its section."""
    place: list[str] = []
    at: Any = table
    for part in loc:  # some parts are not of the file: "smtp", "[key]", the place in a list
        if isinstance(at, Mapping) and part in at:
            place.append(str(part))
            at = at[part]
    return tuple(place)


def _take_out(table: dict[str, Any], place: tuple[str, ...]) -> None:
    _section(table, place[:-1]).pop(place[-1], None)


def _section(table: dict[str, Any], place: tuple[str, ...]) -> Any:
    at: Any = table
    for key in place:
        at = at.get(key, {})
    return at


def _new(found: Iterable[Mistake], told: list[Mistake]) -> Iterator[Mistake]:
    """Those that no mistake in the same place has brought about."""
    found = list(found)
    for one in found:
        inside = {m.key for m in (*told, *found) if m.key.startswith(f"{one.key}.")}
        around = {m.key for m in told if f"{one.key}.".startswith(f"{m.key}.")}
        if not around and not (inside and one.key.count(".") > 1):
            yield one


def _without_waiting(path: str, flags: int) -> int:
    """An opener: a pipe that nobody writes to is empty, and holds up no start."""
    file = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
    os.set_blocking(file, True)
    return file


def _no_toml(path: Path, error: str) -> SettingsError:
    """What the parser said, without a word of what stands in the file."""
    found = re.search(r"at line \d+, column \d+", error)
    where = f" {found[0]}" if found else ""
    if "twice" in error or "overwrite" in error or "Duplicate" in error:
        remedy = "give the second one another name, or take it out"
        return _one(path, "(file)", f"has a section or a key twice{where}", remedy)
    return _one(path, "(file)", f"is not TOML{where}", "mend it")


def _one(path: Path, key: str, what: str, remedy: str) -> SettingsError:
    return SettingsError(str(path), (Mistake(key, what, remedy),))

"""``relay.toml``: one file, checked whole, every mistake reported at once with its remedy.

Unknown keys are errors. What the design names and this version has not built is refused by name, so
that nothing is ever accepted and ignored. No value from the file is ever echoed: it may be a secret
that was pasted into the wrong place. ``relay.toml.example`` shows every key with its default.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from relay.config.checks import crossed, mistake_of, not_built, warnings
from relay.config.sections import (
    Channel,
    Destination,
    HttpIn,
    Node,
    Settings,
    SmsIn,
    SmtpIn,
    SpoolAt,
    seconds,
)
from relay.errors import Mistake, SettingsError

__all__ = [
    "Channel",
    "Destination",
    "HttpIn",
    "Node",
    "Settings",
    "SmsIn",
    "SmtpIn",
    "SpoolAt",
    "load",
    "parse",
    "seconds",
    "warnings",
]

MAX_BYTES = 1024 * 1024
"""No settings file is larger."""


def load(path: Path) -> Settings:
    """Read and check a settings file. Raises SettingsError with every mistake in it."""
    try:
        with path.open("rb") as file:
            written = file.read(MAX_BYTES + 1)
        if len(written) > MAX_BYTES:
            raise _one(path, "(file)", "is larger than 1 MiB", "this is no settings file")
        table = tomllib.loads(written.decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError:
        raise _one(path, "(file)", "does not exist", "make one with `relay init`") from None
    except OSError:
        raise _one(path, "(file)", "cannot be read", "look at its owner and mode") from None
    except UnicodeDecodeError:
        raise _one(path, "(file)", "is not UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line \d+, column \d+", str(error))
        raise _one(path, "(file)", f"is not TOML {where[0] if where else ''}", "mend it") from None
    return parse(table, path)


def parse(table: Mapping[str, Any], path: Path) -> Settings:
    """Settings from a parsed table, paths taken relative to the folder of ``path``."""
    mistakes = list(not_built(table))
    refused = {mistake.key for mistake in mistakes}
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(dict(table))
    except ValidationError as error:
        found = (mistake_of(one) for one in error.errors(include_input=False, include_url=False))
        mistakes += [one for one in found if one.key not in refused]
    if settings is not None:
        settings.lies_at(path)
        mistakes += crossed(settings)
    if mistakes or settings is None:
        raise SettingsError(str(path), tuple(mistakes))
    return settings


def _one(path: Path, key: str, what: str, remedy: str) -> SettingsError:
    return SettingsError(str(path), (Mistake(key, what, remedy),))

"""The zones of the IANA data base by their names, and what was perhaps meant by a wrong one."""

from __future__ import annotations

import contextlib
import re
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

MOST_MEANT = 3

_NO_PLACE = frozenset({"Factory"})
"""In the data base, and the zone of nobody."""

_TURNED = re.compile(r"GMT[+-]")
"""In names whose sign is the other way round: "Etc/GMT+3" is three hours behind UTC (the file
``etcetera`` of the data base says why). Who writes one may mean it; it is never proposed."""


def zone(written: str) -> ZoneInfo:
    """A zone by its name, like "Asia/Tehran". Raises ValueError, which says what may be meant."""
    with contextlib.suppress(KeyError, ValueError, OSError):  # no file; no name; a folder of zones
        if written not in _NO_PLACE and written[:1].isupper():  # "right/UTC" counts leap seconds
            return ZoneInfo(written)
    raise ValueError(f"write {_one_of(meant(written))}")


def zone_name(written: str) -> str:
    """The name of a zone that exists, or nothing."""
    return zone(written).key if written else ""


def meant(written: str) -> list[str]:
    """Names of zones that are like this one, the nearest first: by their whole name, or by that of
    their city."""
    by_word = _by_word()
    words = (written.casefold(), written.casefold().replace(" ", "_").rpartition("/")[2])
    near = [one for word in words for one in get_close_matches(word, by_word, MOST_MEANT, 0.8)]
    return list(dict.fromkeys(by_word[one] for one in near))[:MOST_MEANT]


@cache
def _by_word() -> dict[str, str]:
    """Zones by what people call them."""
    names = sorted(
        name for name in available_timezones() if name[:1].isupper() and not _TURNED.search(name)
    )
    cities = {name.rpartition("/")[2].casefold(): name for name in names}
    return {**cities, **{name.casefold(): name for name in names}}


def _one_of(names: list[str]) -> str:
    if not names:
        return 'a name like "Asia/Tehran", or "UTC"'
    return " or ".join(f'"{name}"' for name in names)

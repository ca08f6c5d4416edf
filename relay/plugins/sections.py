"""What the sections of ``relay.toml`` say about destinations, read without asking any bridge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relay.config import Destination, Settings, seconds

NO_SECRETS = frozenset({"ca_file"})
"""Keys that name a file which everybody may read."""


def page_of(settings: Settings) -> Destination:
    """``[destinations.page]``, with what it is where the file leaves something out."""
    written = settings.destinations.get("page") or Destination(bridge="feed")
    if written.bridge != "feed" or "folder" in written.rest:
        return written
    return written.model_copy(update={"folder": "public"})


def destinations(settings: Settings) -> dict[str, Destination]:
    """Every destination that some channel posts to, also instead of another, or a window sends to,
    or alarms go to, and always the page; of an entry those that alarms go to alone."""
    if settings.node.role == "entry":
        to = settings.alarms.to if settings.alarms is not None else ()
        return {name: settings.destinations[name] for name in to if name in settings.destinations}
    named = {name for channel in settings.channels.values() for name in channel.posts_to}
    named |= {window.to for window in settings.windows.values()}
    named |= set(settings.alarms.to if settings.alarms is not None else ())
    all_of_them = {**settings.destinations, "page": page_of(settings)}
    return {name: one for name, one in all_of_them.items() if name in named or name == "page"}


def ticks(settings: Settings) -> dict[str, int]:
    """The release interval, in seconds, of every destination that is a page of ours."""
    return {
        name: seconds(one.rest.get("tick", "10m"))
        for name, one in destinations(settings).items()
        if one.bridge == "feed"
    }


def absolute(table: Mapping[str, Any], base: Path) -> dict[str, Any]:
    """The table with every path (``folder``, ``..._file``) made absolute from the file's folder."""
    return {
        key: str(base / value) if is_path(key) and isinstance(value, str) else value
        for key, value in table.items()
    }


def is_path(key: str) -> bool:
    """Whether a key of a section names a file or a folder."""
    return key == "folder" or key.endswith("_file")


def secrets_of(section: object, settings: Settings) -> dict[str, Path]:
    """The secret files that a transport or a destination names, by the key that names them."""
    fields = section.rest if isinstance(section, Destination) else vars(section)
    return {
        key: settings.at(value)
        for key, value in fields.items()
        if key.endswith("_file") and key not in NO_SECRETS and isinstance(value, str) and value
    }

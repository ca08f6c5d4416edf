"""Bridges by name: found through the entry-point group ``relay.bridges``, ours and others' alike.

Only names that ``relay.toml`` mentions are imported. A third party's module would need an outlet of
its own; this version has none, so it is refused by name and never imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from relay.config import Destination, ImapIn, Settings, seconds
from relay.errors import KeyFileError, Mistake
from relay.keyfiles import read_secret
from relay.ports import Bridge, Clock, Http
from relay.transports.certificate import (
    BadCertificate,
    context,
    days_left,
    first_of,
    readable_by_others,
)

GROUP = "relay.bridges"
API = 1
OURS = "outword"
NO_SECRETS = frozenset({"ca_file"})
"""Keys that name a file which everybody may read."""


def _found(name: str) -> EntryPoint | None:
    for point in entry_points(group=GROUP, name=name):
        if point.dist is not None and point.dist.name == OURS:
            return point
    return None


def page_of(settings: Settings) -> Destination:
    """``[destinations.page]``, with what it is where the file leaves something out."""
    written = settings.destinations.get("page") or Destination(bridge="feed")
    if written.bridge != "feed" or "folder" in written.rest:
        return written
    return written.model_copy(update={"folder": "public"})


def destinations(settings: Settings) -> dict[str, Destination]:
    """Every destination that some channel posts to, or alarms go to, and always the page."""
    named = {name for channel in settings.channels.values() for name in channel.destinations}
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
        key: str(base / value) if _is_path(key) and isinstance(value, str) else value
        for key, value in table.items()
    }


def _is_path(key: str) -> bool:
    return key == "folder" or key.endswith("_file")


def secrets_of(section: object, settings: Settings) -> dict[str, Path]:
    """The secret files that a transport or a destination names, by the key that names them."""
    fields = section.rest if isinstance(section, Destination) else vars(section)
    return {
        key: settings.at(value)
        for key, value in fields.items()
        if key.endswith("_file") and key not in NO_SECRETS and isinstance(value, str) and value
    }


def how_to_get(destination: Destination, key: str) -> str:
    """Where the operator gets the secret that this key names, in the words of its bridge."""
    point = _found(destination.bridge)
    told = getattr(point.load(), "secrets", {}) if point else {}
    return str(told.get(key, ""))


def mistakes(settings: Settings) -> Iterator[Mistake]:
    """What is wrong with the destinations and with every secret file the settings name."""
    for name, destination in {**settings.destinations, "page": page_of(settings)}.items():
        yield from _mistakes_of(f"destinations.{name}", destination, settings.base)
    for name, transport in settings.transports.items():
        for key in ("secret_file", "password_file"):
            file = getattr(transport, key, None)
            if file is not None:
                yield from _unreadable(f"transports.{name}.{key}", settings.at(file))
        if isinstance(transport, ImapIn) and not _there(settings, transport.ca_file):
            yield Mistake(
                f"transports.{name}.ca_file", "names no file", "put the certificate there"
            )
    if settings.tls is not None:
        yield from _unfit(settings.at(settings.tls.certificate), settings.at(settings.tls.key))


def _there(settings: Settings, file: str) -> bool:
    return not file or settings.at(file).is_file()


def _mistakes_of(key: str, destination: Destination, base: Path) -> Iterator[Mistake]:
    point = _found(destination.bridge)
    if point is None:
        yield Mistake(f"{key}.bridge", "is no bridge of this version", f"use {_names()}")
        return
    cls = point.load()
    kind = cls.Settings
    table = absolute(destination.rest, base)
    try:
        kind.model_validate(table)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            where = ".".join([key, *(str(part) for part in one["loc"])])
            what = "is not a key we know" if one["type"] == "extra_forbidden" else "cannot be used"
            if one["type"] == "missing":
                what = "is missing"
            yield Mistake(where, what, f"see docs/settings.md, bridge {destination.bridge}")
    bills = getattr(cls, "bills", "")
    if bills and destination.money_per_month is None:
        what = f"is missing: its platform bills each post in {bills}"
        remedy = "say what a month may cost, as in money_per_month = 10.0"
        yield Mistake(f"{key}.money_per_month", what, remedy)
    for name in table:
        if name.endswith("_file") and isinstance(table[name], str):
            yield from _unreadable(f"{key}.{name}", Path(table[name]))


def _unreadable(key: str, path: Path) -> Iterator[Mistake]:
    try:
        if not read_secret(path).strip():
            yield Mistake(key, "names an empty file", "put the secret into it")
    except KeyFileError as error:
        name = key.split(".")[1]
        remedy = "mend the file" if path.exists() else f"use `relay login {name}`, or make it, 0600"
        yield Mistake(key, f"names a file that cannot be used ({error})", remedy)


_UNFIT = {
    "missing": ("names a file that does not exist", "get a certificate first: docs/operate.md"),
    "unreadable": ("names a file that cannot be read", "let the node's user read it, or its group"),
    "no-certificate": ("names a file without a certificate in PEM", "name the whole chain"),
    "no-key": ("names a file without a key in PEM", "name the key of the certificate"),
    "encrypted": ("names a key under a passphrase", "store it without one, mode 0640"),
    "does-not-fit": ("is not the key of the certificate", "name the two files of one certificate"),
}


def _unfit(certificate: Path, key: Path) -> Iterator[Mistake]:
    """Why the two files of ``[tls]`` make no certificate to show."""
    try:
        first_of(certificate)
        context(certificate, key)
    except BadCertificate as error:
        yield Mistake(f"tls.{error.of}", *_UNFIT[error.word])
    else:
        if readable_by_others(key):
            yield Mistake("tls.key", "can be read by everybody on this machine", "use chmod o=")


def expiring(settings: Settings, now: int) -> Iterator[tuple[str, str]]:
    """What to say of a certificate whose time is over soon, as ``relay.config.warnings`` does.

    Its end stops no node: most mail servers send nevertheless, and who refuses to keeps the mail.
    """
    if settings.tls is None:
        return
    try:
        shown = first_of(settings.at(settings.tls.certificate))
    except BadCertificate:
        return  # a mistake, and told as one
    left = days_left(shown.ends, now)
    if now < shown.begins:
        yield "tls.certificate", "it is not valid yet: is the clock right?"
    elif left is not None:
        ends = f"it ends in {left} days: has its renewal failed?"
        yield "tls.certificate", ends if left >= 0 else "it has ended: nobody can trust it"


def _names() -> str:
    ours = (p.name for p in entry_points(group=GROUP) if p.dist and p.dist.name == OURS)
    return " or ".join(f'"{name}"' for name in sorted(ours))


def build(destination: Destination, *, base: Path, url: str, http: Http, clock: Clock) -> Bridge:
    """The bridge of a destination. ``url`` is given to one that has a setting ``url`` unset.

    Raises KeyFileError, or whatever a bridge raises when it cannot start.
    """
    point = _found(destination.bridge)
    if point is None:
        raise LookupError(destination.bridge)
    cls = point.load()
    table = absolute(destination.rest, base)
    if "url" in cls.Settings.model_fields and url:
        table.setdefault("url", url)
    return cast(Bridge, cls(cls.Settings.model_validate(table), http, clock))

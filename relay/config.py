"""``relay.toml``: one file, checked whole, every mistake reported at once with its remedy.

Unknown keys are errors. What the design names and this version has not built is refused by name, so
that nothing is ever accepted and ignored. No value from the file is ever echoed: it may be a secret
that was pasted into the wrong place. ``relay.toml.example`` shows every key with its default.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
)

from relay.errors import Mistake, SettingsError

MAX_BYTES = 1024 * 1024
"""No settings file is larger."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(written: object) -> int:
    """A length of time as people write it ("90s", "5m", "2h", "7d") in seconds."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", written) if isinstance(written, str) else None
    if not found:
        raise ValueError('write a length of time like "90s", "5m", "2h" or "7d"')
    return int(found[1]) * _UNITS[found[2]]


def address(written: object) -> tuple[str, int]:
    """Where to listen: "127.0.0.1:2525", "[::1]:2525"; port 0 lets the system choose."""
    found = re.fullmatch(r"\[?([0-9a-fA-F.:]+)\]?:(\d{1,5})", str(written))
    if not found or int(found[2]) > 65535:
        raise ValueError('write an address and a port like "127.0.0.1:2525"')
    return found[1], int(found[2])


def _name(written: str) -> str:
    if not NAME.fullmatch(written):
        raise ValueError("a name has lower-case letters, digits, - and _, at most 32")
    return written


Seconds = Annotated[int, BeforeValidator(seconds)]
Listen = Annotated[tuple[str, int], BeforeValidator(address)]
Name = Annotated[str, AfterValidator(_name)]
Bytes = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True
    )


class Node(_Section):
    """``[node]``"""

    name: Name = "n1"
    role: Literal["both"] = "both"
    doors: Literal[1] = 1
    data: str = "data"
    keys: str = "keys"
    passphrase_file: str = "secrets/passphrase"


class HttpIn(_Section):
    """``[http]``: webhooks in, the page out."""

    listen: Listen = ("127.0.0.1", 8080)
    url: str = ""


class Channel(_Section):
    """``[channels.NAME]``"""

    destinations: tuple[Name, ...] = Field(("page",), strict=False, min_length=1)
    review: Literal["all", "none"] = "all"
    delay: tuple[Seconds, Seconds] = Field((300, 2700), strict=False)
    danger: Literal["hold", "off"] = "hold"


class SmtpIn(_Section):
    """``[transports.NAME]`` with ``kind = "smtp"``"""

    kind: Literal["smtp"]
    listen: Listen
    channel: Name = ""
    addresses: Annotated[tuple[str, ...], Field(strict=False)] | dict[str, str]
    message_bytes: Annotated[int, Field(ge=1024, le=14 * 1024 * 1024)] = 10 * 1024 * 1024
    sessions: Annotated[int, Field(ge=1, le=10_000)] = 400
    sessions_per_network: Annotated[int, Field(ge=1, le=10_000)] = 100

    def channels(self) -> dict[str, str]:
        """Every address (lower case) with its channel."""
        if isinstance(self.addresses, dict):
            return {key.lower(): channel for key, channel in self.addresses.items()}
        return {key.lower(): self.channel for key in self.addresses}


class SmsIn(_Section):
    """``[transports.NAME]`` with ``kind = "sms"``: POST /in/NAME on ``[http]``."""

    kind: Literal["sms"]
    gateway: Literal["android", "generic"]
    secret_file: str
    channel: Name


TransportIn = Annotated[SmtpIn | SmsIn, Field(discriminator="kind")]


class Destination(BaseModel):
    """``[destinations.NAME]``: what the relay needs; the rest of the table is the bridge's."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    bridge: str
    on_unsure: Literal["hold", "resend_once"] = "hold"
    deadline: Seconds = 120

    @property
    def rest(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class SpoolAt(_Section):
    """``[spool]``"""

    url: Literal["sqlite"] = "sqlite"
    keep: Seconds = 7 * 86400
    min_free_bytes: Bytes = 64 * 1024 * 1024
    ballast_bytes: Bytes = 8 * 1024 * 1024


class Settings(_Section):
    """The whole file."""

    node: Node = Node()
    http: HttpIn | None = None
    channels: dict[Name, Channel] = Field(default_factory=dict)
    transports: dict[Name, TransportIn] = Field(default_factory=dict)
    destinations: dict[Name, Destination] = Field(default_factory=dict)
    spool: SpoolAt = SpoolAt()
    _base: Path = PrivateAttr(default=Path())

    @property
    def base(self) -> Path:
        """The folder the file lies in."""
        return self._base

    def at(self, path: str) -> Path:
        """A path of the file: relative to the folder the file lies in."""
        return self.base / path

    @property
    def data(self) -> Path:
        return self.at(self.node.data)

    @property
    def keys(self) -> Path:
        return self.at(self.node.keys)


NOT_BUILT = {
    "desk": "the desk",
    "tls": "TLS of our own listeners",
    "alarms": "alarms",
    "routes": "routes",
    "windows": "windows",
    "links": "links between nodes",
    "http.behind": "believing a proxy's X-Forwarded-For",
    "spool.url": "another spool than sqlite",
    "node.role": "a role other than both",
    "node.doors": "more than one door",
    "destinations.*.routes": "routes",
    "channels.*.danger": "this way of treating danger",
    "channels.*.review": "this kind of review",
    "transports.*.kind": "this kind of transport",
    "transports.*.gateway": "this gateway",
}
"""Keys that the design knows and this version refuses by name (or whose other values it does)."""

_DESIGNED = {"lmtp", "imap", "mailbox", "telegram", "form", "postgresql", "entry", "exit"} | {
    "unknown", "mark", "redact", "twilio", "vonage", "africastalking", "infobip", "messagebird",
    "plivo", "smssync", "kannel", "gammu", "smpp",
}  # fmt: skip


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
    mistakes = list(_not_built(table))
    refused = {mistake.key for mistake in mistakes}
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(dict(table))
    except ValidationError as error:
        found = (_mistake(one) for one in error.errors(include_input=False, include_url=False))
        mistakes += [one for one in found if one.key not in refused]
    if settings is not None:
        settings._base = path.parent.absolute()
        mistakes += _crossed(settings)
    if mistakes or settings is None:
        raise SettingsError(str(path), tuple(mistakes))
    return settings


def _one(path: Path, key: str, what: str, remedy: str) -> SettingsError:
    return SettingsError(str(path), (Mistake(key, what, remedy),))


def _not_built(table: Mapping[str, Any]) -> Iterator[Mistake]:
    for pattern, thing in NOT_BUILT.items():
        for key, value in _matching(table, pattern.split("."), ()):
            built = isinstance(value, str) and value.split(":")[0] not in _DESIGNED
            if pattern == "node.doors":
                built = not isinstance(value, int) or value < 2
            elif pattern in ("desk", "tls", "alarms", "routes", "windows", "links") or (
                pattern.endswith((".behind", ".routes"))
            ):
                built = False
            if not built:
                yield Mistake(key, f"{thing} is not built yet", "leave it out, or take a default")


def _matching(
    table: Any, pattern: list[str], done: tuple[str, ...]
) -> Iterator[tuple[str, object]]:
    if not pattern:
        yield ".".join(done), table
    elif isinstance(table, Mapping):
        for key in table if pattern[0] == "*" else [pattern[0]]:
            if key in table:
                yield from _matching(table[key], pattern[1:], (*done, str(key)))


_SAID = {
    "extra_forbidden": ("is not a key we know", "look for a misspelling, or take it out"),
    "missing": ("is missing", "add it"),
    "union_tag_invalid": ('has no such kind', 'use "smtp" or "sms"'),
    "union_tag_not_found": ("has no kind", 'add kind = "smtp" or kind = "sms"'),
    "too_short": ("is empty", "name at least one"),
}  # fmt: skip


def _mistake(error: Any) -> Mistake:
    """Our words for pydantic's: its own messages may quote what was written."""
    parts = [str(part) for part in error["loc"] if part not in ("smtp", "sms", "[key]")]
    key = ".".join(parts) or "(file)"
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return Mistake(key, "cannot be used", str(context.get("error", "")))
    if kind == "literal_error":
        return Mistake(key, "is none of the values it may have", f"use {context['expected']}")
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        side = "least" if "ge" in context else "most"
        return Mistake(key, "is out of its range", f"use at {side} {bound}")
    what, remedy = _SAID.get(kind, ("has the wrong type", f"it should be {_wanted(kind)}"))
    return Mistake(key, what, remedy)


def _wanted(kind: str) -> str:
    return {
        "string_type": "a text in quotes",
        "int_type": "a whole number",
        "dict_type": "a table",
        "model_type": "a table",
        "model_attributes_type": "a table",
        "tuple_type": "a list",
    }.get(kind, "written as in relay.toml.example")


def _crossed(settings: Settings) -> Iterator[Mistake]:
    """What only shows when sections are held against each other."""
    yield from _twice(settings)
    served = {*settings.destinations, "page"}
    for name, channel in settings.channels.items():
        for destination in channel.destinations:
            if destination not in served:
                key = f"channels.{name}.destinations"
                yield Mistake(key, "names no destination", "add [destinations.NAME] or mend it")
        if channel.delay[0] > channel.delay[1]:
            yield Mistake(f"channels.{name}.delay", "is upside down", "write the shorter one first")
    for name, transport in settings.transports.items():
        yield from _unknown_channels(f"transports.{name}", transport, settings)
        if isinstance(transport, SmsIn) and settings.http is None:
            yield Mistake(f"transports.{name}", "needs [http] to be reached", "add [http]")
    if settings.keys == settings.data or settings.data in settings.keys.parents:
        yield Mistake("node.keys", "lies inside node.data", "keep the keys beside it")


def _twice(settings: Settings) -> Iterator[Mistake]:
    seen: set[str] = {"relay", "send", "http"}  # what we call our own
    for section in ("channels", "transports", "destinations"):
        for name in getattr(settings, section):
            if name in seen:
                yield Mistake(f"{section}.{name}", "is a name used twice", "choose another")
            seen.add(name)


def _unknown_channels(key: str, transport: SmtpIn | SmsIn, settings: Settings) -> Iterator[Mistake]:
    if isinstance(transport, SmsIn):
        named = {f"{key}.channel": transport.channel}
    elif isinstance(transport.addresses, dict):
        named = {f"{key}.addresses": one for one in transport.addresses.values()}
    else:
        named = {f"{key}.channel": transport.channel}
    for where, channel in named.items():
        if channel not in settings.channels:
            yield Mistake(where, "names no channel", "add [channels.NAME] or mend it")
    if isinstance(transport, SmtpIn):
        for one in transport.addresses:
            local, at, domain = one.rpartition("@")
            if not at or not local or not domain or any(c.isspace() for c in one):
                yield Mistake(f"{key}.addresses", "has no mail address", 'use "post@example.org"')


def warnings(settings: Settings) -> list[tuple[str, str]]:
    """Each unsafe choice as (key, what it means): named at every start."""
    said = []
    for name, channel in settings.channels.items():
        key = f"channels.{name}"
        if channel.review == "none":
            said.append((f"{key}.review", "nobody reads a message before the world does"))
        if channel.delay[0] < 60:
            said.append((f"{key}.delay", "a post appears at once: who watches can time its sender"))
        if channel.danger == "off":
            said.append((f"{key}.danger", "numbers and addresses in a text are published"))
        if "page" not in channel.destinations:
            said.append((f"{key}.destinations", "without the page nothing here is our own"))
    page = settings.destinations.get("page")
    if page is not None and page.rest.get("tick") in ("0s", "0m", "0h", "0d"):
        said.append(("destinations.page.tick", "items appear one by one: their times can be told"))
    if settings.node.role == "both":
        said.append(("node.role", "this node both accepts and opens: who seizes it gets both"))
    return said

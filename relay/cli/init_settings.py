"""What ``relay init`` writes into ``relay.toml``: pure text, from what the operator answered.

What is there already is never rewritten: a further way in is a section more, at the end.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import click

from relay.errors import OutwordError

HTTP_LISTEN = "127.0.0.1:8080"
DESK_LISTEN = "127.0.0.1:8081"
SMTP_LISTEN = "127.0.0.1:2525"
LINK_PORT = 7443
"""Where an exit hears its entries, unless its operator chooses another."""

INBOX = "INBOX"
"""The folder that every mailbox has (RFC 9051, 5.1)."""

PLACEHOLDER = "example.org"
"""The mail domain of settings that were made without one (RFC 2606: it is nobody's)."""

MAX_CHARACTERS = 320
"""Of a mail address, and so of a user or folder name here: 64, @ and 255 (RFC 5321, 4.5.3.1)."""

NODE = """\
# Made by `relay init`. Every key, with its default and what it does: relay.toml.example

[node]
name = "n1"
"""

HEAD = """\
[channels.news]
destinations = [{destinations}]
# review = "all" and danger = "hold" are the defaults: nothing appears unread.

[destinations.page]
bridge = "feed"
folder = "public"
"""

NAMES = """\
[channels.news]
# What becomes of its messages is decided at the exit, under the same name.
"""

EXIT_OF = f"""\
# The exit that this node seals to: `relay keys list` prints the two lines there.
# [peers.north]
# link = "..."
# identity = "..."
# [links.to-north]
# kind = "https"
# peer = "north"
# url = "https://HOST:{LINK_PORT}"
"""

ENTRY_OF = f"""\
# The entry that this node takes from: `relay keys list` prints the line there.
# [peers.south]
# link = "..."
# [links.tls]
# kind = "https"
# listen = "0.0.0.0:{LINK_PORT}"
"""

ROLES = ("both", "entry", "exit")


class Taken(OutwordError):
    """The settings have a section of that name already: nothing was changed; a second of its kind
    is written by hand, under another name (docs/ways-in.md)."""

    exit_code = 73


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """What the operator answered; empty: not wanted, or not known. ``transport`` is ``mailbox``,
    ``phone`` or ``mail``, or empty where only a destination is added."""

    transport: str = ""
    domain: str = ""
    url: str = ""
    imap: str = ""
    user: str = ""
    address: str = ""
    folder: str = ""
    number: str = ""
    mastodon: str = ""
    public: bool = False
    role: str = "both"

    def check(self) -> None:
        """Raises click.UsageError for what cannot be meant, or would be of no effect."""
        for option, way in _ONLY_FOR.items():
            if getattr(self, option) and self.transport != way:
                raise click.UsageError(f"--{option} is for --transport {way}")
        self.check_written()
        if self.role == "exit" and self.transport:
            raise click.UsageError("--transport is a way in, and an exit has none")
        if self.role == "entry" and (self.mastodon or self.public):
            raise click.UsageError("--mastodon and --public are for a node that posts")
        if self.transport == "mailbox" and not (self.imap and self.user):
            raise click.UsageError("a mailbox needs --imap HOST and --user NAME")
        if self.public and not self._shown:
            raise click.UsageError(_SHOW[self.transport])

    def check_written(self) -> None:
        """Raises click.UsageError for an answer that is not of its form; empty ones are left."""
        if self.domain and not _is_host(self.domain):
            raise click.UsageError("--domain takes a domain name like example.org")
        if self.url and (not _is_web_address(self.url) or urlsplit(self.url).path):
            raise click.UsageError("--url takes an address like https://news.example.org")
        if self.mastodon and (not _is_web_address(self.mastodon) or urlsplit(self.mastodon).path):
            raise click.UsageError("--mastodon takes a server like https://mastodon.example")
        if self.number and not re.fullmatch(r"\+[1-9][0-9]{6,14}", self.number):
            raise click.UsageError("--number takes a number like +15550100123")
        self._check_mailbox()

    @property
    def _shown(self) -> str:
        """What readers would be told of this way in."""
        told = {"mail": self.domain, "phone": self.number, "mailbox": self.known_as}
        return told.get(self.transport, "")

    @property
    def known_as(self) -> str:
        """The address that people write to, of a mailbox."""
        return self.address or (self.user if "@" in self.user else "")

    def _check_mailbox(self) -> None:
        host, port = host_and_port(self.imap, 993)
        if self.imap and not (_is_host(host) and 0 < port < 65536):
            raise click.UsageError("--imap takes a host like imap.example.org, or host:port")
        if self.address and not re.fullmatch(r"[^@\s]+@[^@\s]+", self.address):
            raise click.UsageError("--address takes a mail address like post@example.org")
        written = {
            "--user": self.user,
            "--folder": self.folder,
            "--address": self.address,
        }
        for option, text in written.items():
            if not text.isprintable() or len(text) > MAX_CHARACTERS:
                raise click.UsageError(f"{option} takes a name of at most {MAX_CHARACTERS} letters")


_ONLY_FOR = {
    "domain": "mail",
    "number": "phone",
    **dict.fromkeys(("imap", "user", "address", "folder"), "mailbox"),
}
"""Options of one way in: with another they would be read and forgotten."""

_SHOW = {
    "mail": "--public needs --domain: what readers are told to write to",
    "phone": "--public needs --number: what readers are told to write to",
    "mailbox": "--public needs --address: what readers are told to write to",
    "": "--public needs --transport: it is said of a way in",
}


def host_and_port(written: str, otherwise: int) -> tuple[str, int]:
    """``host:port`` parted; port -1 where it is no number."""
    host, colon, port = written.partition(":")
    if not colon:
        return host, otherwise
    return host, int(port) if re.fullmatch(r"[0-9]{1,5}", port) else -1


def _is_host(written: str) -> bool:
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return len(written) <= 253 and bool(
        re.fullmatch(rf"{label}(\.{label})*\.?", written, re.ASCII | re.IGNORECASE)
    )


def _is_web_address(written: str) -> bool:
    """https, or http to this machine, with nothing after the host but a path."""
    try:
        parts = urlsplit(written)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.query or parts.fragment or "@" in parts.netloc or not written.isprintable():
        return False
    if not re.fullmatch(r"[^\s\"'{};]+", written):  # it is put into other programs' settings
        return False
    return (parts.scheme == "https" and bool(host)) or (parts.scheme == "http" and _loopback(host))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def new_file(wanted: Wanted) -> str:
    """The whole file of a new node."""
    node = NODE if wanted.role == "both" else f"{NODE}role = {_text(wanted.role)}\n"
    if wanted.role == "entry":
        return "\n".join([node, NAMES, *_http(wanted, {}), *_more(wanted, "news"), EXIT_OF])
    named = ["page", *(["mastodon"] if wanted.mastodon else [])]
    head = HEAD.format(destinations=", ".join(_text(one) for one in named))
    desk = f'[desk]\nlisten = "{DESK_LISTEN}"\n'
    after = [ENTRY_OF] if wanted.role == "exit" else []
    return "\n".join([node, head, *_http(wanted, {}), desk, *_more(wanted, "news"), *after])


def addition(wanted: Wanted, table: Mapping[str, Any], channel: str) -> str:
    """What is put at the end of a file that says ``table``. Raises Taken."""
    used = {name for section in ("channels", "transports", "destinations") for name in
            table.get(section, {})}  # fmt: skip
    for name in (wanted.transport, "mastodon" if wanted.mastodon else ""):
        if name and name in used:
            raise Taken(
                f"the settings have a section {name} already: nothing was changed; a second of its"
                " kind is written by hand, under another name (docs/ways-in.md)"
            )
    return "\n".join([*_http(wanted, table), *_more(wanted, channel)])


def _http(wanted: Wanted, table: Mapping[str, Any]) -> list[str]:
    if "http" in table:
        return []
    url = f"url = {_text(wanted.url)}\n" if wanted.url else ""
    return [f'[http]\nlisten = "{HTTP_LISTEN}"\n{url}']


def _more(wanted: Wanted, channel: str) -> list[str]:
    said = []
    if wanted.transport:
        said.append(_WAYS[wanted.transport](wanted, channel))
    if wanted.mastodon:
        server = _text(wanted.mastodon)
        said.append(
            f'[destinations.mastodon]\nbridge = "mastodon"\nserver = {server}\n'
            'token_file = "secrets/mastodon"\n'
        )
    return said


def _mail(wanted: Wanted, channel: str) -> str:
    domain = wanted.domain.lower().rstrip(".")
    names = [f"post@{domain}", f"*@{domain}"] if domain else [f"post@{PLACEHOLDER}"]
    addresses = ", ".join(_text(name) for name in names)
    return (
        f'[transports.mail]\nkind = "smtp"\nlisten = "{SMTP_LISTEN}"\n'
        f"channel = {_text(channel)}\naddresses = [{addresses}]\n{_public(wanted)}"
    )


def _phone(wanted: Wanted, channel: str) -> str:
    number = f"number = {_text(wanted.number)}\n" if wanted.number else ""
    return (
        '[transports.phone]\nkind = "sms"\ngateway = "android"\nsecret_file = "secrets/phone"\n'
        f'channel = {_text(channel)}\nsilent_after = "1h"\n{number}{_public(wanted)}'
    )


def _mailbox(wanted: Wanted, channel: str) -> str:
    host, port = host_and_port(wanted.imap, 993)
    address = f"address = {_text(wanted.known_as)}\n" if wanted.known_as else ""
    return (
        f'[transports.mailbox]\nkind = "imap"\nhost = {_text(host.lower())}\nport = {port}\n'
        f'user = {_text(wanted.user)}\npassword_file = "secrets/mailbox"\n'
        f"folder = {_text(wanted.folder or INBOX)}\nchannel = {_text(channel)}\n"
        f"{address}{_public(wanted)}"
    )


_WAYS = {"mail": _mail, "phone": _phone, "mailbox": _mailbox}
TRANSPORTS = tuple(sorted(_WAYS))
"""The ways in that ``relay init`` can write."""


def _public(wanted: Wanted) -> str:
    return "public = true\n" if wanted.public else ""


def _text(value: str) -> str:
    """A text as TOML has it: that of JSON, since what is not printable was refused before."""
    return json.dumps(value, ensure_ascii=False)

"""SMS in, by a gateway's webhook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field

from relay.config.inward.common import AnsweringBySms, GoingOut
from relay.config.values import Host, Line, Name, PhoneNumber, WebAddress
from relay.errors import Mistake
from relay.serving.peers import is_loopback
from relay.transports.gateways.table import GATEWAYS, Kind

Gateway = Literal[
    "android",
    "generic",
    "twilio",
    "vonage",
    "africastalking",
    "infobip",
    "messagebird",
    "plivo",
    "smssync",
    "kannel",
]
assert set(get_args(Gateway)) == set(GATEWAYS)

_CHOSEN = ("secret_file", "account", "answer_url", "answer_secret_file", "remote")
"""Keys that mean something to some gateways only."""

PATH_SECRET: Final = re.compile(rb"[A-Za-z0-9_~-]{16,200}")
"""The last part of /in/NAME/SECRET: the unreserved characters of an address (RFC 3986, 2.3), but
the dot, which some programs take out."""

_MISSING = {
    "secret_file": 'add it, as in secret_file = "secrets/phone"',
    "path_secret_file": 'add it, as in path_secret_file = "secrets/phone-path"',
    "account": "add the id that your account has there",
    "number": "add the number that answers come from",
    "answer_url": "add the address that is called to send an SMS",
    "answer_secret_file": "add the file of the key for answers",
}


class SmsIn(GoingOut, AnsweringBySms):
    """``[transports.NAME]`` with ``kind = "sms"``: /in/NAME on ``[http]``, or /in/NAME/SECRET where
    there is a ``path_secret_file``."""

    kind: Literal["sms"]
    gateway: Gateway
    secret_file: str = ""
    path_secret_file: str = ""
    channel: Name
    number: PhoneNumber = ""
    account: Line | Literal[""] = ""
    media_hosts: Annotated[tuple[Host, ...], Field(strict=False, max_length=20)] = ()
    answer_url: WebAddress = ""
    answer_secret_file: str = ""
    answer_from: Line | Literal[""] = ""
    remote: bool = False

    to_show: ClassVar[str] = 'add the number that people write to, as in number = "+15550100123"'
    by_http: ClassVar[bool] = True

    @property
    def of(self) -> Kind:
        """What its gateway needs."""
        return GATEWAYS[self.gateway]

    def goes_out(self) -> bool:
        return self.answers == "asked" or bool(self.of.media_hosts)

    def told(self) -> tuple[str, ...]:
        """Its number."""
        return (self.number,) if self.number else ()

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}

    def makes(self, key: str) -> bool:
        """Whether we may make this secret: a key that both sides are told."""
        return key in self.of.makes

    def how_to_get_it(self, key: str) -> str:
        """Where the operator gets this secret."""
        if key == "path_secret_file":
            return "The last part of the address that the gateway calls; empty: a new one is made."
        if key == "answer_secret_file":
            return "The key or password by which we send at the gateway."
        return self.of.secret + " Empty: a new one is made." * self.makes(key)

    def unfit(self, key: str, secret: bytes) -> str:
        """The last part of an address is guessed by whoever can, and stands in it as it is."""
        if key != "path_secret_file" or PATH_SECRET.fullmatch(secret):
            return ""
        return "the last part of an address has 16 to 200 letters and digits (A-Z, a-z, 0-9, _~-)"

    def address(self, url: str, name: str, secret: str = "") -> str:
        """What is typed into the gateway's console; the path's secret is named unless it is given,
        which is where it is shown the one time."""
        shown = secret or f"THE-LINE-IN-{self.path_secret_file}"
        behind = f"/{shown}" if self.path_secret_file else ""
        return f"{url.rstrip('/') or 'https://YOUR-HOST'}/in/{name}{behind}"

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        wanted = self.of.needs
        if self.answers == "asked":
            wanted += self.of.answers_need
        for one in dict.fromkeys(wanted):
            if not (getattr(self, one) or (one == "answer_url" and self.of.answer_url)):
                yield Mistake(f"{key}.{one}", "is missing", _MISSING[one])
        known = {*self.of.needs, *self.of.answers_need, *self.of.takes}
        known |= {"answer_url"} if self.of.answer_url else set()
        for one in _CHOSEN:
            if one not in known and getattr(self, one):
                yield Mistake(f"{key}.{one}", "says nothing to this gateway", "take it out")
        if self.media_hosts and not self.of.media_hosts:
            yield Mistake(f"{key}.media_hosts", "says nothing to this gateway", "take it out")
        yield from self._unsafe_addresses(key, table)

    def _unsafe_addresses(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        to = urlsplit(self.answer_url)
        if (
            to.scheme == "http"
            and to.hostname != "localhost"
            and not is_loopback(to.hostname or "")
        ):
            yield Mistake(f"{key}.answer_url", "would send in clear", "use https")
        http = table.get("http")
        if self.of.signs_address and isinstance(http, Mapping) and not http.get("url"):
            why = "is missing, and this gateway signs the address that it calls"
            yield Mistake("http.url", why, 'add it, as in url = "https://news.example.org"')

    def unsafe(self, key: str) -> Iterator[tuple[str, str]]:
        yield from super().unsafe(key)
        if not self.of.signs:
            why = "this gateway signs nothing: who learns the address writes as any number"
            yield f"{key}.gateway", why
        if self.remote:
            why = "believed only if a proxy asks for client certificates: nothing here checks that"
            yield f"{key}.remote", why

"""Chat: a Telegram bot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator

from relay.config.inward.common import Answering, AnswersTo, GoingOut
from relay.config.reaching import DIRECT
from relay.config.values import Name, WebAddress
from relay.errors import Mistake
from relay.serving.peers import is_loopback

TELEGRAM: Final = "api.telegram.org"

PORTS: Final = frozenset({80, 88, 443, 8443})
"""Where Telegram's servers call (https://core.telegram.org/bots/api#setwebhook)."""

_PORT: Final = 'let a proxy listen at one of them, or set mode = "polling"'
_PROXIES = ("socks5://", "socks5h://", "http://")


def _proxy(written: str) -> str:
    if written and (not written.startswith(_PROXIES) or not urlsplit(written).hostname):
        raise ValueError('write a proxy like "socks5://127.0.0.1:9050"')
    return written


def _username(written: str) -> str:
    """Telegram's own rule: 4 to 32 of A-Z, a-z, 0-9 and _, a letter first (core.telegram.org/method
    /account.checkUsername)."""
    if written and not re.fullmatch(r"@?[A-Za-z][A-Za-z0-9_]{3,31}", written, re.ASCII):
        raise ValueError('write the name alone, like "OutwordBot"')
    return written


def _port(url: str) -> int | None:
    """The port of an https address; None for none at all."""
    try:
        return urlsplit(url).port or 443
    except ValueError:
        return None


class TelegramIn(GoingOut, Answering):
    """``[transports.NAME]`` with ``kind = "telegram"``: a bot, to which people write in private.

    ``username`` is what people are told, without its @. ``base_url`` is another server of the Bot
    API than Telegram's own; ``proxy`` a way there that needs no name, instead of ``routes``. By
    ``mode = "webhook"`` Telegram comes to /in/NAME on ``[http]``, whose ``url`` it must reach.
    """

    kind: Literal["telegram"]
    token_file: str
    channel: Name
    username: Annotated[str, AfterValidator(_username)] = ""
    mode: Literal["polling", "webhook"] = "polling"
    base_url: WebAddress = "https://api.telegram.org"
    proxy: Annotated[str, AfterValidator(_proxy)] = ""
    answers: AnswersTo = "asked"

    to_show: ClassVar[str] = 'add the name of the bot, as in username = "OutwordBot"'
    no_canary: ClassVar[str] = "a bot cannot write to itself"
    how_to_get: ClassVar[str] = "The token that @BotFather gave for this bot."

    def told(self) -> tuple[str, ...]:
        """The bot's name."""
        return (f"@{self.username.removeprefix('@')}",) if self.username else ()

    def to_channels(self) -> Mapping[str, str]:
        return {self.channel: "channel"}

    def mistakes(self, key: str, table: Mapping[str, Any]) -> Iterator[Mistake]:
        yield from super().mistakes(key, table)
        if self.proxy and self.routes != (DIRECT,):
            remedy = "take proxy out, and write it as a route: [routes.NAME]"
            yield Mistake(f"{key}.proxy", "is a way there beside routes", remedy)
        at = urlsplit(self.base_url)
        near = at.hostname == "localhost" or is_loopback(at.hostname or "")
        if at.scheme != "https" and not near:
            yield Mistake(f"{key}.base_url", "would send the token in clear", "use https")
        http = table.get("http")
        url = str(http.get("url", "")) if isinstance(http, Mapping) else ""
        if self.mode == "webhook" and not url.startswith("https://"):
            remedy = 'set http.url to an https address, or mode = "polling"'
            yield Mistake(f"{key}.mode", "needs an address that Telegram can reach", remedy)
        elif self.mode == "webhook" and at.hostname == TELEGRAM and _port(url) not in PORTS:
            wanted = ", ".join(map(str, sorted(PORTS)))
            yield Mistake(
                "http.url", f"has a port to which Telegram does not come: {wanted}", _PORT
            )

"""The calls of Discord's API that a stand-in answers, each as one function of what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from relay.testing.discord import says
from relay.testing.discord.guild import Guild
from relay.testing.discord.messages import Message, shown
from relay.testing.discord.reads import Asked, asked
from relay.testing.discord.says import No, no, plain
from relay.testing.loopback import Fault, Loopback, Request

API: Final = "/api/v10"
MODERATED: Final = 200000
"""What a webhook that does not wait is not told of."""


class Calls(Loopback):
    """The part of a stand-in that reads a call and answers it."""

    max_body_bytes = 128 * 1024 * 1024

    def __init__(self, guild: Guild) -> None:
        super().__init__()
        self.lists_late_s = 0
        self.lists_nonces = False
        self._guild = guild
        self._webhook_is = self._channel_is = True

    @property
    def webhook_url(self) -> str:
        """Where the webhook is posted to; its token is the last part."""
        return f"{self.base}{API}/webhooks/{self._guild.webhook}/{self._guild.webhook_token}"

    def called(self, request: Request) -> Fault:
        """Act on a call, and answer it."""
        path = request.path
        fitting = [(one, match) for one in ROUTES if (match := one[1].fullmatch(path))]
        try:
            for (method, _, call, answer), match in fitting:
                if method == request.method:
                    self._let_in(request, match.groupdict())
                    return says.well(answer(self, match.groupdict(), asked(call, request)))
            raise plain(405, "Method Not Allowed") if fitting else plain(404, "Not Found")
        except No as error:
            return says.badly(error)

    def _let_in(self, request: Request, names: dict[str, str]) -> None:
        """Whether who asks may. Raises No."""
        guild = self._guild
        if "webhook" in names:
            if names["webhook"] != guild.webhook or not self._webhook_is:
                raise no(10015)
            if names["token"] != guild.webhook_token:
                raise no(50027)
            return
        if not guild.bot_token or request.headers.get("authorization") != f"Bot {guild.bot_token}":
            raise plain(401, "Unauthorized")
        if "channel" in names:
            if not self._channel_is:
                raise no(10003)
            guild.place(names["channel"])

    def _shown(self, one: Message, *, made: bool = False) -> dict[str, Any]:
        return shown(one, self.base, nonce=made or self.lists_nonces)

    # ------------------------------------------------------------ the webhook

    def _webhook(self, names: dict[str, str], asked: Asked) -> Any:
        guild = self._guild
        return {
            "type": 1,
            "id": guild.webhook,
            "name": "relay",
            "avatar": None,
            "channel_id": guild.channel,
            "guild_id": guild.id,
            "application_id": None,
            "token": guild.webhook_token,
            "url": self.webhook_url,
        }

    def _execute(self, names: dict[str, str], asked: Asked) -> Any:
        if asked.true("wait"):
            return self._shown(self._guild.execute(asked))
        try:
            self._guild.execute(asked)
        except No as error:
            if error.body["code"] != MODERATED:
                raise
        return None

    def _get_as_webhook(self, names: dict[str, str], asked: Asked) -> Any:
        return self._shown(self._guild.through_webhook(names["message"], asked))

    def _edit_as_webhook(self, names: dict[str, str], asked: Asked) -> Any:
        one = self._guild.through_webhook(names["message"], asked)
        return self._shown(self._guild.edit(one, asked))

    def _delete_as_webhook(self, names: dict[str, str], asked: Asked) -> Any:
        del self._guild.messages[self._guild.through_webhook(names["message"], asked).id]

    # ------------------------------------------------------------ the bot

    def _me(self, names: dict[str, str], asked: Asked) -> Any:
        return self._guild.bot | {"mfa_enabled": False, "locale": "en-US", "verified": True}

    def _channel(self, names: dict[str, str], asked: Asked) -> Any:
        id = names["channel"]
        made = {"id": id, "type": 0, "name": "news", "guild_id": self._guild.id, "flags": 0}
        if id == self._guild.thread:
            return made | {"type": 11, "parent_id": self._guild.channel}
        return made | {"position": 0, "nsfw": False, "rate_limit_per_user": self._guild.slow_s}

    def _list(self, names: dict[str, str], asked: Asked) -> Any:
        page = self._guild.listed(names["channel"], asked, self.lists_late_s)
        return [self._shown(one) for one in page]

    def _send(self, names: dict[str, str], asked: Asked) -> Any:
        return self._shown(self._guild.send(names["channel"], asked), made=True)

    def _get(self, names: dict[str, str], asked: Asked) -> Any:
        return self._shown(self._guild.of(names["channel"], names["message"]))

    def _edit(self, names: dict[str, str], asked: Asked) -> Any:
        one = self._guild.mine(self._guild.of(names["channel"], names["message"]))
        return self._shown(self._guild.edit(one, asked))

    def _delete(self, names: dict[str, str], asked: Asked) -> Any:
        self._guild.delete(self._guild.of(names["channel"], names["message"]))


Answers = Callable[[Calls, dict[str, str], Asked], Any]

_HOOK: Final = API + r"/webhooks/(?P<webhook>\d+)/(?P<token>[^/]+)"
_OF_HOOK: Final = _HOOK + r"/messages/(?P<message>\d+)"
_CHANNEL: Final = API + r"/channels/(?P<channel>\d+)"
_MESSAGE: Final = _CHANNEL + r"/messages/(?P<message>\d+)"
_CALLS: Final[tuple[tuple[str, str, str, Answers], ...]] = (
    ("GET", _HOOK, "webhook", Calls._webhook),
    ("POST", _HOOK, "execute", Calls._execute),
    ("GET", _OF_HOOK, "get_as_webhook", Calls._get_as_webhook),
    ("PATCH", _OF_HOOK, "edit_as_webhook", Calls._edit_as_webhook),
    ("DELETE", _OF_HOOK, "delete_as_webhook", Calls._delete_as_webhook),
    ("GET", API + "/users/@me", "me", Calls._me),
    ("GET", _CHANNEL, "channel", Calls._channel),
    ("GET", _CHANNEL + "/messages", "list", Calls._list),
    ("POST", _CHANNEL + "/messages", "send", Calls._send),
    ("GET", _MESSAGE, "get", Calls._get),
    ("PATCH", _MESSAGE, "edit", Calls._edit),
    ("DELETE", _MESSAGE, "delete", Calls._delete),
)
ROUTES: Final = [(method, re.compile(path), call, made) for method, path, call, made in _CALLS]

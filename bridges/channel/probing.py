"""Looks at the messages after a known number, by forwarding each to a private chat and deleting it.

The Bot API lists no channel, and gives nothing that would make a repeat known (its author says that
``random_id`` is left out on purpose: tdlib/telegram-bot-api, issue 482). But numbers count upwards,
and ``forwardMessage`` shows the whole message it forwards, or says that there is none of that
number. ``forwardMessages`` would ask for many at once, and is wrong about deleted ones in channels
(issue 841 there).
"""

from __future__ import annotations

from typing import Any, Final

from bridges.channel.api import Api, description, is_number, made
from bridges.channel.wanted import Seen, Wanted, seen_in
from relay.ports import Answer, Lookup, Unknown

GAP: Final = 20
"""So many numbers in a row that are no message are the end of the channel. What is deleted between
the last known message and ours would have to be more than this to deceive us."""

MOST_BACK: Final = 100
"""Numbers that are asked for to find where to begin."""

MOST_ASKED: Final = 60
"""Numbers that one look asks for; the next one goes on from there."""

_NONE_SUCH: Final = ("message to forward not found", "message_id_invalid", "was not forwarded")
_NOT_SHOWN: Final = "can't be forwarded"


class Probe:
    """A look at one part. ``reached`` is the number up to which nothing is it."""

    def __init__(self, api: Api, chat: str, audit: str, wanted: Wanted) -> None:
        self._api = api
        self._chat = chat
        self._audit = audit
        self._wanted = wanted
        self._seen: dict[int, Seen] = {}
        self._hidden = False
        self._from: Any = None
        self.reached = wanted.last or 0

    async def look(self, *, lately: bool) -> Lookup:
        """Found; Absent, strong where the channel's end was reached and it is not ``lately``;
        Unknown where Telegram does not tell, or two are alike."""
        missing, number = 0, self.reached
        for _ in range(MOST_ASKED):
            number += 1
            there = await self.is_there(number)
            if there is None:
                return Unknown("Telegram does not show the channel's messages now")
            if self._hidden and await self._protected():
                return Unknown("the channel lets nothing be forwarded")
            self._hidden = False
            missing = 0 if there else missing + 1
            if missing == GAP:
                break
            candidate = any(map(self._wanted.resembles, self._seen.values()))
            self.reached = number if there and not candidate else self.reached
        else:
            return Unknown("there are many messages since then: the rest is looked at later")
        return self._wanted.told(self._seen, self._from, whole=not lately)

    async def back(self, number: int) -> int | None:
        """The number of a message that was there before ``wanted.since``, backwards from this one;
        or after which nothing is left that was there before. None: Telegram does not say, or so
        many messages are newer that it is not asked."""
        missing = 0
        for earlier in range(number, max(0, number - MOST_BACK), -1):
            there = await self.is_there(earlier)
            if there is None:
                return None
            date = self._seen[earlier].date if earlier in self._seen else None
            missing = 0 if there else missing + 1
            if missing == GAP or (date is not None and date < self._wanted.since):
                return earlier
        return 0 if number <= MOST_BACK else None

    async def is_there(self, number: int) -> bool | None:
        """Whether a message has this number; None if Telegram does not say."""
        said = {"chat_id": self._audit, "from_chat_id": self._chat, "message_id": number}
        answer = await self._api.call("forwardMessage", said | {"disable_notification": True})
        message = made(answer)
        if is_number(message.get("message_id")):
            self._seen[number] = seen_in(number, message)
            origin = message.get("forward_origin")
            self._from = origin.get("chat") if isinstance(origin, dict) else self._from
            await self._delete(message["message_id"])
            return True
        if not isinstance(answer, Answer) or answer.status != 400:
            return None
        if any(words in description(answer) for words in _NONE_SUCH):
            return False
        if _NOT_SHOWN in description(answer):
            self._hidden = True  # a service message ("pinned ..."), or a channel that is protected
            return True
        return None

    async def _delete(self, copy: int) -> None:
        """Take the copy back; if that fails it stays where operators alone see it."""
        await self._api.call("deleteMessage", {"chat_id": self._audit, "message_id": copy})

    async def _protected(self) -> bool:
        chat = made(await self._api.call("getChat", {"chat_id": self._chat}))
        return not chat or chat.get("has_protected_content") is True

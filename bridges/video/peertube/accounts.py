"""Whose films they are, and in which channel they stand (GET /users/me)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridges.video.peertube import answers
from bridges.video.peertube.api import Api
from relay.ports import Later, Stopped

ME: Final = "/api/v1/users/me"
USED: Final = "/api/v1/users/me/video-quota-used"
DAY_S: Final = 24 * 3600

NO_CHANNEL: Final = "the account has no such channel"
CHANNEL: Final = (
    "set channel to the name of one of its channels (it stands in its address, /c/NAME)"
)


@dataclass(frozen=True, slots=True)
class Account:
    """The user's id and its account's (which writes comments), the channel's, and how many bytes a
    day it may bring (-1: as many as it likes)."""

    user: int
    account: int
    channel: int
    daily: int


async def asked(api: Api, channel: str) -> Account | Later | Stopped:
    """The account, and the channel that is called so or has this id ("": the first it has)."""
    answer = await api.read(ME)
    said = answers.good(answer)
    user = _number(said.get("id"))
    if not user:
        return answers.untold(answer, api.now())
    if said.get("blocked") is True:
        return Stopped("the account is blocked on the server", answers.LOOK)
    wanted = [id for one in _list(said.get("videoChannels")) if (id := _called(one, channel))]
    if not wanted:
        return Stopped(NO_CHANNEL, CHANNEL)
    own, daily = said.get("account"), said.get("videoQuotaDaily")
    writes = _number(own.get("id")) if isinstance(own, Mapping) else 0
    return Account(user, writes, wanted[0], daily if isinstance(daily, int) else -1)


async def no_room(api: Api, account: Account, size: int) -> Later | Stopped:
    """What it means that a film of ``size`` bytes finds no room: if it is the day's share that is
    used up, that passes by itself."""
    used = answers.good(await api.read(USED)).get("videoQuotaUsedDaily")
    if account.daily >= size and isinstance(used, int) and used + size > account.daily:
        return Later("the account's room of the day is used up", api.now() + DAY_S, "destination")
    return Stopped(answers.NO_ROOM, answers.ROOM)


def _called(said: Mapping[str, Any], channel: str) -> int:
    """The id of a channel, if it is the one; else 0."""
    id = _number(said.get("id"))
    name = said.get("name")
    return id if channel in ("", str(id)) or name == channel else 0


def _list(said: Any) -> list[Mapping[str, Any]]:
    rows = said if isinstance(said, list) else []
    return [one for one in rows if isinstance(one, Mapping)]


def _number(said: Any) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else 0

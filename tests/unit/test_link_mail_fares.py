"""How a link by mail fares: the worst of its directions, and no success of one hides the other."""

from __future__ import annotations

import asyncio
import contextlib

from mail_link_parts import B, carrying
from on_asyncio import on_asyncio

from relay.links.mail.faring import Faring
from relay.links.port import Given, HandedOver, Later
from relay.node.links.handing import Handing
from relay.wire import frames


def test_the_worst_of_both_directions_is_told() -> None:
    told: list[tuple[str, str]] = []
    faring = Faring(lambda state, why: told.append((state, why)))
    faring.fares("in", "works")
    faring.fares("out", "blocked", "nobody there")
    faring.fares("in", "login", "no password")
    faring.fares("out", "works")
    faring.fares("in", "works")
    assert told == [
        ("works", ""),
        ("blocked", "nobody there"),
        ("login", "no password"),
        ("login", "no password"),
        ("works", ""),
    ]


def test_what_came_back_stands_until_the_peer_is_heard() -> None:
    told: list[str] = []
    faring = Faring(lambda state, why: told.append(state))
    faring.heard()
    assert told == []
    faring.came_back()
    faring.fares("out", "works")
    assert told == ["blocked", "blocked"]
    faring.heard()
    assert told[-1] == "works"


class Answers:
    """A link that answers as told."""

    def __init__(self, *answers: HandedOver) -> None:
        self.answers = list(answers)

    async def run(self, came: object, ready: object) -> None:
        raise AssertionError

    async def hand_over(self, peer: object, batch: object) -> HandedOver:
        return self.answers.pop(0)


async def test_what_is_on_its_way_hides_no_mailbox_that_is_shut() -> None:
    told: list[str] = []

    async def run() -> None:
        async def send(frame: object) -> None:
            return None

        link = Answers(Given(), Later("the provider takes no mail now"), Given(), Given())
        handing = Handing(
            {"post": link},
            {"b": B},
            send,
            lambda name, state, why: told.append(state),
            contextlib.nullcontext(),  # type: ignore[arg-type]
        )
        for n in range(4):
            handing.begin(frames.Cross(n, "post", "b", carrying(10)))
            await asyncio.gather(*handing.tasks)

    await on_asyncio(run)
    assert told == ["blocked", "works"]

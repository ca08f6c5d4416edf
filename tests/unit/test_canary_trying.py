"""The canary of a door: it writes when it is told, says what came of it, and is no sign of life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from relay.entry.limits import Limits
from relay.model import Arrival, Kind
from relay.node.inward.trying import Trying, address_in
from relay.testing.door import Tick
from relay.transports.canary import Note, Unheard, drawn
from relay.wire import frames

LINE = "canary " + "A" * 52


class Core:
    """What the core hears."""

    def __init__(self) -> None:
        self.said: list[object] = []
        self._heard = asyncio.Event()

    def hears(self, frame: object) -> None:
        self.said.append(frame)
        self._heard.set()

    def asks(self, trying: Trying, transport: str) -> None:
        """Have this transport tried, and wait until it is said what came of it."""

        async def whole() -> None:
            trying.begin(frames.TryWay(7, transport, LINE))
            await self._heard.wait()

        asyncio.run(whole())


def told(write: Callable[[Note], Awaitable[None]] | None) -> tuple[Trying, list[object]]:
    """What the core hears of a try at "mail"."""
    core = Core()
    trying = Trying(core.hears)
    trying.add("mail", write)
    core.asks(trying, "mail")
    return trying, core.said


async def _takes(note: Note) -> None:
    assert note.line == LINE


async def _refuses(note: Note) -> None:
    raise Unheard("it answers 451")


async def _fails(note: Note) -> None:
    raise RuntimeError(note.line)


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (_takes, ""),
        (_refuses, "it answers 451"),
        (_fails, "a fault of ours: please report it"),
        (None, "the door has no such way in"),
    ],
)
def test_the_core_is_told_what_came_of_it(
    write: Callable[[Note], Awaitable[None]] | None, why: str
) -> None:
    assert told(write)[1] == [frames.TriedWay(7, why)]


def test_while_it_writes_nothing_that_comes_there_is_a_sign_of_life() -> None:
    alive, other = Tick(), Tick()

    async def writes(note: Note) -> None:
        trying.unless("phone", alive)()
        trying.unless("mail", other)()

    core = Core()
    trying = Trying(core.hears)
    trying.add("phone", writes)
    core.asks(trying, "phone")
    assert (alive.n, other.n) == (0, 1)
    trying.unless("phone", alive)()
    assert alive.n == 1


def test_what_a_queue_brings_later_is_known_by_who_is_said_to_have_written() -> None:
    notes: list[Note] = []

    async def writes(note: Note) -> None:
        notes.append(note)

    trying, _ = told(writes)
    [note] = notes
    assert trying.wrote("modem", note.number.encode())
    assert trying.wrote("box", f"{note.who}@example.org".encode())
    assert not trying.wrote("modem", b"+989121234567") and not trying.wrote("form", b"")


def test_it_writes_to_an_address_that_is_written_out_if_there_is_one() -> None:
    assert address_in({"*@example.org": "a", "post@example.org": "b"}) == "post@example.org"
    assert address_in({"*@example.org": "a"}) == "canary@example.org"


@pytest.mark.parametrize("kind", ["mail", "text"])
def test_it_uses_up_nobodys_turns_and_nobody_can_use_up_its_own(kind: Kind) -> None:
    limits = Limits({"way": 1})

    def comes(who: str) -> bool:
        arrival = Arrival("way", kind, b"x", ("news",), who.encode(), b"", network=b"here")
        return limits.enter(arrival, 1_800_000_000) is not None

    assert comes("someone") and not comes("someone")  # one, and no more within the hour
    assert all(comes(drawn(LINE).number) for _ in range(50))
    assert comes("another")


def test_nothing_of_it_is_shown() -> None:
    assert LINE not in repr(frames.TryWay(1, "mail", LINE))

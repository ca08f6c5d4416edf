"""What a person sees of the media of a message, and what of them they let go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from media_path_parts import FILM, PAPER, PHOTO, FakeCleaner
from spool_parts import NOW, HandClock

from relay.cli.media import lines_of
from relay.cli.queue import queue
from relay.config import parse
from relay.errors import Asked, SettingsError
from relay.exit.clean import clean, publishable
from relay.exit.progress import Progress, progressed, thaw
from relay.exit.record import Record, restore, store
from relay.model import HOUR, Change, Media, Message, NewRow, Queue, Row, Sent, State
from relay.node.hiding import Hiding
from relay.node.media_shown import PIECE
from relay.node.orders import Orders
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.keys import ExitKeys, make_exit_keys

KEYS = make_exit_keys()
ID = bytes(range(16))
KEEP_S = 7 * 86400


class Core:
    """``orders.Node``, as far as these orders go."""

    settings = SimpleNamespace(spool=SimpleNamespace(keep_originals=KEEP_S))
    policies: Mapping[str, Policy] = {"news": Policy()}

    def __init__(self) -> None:
        self.keys: ExitKeys | None = KEYS
        self.clock = HandClock()
        self.spool = MemorySpool(self.clock)
        self.overview = SimpleNamespace(
            why=lambda row: row.why, hiding=Hiding(self.spool, self.clock, {})
        )

    def nudge(self, name: str) -> None: ...

    async def orders(self, **what: object) -> list[dict[str, Any]]:
        orders = Orders(self)  # type: ignore[arg-type]
        return [dict(one) async for one in orders.answers({"id": ID.hex(), **what})]

    async def comes(self, *media: Media, text: str = "see", size: int = 40) -> Row:
        """A message that was cleaned, and is held for a person."""
        message = Message(text, media=media)
        record = Record(bytes(32), "mail", "mail", "news", message=message)
        body = store(record, KEYS.storage, ID)
        await self.spool.put([NewRow(Queue.CLEAN, State.WAITING, ID, NOW, name="news", body=body)])
        [row] = await self.spool.take(Queue.CLEAN, now=NOW, limit=1)
        change, then = await clean(row, FakeCleaner(size=size), KEYS)
        await self.spool.settle(row, change, then=then)
        [row] = await self.spool.take(Queue.REVIEW, now=NOW, limit=1)
        await self.spool.settle(row, Change(Queue.REVIEW, State.HELD, due=None))
        return row

    async def published(self) -> tuple[Media, ...]:
        return publishable(restore(await self.spool.body(1), KEYS.storage, ID))

    async def state(self) -> tuple[Queue, str]:
        [row] = await self.spool.look(after=0, limit=1)
        return row.queue, row.state


async def test_show_lists_what_is_clean_what_is_not_and_until_when_what_came_is_kept() -> None:
    core = Core()
    await core.comes(PHOTO, PAPER, FILM)
    [shown] = await core.orders(do="show")
    assert [(one["n"], one["type"], one["width"]) for one in shown["media"]] == [
        (1, "image/jpeg", 640),
        (2, "video/mp4", 640),
    ]
    assert [(one["bytes"], one["why"]) for one in shown["originals"]] == [
        (len(PHOTO.content), ""),
        (len(PAPER.content), "a document"),
        (len(FILM.content), ""),
    ]
    assert len(shown["originals"][0]["sha256"]) == 64
    assert (shown["originals_kept"], shown["originals_until"]) == (True, None)
    assert shown["originals_keep_s"] == HOUR + KEEP_S
    assert shown["deliveries"] == []
    await core.orders(do="release")
    [shown] = await core.orders(do="show")
    assert shown["originals_until"] == NOW + HOUR + KEEP_S
    await core.orders(do="drop", destroy=True)
    assert [row.state for row in await core.spool.originals(1)] == ["destroyed"]


@pytest.mark.parametrize(
    ("keep_s", "said"),
    [(0, "60 minutes"), (60, "61 minutes"), (3 * HOUR, "4 hours"), (KEEP_S, "7 days")],
)
def test_show_says_how_long_these_settings_keep_what_came(keep_s: int, said: str) -> None:
    original = {"type": "image/jpeg", "bytes": 3, "why": "", "sha256": "00"}
    kept = {"originals_kept": True, "originals_until": None, "originals_keep_s": keep_s + HOUR}
    line = list(lines_of({"media": [], "originals": [original], **kept}))[-1]
    told = f"until {said} after the hour in which it is decided about"
    assert line == f"kept     what came, sealed, {told}"


@pytest.mark.parametrize(("written", "good"), [("0s", 1), ("90d", 1), ("91d", 0), ("400d", 0)])
def test_what_came_is_kept_for_90_days_at_most(written: str, good: bool) -> None:
    table = {"spool": {"keep_originals": written}}
    with nullcontext() if good else pytest.raises(SettingsError, match="at most"):
        parse(table, Path("relay.toml"))


async def test_a_medium_is_given_out_in_pieces_that_a_line_can_carry() -> None:
    core = Core()
    await core.comes(PHOTO, size=2 * PIECE + 5)
    about, *pieces = await core.orders(do="media", n=None)
    assert (about["n"], about["type"], about["bytes"]) == (1, "image/jpeg", 2 * PIECE + 5)
    assert len(pieces) == 3


@pytest.mark.parametrize(
    ("media", "n", "why"),
    [
        ((PAPER,), None, "no medium that was made clean"),
        ((PHOTO, FILM), None, "say which"),
        ((PHOTO,), 2, "no such medium"),
    ],
)
async def test_what_is_not_there_is_refused(
    media: tuple[Media, ...], n: int | None, why: str
) -> None:
    core = Core()
    await core.comes(*media)
    with pytest.raises(Asked, match=why):
        await core.orders(do="media", n=n)


async def test_while_the_key_is_locked_no_medium_is_to_be_had() -> None:
    core = Core()
    await core.comes(PHOTO)
    core.keys = None
    with pytest.raises(Asked, match="locked"):
        await core.orders(do="media", n=1)


async def test_a_message_is_released_with_some_of_its_media() -> None:
    core = Core()
    await core.comes(PHOTO, PAPER, FILM)
    await core.orders(do="release", only=[2])
    assert [one.type for one in await core.published()] == ["video/mp4"]
    assert await core.state() == (Queue.DELIVER, State.WAITING)


async def test_a_message_is_released_as_text_alone() -> None:
    core = Core()
    await core.comes(PHOTO)
    await core.orders(do="release", only=[])
    assert await core.published() == ()
    assert await core.state() == (Queue.DELIVER, State.WAITING)


@pytest.mark.parametrize(
    ("text", "only", "why"),
    [("", [], "nothing would be left"), ("see", [2], "no such medium"), ("see", ["1"], "numbers")],
)
async def test_a_choice_that_cannot_be_made_changes_nothing(
    text: str, only: list[object], why: str
) -> None:
    core = Core()
    await core.comes(PHOTO, text=text)
    with pytest.raises(Asked, match=why):
        await core.orders(do="release", only=only)
    assert await core.state() == (Queue.REVIEW, State.HELD)
    assert len(await core.published()) == 1


async def delivery(core: Core, note: bytes = b"") -> None:
    row = await core.comes(PHOTO)
    [row] = await core.spool.look(queue=Queue.REVIEW)
    held = NewRow(Queue.POST, Sent.HELD, ID, NOW, name="box", due=None, note=note)
    assigned = Change(Queue.ASSIGNED, State.HELD, due=None)
    assert await core.spool.change(row, assigned, then=[held])


async def test_a_delivery_that_is_held_may_go_without_its_media() -> None:
    core = Core()
    await delivery(core, progressed(Progress(unfit=True), KEYS.storage, ID))
    [done] = await core.orders(do="release", only=[])
    assert done["changed"] == 1
    [row] = await core.spool.look(queue=Queue.POST)
    assert (row.state, thaw(row, KEYS.storage).bare) == (Sent.WAITING, True)


async def test_a_delivery_that_was_prepared_has_its_media_in_it() -> None:
    core = Core()
    await delivery(core, progressed(Progress(n=1), KEYS.storage, ID))
    with pytest.raises(Asked, match="prepared with its media"):
        await core.orders(do="release", only=[])


# ---------------------------------------------------------------- the command line


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is answered; and afterwards the order that was given."""
    answers: list[Any] = []

    def ask(path: Path, what: dict[str, object]) -> Iterator[Any]:
        given, answers[:] = list(answers), [what]
        return iter(given)

    monkeypatch.setattr("relay.cli.queue.asked", ask)
    monkeypatch.setattr("relay.cli.media.asked", ask)
    return answers


ABOUT = {"id": ID.hex(), "n": 1, "type": "image/jpeg", "bytes": 6}
IN_PIECES = [ABOUT, {"piece": "YWJj"}, {"piece": "ZGVm"}]


def test_a_medium_is_written_byte_for_byte(said: list[Any]) -> None:
    said[:] = IN_PIECES
    result = CliRunner().invoke(queue, ["media", "0001", "1"])
    assert (result.stdout_bytes, said) == (b"abcdef", [{"do": "media", "id": "0001", "n": 1}])
    said[:] = IN_PIECES
    result = CliRunner().invoke(queue, ["media", "0001", "--json"])
    assert json.loads(result.output) == {**ABOUT, "content": "YWJjZGVm"}


def test_a_terminal_is_not_written_to(said: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("relay.cli.media.sys", terminal)
    result = CliRunner().invoke(queue, ["media", "0001"])
    assert result.exit_code == 2
    assert "| feh -" in result.output and said == []


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["release", "0001"], {"do": "release", "id": "0001"}),
        (["release", "0001", "--without-media"], {"do": "release", "id": "0001", "only": []}),
        (["release", "0001", "--only", "1, 3"], {"do": "release", "id": "0001", "only": [1, 3]}),
    ],
)
def test_release_says_with_which_media(said: list[Any], words: list[str], order: Any) -> None:
    said[:] = [{"id": ID.hex(), "changed": 1}]
    assert CliRunner().invoke(queue, words).output == f"{ID.hex()[:12]}: released\n"
    assert said == [order]


@pytest.mark.parametrize(
    "more", [["--only", "one"], ["--only", ""], ["--only", "1", "--without-media"]]
)
def test_a_choice_without_sense_is_refused_before_anybody_is_asked(
    said: list[Any], more: list[str]
) -> None:
    assert CliRunner().invoke(queue, ["release", "0001", *more]).exit_code == 2
    assert said == []


def test_show_prints_media_and_what_came(said: list[Any]) -> None:
    said[:] = [
        {
            "id": ID.hex(), "state": "held", "queue": "review", "channel": "news", "why": "media",
            "deliveries": [], "read": True, "transport": "mail", "code": "", "marks": [],
            "sender": "", "answers": [], "replies": [], "title": "", "text": "see",
            "media": [{"n": 1, "type": "video/mp4", "bytes": 99, "width": 640, "height": 480,
                       "seconds": 7}],
            "originals": [{"type": "text/x", "bytes": 9, "sha256": "ab", "why": "a paper"}],
            "originals_kept": True, "originals_until": NOW,
        }
    ]  # fmt: skip
    output = CliRunner().invoke(queue, ["show", "0001"]).output
    assert "media    1: video/mp4, 99 bytes, 640 x 480, 7 s\n" in output
    assert "came     text/x, 9 bytes: not published: a paper; SHA-256 ab\n" in output
    assert "kept     what came, sealed, until 2025-06-15 10:00 UTC\n" in output

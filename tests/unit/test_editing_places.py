"""A correction on the page and on platforms that each do it their own way, by our own bridges."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from editing_parts import HIDDEN, NAMED, Desk
from stands import mastodon, telegram
from test_correct import OPEN
from test_join import KEYS

from bridges.feed import Feed
from bridges.mastodon import Mastodon
from bridges.telegram import Telegram
from relay.exit.withdraw import Withdrawal
from relay.model import Sent
from relay.reach.http import HttpOut
from relay.testing.stand import HTTP_FAULTS, Stand, trusting
from relay.wire.item import verify_document
from relay.wire.primitives import signing_public

OFTEN = ("cut after it was posted",)
SLOW = (
    "429 with seconds",
    "500 after it was posted",
    "cut before it was posted",
    "a page where JSON is due, and posted",
    "JSON of another shape, and posted",
)
FAULTS = (*OFTEN, *(pytest.param(one, marks=pytest.mark.slow) for one in SLOW))


class Places:
    """The page, a Mastodon account and a Telegram channel, and a desk before them."""

    def __init__(self, desk: Desk, folder: Path, masto: Stand, gram: Stand) -> None:
        self.desk = desk
        self._folder = folder
        self.masto: Any = masto.platform
        self.gram: Any = gram.platform

    @property
    def page(self) -> list[str]:
        document = (self._folder / "feed.json").read_bytes()
        verified = verify_document(document, signing_public(KEYS.page))
        assert verified.faults == ()
        return [item["content_text"] for item in json.loads(document)["items"]]

    @property
    def all_of_the_page(self) -> bytes:
        files = [path for path in self._folder.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files)

    @property
    def texts(self) -> list[list[str]]:
        return [self.page, list(self.masto.texts), list(self.gram.texts)]


@asynccontextmanager
async def places(tmp_path: Path) -> AsyncIterator[Places]:
    names = ("page", "masto", "gram")
    desk = Desk(policy=type(OPEN)(names, review="none", delay=(0, 0)))
    clock: Any = desk.clock
    async with AsyncExitStack() as stack:
        masto = await stack.enter_async_context(mastodon.stand(clock, _folder(tmp_path, "m")))
        gram = await stack.enter_async_context(telegram.blind(clock, _folder(tmp_path, "t")))
        outs = [
            await stack.enter_async_context(HttpOut(None, tls=trusting(one.authority)))
            for one in (masto, gram)
        ]
        folder = tmp_path / "public"
        desk.places = {
            "page": Feed(Feed.Settings(folder=str(folder)), None, clock),  # type: ignore[arg-type]
            "masto": Mastodon(Mastodon.Settings(**masto.settings), outs[0], clock),
            "gram": Telegram(Telegram.Settings(**gram.settings), outs[1], clock),
        }
        for bridge in desk.places.values():
            assert not (await bridge.check()).trouble
        yield Places(desk, folder, masto, gram)


def _folder(above: Path, name: str) -> Path:
    folder = above / name
    folder.mkdir()
    return folder


async def test_a_correction_reaches_the_page_and_two_platforms_in_place(tmp_path: Path) -> None:
    async with places(tmp_path) as there:
        row = await there.desk.public()
        assert there.texts == [[NAMED]] * 3
        await there.desk.corrects(row)
        assert there.texts == [[HIDDEN]] * 3
        said = await there.desk.said(row)
        assert said == {name: ["edited", "edited"] for name in ("page", "masto", "gram")}


async def test_one_that_hides_leaves_the_earlier_words_nowhere(tmp_path: Path) -> None:
    async with places(tmp_path) as there:
        row = await there.desk.public()
        await there.desk.corrects(row, hides=True)
        assert there.texts == [[HIDDEN]] * 3
        said = await there.desk.said(row)
        assert said == {
            "page": ["edited", "edited"],
            "masto": ["replaced", "anew"],
            "gram": ["edited", "edited"],
        }
        assert b"Ali" not in there.all_of_the_page
        signed = [path.read_bytes() for path in (tmp_path / "public" / "items").glob("*.json")]
        assert signed and all(b"Ali" not in one for one in signed)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("on", ["DELETE /api/v1/statuses/*", "POST /api/v1/statuses"])
async def test_however_mastodon_fails_there_are_never_two_of_it(
    tmp_path: Path, fault: str, on: str
) -> None:
    async with places(tmp_path) as there:
        row = await there.desk.public()
        there.masto.script(HTTP_FAULTS[fault](), on=on)
        await there.desk.corrects(row, hides=True, within_s=3600)
        assert list(there.masto.texts) == [HIDDEN]
        assert (await there.desk.rows("masto"))[-1].state == Sent.POSTED


async def test_what_is_withdrawn_after_that_is_gone_everywhere(tmp_path: Path) -> None:
    async with places(tmp_path) as there:
        row = await there.desk.public()
        await there.desk.corrects(row, hides=True)

        async def remove(name: str, ref: str) -> Any:
            return await there.desk.places[name].remove(ref)

        async def find(name: str, attempt: Any) -> Any:
            return await there.desk.places[name].find(attempt)

        withdrawal = Withdrawal(there.desk.spool, KEYS, remove, find)
        taken = [one async for one in withdrawal.of(row.seq)]
        assert there.texts == [[], [], []]
        assert {one.destination: one.gone for one in taken} == dict.fromkeys(
            ("page", "masto", "gram"), True
        )

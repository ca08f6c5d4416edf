"""The suite that tells a bridge's author when it is right. Needs pytest and trio, nothing else.

Write a test class that inherits ``BridgeContract`` and gives it a ``stage``: a bridge, set up
against a stand-in for its platform, and a way to count what the public sees there. All else is
inherited::

    class TestFolder(BridgeContract):
        bridge_class = Folder

        @asynccontextmanager
        async def stage(self):
            with TemporaryDirectory() as folder:
                bridge = Folder(Folder.Settings(folder=folder), http, clock)
                yield Stage(bridge, public=lambda: len(os.listdir(folder)), cut_off=...)
"""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import unicodedata
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, get_args

import pydantic
import pytest
import trio

from relay.model import (
    Absent,
    Attempt,
    Found,
    Health,
    Later,
    Outcome,
    Part,
    Post,
    Posted,
    Refused,
    Removed,
    Said,
    Unknown,
)
from relay.ports import Bridge

DATE = 1_795_000_000 // 3600 * 3600
"""18 November 2026, 11:00 UTC: the hour that every post here shows."""

TEXTS = {
    "plain": "The lights are out again, and people call from the roofs.",
    "persian": "سلام، ما حالمان خوب است.\n\nمی‌خواهیم بدانند که اینجاییم. https://example.org/fa",
    "markup": "<img src=x onerror=alert(1)> \"><script>alert(1)</script> {{7*7}} & ]]> 'x'",
    "direction": "look \u202egnp.exe\u202c here",
    "emoji": "👩‍👩‍👧‍👦 🇮🇷 é",
    "long": "All of it. " * 2000,
    "one letter": "x",
}


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still."""

    at: int = DATE + 600

    def now(self) -> int:
        """Wall time."""
        return self.at


def a_post(text: str = TEXTS["plain"], *, title: str = "", language: str = "en") -> Post:
    """A post as the core hands it over, its item included (signed with nothing: 64 fixed bytes).

    Equal arguments give equal posts.
    """
    secret = hashlib.sha256(json.dumps([text, title, language]).encode()).digest()
    shown = {
        "v": 1,
        "id": uuid.UUID(bytes=secret[:16], version=4).urn,
        "date": "2026-11-18T11:00:00Z",
        "title": title or text.split("\n")[0][:80],
        "titled": bool(title),
        "text": text,
        "language": language,
    }
    item = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return Post(secret, text, title, language, DATE, item, b"\x07" * 64)


def again(post: Post, text: str, revision: int = 2) -> Post:
    """The same post with another text, as the core hands it over for an edit: its secret, the id
    and the date of its item stay, and the item says its revision and since when it says this."""
    shown = json.loads(post.item)
    shown |= {"text": text, "title": text[:80], "revision": revision, "updated": shown["date"]}
    item = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return replace(post, text=text, title="", item=item)


_WRITTEN = (
    (re.compile(r"(?<![\w.])(1[5-9]\d{8})(?:\d{3})?(?![\w.])"), "%s"),
    (re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)"), "%Y-%m-%dT%H:%M:%S"),
    (re.compile(r"(\d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d)"), "%d %b %Y %H:%M:%S"),
)
"""How programs write an instant: seconds or milliseconds since 1970, RFC 3339, RFC 5322."""


def times_in(content: bytes) -> list[int]:
    """Every instant that stands in some bytes in the writing of programs, in whole seconds."""
    text, found = content.decode("utf-8", "replace"), []
    for writing, form in _WRITTEN:
        for written in writing.findall(text):
            if form == "%s":
                found.append(int(written))
                continue
            read = datetime.strptime(written.replace(" ", "T") if "T%H" in form else written, form)
            found.append(int(read.replace(tzinfo=UTC).timestamp()))
    return found


@dataclass(frozen=True, slots=True)
class Stage:
    """A bridge before its stand-in. ``public`` counts the parts that people can see there;
    ``cut_off`` makes the platform unreachable (None: that cannot be acted out)."""

    bridge: Bridge
    public: Callable[[], int]
    cut_off: Callable[[], None] | None = None


class BridgeContract:
    """What every bridge keeps. Set ``bridge_class`` and ``stage``."""

    bridge_class: Any

    def stage(self) -> AbstractAsyncContextManager[Stage]:
        """A fresh bridge before a fresh, empty stand-in."""
        raise NotImplementedError

    # -------------------------------------------------------- its class

    def test_it_says_which_interface_it_was_written_for(self) -> None:
        assert self.bridge_class.api == 1

    def test_its_class_can_be_asked_for_hosts_where_it_names_them(self) -> None:
        said = inspect.getattr_static(self.bridge_class, "hosts", None)
        assert said is None or isinstance(said, staticmethod | classmethod)

    def test_settings_it_does_not_know_are_refused(self) -> None:
        with pytest.raises(pydantic.ValidationError) as caught:
            self.bridge_class.Settings.model_validate({"no_such_setting": 1})
        assert ("no_such_setting",) in {wrong["loc"] for wrong in caught.value.errors()}

    def test_it_says_what_repeating_does_and_how_many_sends_it_bears(self) -> None:
        async def run(stage: Stage) -> None:
            assert stage.bridge.once.means in ("exact", "lookup", "none")
            assert 1 <= stage.bridge.at_once <= 50

        self._on_stage(run)

    # -------------------------------------------------------- prepare

    def test_prepare_freezes_numbered_parts_and_publishes_nothing(self) -> None:
        async def run(stage: Stage) -> None:
            parts = await stage.bridge.prepare(a_post())
            assert [part.index for part in parts] == list(range(len(parts)))
            assert parts and {part.of for part in parts} == {len(parts)}
            assert all(type(part) is Part and type(part.payload) is bytes for part in parts)
            assert stage.public() == 0

        self._on_stage(run)

    def test_preparing_a_post_again_gives_the_same_bytes(self) -> None:
        async def run(stage: Stage) -> None:
            first = await stage.bridge.prepare(a_post(TEXTS["persian"], title="عنوان"))
            again = await stage.bridge.prepare(a_post(TEXTS["persian"], title="عنوان"))
            assert [*first] == [*again]

        self._on_stage(run)

    def test_no_two_parts_share_a_key_and_no_key_tells_the_secret(self) -> None:
        async def run(stage: Stage) -> None:
            posts = [a_post(text) for text in TEXTS.values()]
            parts = [part for post in posts for part in await stage.bridge.prepare(post)]
            assert len({part.key for part in parts}) == len(parts)
            for post in posts:
                for part in await stage.bridge.prepare(post):
                    assert post.secret.hex() not in part.key
                    assert post.secret not in part.payload
                    assert post.secret.hex().encode() not in part.payload

        self._on_stage(run)

    def test_what_it_prepares_shows_the_hour_and_no_finer_time(self) -> None:
        async def run(stage: Stage) -> None:
            for part in await stage.bridge.prepare(a_post()):
                assert [at for at in times_in(part.payload) if at % 3600] == []

        self._on_stage(run)

    # -------------------------------------------------------- says, where it has it

    def test_what_it_says_of_its_parts_are_the_words_of_the_post_counted(self) -> None:
        async def run(stage: Stage) -> None:
            says = getattr(stage.bridge, "says", None)
            if says is None:
                return
            for text in (*TEXTS.values(), f"1 & 2 *so* {TEXTS['plain']}"):
                post = a_post(text)
                told = [says(part) for part in await stage.bridge.prepare(post)]
                assert all(isinstance(one, Said) for one in told)
                for one in told:
                    assert one.refuse or (one.text and one.count > 0)
                    assert one.refuse or not one.most or one.count <= one.most
                    assert post.secret.hex() not in one.text
            refused = any(one.refuse for one in told)
            assert refused or _seen(text) in _seen(" ".join(one.text for one in told))
            assert stage.public() == 0

        self._on_stage(run)

    # -------------------------------------------------------- send

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
    def test_every_text_is_posted_once_or_refused_in_whole(self, text: str) -> None:
        async def run(stage: Stage) -> None:
            parts = await stage.bridge.prepare(a_post(text))
            ended = await _send_all(stage.bridge, parts)
            assert all(isinstance(outcome, get_args(Outcome)) for outcome in ended)
            posted = [outcome for outcome in ended if isinstance(outcome, Posted)]
            assert stage.public() == len(posted)
            assert all(outcome.ref for outcome in posted)

        self._on_stage(run)

    def test_a_plain_post_is_posted(self) -> None:
        async def run(stage: Stage) -> None:
            parts = await stage.bridge.prepare(a_post())
            ended = await _send_all(stage.bridge, parts)
            assert [type(outcome) for outcome in ended] == [Posted] * len(parts)

        self._on_stage(run)

    def test_two_posts_are_two(self) -> None:
        async def run(stage: Stage) -> None:
            for text in ("one", "two"):
                await _send_all(stage.bridge, await stage.bridge.prepare(a_post(text)))
            assert stage.public() == 2

        self._on_stage(run)

    def test_as_many_sends_at_once_as_it_bears_lose_and_double_nothing(self) -> None:
        async def run(stage: Stage) -> None:
            async def one(number: int) -> None:
                [part] = await stage.bridge.prepare(a_post(f"number {number}"))
                assert isinstance(await _send(stage.bridge, part), Posted)

            async with trio.open_nursery() as nursery:
                for number in range(stage.bridge.at_once):
                    nursery.start_soon(one, number)
            assert stage.public() == stage.bridge.at_once

        self._on_stage(run)

    def test_where_repeating_is_exact_the_same_part_twice_is_one_post(self) -> None:
        async def run(stage: Stage) -> None:
            if stage.bridge.once.means != "exact":
                return
            [part] = await stage.bridge.prepare(a_post())
            first = await _send(stage.bridge, part)
            again = await _send(stage.bridge, part, n=2)
            assert isinstance(first, Posted) and isinstance(again, Posted)
            assert stage.public() == 1

        self._on_stage(run)

    @pytest.mark.parametrize("steps", [0, 1, 2, 4, 8, 16, 64])
    def test_a_send_that_is_cancelled_leaves_a_whole_post_or_none(self, steps: int) -> None:
        async def run(stage: Stage) -> None:
            [part] = await stage.bridge.prepare(a_post())
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_send, stage.bridge, part)
                for _ in range(steps):
                    await trio.lowlevel.checkpoint()
                nursery.cancel_scope.cancel()
            assert stage.public() in (0, 1)
            if stage.bridge.once.means == "exact":
                assert isinstance(await _send(stage.bridge, part, n=2), Posted)
                assert stage.public() == 1

        self._on_stage(run)

    def test_a_platform_that_cannot_be_reached_is_no_post_and_no_exception(self) -> None:
        async def run(stage: Stage) -> None:
            if stage.cut_off is None:
                return
            [part] = await stage.bridge.prepare(a_post())
            stage.cut_off()
            for _ in range(3):
                await trio.lowlevel.checkpoint()
            outcome = await _send(stage.bridge, part)
            assert isinstance(outcome, get_args(Outcome)) and not isinstance(outcome, Posted)
            assert isinstance(await stage.bridge.find(Attempt(part, 1, DATE)), Unknown)
            assert isinstance(await stage.bridge.check(), Health)

        self._on_stage(run)

    # -------------------------------------------------------- find and check

    def test_find_before_a_send_finds_nothing_and_does_nothing(self) -> None:
        async def run(stage: Stage) -> None:
            [part] = await stage.bridge.prepare(a_post())
            assert isinstance(await stage.bridge.find(Attempt(part, 1, DATE)), Absent | Unknown)
            assert stage.public() == 0

        self._on_stage(run)

    def test_find_after_a_send_never_denies_it(self) -> None:
        async def run(stage: Stage) -> None:
            [part] = await stage.bridge.prepare(a_post())
            posted = await _send(stage.bridge, part)
            found = await stage.bridge.find(Attempt(part, 1, DATE))
            assert isinstance(posted, Posted) and isinstance(found, Found | Unknown)
            if isinstance(found, Found):
                assert found.ref == posted.ref
            else:
                assert stage.bridge.once.means != "lookup"
            assert stage.public() == 1

        self._on_stage(run)

    def test_a_look_for_what_another_node_has_posted_never_denies_it(self) -> None:
        """With ``n`` 0: nothing was kept, and that tells nothing."""

        async def run(stage: Stage) -> None:
            [part] = await stage.bridge.prepare(a_post())
            assert isinstance(await stage.bridge.find(Attempt(part, 0, DATE)), Absent | Unknown)
            posted = await _send(stage.bridge, part)
            found = await stage.bridge.find(Attempt(part, 0, DATE))
            assert isinstance(posted, Posted) and isinstance(found, Found | Unknown)
            if isinstance(found, Found):
                assert found.ref == posted.ref
            assert stage.public() == 1

        self._on_stage(run)

    def test_check_names_the_same_account_each_time_and_posts_nothing(self) -> None:
        async def run(stage: Stage) -> None:
            first, again = await stage.bridge.check(), await stage.bridge.check()
            assert first.account and first.account == again.account
            assert not first.trouble
            assert stage.public() == 0

        self._on_stage(run)

    # -------------------------------------------------------- remove and edit, where it has them

    def test_what_was_removed_is_gone_and_to_remove_it_again_is_no_fault(self) -> None:
        async def run(stage: Stage) -> None:
            remove = getattr(stage.bridge, "remove", None)
            if remove is None:
                return
            [part] = await stage.bridge.prepare(a_post())
            [other] = await stage.bridge.prepare(a_post("another"))
            posted, stays = await _send(stage.bridge, part), await _send(stage.bridge, other)
            assert isinstance(posted, Posted) and isinstance(stays, Posted)
            for _ in range(2):
                assert isinstance(await remove(posted.ref), Removed)
                assert stage.public() == 1
            assert isinstance(await stage.bridge.find(Attempt(part, 1, DATE)), Absent | Unknown)

        self._on_stage(run)

    @pytest.mark.parametrize("ref", ["", "no-such-ref", "../../x", "1?x=1", "\0", "é" * 5000])
    def test_a_ref_that_is_none_of_its_own_is_removed_or_refused(self, ref: str) -> None:
        async def run(stage: Stage) -> None:
            [part] = await stage.bridge.prepare(a_post())
            assert isinstance(await _send(stage.bridge, part), Posted)
            if remove := getattr(stage.bridge, "remove", None):
                assert isinstance(await remove(ref), Removed | Refused)
            if edit := getattr(stage.bridge, "edit", None):
                assert isinstance(await edit(ref, again(a_post(), "changed")), Refused)
            assert stage.public() == 1

        self._on_stage(run)

    def test_an_edit_changes_what_stands_there_however_often_it_is_made(self) -> None:
        async def run(stage: Stage) -> None:
            edit = getattr(stage.bridge, "edit", None)
            if edit is None:
                return
            assert type(getattr(stage.bridge, "shows_edits", True)) is bool
            [part] = await stage.bridge.prepare(a_post())
            posted = await _send(stage.bridge, part)
            assert isinstance(posted, Posted)
            for _ in range(2):
                changed = await edit(posted.ref, again(a_post(), "changed"))
                assert isinstance(changed, Posted) and changed.ref == posted.ref
                assert stage.public() == 1
            long = again(a_post(), "word " * 4000, 3)
            assert isinstance(await edit(posted.ref, long), Posted | Refused)
            assert stage.public() == 1

        self._on_stage(run)

    def test_what_cannot_be_reached_is_neither_removed_nor_changed(self) -> None:
        async def run(stage: Stage) -> None:
            remove, edit = (getattr(stage.bridge, name, None) for name in ("remove", "edit"))
            if stage.cut_off is None or not (remove or edit):
                return
            [part] = await stage.bridge.prepare(a_post())
            posted = await _send(stage.bridge, part)
            assert isinstance(posted, Posted)
            stage.cut_off()
            if remove:
                assert isinstance(await remove(posted.ref), Later)
            if edit:
                assert isinstance(await edit(posted.ref, again(a_post(), "changed")), Later)

        self._on_stage(run)

    def _on_stage(self, run: Callable[[Stage], Awaitable[None]]) -> None:
        async def staged() -> None:
            with trio.fail_after(20):
                async with self.stage() as stage:
                    await run(stage)

        trio.run(staged)


def _seen(text: str) -> str:
    """A text without the signs that nobody sees, with white space as one blank."""
    visible = (sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join("".join(visible).split())


async def _send(bridge: Bridge, part: Part, n: int = 1, after: str | None = None) -> Outcome:
    kept = b""

    async def keep(what: bytes) -> None:
        nonlocal kept
        assert len(what) <= 4096
        kept = what

    return await bridge.send(Attempt(part, n, DATE, after, kept), keep)


async def _send_all(bridge: Bridge, parts: Sequence[Part]) -> list[Outcome]:
    ended: list[Outcome] = []
    after: str | None = None
    for part in parts:
        outcome = await _send(bridge, part, after=after)
        ended.append(outcome)
        if not isinstance(outcome, Posted):
            break
        after = outcome.ref
    return ended

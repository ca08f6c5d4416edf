"""The contract itself: a bridge that breaks a promise is told so."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager

import pydantic
import pytest
import trio

from bridges.kit import part_key
from relay.model import (
    Absent,
    Attempt,
    Found,
    Health,
    Later,
    Once,
    Part,
    Posted,
    Refused,
    Removed,
)
from relay.testing.bridge_contract import TEXTS, BridgeContract, Stage


class Good:
    """Keeps every promise, on a platform that is a list."""

    api = 1

    class Settings(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="forbid")

    once = Once("exact")
    at_once = 2

    def __init__(self):
        self.public = {}

    async def prepare(self, post):
        return [Part(part_key(post.secret, 0), 0, 1, post.text.encode())]

    async def send(self, attempt, keep):
        await trio.lowlevel.checkpoint()
        self.public[attempt.part.key] = 1
        return Posted(attempt.part.key)

    async def find(self, attempt):
        key = attempt.part.key
        return Found(key) if key in self.public else Absent(True)

    async def check(self):
        return Health("list")


class PreparesAnew(Good):
    async def prepare(self, post):
        return [Part(secrets.token_hex(16), 0, 1, secrets.token_bytes(8))]


class PublishesTooSoon(Good):
    async def prepare(self, post):
        self.public["soon"] = 1
        return await super().prepare(post)


class PostsTwice(Good):
    async def send(self, attempt, keep):
        self.public[secrets.token_hex(4)] = 1
        return Posted(attempt.part.key)


class TellsTheSecret(Good):
    async def prepare(self, post):
        return [Part(post.secret.hex(), 0, 1, post.secret)]


class LeavesHalf(Good):
    async def send(self, attempt: Attempt, keep):
        for half in ("a", "b"):
            self.public[attempt.part.key + half] = 0.5
            await trio.lowlevel.checkpoint()
        return Posted(attempt.part.key)


class DeniesWhatItPosted(Good):
    async def find(self, attempt):
        return Absent(True)


class PostsAndSaysLater(Good):
    async def send(self, attempt, keep):
        await super().send(attempt, keep)
        return Later("perhaps")


class RenamesItsAccount(Good):
    async def check(self):
        return Health(secrets.token_hex(4))


class TakesAnySetting(Good):
    class Settings(pydantic.BaseModel):
        pass


class TakesBack(Good):
    """Good, on a platform where a post can be taken back and changed."""

    async def remove(self, ref):
        if len(ref) != 32:
            return Refused("no ref of ours")
        self.public.pop(ref, None)
        return Removed()

    async def edit(self, ref, post):
        return Posted(ref) if ref in self.public else Refused("it is gone")


class RemovesTheRest(TakesBack):
    async def remove(self, ref):
        self.public.clear()
        return Removed()


class RefusesToRemoveAgain(TakesBack):
    async def remove(self, ref):
        return Removed() if self.public.pop(ref, None) else Refused("it is gone")


class EditsByPosting(TakesBack):
    async def edit(self, ref, post):
        self.public[secrets.token_hex(16)] = 1
        return Posted(ref)


class EditsWhatIsNotThere(TakesBack):
    async def edit(self, ref, post):
        return Posted(ref)


def suite(bridge_class):
    class Suite(BridgeContract):
        @asynccontextmanager
        async def stage(self):
            bridge = bridge_class()
            yield Stage(bridge, public=lambda: sum(bridge.public.values()))

    made = Suite()
    made.bridge_class = bridge_class
    return made


def broken(made):
    """Names of the tests of a suite that fail."""
    failed = set()
    for name in dir(made):
        if not name.startswith("test_"):
            continue
        test = getattr(made, name)
        given = {"steps": range(4), "text": TEXTS.values(), "ref": ["", "../../x"]}
        wanted = [key for key in given if key in test.__code__.co_varnames[1:2]]
        for value in given[wanted[0]] if wanted else [None]:
            try:
                test(*([value] if wanted else []))
            except (Exception, pytest.fail.Exception):  # whatever way it fails, it failed
                failed.add(name)
    return failed


@pytest.mark.parametrize("bridge", [Good, TakesBack])
def test_a_bridge_that_keeps_every_promise_is_green(bridge):
    assert broken(suite(bridge)) == set()


@pytest.mark.parametrize(
    ("bridge", "test"),
    [
        (PreparesAnew, "test_preparing_a_post_again_gives_the_same_bytes"),
        (PublishesTooSoon, "test_prepare_freezes_numbered_parts_and_publishes_nothing"),
        (PostsTwice, "test_where_repeating_is_exact_the_same_part_twice_is_one_post"),
        (TellsTheSecret, "test_no_two_parts_share_a_key_and_no_key_tells_the_secret"),
        (LeavesHalf, "test_a_send_that_is_cancelled_leaves_a_whole_post_or_none"),
        (DeniesWhatItPosted, "test_find_after_a_send_never_denies_it"),
        (PostsAndSaysLater, "test_every_text_is_posted_once_or_refused_in_whole"),
        (RenamesItsAccount, "test_check_names_the_same_account_each_time_and_posts_nothing"),
        (TakesAnySetting, "test_settings_it_does_not_know_are_refused"),
        (RemovesTheRest, "test_what_was_removed_is_gone_and_to_remove_it_again_is_no_fault"),
        (RefusesToRemoveAgain, "test_what_was_removed_is_gone_and_to_remove_it_again_is_no_fault"),
        (RemovesTheRest, "test_a_ref_that_is_none_of_its_own_is_removed_or_refused"),
        (EditsWhatIsNotThere, "test_a_ref_that_is_none_of_its_own_is_removed_or_refused"),
        (EditsByPosting, "test_an_edit_changes_what_stands_there_however_often_it_is_made"),
    ],
)
def test_a_bridge_that_breaks_one_is_told_which(bridge, test):
    assert test in broken(suite(bridge))

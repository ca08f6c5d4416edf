"""A stand-in in a thread of its own: asked, changed, ended, and its failures heard of."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager

import pytest

from relay.testing.aside import aside
from relay.testing.recorder import maintenance, recorder
from relay.testing.senders import request


def test_it_serves_and_can_be_asked_and_changed() -> None:
    with aside(recorder) as hook:
        url = hook.ask(lambda one: one.url)
        assert request("POST", url, b"a")[0] == 200
        hook.ask(lambda one: setattr(one, "closed", maintenance("5")))
        assert request("POST", url, b"b")[0] == 503
        assert hook.ask(lambda one: [post.body for post in one.made]) == [b"a"]
    with pytest.raises(OSError):
        request("POST", url, b"c")


def test_what_a_question_raises_is_raised_where_it_was_asked() -> None:
    with aside(recorder) as hook:
        with pytest.raises(ZeroDivisionError):
            hook.ask(lambda one: 1 // len(one.made))
        assert hook.ask(lambda one: len(one.made)) == 0


def test_what_cannot_be_made_is_raised_and_no_thread_stays() -> None:
    @asynccontextmanager
    async def broken():
        raise LookupError("no port")
        yield

    before = threading.active_count()
    with pytest.raises(LookupError, match="no port"), aside(broken):
        raise AssertionError("it was made")
    assert threading.active_count() == before


def test_an_error_in_the_block_ends_the_stand_in_too() -> None:
    before = threading.active_count()
    with pytest.raises(KeyError), aside(recorder):
        raise KeyError
    assert threading.active_count() == before

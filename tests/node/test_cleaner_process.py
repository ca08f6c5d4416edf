"""The cleaner process: what needs too much of it is set aside, and a fresh one takes its place."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from media_parts import MARK, film, jpeg

from relay.model import Fits, Media, Unclean
from relay.node import cleaner
from relay.node.child import Pulse
from relay.node.pipes import PipeEnded, PlainPipe, pair
from relay.wire.frames import Clean, Fit, WasCleaned

PHOTO = Media("image/jpeg", jpeg())
HOSTILE = Media("image/jpeg", jpeg() + b"hostile")


@contextmanager
def cleaning(behave: Callable[[], object]) -> Iterator[tuple[PlainPipe, int, int]]:
    """A cleaner process that behaves so for HOSTILE; the core's end, its pid, its pulse."""
    ours, theirs = pair()
    beat, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        ours.close()
        real = cleaner.clean

        def clean(medium: Media) -> object:
            return behave() if medium.content == HOSTILE.content else real(medium)

        cleaner.clean = clean  # type: ignore[assignment]
        status = 70
        try:
            status = cleaner.main(theirs, Pulse(write))
        finally:
            os._exit(status)
    theirs.close()
    os.close(write)
    try:
        yield PlainPipe(ours, (WasCleaned,)), pid, beat
    finally:
        ours.close()
        with suppress(ChildProcessError, ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(beat)


def nothing() -> object:
    return None


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_medium_after_medium_is_made_anew_and_made_to_fit() -> None:
    with cleaning(nothing) as (pipe, _, _):
        for medium in (PHOTO, Media("video/quicktime", film()), PHOTO):
            pipe.send(Clean(medium))
            made = pipe.receive().made
            assert isinstance(made, Media) and MARK.encode() not in made.content
        pipe.send(Fit(made, Fits(image_side=20)))
        assert max((small := pipe.receive().made).width, small.height) <= 20


def spin() -> object:
    while True:
        pass


def test_what_takes_too_long_ends_only_its_cleaner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "PICTURE_CPU_S", 0)
    with cleaning(spin) as (pipe, pid, _):
        with suppress(PipeEnded):
            pipe.send(Clean(HOSTILE))
        assert pipe.receive() is None
        assert ended(pid) == -signal.SIGXCPU


def test_what_takes_too_much_memory_is_told() -> None:
    with cleaning(lambda: bytes(2 * cleaner.MEMORY_BYTES)) as (pipe, _, _):
        pipe.send(Clean(HOSTILE))
        assert pipe.receive().made == Unclean("too much memory to clean")


def test_after_what_could_not_be_made_it_ends() -> None:
    with cleaning(lambda: Unclean("damaged")) as (pipe, pid, _):
        pipe.send(Clean(HOSTILE))
        assert pipe.receive().made == Unclean("damaged")
        assert ended(pid) == 0


def test_after_what_it_did_not_open_it_goes_on() -> None:
    with cleaning(nothing) as (pipe, _, _):
        pipe.send(Clean(Media("application/pdf", b"%PDF-1.7")))
        assert isinstance(pipe.receive().made, Unclean)
        pipe.send(Clean(PHOTO))
        assert isinstance(pipe.receive().made, Media)


def test_after_so_many_it_ends_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "MOST", 2)
    with cleaning(nothing) as (pipe, pid, _):
        for _ in range(2):
            pipe.send(Clean(PHOTO))
            assert isinstance(pipe.receive().made, Media)
        assert ended(pid) == 0


def test_it_is_heard_of_while_it_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "BEAT_S", 0.01)
    with cleaning(lambda: select.select([], [], [], 5)) as (pipe, _, beat):
        pipe.send(Clean(HOSTILE))
        for _ in range(5):
            os.read(beat, 1)  # it comes from a thread: what works is inside a library

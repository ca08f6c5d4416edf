"""Whatever an enemy sends as a medium: something comes back, in bounded time and memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cleaning_apart import Apart
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media_bombs import BOMBS, LARGEST, NOISE
from media_parts import PICTURES, film, gif, heic, mpo, picture, sound

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    with Apart() as one:
        yield one


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_little(apart: Apart, bomb: str) -> None:
    cost = apart.clean(BOMBS[bomb]())
    assert cost.end in ("media", "unclean"), cost
    assert cost.cpu_s < 5 and cost.memory < 250 * MEGABYTE, cost


@pytest.mark.parametrize("start", NOISE)
def test_noise_is_no_medium(apart: Apart, start: str) -> None:
    cost = apart.clean(NOISE[start]())
    assert cost.end in ("media", "unclean"), cost
    assert cost.cpu_s < 5 and cost.memory < 250 * MEGABYTE, cost


@pytest.mark.slow
@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_picture_that_is_opened_stays_in_its_bounds(apart: Apart, kind: str) -> None:
    cost = apart.clean(LARGEST[kind]())
    assert cost.end == "media", cost
    assert cost.cpu_s < 15 and cost.memory < 800 * MEGABYTE, cost


VALID = {
    **{name: make(1) for name, make in PICTURES.items()},
    "gif": gif(),
    "mpo": mpo(),
    "heic of tiles": heic(6, picture(160, 128), tile=64),
    "moving gif": gif(pictures=2),
    "mp4": film("mp4"),
    "webm": film("webm", codec="libvpx", sound="libopus"),
    "mkv": film("matroska", codec="mjpeg", pixels="yuvj420p", sound="flac"),
    "avi": film("avi", codec="mpeg4", sound="libmp3lame"),
    "hevc": film("mp4", codec="libx265", sound="", extras=False),
    "mp3": sound(),
    "ogg": sound("ogg", "libopus"),
    "wav": sound("wav", "pcm_s16le", seconds=0.1),
    "flac": sound("flac", "flac"),
    "aac": sound("adts", "aac"),
    "amr": sound("amr", "libopencore_amrnb"),
}


@pytest.mark.parametrize("kind", VALID)
def test_nothing_is_opened_once_the_libraries_are_prepared(apart: Apart, kind: str) -> None:
    """The process can open no file, no socket and no pipe: nothing is missing."""
    assert apart.clean(VALID[kind]).end == "media"


changes = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "drop", "twice", "full"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=6,
)


def changed(content: bytes, how: list[tuple[str, float, bytes]]) -> bytes:
    """Some bytes of it others, or gone, or there twice; early ones more often, as headers are."""
    for what, where, said in how:
        at = int(len(content) * where * where)
        before, behind = content[:at], content[at:]
        if what == "flip":
            content = before + said + behind[len(said) :]
        elif what == "cut":
            content = before or said
        elif what == "drop":
            content = before + behind[len(said) :]
        elif what == "twice":
            content = before + behind[:200] + behind
        else:
            content = before + b"\xff" * len(said) + behind[len(said) :]
    return content


@given(st.sampled_from(sorted(VALID)), changes)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_changed_in_a_medium_something_comes_back(
    apart: Apart, kind: str, how: list[tuple[str, float, bytes]]
) -> None:
    cost = apart.clean(changed(VALID[kind], how))
    assert cost.end in ("media", "unclean"), cost


@given(
    st.sampled_from(["image/jpeg", "video/mp4", "audio/mp4"]),
    st.sampled_from(sorted(VALID)),
    changes,
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_to_be_fitted_something_comes_back(
    apart: Apart, said: str, kind: str, how: list[tuple[str, float, bytes]]
) -> None:
    cost = apart.fit(changed(VALID[kind], how), said)
    assert cost.end in ("media", "unclean"), cost

"""A reader that may open nothing reads as it did before, whatever a mail makes Python look for; a
cleaner makes anew what people send."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from media_films import film, sound
from media_pictures import PICTURES, gif, jpeg, picture
from reading_apart import Apart

HERE = Path(__file__).resolve().parent.parent


def test_a_confined_reader_reads_every_charset_as_any_other_and_opens_nothing() -> None:
    paths = os.pathsep.join([str(HERE.parent), str(HERE / "parts")])
    run = subprocess.run(
        [sys.executable, str(HERE / "parts" / "reading_confined.py")],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=True,
    )
    found = json.loads(run.stdout)
    assert found["read"] > 600
    assert found["other"] == [] and found["opened"] == []


SENT = {
    **{f"a picture, {form}": made for form, made in PICTURES.items()},
    "a GIF": gif,
    "a picture in black and white for a printer": lambda: jpeg(image=picture().convert("CMYK")),
    "a film of HEVC with ten bits": partial(film, "mp4", codec="libx265", pixels="yuv420p10le"),
    "a film of VP9": partial(film, "webm", codec="libvpx-vp9", sound="libopus"),
    "an old film": partial(film, "avi", codec="mpeg4", sound="libmp3lame"),
    "a voice note": partial(sound, "ogg", "libopus"),
    "an old voice note": partial(sound, "amr", "libopencore_amrnb"),
    "a song with its cover": partial(sound, "mp3", cover=True),
}


@pytest.fixture(scope="module")
def cleaner() -> Iterator[Apart]:
    with Apart("cleaner") as started:
        yield started


@pytest.mark.parametrize("name", SENT)
def test_a_confined_cleaner_makes_anew_what_people_send(cleaner: Apart, name: str) -> None:
    assert cleaner.costs(SENT[name](), "media").end == "media"

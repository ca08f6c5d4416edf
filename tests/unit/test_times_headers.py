"""What the page is served with tells the hour of its release, and nothing of its files."""

from __future__ import annotations

import os
from email.utils import parsedate_to_datetime
from pathlib import Path

from relay.transports.pages import Pages

WHEN = 1_750_003_725.25
"""Two minutes and five seconds past an hour, and a quarter."""


def laid(folder: Path, content: bytes = b"<p>an item") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "index.html"
    path.write_bytes(content)
    os.utime(path, (WHEN, WHEN))
    return path


def headers(folder: Path) -> dict[str, str]:
    return dict(Pages(folder).answer(b"/")[1])


def test_what_somebody_laid_there_by_hand_shows_the_hour_as_well(tmp_path: Path) -> None:
    laid(tmp_path / "public")
    shown = parsedate_to_datetime(headers(tmp_path / "public")["last-modified"]).timestamp()
    assert shown == WHEN // 3600 * 3600


def test_a_tag_is_made_of_the_content_alone(tmp_path: Path) -> None:
    first = laid(tmp_path / "one")
    laid(tmp_path / "two")
    os.utime(first, (0, 0))
    one, two = headers(tmp_path / "one")["etag"], headers(tmp_path / "two")["etag"]
    assert one == two
    laid(tmp_path / "two", b"<p>another")
    assert headers(tmp_path / "two")["etag"] != one


def test_no_other_header_has_a_date(tmp_path: Path) -> None:
    laid(tmp_path / "public")
    assert not {"date", "expires", "age"} & set(headers(tmp_path / "public"))

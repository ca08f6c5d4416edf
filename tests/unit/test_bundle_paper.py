"""``relay bundle print``, and what was scanned of it taken in: a message on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bundle_parts import Core, call, entry_at, takes, two

from relay.cli.bundle import paper, print_

STRIP = re.compile(r"[A-Z2-7]{8}:\d+:\d+:[A-Z2-7]+")


@pytest.fixture(autouse=True)
def codes_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if somebody had read each code."""
    monkeypatch.setattr(paper, "_drawn", lambda strip: strip)


async def prints(core: Core, file: Path, *words: object):
    return await call(core, print_, file, *words)


def scan(page: Path, to: Path, but: int = 0) -> Path:
    """What a program reads from all codes of a page, but for the first ones."""
    to.write_text("\n".join(STRIP.findall(page.read_text())[but:]))
    return to


async def test_messages_go_over_paper_and_their_receipts_back(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, _):
        ids = await entry.accept(3)
        done = await prints(entry, tmp_path / "page.html", "--json")
        assert done.values == {"sheets": 3, "codes": 15, "messages": 3, "long": 0, "more": False}
        scanned = scan(tmp_path / "page.html", tmp_path / "scanned")
        done = await takes(there, scanned)
        assert done.status == 0
        assert "entry: took in 3 envelopes" in done.said
        assert set(there.kept) == set(ids)
        assert (await prints(there, tmp_path / "back.html")).said == "1 sheet, 1 code in all\n"
        done = await takes(entry, scan(tmp_path / "back.html", tmp_path / "back"), "--json")
        assert done.values["peers"][0]["receipts"] == 3
        assert await entry.waits() == 0


async def test_a_code_that_was_not_scanned_is_asked_for_by_its_number(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, _):
        await entry.accept(2)
        await prints(entry, tmp_path / "page.html")
        done = await takes(there, scan(tmp_path / "page.html", tmp_path / "scanned", 1))
        assert done.status == 65
        assert "scan these of its 5 codes as well: 1" in done.said
        assert len(there.kept) == 1


async def test_what_is_too_long_for_paper_is_told(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, _, _):
        await entry.accept(1, size=20_000)
        await entry.accept(1)
        done = await prints(entry, tmp_path / "page.html")
        assert "1 message too long for paper" in done.said
        assert done.said.startswith("1 sheet, 5 codes")


async def test_the_next_ones_are_printed_by_leaving_out_the_first(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, there, _):
        await entry.accept(5)
        done = await prints(entry, tmp_path / "one.html", "--most", "3")
        assert "more wait: print them with --skip 3" in done.said
        await prints(entry, tmp_path / "two.html", "--most", "3", "--skip", "3")
        for name in ("one", "two"):
            await takes(there, scan(tmp_path / f"{name}.html", tmp_path / name))
        assert len(there.kept) == 5


async def test_a_page_is_for_us_alone_and_takes_the_place_of_nothing(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, _, _):
        await entry.accept(1)
        file = tmp_path / "page.html"
        await prints(entry, file)
        assert file.stat().st_mode & 0o777 == 0o600
        done = await prints(entry, file)
        assert (done.status, "File exists" in done.said) == (73, True)


async def test_sheets_for_another_node_are_left_alone(tmp_path: Path) -> None:
    async with two(tmp_path) as (entry, _, _):
        await entry.accept(1)
        await prints(entry, tmp_path / "page.html")
        done = await takes(entry, scan(tmp_path / "page.html", tmp_path / "scanned"))
        assert "1 sheet for another node, or of somebody who is no peer" in done.said


async def test_a_file_with_no_code_in_it_is_told(tmp_path: Path) -> None:
    entry = entry_at(tmp_path / "a")
    (tmp_path / "letter").write_text("dear operator")
    done = await takes(entry, tmp_path / "letter")
    assert done.status == 65
    assert done.said.startswith("Nothing that `relay bundle print` has made stands there")

"""The paper: what it holds on a terminal and for a printer, and that nothing in it is code."""

from __future__ import annotations

import re
import sys
from html import unescape
from io import BytesIO, TextIOWrapper

import click
import pytest
import segno

from relay.cli import paper
from relay.node.ways import KINDS

WORDS = "jinal-jopol-jidog-hitas-bapaj-tutit-rusor-sopul"
MAIL = {"kind": "mail", "shown": "post@example.org", "warnings": ["mail-provider"]}
SMS = {"kind": "sms", "shown": "+15550100123", "warnings": ["phone-company"]}


def ways(*named: dict, **more: object) -> dict:
    said = {"title": "News", "url": "https://news.example.org", "page_key": WORDS}
    return {**said, "day": "2026-11-23", "ways": list(named), "file": "{}", **more}


@pytest.fixture(autouse=True)
def utf8(monkeypatch):
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding="utf-8"))


def plain(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html.partition("<body>")[2])).split())


@pytest.mark.parametrize("form", [paper.as_text, lambda said: plain(paper.as_html(said))])
def test_it_holds_the_ways_the_warnings_the_key_the_day_and_how_to_check(form):
    held = " ".join(form(ways(MAIL, SMS)).split())
    warnings = paper.safety()["warnings"]
    for one in ("post@example.org", "+15550100123", "https://news.example.org/", "2026-11-23"):
        assert one in held
    assert WORDS.replace("-", " ") in held
    assert warnings["mail-provider"] in held and warnings["phone-company"] in held
    assert paper.safety()["paper"] in held
    check = f"relay verify --key {WORDS} https://news.example.org/send/ways.json"
    assert check in held
    assert "anonym" not in held.lower()
    only = form(ways(MAIL))
    assert "SMS" not in only


@pytest.mark.parametrize("form", [paper.as_text, lambda said: plain(paper.as_html(said))])
def test_without_a_way_or_an_address_it_says_so_and_still_has_the_key(form):
    held = " ".join(form(ways(url="")).split())
    assert "nobody is told how to write to us" in held
    assert WORDS.replace("-", " ") in held and "ADDRESS/send/ways.json" in held
    assert "█" not in held and "The page" not in held


def drawn(text):
    """The modules of a QR code in half blocks, top to bottom."""
    rows = []
    for line in text.splitlines():
        if line and set(line) <= set(" ▀▄█") and len(line) > 20:
            rows += [[c in "▀█" for c in line], [c in "▄█" for c in line]]
    return rows


def test_the_code_on_a_terminal_is_that_of_the_page_with_its_border():
    code = segno.make("https://news.example.org/", error="m", micro=False)
    wanted = [[bool(one) for one in row] for row in code.matrix_iter(border=4)]
    rows = drawn(click.unstyle(paper.as_text(ways(SMS))))
    assert rows[: len(wanted)] == wanted
    assert not any(any(row) for row in rows[len(wanted) :])


def test_on_a_terminal_the_code_is_ink_on_paper_whatever_its_colours():
    text = paper.as_text(ways(SMS))
    assert (
        text.count("\x1b[38;2;0;0;0m\x1b[48;2;255;255;255m") == len(drawn(click.unstyle(text))) / 2
    )


def test_where_blocks_cannot_be_written_there_are_none(monkeypatch):
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding="ascii"))
    assert paper.as_text(ways(SMS)).isascii()


def test_for_a_printer_the_code_is_drawn_and_nothing_is_loaded():
    html = paper.as_html(ways(SMS))
    path = re.search(r'<svg viewBox="0 0 33 33"><path stroke="#000" d="([^"]+)"/></svg>', html)
    assert path is not None
    assert html.isascii() and "@page { size: A5" in html
    assert "default-src 'none'" in html and "<script" not in html
    assert not re.search(r'(src|href|url\()\s*=?\s*["\']?(https?:|//)', html)


def test_a_hostile_title_and_address_are_text():
    hostile = '"><script>alert(1)</script>{{7*7}}'
    said = ways({**MAIL, "shown": hostile}, title=hostile, url="https://x.example/'\"<b>")
    html = paper.as_html(said)
    assert "<script" not in html and "<b>/" not in html and "49" not in plain(html)
    assert plain(html).count(hostile) == 2
    assert "عنوان" in plain(paper.as_html(ways(MAIL, title="عنوان")))


def test_ways_of_one_kind_stand_together_with_one_warning():
    other = {**MAIL, "shown": "b@example.org"}
    text = paper.as_text(ways(MAIL, SMS, other))
    assert text.count("By mail:") == 1
    assert " ".join(text.split()).count(paper.safety()["warnings"]["mail-provider"]) == 1


def test_every_kind_has_its_name_and_what_saves_most_stands_first():
    kinds = {kind: warnings for kind, warnings in KINDS.values()}
    said = ways(*({"kind": kind, "shown": "x", "warnings": list(kinds[kind])} for kind in kinds))
    named = [line for line in paper.as_text(said).splitlines() if line.startswith("By ")]
    assert named == ["By a page:", "By mail:", "By chat:", "By SMS:"]
    assert "Another way" not in paper.as_text(said)


def test_a_kind_and_a_warning_that_are_not_known_are_no_error():
    said = ways({"kind": "pigeon", "shown": "the tower", "warnings": ["hawks"]})
    assert "Another way:" in paper.as_text(said) and "the tower" in paper.as_html(said)

"""The first screen: small whatever was written, and a way on to all the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from signed_page import HOUR, Public, signed, uuid_of

from bridges.page.look import FRONT_BYTES
from bridges.page.text import opening
from relay.model import Media
from relay.testing.bridge_contract import DATE

PERSIAN = "نان در شهر نیست و کسی نمی‌داند چرا. "


def weight(public: Public, name: str = "index.html") -> int:
    """The page and its style sheet, in bytes."""
    return len(public.read(name).encode()) + len(public.read("style.css").encode())


def shown(page: str) -> list[str]:
    """The UUIDs of the items that a page shows, in their order."""
    return re.findall('<article id="([^"]+)"', page)


@pytest.mark.parametrize(
    ("text", "title", "least"),
    [("نان", "", 25), (PERSIAN * 100, "", 8), (PERSIAN, "ن" * 300, 12), ("a\n\n" * 400, "x", 4)],
)
async def test_the_first_screen_stays_under_thirty_kilobytes(
    tmp_path: Path, text: str, title: str, least: int
) -> None:
    public = Public(tmp_path, language="fa", title="خبرها " * 16)
    tagged = [f"{text} #topic_{n % 25}_of_many" for n in range(52)]
    await public.fill(
        [
            signed(
                f"{n}", one, title=title, language=["fa", "my", "en"][n % 3], date=DATE + n * HOUR
            )
            for n, one in enumerate(tagged)
        ]
    )
    await public.state()
    assert weight(public) <= FRONT_BYTES
    assert len(shown(public.read("index.html"))) >= least


async def test_words_of_media_without_end_do_not_make_it_heavy(tmp_path: Path) -> None:
    public = Public(tmp_path)
    pictures = [Media("image/png", b"%d" % n, "words " * 2000, width=3, height=4) for n in range(3)]
    posts = [signed(f"{n}", media=pictures) for n in range(4)]
    await public.post(*posts)
    assert weight(public) <= FRONT_BYTES
    assert len(shown(public.read("index.html"))) == 4
    assert f'href="items/{uuid_of("0")}.html"' in public.read("index.html")


async def test_a_long_text_is_begun_there_and_goes_on_on_its_own_page(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("long", "word " * 400 + "and the end"), signed("short"))
    front = public.read("index.html")
    assert "and the end" not in front and front.count("Read on") == 1
    for name in (f"items/{uuid_of('long')}.html", "newest.html"):
        assert "and the end" in public.read(name) and "Read on" not in public.read(name)


async def test_who_goes_on_from_the_first_screen_misses_nothing(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.fill([signed(f"{n}", PERSIAN * 9) for n in range(101)])
    front, newest = public.read("index.html"), public.read("newest.html")
    begun = shown(front)
    assert 5 < len(begun) < 50 and shown(newest)[: len(begun)] == begun and len(shown(newest)) == 50
    [after] = re.findall('rel="prev" href="newest.html#([^"]+)"', front)
    assert after == shown(newest)[len(begun)]
    assert 'rel="prev" href="archive-2.html#' in newest


async def test_a_few_items_need_no_second_page(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(*(signed(f"{n}") for n in range(3)))
    assert 'rel="prev"' not in public.read("index.html")


@pytest.mark.parametrize(
    ("text", "most", "begun"),
    [
        ("one two three", 20, ("one two three", False)),
        ("one two three", 9, ("one two …", True)),
        ("onetwothree", 5, ("onetw …", True)),
        ("e\u0301e\u0301e\u0301", 3, ("e\u0301 …", True)),  # not between a letter and its mark
        ("\u202eone two", 5, ("one …", True)),
        ("", 5, ("", False)),
    ],
)
def test_a_beginning_ends_with_a_word(text: str, most: int, begun: tuple[str, bool]) -> None:
    assert opening(text, most) == begun

"""``by/``: the newest items of a language and of a topic, made from the items alone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from signed_page import DATE, Public, signed, uuid_of

from bridges import kit
from bridges.page import lists
from bridges.page.topics import Key, topics_of


def listed(public: Public, key: Key) -> list[str]:
    """The UUIDs of the items that the page of a language or topic names, in their order."""
    return re.findall('href="../items/([0-9a-f-]+).html"', public.read(f"by/{key.file}"))


FA, EN = Key(False, "fa"), Key(False, "en")
BREAD = Key(True, "نان")
DAY = 86_400


async def test_each_language_and_topic_has_its_newest_items(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(
        signed("a", "نیست #نان", language="fa"),
        signed("b", "no #نان here", language="en-GB"),
        signed("c", "سلام", language="fa-IR"),
        signed("d", "?", language="und"),
    )
    assert listed(public, FA) == [uuid_of("c"), uuid_of("a")]
    assert listed(public, EN) == [uuid_of("b")]
    assert listed(public, BREAD) == [uuid_of("b"), uuid_of("a")]
    front = public.read("index.html")
    assert all(f'href="by/{key.file}"' in front for key in (FA, EN, BREAD))
    assert "فارسی" in front and "#نان" in front
    assert "<h1" in public.read("by/index.html")


async def test_nothing_that_anybody_wrote_is_in_the_name_of_a_file(tmp_path: Path) -> None:
    public = Public(tmp_path)
    for n in range(2):
        await public.post(signed(f"{n}", "#../../etc #CON #نان_نیست #a__b #index", language="en"))
    names = os.listdir(public.folder / "by")
    assert len(names) >= 5
    assert all(
        re.fullmatch("index.html|lang-[a-z]{2,8}.html|topic-[0-9a-f]{16}.html", n) for n in names
    )


async def test_a_topic_has_a_page_once_two_items_name_it(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("a", "#ferry"))
    assert not (public.folder / "by" / Key(True, "ferry").file).exists()
    await public.post(signed("b", "#Ferry"))
    assert listed(public, Key(True, "ferry")) == [uuid_of("b"), uuid_of("a")]


async def test_what_is_corrected_or_withdrawn_changes_its_place_in_the_lists(
    tmp_path: Path,
) -> None:
    public = Public(tmp_path)
    await public.post(*(signed(name, f"{name} #ferry") for name in "abc"))
    await public.correct(signed("b", "b #harbour", revision=2, hides=True))
    assert listed(public, Key(True, "ferry")) == [uuid_of("c"), uuid_of("a")]
    await public.withdraw("a")
    assert not (public.folder / "by" / Key(True, "ferry").file).exists()
    assert listed(public, EN) == [uuid_of("c"), uuid_of("b")]
    assert public.holding("a #ferry") == []


@pytest.mark.parametrize("letter", ["&", "خ", "a\u0301"])
async def test_a_list_stays_light_whatever_was_written(tmp_path: Path, letter: str) -> None:
    public = Public(tmp_path, language="fa")
    posts = [
        signed(f"{n}", letter * 400, title=(letter * 300)[:300], language="fa", date=DATE + n * DAY)
        for n in range(60)
    ]
    await public.fill(posts)
    page = public.read("by/lang-fa.html")
    assert len(page.encode()) < 30_000 and page.count("<li lang") > 10


async def test_a_restart_makes_the_same_lists(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(*(signed(f"{n}", f"number {n} #t{n % 3}x") for n in range(9)))
    await public.correct(signed("2", "now #t0x", revision=2))
    before = public.content()
    for path in (public.folder / "by").iterdir():
        path.unlink()
    (public.folder / "by" / "lang-xx.html").write_text("left from another time")
    await Public(tmp_path).feed.check()
    assert public.content() == before


async def test_what_another_process_put_there_is_listed_as_well(tmp_path: Path) -> None:
    first, second = Public(tmp_path), Public(tmp_path)
    await first.post(signed("a"))
    await second.post(signed("b"))
    await first.post(signed("c"))
    assert listed(first, EN) == [uuid_of(name) for name in "cba"]


async def test_a_flood_of_topics_has_pages_for_those_that_are_named_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "TOPICS", 3)
    public = Public(tmp_path)
    await public.fill([signed(f"{n}", f"#bread #t{n // 2}x #u{n // 2}x") for n in range(40)])
    topics = [name for name in os.listdir(public.folder / "by") if name.startswith("topic-")]
    assert len(topics) == 3 and Key(True, "bread").file in topics


async def test_only_the_newest_items_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "WINDOW", 5)
    public = Public(tmp_path)
    await public.fill([signed(f"{n}", "#bread", language="en" if n else "fa") for n in range(12)])
    assert len(listed(public, EN)) == 5
    assert not (public.folder / "by" / FA.file).exists()


async def test_a_pass_writes_only_the_lists_that_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = Public(tmp_path)
    await public.post(signed("a", language="fa"), signed("b", "#ferry"), signed("c", "#ferry"))
    written: list[str] = []

    def write(folder: Path, name: str, *of: object, **how: object) -> None:
        written.append(f"{folder.name}/{name}")
        put(folder, name, *of, **how)

    put = kit.write_file
    monkeypatch.setattr(kit, "write_file", write)
    await public.post(signed("d", language="fa"))
    assert [name for name in written if name.startswith("by/")] == [
        "by/lang-fa.html",
        "by/index.html",
    ]


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("#تهران و #نان_نیست.", ["تهران", "نان_نیست"]),
        ("#می‌خواهم", ["می‌خواهم"]),
        ("#မြန်မာ", ["မြန်မာ"]),
        ("＃二つ", ["二つ"]),
        ("#One #ONE #one", ["one"]),
        ("https://a.example/#part a#b ##c &#39; #12 #1", []),
        ("(#in) brackets", ["in"]),
        ("#" + "x" * 51, []),
        ("#a1 #b1 #c1 #d1 #e1 #f1", ["a1", "b1", "c1", "d1", "e1"]),
        ("#<script>", []),
        ("#" * 10_000, []),
        ("#test #te\u034fst #test\ufe0f", ["test"]),  # with marks that nobody sees
        ("#\u3164\u3164 #\u115f\u115f", []),
        ("#a" + "\u0315\u0300" * 50_000, []),  # a quarter of a minute, where it is normalized
    ],
)
def test_topics_are_the_hashtags_that_people_wrote(text: str, topics: list[str]) -> None:
    assert topics_of(text) == topics

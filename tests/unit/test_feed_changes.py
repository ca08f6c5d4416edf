"""Corrections are seen: when, and what they changed; and what one hides is seen by nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from signed_page import DATE, KEY, Public, item_of, signed, uuid_of

from bridges.page.changes import MOST_CHARACTERS, changes
from relay.exit.assign import post_of
from relay.exit.record import Record
from relay.model import Media, Message
from relay.wire.item import verify_document
from relay.wire.keys import make_exit_keys

NAME = uuid_of("fire")


def own(public: Public) -> str:
    """The item's own page."""
    return public.read(f"items/{NAME}.html")


async def test_a_correction_shows_what_it_took_out_and_what_it_put_in(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "Two houses burn in the north."))
    await public.correct(signed("fire", "Three houses burn in the north.", revision=2))
    page = own(public)
    assert "<del>Two</del><ins>Three</ins> houses burn" in page
    assert "18 November 2026" in page and 'id="changes"' in page
    assert f"{NAME}.html#changes" in public.read("index.html")
    earlier = (public.folder / "items" / f"{NAME}.1.json").read_bytes()
    assert verify_document(earlier, KEY).faults == ()
    assert f'href="{NAME}.1.json"' in page


async def test_an_item_that_was_never_corrected_says_nothing_of_it(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire"))
    assert 'id="changes"' not in own(public) and "Corrected" not in own(public)


async def test_what_a_correction_hides_is_nowhere_any_more(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "Anna saw it burn."))
    await public.correct(signed("fire", "Anna B. saw it burn.", revision=2))
    assert f"items/{NAME}.1.json" in public.content()
    await public.correct(signed("fire", "Somebody saw it burn.", revision=3, hides=True))
    assert public.holding("Anna") == []
    assert [name for name in public.content() if re.search(r"\.[0-9]+\.json", name)] == []
    assert "is not shown any more" in own(public) and "<del>" not in own(public)
    await public.correct(signed("fire", "Somebody saw it burn down.", revision=4))
    assert "<del> burn.</del><ins> burn down.</ins>" in own(public)
    assert "is not shown any more" in own(public) and public.holding("Anna") == []


async def test_where_a_revision_never_came_what_was_before_it_is_not_shown(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "Anna saw it burn."))
    await public.correct(signed("fire", "It burns.", revision=3))
    assert public.holding("Anna") == [] and "<del>" not in own(public)


async def test_an_item_that_is_withdrawn_takes_what_it_said_before_with_it(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "first smoke"), signed("other"))
    await public.correct(signed("fire", "second smoke", revision=2))
    await public.withdraw("fire")
    assert public.holding("smoke") == []
    assert not [name for name in public.content() if name.startswith(f"items/{NAME}.1")]


async def test_a_few_earlier_texts_are_kept_and_no_more(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "0 burn"))
    for n in range(2, 10):
        await public.correct(signed("fire", f"{n} burn", revision=n))
    kept = sorted(path.name for path in (public.folder / "items").glob(f"{NAME}.?.json"))
    assert kept == [f"{NAME}.{n}.json" for n in range(4, 9)]
    assert own(public).count('<div class="compared"') == 5


async def test_a_kill_between_the_new_text_and_the_end_of_the_old_is_made_good(
    tmp_path: Path,
) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "Anna saw it burn."))
    first = (public.folder / f"items/{NAME}.json").read_bytes()
    await public.correct(signed("fire", "It burns.", revision=2, hides=True))
    (public.folder / f"items/{NAME}.1.json").write_bytes(first)
    await Public(tmp_path).feed.check()
    assert not (public.folder / f"items/{NAME}.1.json").exists()


async def test_a_kill_before_all_shows_the_new_text_is_made_good(tmp_path: Path) -> None:
    """By the start alone: whether the correction is sent again, it does not ask."""
    public = Public(tmp_path)
    await public.fill([signed("fire", "Anna saw it burn."), *(signed(f"{n}") for n in range(110))])
    before = {name: public.content()[name] for name in public.holding("Anna")}
    await public.correct(signed("fire", "It burns.", revision=2, hides=True))
    assert public.holding("Anna") == [] and not list(public.folder.rglob("*.due"))
    for name, content in before.items():
        (public.folder / name).write_bytes(content)
    (public.folder / f"items/{NAME}.due").touch()
    await Public(tmp_path).feed.check()
    assert len(before) == 4 and public.holding("Anna") == []
    assert not list(public.folder.rglob("*.due"))


async def test_a_correction_leaves_no_time_finer_than_hours(tmp_path: Path) -> None:
    public = Public(tmp_path)
    roof = Media("image/png", b"a roof", "a roof")
    await public.post(signed("fire", "smoke", media=(roof,)))
    await public.correct(signed("fire", "steam", revision=2))
    files = [public.folder, *public.folder.rglob("*")]
    assert {one.stat().st_mtime % 3600 for one in files} == {0}


async def test_a_kill_in_the_middle_of_a_withdrawal_is_made_good(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "first smoke"))
    await public.correct(signed("fire", "second smoke", revision=2))
    (public.folder / f"items/{NAME}.gone").touch()
    await Public(tmp_path).feed.check()
    assert public.holding("smoke") == []


async def test_what_changed_is_text_and_never_markup(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("fire", "<script>a</script> \u202eb {{7*7}}"))
    await public.correct(signed("fire", "<img src=x> b {{7*7}}", title="<b>", revision=2))
    page = own(public)
    assert "<script" not in page and "<img" not in page and "\u202e" not in page
    assert "&lt;script&gt;a&lt;/script&gt;" in page and "<b>" not in page


def test_very_long_texts_are_not_compared() -> None:
    before = item_of(signed("fire", "a " * MOST_CHARACTERS))
    after = item_of(signed("fire", "b " * MOST_CHARACTERS, revision=2))
    [one] = changes(after, [before])
    assert not one.words and one.file


def test_blanks_without_end_behind_a_text_are_not_looked_at_one_by_one() -> None:
    before, after = (
        item_of(signed("fire", word + " " * (MOST_CHARACTERS - 9), revision=n))
        for n, word in ((1, "smoke"), (2, "steam"))
    )
    [one] = changes(after, [before])
    assert one.words == "<del>smoke</del><ins>steam</ins>"


def test_where_very_much_changed_all_of_it_went_and_came() -> None:
    before = item_of(signed("fire", f"begin {'a b ' * 400} end"))
    after = item_of(signed("fire", f"begin {'b a ' * 400} end", revision=2))
    [one] = changes(after, [before])
    assert one.words.count("<del>") == 1 and one.words.count("<ins>") == 1
    assert one.words.startswith("begin<del> a b") and one.words.endswith("end")


def test_of_much_that_stayed_only_what_is_next_to_a_change_is_shown() -> None:
    long = " ".join(f"w{n}" for n in range(200))
    before = item_of(signed("fire", f"{long} old {long}"))
    after = item_of(signed("fire", f"{long} new {long}", revision=2))
    [one] = changes(after, [before])
    assert "<del> old</del><ins> new</ins>" in one.words
    assert "w199" in one.words and "w100" not in one.words and len(one.words) < 200


@pytest.mark.parametrize("hides", [False, True])
def test_what_an_editor_hides_is_said_in_what_the_core_signs(hides: bool) -> None:
    message = Message("words", "", "en")
    record = Record(bytes(32), "text", "desk", "news", message=message, revision=2, hides=hides)
    post = post_of(record, "page", make_exit_keys(), DATE, signed=True, updated=DATE)
    assert item_of(post).hides is hides

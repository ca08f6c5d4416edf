"""What was withdrawn: a signed list of ids that the page shows, keeps to, and hands on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from signed_page import DATE, KEY, SEED, Public, id_of, signed, uuid_of

from bridges import kit
from relay.model import Refused
from relay.wire.item import verify_document
from relay.wire.withdrawn import (
    make_withdrawn,
    sign_withdrawn,
    verify_carried,
    verify_withdrawn,
)


async def test_the_list_is_shown_as_it_was_signed_and_in_every_feed(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("one"), signed("two"))
    await public.state("one")
    listed = verify_withdrawn((public.folder / "withdrawn.json").read_bytes(), KEY).listed
    assert listed is not None and (listed.day, listed.items) == ("2026-11-18", (id_of("one"),))
    for name in ("feed.json", "feed.xml"):
        document = (public.folder / name).read_bytes()
        assert verify_carried(document, KEY).listed == listed
        assert verify_document(document, KEY).ids == (id_of("two"),)
    assert 'href="withdrawn.json"' in public.read("index.html")


async def test_what_is_on_the_list_is_taken_down_and_none_of_its_words_stay(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("one", "smoke in the north #smoke", title="Smoke"), signed("two"))
    await public.state("one")
    assert public.holding("moke") == []
    assert f"items/{uuid_of('one')}.html" not in public.content()


@pytest.mark.parametrize("how", ["by the list", "by itself", "hidden"])
async def test_the_feed_between_the_newest_and_the_archive_goes_when_it_is_empty(
    tmp_path: Path, how: str
) -> None:
    public = Public(tmp_path)
    await public.fill([signed(f"{n}") for n in range(50)])
    await public.fill([signed("last", "smoke"), *(signed(f"{n}") for n in range(51, 101))])
    assert public.holding("smoke").count("older.json") == 1
    if how == "hidden":
        await public.correct(signed("last", "steam", revision=2, hides=True))
        assert "steam" in public.read("older.json")
    elif how == "by itself":
        await public.feed.remove(id_of("last"))
    else:
        await public.state("last")
    assert public.holding("smoke") == []


@pytest.mark.parametrize("hides", [False, True])
async def test_what_was_taken_back_is_brought_back_by_no_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hides: bool
) -> None:
    """What a start makes anew only where it is empty is durable with its name before the answer."""
    public = Public(tmp_path)
    await public.fill([signed(f"{n}") for n in range(120)])
    unsynced: dict[str, str] = {}

    def write(folder: Path, name: str, *of: object, **how: object) -> None:
        put(folder, name, *of, **how)  # type: ignore[arg-type]
        unsynced[f"{folder.name}/{name}"] = folder.name

    def sync(folder: Path) -> None:
        for name in [name for name, where in unsynced.items() if where == folder.name]:
            del unsynced[name]

    put = kit.write_file
    monkeypatch.setattr(kit, "write_file", write)
    monkeypatch.setattr(kit, "sync_folder", sync)
    if hides:
        await public.correct(signed("7", "steam", revision=2, hides=True))
    else:
        await public.feed.remove(id_of("7"))
    assert not [one for one in unsynced if one.startswith(("items/", "public/archive-"))]


async def test_a_long_list_of_what_never_stood_here_looks_through_the_folder_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = Public(tmp_path)
    await public.state()
    looked: list[str] = []

    def scan(path: str) -> object:
        looked.append(path)
        return scandir(path)

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", scan)
    await public.state(*(f"{n}" for n in range(100)))
    assert len(looked) == 1


async def test_what_is_on_the_list_never_comes(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.state("one")
    [ended] = await public.post(signed("one", "smoke"))
    assert isinstance(ended, Refused) and public.holding("smoke") == []


async def test_a_list_with_nothing_on_it_says_its_day_and_weighs_nothing_in_the_feeds(
    tmp_path: Path,
) -> None:
    public = Public(tmp_path)
    await public.post(signed("one"))
    await public.state()
    listed = verify_withdrawn((public.folder / "withdrawn.json").read_bytes(), KEY).listed
    assert listed is not None and listed.items == ()
    assert "_outword" not in json.loads(public.read("feed.json"))
    assert "o:withdrawn" not in public.read("feed.xml")


async def test_the_same_list_again_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = Public(tmp_path)
    await public.post(signed("one"), signed("two"))
    await public.state("one")

    def none(*_: object) -> None:
        raise AssertionError("something was written")

    monkeypatch.setattr(Path, "rename", none)
    assert await public.withdraw("one") == ""


async def test_a_page_set_back_takes_down_again_what_the_list_names(tmp_path: Path) -> None:
    public = Public(tmp_path)
    await public.post(signed("one", "smoke"), signed("two"))
    before = public.content()
    await public.state("one")
    for name, content in before.items():
        if name.startswith("items/"):
            (public.folder / name).write_bytes(content)
    os.unlink(public.folder / "items" / f"{uuid_of('one')}.gone")
    again = Public(tmp_path)
    await again.state("one")
    assert again.holding("smoke") == []


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"kind": "ways"},
        {"day": "today"},
        {"day": "2026-02-30"},
        {"items": ["../../etc/passwd"]},
        {"items": ["urn:uuid:items/order"]},
        {"items": [7]},
        {"items": None},
        {"items": [id_of("one")] * 2001},
    ],
    ids=str,
)
async def test_what_is_no_list_changes_nothing(tmp_path: Path, change: dict[str, object]) -> None:
    public = Public(tmp_path)
    await public.post(signed("one"))
    before = public.content()
    listed = json.dumps(json.loads(make_withdrawn([id_of("one")], DATE, SEED)) | change).encode()
    assert "list" in await public.feed.withdrawn(listed, bytes(64))
    assert public.content() == before


async def test_a_disk_that_is_full_is_said_and_the_list_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = Public(tmp_path)
    await public.post(signed("one", "smoke"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        assert await public.withdraw("one") != ""
    assert await public.withdraw("one") == "" and public.holding("smoke") == []


def test_a_list_is_signed_for_its_purpose_alone() -> None:
    listed = make_withdrawn([id_of("one")], DATE, SEED)
    assert b"one" not in listed and b"2026-11-18" in listed
    assert len(sign_withdrawn(listed, SEED)) == 64
    with pytest.raises(ValueError):
        make_withdrawn(["one"], DATE, SEED)

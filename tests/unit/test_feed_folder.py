"""The page's folder: what is durable, what survives a restart, a full disk, and many at once."""

from __future__ import annotations

import errno
import json
import os
import shutil
import xml.etree.ElementTree as ET

import pytest
import trio

from bridges import kit
from bridges.feed import Feed
from bridges.page import shelf
from bridges.page.item import read_item
from relay.model import Absent, Attempt, Later, Post, Posted, Unknown
from relay.testing.bridge_contract import DATE, FixedClock, a_post

ATOM = "{http://www.w3.org/2005/Atom}"


def start(tmp_path, **settings):
    made = {"folder": str(tmp_path / "public"), "url": "https://news.example.org", **settings}
    return Feed(Feed.Settings(**made), None, FixedClock())


async def send(feed, *posts):
    ended = []
    for post in posts:
        [part] = await feed.prepare(post)
        ended.append(await feed.send(Attempt(part, 1, DATE), None))
    return ended


async def fill(feed, posts):
    """Many posts in their order, in one pass."""
    items = [read_item((await feed.prepare(post))[0].payload) for post in posts]
    assert all(isinstance(outcome, Posted) for outcome in feed._shelf.put(items))


def at_hour(post, hours):
    date = f"2026-11-{18 + hours // 24:02}T{hours % 24:02}:00:00Z"
    signed = json.dumps(json.loads(post.item) | {"date": date}).encode()
    return Post(post.secret, post.text, post.title, post.language, DATE, signed, post.signature)


def numbered(count):
    return [a_post(f"number {n}") for n in range(count)]


def texts(tmp_path, name="feed.json"):
    made = json.loads((tmp_path / "public" / name).read_bytes())
    return [item["content_text"] for item in made["items"]]


def content(tmp_path):
    return {
        str(path.relative_to(tmp_path)): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }


# ---------------------------------------------------------------- order and restart


async def test_the_order_is_that_of_posting_and_survives_a_restart(tmp_path):
    posts = [at_hour(post, hour) for post, hour in zip(numbered(5), (3, 1, 4, 1, 5), strict=True)]
    await send(start(tmp_path), *posts[:3])
    await send(start(tmp_path), *posts[3:])
    assert texts(tmp_path) == [f"number {n}" for n in (4, 3, 2, 1, 0)]


async def test_an_item_that_is_there_is_posted_already(tmp_path):
    feed = start(tmp_path)
    first = await send(feed, *numbered(2))
    before = content(tmp_path)
    assert await send(feed, *numbered(2)) == first
    assert await send(start(tmp_path), *numbered(2)) == first
    assert content(tmp_path) == before


async def test_an_item_whose_line_a_crash_lost_is_shown_after_the_restart(tmp_path):
    posts = numbered(3)
    await send(start(tmp_path), *posts)
    order = tmp_path / "public/items/order"
    order.write_bytes(order.read_bytes()[:-20])  # half a line, as a power cut leaves it
    feed = start(tmp_path)
    assert (await feed.check()).trouble == ""
    assert texts(tmp_path) == ["number 2", "number 1", "number 0"]
    assert order.stat().st_size == 3 * 37


async def test_all_that_is_made_from_items_can_be_made_again(tmp_path):
    await fill(start(tmp_path), numbered(120))
    before = content(tmp_path)
    for path in (tmp_path / "public").rglob("*"):
        if path.is_file() and (path.parent.name != "items" or path.suffix == ".html"):
            path.unlink()
    await start(tmp_path).check()
    assert content(tmp_path) == before


async def test_files_that_a_power_cut_emptied_are_made_again(tmp_path):
    await fill(start(tmp_path), numbered(60))
    before = content(tmp_path)
    public = tmp_path / "public"
    pages = [public / "archive-1.xml", public / "feed.xml", *public.glob("items/*.html")]
    for path in pages:
        path.write_bytes(b"")
    await start(tmp_path).check()
    assert content(tmp_path) == before


async def test_half_a_file_that_a_kill_left_is_swept_away(tmp_path):
    await send(start(tmp_path), *numbered(1))
    (tmp_path / "public/items/.x.json.tmp").write_bytes(b"half")
    await start(tmp_path).check()
    assert not list(tmp_path.rglob("*.tmp"))


async def test_a_damaged_item_is_not_shown_and_does_not_stop_the_others(tmp_path):
    await send(start(tmp_path), *numbered(3))
    shown = json.loads((tmp_path / "public/feed.json").read_bytes())["items"][1]["id"][9:]
    (tmp_path / f"public/items/{shown}.json").write_bytes(b"{")
    feed = start(tmp_path)
    assert texts(tmp_path) == ["number 2", "number 1", "number 0"]
    await feed.check()
    assert texts(tmp_path) == ["number 2", "number 0"]
    [outcome] = await send(feed, numbered(2)[1])  # sent again, it is whole again
    assert isinstance(outcome, Posted)
    assert texts(tmp_path) == ["number 2", "number 1", "number 0"]


async def test_a_new_address_is_in_every_feed_and_archive_after_the_restart(tmp_path):
    await fill(start(tmp_path), numbered(101))
    await start(tmp_path, url="https://b.example", title="Other", language="fa").check()
    for name, held in content(tmp_path).items():
        assert b"news.example.org" not in held, name
        if name.endswith(".html"):
            assert b"Other" in held and b'lang="fa"' in held, name


async def test_the_feeds_own_id_stays_when_its_address_and_its_items_change(tmp_path):
    def feed_id(name="feed.xml"):
        return ET.parse(tmp_path / "public" / name).findtext(ATOM + "id")

    await send(start(tmp_path), *numbered(1))
    first = feed_id()
    await fill(start(tmp_path, url="https://b.example"), numbered(60))
    assert feed_id() == feed_id("archive-1.xml") == first


# ---------------------------------------------------------------- archives


@pytest.mark.parametrize(
    ("count", "archives", "older"),
    [(49, 0, None), (50, 1, None), (51, 1, 1), (100, 2, 1), (101, 2, 2), (149, 2, 2), (151, 3, 3)],
)
async def test_fifty_stand_on_the_newest_page_and_the_older_ones_behind_it(
    tmp_path, count, archives, older
):
    feed = start(tmp_path)
    await fill(feed, numbered(count))
    public = tmp_path / "public"
    made = json.loads((public / "feed.json").read_bytes())
    assert len(made["items"]) == min(count, 50)
    assert len(list(public.glob("archive-*.json"))) == archives
    url = None if older is None else f"https://news.example.org/archive-{older}.json"
    following = url if count % 50 == 0 else url and "https://news.example.org/older.json"
    assert made.get("next_url") == following
    links = {
        link.get("rel"): link.get("href")
        for link in ET.parse(public / "feed.xml").iter(ATOM + "link")
    }
    assert links.get("prev-archive") == (url and url.replace(".json", ".xml"))
    html = (public / "newest.html").read_text()
    assert (f'href="archive-{older}.html#' in html) == (older is not None)


@pytest.mark.parametrize("count", [150, 151, 173, 199])
async def test_every_item_is_reached_by_following_older_from_the_newest(tmp_path, count):
    await fill(start(tmp_path), numbered(count))
    for kind in ("json", "xml"):
        seen, name = [], f"feed.{kind}"
        while name:
            path = tmp_path / "public" / name
            if kind == "json":
                made = json.loads(path.read_bytes())
                seen += [item["content_text"] for item in made["items"]]
                url = made.get("next_url")
            else:
                feed = ET.parse(path)
                seen += [e.findtext(ATOM + "content") for e in feed.iter(ATOM + "entry")]
                links = {link.get("rel"): link.get("href") for link in feed.iter(ATOM + "link")}
                url = links.get("prev-archive")
            name = url and url.rsplit("/", 1)[1]
        in_order = seen if kind == "json" else list(dict.fromkeys(seen))
        assert in_order == [f"number {n}" for n in reversed(range(count))]


async def test_an_archive_page_never_changes_once_it_is_full(tmp_path):
    feed = start(tmp_path)
    await fill(feed, numbered(50))
    full = [tmp_path / f"public/archive-1.{kind}" for kind in ("html", "json", "xml")]
    before = [(path.read_bytes(), path.stat().st_ino) for path in full]
    await fill(feed, numbered(130)[50:])
    await send(start(tmp_path), a_post("one more"))
    assert [(path.read_bytes(), path.stat().st_ino) for path in full] == before


async def test_an_item_taken_away_leaves_its_place_empty_and_moves_no_other(tmp_path):
    await fill(start(tmp_path), numbered(120))
    public = tmp_path / "public"
    before = texts(tmp_path, "archive-2.json")
    gone = json.loads((public / "archive-1.json").read_bytes())["items"][7]
    (public / f"items/{gone['id'][9:]}.json").unlink()
    feed = start(tmp_path)
    await feed.check()
    assert gone["content_text"] not in texts(tmp_path, "archive-1.json")
    assert len(texts(tmp_path, "archive-1.json")) == 49
    assert texts(tmp_path, "archive-2.json") == before
    await send(feed, a_post(gone["content_text"]))  # and comes back to where it was
    assert texts(tmp_path, "archive-1.json")[7] == gone["content_text"]


# ---------------------------------------------------------------- times


async def test_no_file_tells_more_than_the_hour_of_its_newest_item(tmp_path):
    feed = start(tmp_path)
    await fill(feed, [at_hour(post, n) for n, post in enumerate(numbered(60))])
    await send(feed, at_hour(a_post("again"), 60))
    await feed.check()
    for path in [tmp_path / "public", *(tmp_path / "public").rglob("*")]:
        if path.name == "style.css":
            continue
        assert path.stat().st_mtime % 3600 == 0, path
    newest = (tmp_path / "public/feed.json").stat().st_mtime
    assert newest == 1_795_000_000 // 86400 * 86400 + 60 * 3600
    assert (tmp_path / "public/archive-1.xml").stat().st_mtime == newest - 11 * 3600
    assert (tmp_path / "public/items/order").stat().st_mtime == newest


async def test_the_public_can_read_every_file_whatever_our_umask(tmp_path):
    before = os.umask(0o077)
    try:
        await fill(start(tmp_path), numbered(51))
    finally:
        os.umask(before)
    public = tmp_path / "public"
    assert public.stat().st_mode & 0o777 == (public / "items").stat().st_mode & 0o777 == 0o755
    shown = [path for path in public.rglob("*") if path.is_file() and path.name != "order"]
    assert {path.stat().st_mode & 0o777 for path in shown} == {0o644}


# ---------------------------------------------------------------- durable first


async def test_an_item_is_synced_before_its_name_and_its_name_before_posted(tmp_path, monkeypatch):
    feed = start(tmp_path)
    await feed.check()
    steps = []
    sync, rename = os.fsync, os.rename

    def synced(descriptor):
        steps.append("sync " + os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        sync(descriptor)

    def renamed(old, new, **more):
        steps.append(f"name {os.path.basename(new)}")
        rename(old, new, **more)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "rename", renamed)
    [outcome] = await send(feed, a_post("x"))
    name = outcome.ref.removeprefix("urn:uuid:")
    assert steps[:4] == [f"sync .{name}.json.tmp", f"name {name}.json", "sync items", "sync order"]
    assert steps.index("name feed.json") > 3


async def test_sends_under_way_share_one_pass_over_the_folder(tmp_path, monkeypatch):
    feed = start(tmp_path)
    await feed.check()
    passes = []
    put = shelf.Shelf.put
    monkeypatch.setattr(
        shelf.Shelf,
        "put",
        lambda self, items, files: (passes.append(len(items)), put(self, items, files))[1],
    )
    async with trio.open_nursery() as nursery:
        for post in numbered(50):
            nursery.start_soon(send, feed, post)
    assert sum(passes) == 50 and len(passes) <= 3
    assert len(texts(tmp_path)) == 50


async def test_a_send_cancelled_before_its_turn_writes_nothing(tmp_path):
    feed = start(tmp_path)
    await feed.check()
    async with trio.open_nursery() as nursery, feed._turn:
        nursery.start_soon(send, feed, a_post("never"))
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    await send(feed, a_post("other"))
    assert texts(tmp_path) == ["other"]


async def test_two_processes_on_one_folder_lose_and_double_nothing(tmp_path):
    old, new = start(tmp_path), start(tmp_path)
    async with trio.open_nursery() as nursery:
        for n, post in enumerate(numbered(40)):
            nursery.start_soon(send, (old, new)[n % 2], post)
            nursery.start_soon(send, (new, old)[n % 2], post)
    assert sorted(texts(tmp_path)) == sorted(post.text for post in numbered(40))
    assert (tmp_path / "public/items/order").stat().st_size == 40 * 37


# ---------------------------------------------------------------- faults


FULL = Later("no room on the disk", scope="destination")


def files(tmp_path):
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("step", range(12))
async def test_a_disk_full_at_any_step_is_later_and_leaves_nothing_half_written(
    tmp_path, monkeypatch, step
):
    """Each write of one send in turn fails once; the same part is then posted whole."""
    feed = start(tmp_path)
    await fill(feed, numbered(49))
    calls = []

    def fails(real):
        def call(*args, **more):
            calls.append(real)
            if len(calls) == step + 1:
                raise OSError(errno.ENOSPC, "full")
            return real(*args, **more)

        return call

    with monkeypatch.context() as broken:
        broken.setattr(kit, "write_file", fails(kit.write_file))
        broken.setattr(kit, "sync_folder", fails(kit.sync_folder))
        broken.setattr(shelf.Order, "append", fails(shelf.Order.append))
        [outcome] = await send(feed, a_post("x"))
    assert outcome == FULL if len(calls) > step else isinstance(outcome, Posted)
    assert not [name for name in files(tmp_path) if name.endswith(".tmp")]
    for path in (tmp_path / "public").rglob("*.json"):
        json.loads(path.read_bytes())
    assert isinstance((await send(feed, a_post("x")))[0], Posted)
    assert texts(tmp_path)[0] == "x" and len(texts(tmp_path)) == 50
    assert (tmp_path / "public/items/order").stat().st_size == 50 * 37
    assert texts(tmp_path, "archive-1.json") == texts(tmp_path)


async def test_one_item_that_does_not_fit_does_not_stop_those_that_do(tmp_path, monkeypatch):
    feed = start(tmp_path)
    await feed.check()
    write = kit.write_file

    def tight(folder, name, content, **more):
        if len(content) > 20_000 and name.endswith(".json") and folder.name == "items":
            raise OSError(errno.ENOSPC, "full")
        write(folder, name, content, **more)

    monkeypatch.setattr(kit, "write_file", tight)
    ended = {}

    async def one(name, post):
        [ended[name]] = await send(feed, post)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one, "large", a_post("x" * 20_000))
        nursery.start_soon(one, "small", a_post("small"))
    assert ended["large"] == FULL and isinstance(ended["small"], Posted)
    assert texts(tmp_path) == ["small"]


async def test_a_page_that_could_not_be_renewed_is_renewed_by_check(tmp_path, monkeypatch):
    feed = start(tmp_path)
    await send(feed, a_post("old"))
    write = kit.write_file

    def full(folder, name, content, **more):
        if name == "index.html":
            raise OSError(errno.ENOSPC, "full")
        write(folder, name, content, **more)

    with monkeypatch.context() as broken:
        broken.setattr(kit, "write_file", full)
        assert await send(feed, a_post("new")) == [FULL]
        assert (await feed.check()).trouble == "no room on the disk"
    assert (await feed.check()).trouble == ""
    assert texts(tmp_path) == ["new", "old"]


async def test_half_a_line_of_the_order_is_taken_back(tmp_path, monkeypatch):
    feed = start(tmp_path)
    await send(feed, a_post("old"))
    write = os.write
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", lambda to, what: write(to, what[:20]))
        assert await send(feed, a_post("new")) == [FULL]
    assert (tmp_path / "public/items/order").stat().st_size == 37
    assert len(list((tmp_path / "public/items").glob("*.json"))) == 1
    assert isinstance((await send(feed, a_post("new")))[0], Posted)


async def test_a_folder_that_is_not_there_is_later_and_not_made_elsewhere(tmp_path):
    feed = start(tmp_path / "unmounted")
    assert await send(feed, a_post("x")) == [Later("the folder is not there", scope="destination")]
    assert not (tmp_path / "unmounted").exists()
    [part] = await feed.prepare(a_post("x"))
    assert isinstance(await feed.find(Attempt(part, 1, DATE)), Unknown)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_cannot_be_written_is_later(tmp_path):
    (tmp_path / "public").mkdir(mode=0o555)
    feed = start(tmp_path)
    assert await send(feed, a_post("x")) == [
        Later("the folder cannot be written", scope="destination")
    ]


async def test_a_folder_that_went_away_is_later_and_comes_back(tmp_path):
    feed = start(tmp_path)
    await send(feed, a_post("one"))
    shutil.move(tmp_path / "public", tmp_path / "away")
    (tmp_path / "public").write_bytes(b"a file in its place")
    [outcome] = await send(feed, a_post("two"))
    assert isinstance(outcome, Later) and (await feed.check()).trouble
    (tmp_path / "public").unlink()
    shutil.move(tmp_path / "away", tmp_path / "public")
    await send(feed, a_post("two"))
    assert texts(tmp_path) == ["two", "one"]


async def test_an_item_not_sent_is_surely_absent(tmp_path):
    feed = start(tmp_path)
    await feed.check()
    [part] = await feed.prepare(a_post("x"))
    assert await feed.find(Attempt(part, 1, DATE)) == Absent(strong=True)


# ---------------------------------------------------------------- speed


@pytest.mark.slow
async def test_ten_thousand_items_start_in_two_seconds_and_slow_no_send(tmp_path):
    feed = start(tmp_path)
    posts = numbered(10_000)

    async def some(of):
        for post in of:
            assert isinstance((await send(feed, post))[0], Posted)

    async with trio.open_nursery() as nursery:
        for n in range(50):
            nursery.start_soon(some, posts[n::50])
    began = trio.current_time()
    again = start(tmp_path)
    assert (await again.check()).trouble == ""
    started = trio.current_time()
    await send(again, a_post("one more"))
    assert started - began < 2 and trio.current_time() - started < 0.5
    assert texts(tmp_path)[0] == "one more"

"""What the page writes is what ``relay verify`` accepts, and one changed letter is found."""

from __future__ import annotations

import hashlib
import json
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from bridges.feed import Feed
from bridges.page.item import NOT_XML
from relay.errors import Damaged
from relay.model import Attempt, Post, Posted
from relay.testing.bridge_contract import DATE, TEXTS, FixedClock
from relay.wire.item import key_words, make_item, sign_item, verify_document
from relay.wire.primitives import signing_public

SEED = bytes(range(32))
KEY = signing_public(SEED)


def a_signed_post(text, title="", language="en", *, first="", revision=1):
    """A post as the core hands it over; of ``first``, a later revision."""
    secret = hashlib.sha256(json.dumps([first or text, title]).encode()).digest()
    id = uuid.UUID(bytes=secret[:16], version=4).urn
    item = make_item(id, text, title, language, DATE, SEED, revision, DATE + 6 * 3600)
    return Post(secret, text, title, language, DATE, item, sign_item(item, SEED))


async def publish(folder, *posts):
    made = Feed.Settings(folder=str(folder), url="https://news.example.org")
    feed = Feed(made, None, FixedClock())
    for post in posts:
        [part] = await feed.prepare(post)
        assert isinstance(await feed.send(Attempt(part, 1, DATE), None), Posted)


@pytest.fixture(scope="module")
def page():
    """A page with an archive, full of the texts that are hard to carry."""
    with TemporaryDirectory() as made:
        posts = [a_signed_post(text, title, language) for text, title, language in (
            (TEXTS["persian"], "عنوان & <b>", "fa"),
            (TEXTS["markup"], "<script>", "en"),
            (TEXTS["direction"], "", "und"),
            ("one\r\ntwo\rthree\t \n\n  ", "a\rb\nc\td", "zh-Hant"),
            ("  \n\n]]> &amp;", "", ""),
            ("", "", "und"),
        )]  # fmt: skip
        posts += [a_signed_post(f"number {n}") for n in range(50)]
        trio.run(publish, Path(made) / "public", *posts)
        yield Path(made) / "public"


@pytest.mark.parametrize(
    ("name", "count"),
    [("feed.json", 50), ("feed.xml", 50), ("archive-1.json", 50), ("archive-1.xml", 50)],
)
def test_every_item_of_a_feed_and_of_an_archive_is_verified(page, name, count):
    verified = verify_document((page / name).read_bytes(), KEY)
    assert (verified.count, verified.faults) == (count, ())
    assert verify_document((page / name).read_bytes(), key_words(KEY)) == verified


async def test_a_page_with_an_item_that_was_corrected_is_verified(tmp_path):
    await publish(tmp_path / "public", *(a_signed_post(f"number {n}") for n in range(60)))
    feed = Feed(Feed.Settings(folder=str(tmp_path / "public")), None, FixedClock())
    whole = a_signed_post("number seven, the whole of it", first="number 7", revision=2)
    assert isinstance(await feed.edit(json.loads(whole.item)["id"], whole), Posted)
    for name in ("feed.json", "feed.xml", "archive-1.json", "archive-1.xml"):
        verified = verify_document((tmp_path / "public" / name).read_bytes(), KEY)
        assert (verified.count, verified.faults) == (50, ())
    assert b"the whole of it" in (tmp_path / "public/archive-1.xml").read_bytes()
    for name in ("archive-1.json", "archive-1.xml"):
        document = (tmp_path / "public" / name).read_bytes()
        for before, after in ((b"T17:00", b"T18:00"), (b'"date_modified"', b'"dated_modified"')):
            if before in document:
                forged = document.replace(before, after)
                assert len(verify_document(forged, KEY).faults) == 1


def test_every_items_own_file_is_verified(page):
    files = list((page / "items").glob("*.json"))
    assert len(files) == 56
    assert {verify_document(path.read_bytes(), KEY).faults for path in files} == {()}


def test_another_key_verifies_nothing(page):
    other = signing_public(bytes(32))
    assert len(verify_document((page / "feed.json").read_bytes(), other).faults) == 50


@pytest.mark.parametrize("name", ["feed.json", "feed.xml", "archive-1.json", "archive-1.xml"])
@pytest.mark.parametrize(
    ("written", "changed"),
    [("number 9<", "number 8<"), ("2026-11-18T11", "2026-11-18T12"), ("urn:uuid:", "urn:uuid:0")],
)
def test_one_changed_letter_is_found(page, name, written, changed):
    written = written.replace("<", '"') if name.endswith("json") else written
    changed = changed.replace("<", '"') if name.endswith("json") else changed
    document = (page / name).read_text(encoding="utf-8")
    at = document.rindex(written)  # the feed's own id and date come first
    forged = document[:at] + changed + document[at + len(written) :]
    verified = verify_document(forged.encode(), KEY)
    assert verified.count == 50 and len(verified.faults) == 1


def test_a_changed_letter_of_an_items_file_is_found(page):
    document = next((page / "items").glob("*.json")).read_bytes()
    start = document.index(b'"signed": "') + 11
    for at in range(start, start + 80):
        forged = bytearray(document)
        forged[at] = ord("A") if forged[at] != ord("A") else ord("B")
        assert verify_document(bytes(forged), KEY).faults


CARRIED = st.text(st.characters(codec="utf-8"), max_size=200).filter(
    lambda t: not NOT_XML.search(t)
)


@settings(max_examples=40, deadline=None)
@given(CARRIED, CARRIED)
def test_whatever_text_the_page_takes_it_shows_exactly(text, title):
    with TemporaryDirectory() as made:
        folder = Path(made) / "public"
        trio.run(publish, folder, a_signed_post(text, title))
        for name in ("feed.json", "feed.xml"):
            verified = verify_document((folder / name).read_bytes(), KEY)
            assert (verified.count, verified.faults) == (1, ())


def test_the_index_is_for_people_and_is_no_document_to_verify(page):
    with pytest.raises(Damaged):
        verify_document((page / "index.html").read_bytes(), KEY)

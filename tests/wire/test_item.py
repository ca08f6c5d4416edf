"""Whoever reads the page can tell, with eight words, that all of it is as it was signed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Damaged
from relay.model import Media
from relay.wire import primitives
from relay.wire.item import (
    MAX_BYTES,
    Item,
    Verified,
    are_key_words,
    canonical,
    key_words,
    make_item,
    read_item,
    shown_title,
    sign_item,
    verify_document,
)

SEED, OTHER = bytes(range(32)), bytes(32)
KEY = primitives.signing_public(SEED)
DATE = 1_763_996_400  # 2025-11-24T15:00:00Z
AT = "2025-11-24T16:00:00Z"
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)

POSTS = [
    ("urn:uuid:00000000-0000-8000-8000-000000000001", "نان نیست", "", "fa"),
    ("urn:uuid:00000000-0000-8000-8000-000000000002", 'a <b> & "c"', "A title", "en"),
    ("urn:uuid:00000000-0000-8000-8000-000000000003", "no language", "", "und"),
]
PICTURE = Media("image/jpeg", b"a picture", "a wall & a <door>", width=1200, height=800)
FILM = Media("video/mp4", b"a film", "", b"its poster", 1280, 720, 31)
SOUND = Media("audio/mp4", b"a sound", "a voice", seconds=7)
MEDIA = (PICTURE, FILM, SOUND)


def proof(signed, seed=SEED):
    return {
        "signed": base64.b64encode(signed).decode(),
        "sig": base64.b64encode(sign_item(signed, seed)).decode(),
    }


def signed_items(seed=SEED):
    return [make_item(id, text, title, lang, DATE, seed) for id, text, title, lang in POSTS]


def a_json_feed(seed=SEED):
    items = []
    for signed in signed_items(seed):
        one = read_item(signed)
        made = {"id": one.id, "content_text": one.text, "date_published": one.date}
        if one.titled:
            made["title"] = one.title
        if one.language != "und":
            made["language"] = one.language
        items.append({**made, "_outword": proof(signed, seed)})
    return {"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items}


def an_atom_feed(seed=SEED):
    entries = ""
    for signed in signed_items(seed):
        one, given = read_item(signed), proof(signed, seed)
        lang = "" if one.language == "und" else f' xml:lang="{one.language}"'
        entries += (
            f"<entry{lang}><id>{one.id}</id><title>{escape(one.title)}</title>"
            f"<published>{one.date}</published><updated>{one.date}</updated>"
            f'<content type="text">{escape(one.text)}</content>'
            f'<o:signed sig="{given["sig"]}">{given["signed"]}</o:signed></entry>'
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        f'xmlns:o="urn:outword:1"><id>x</id><title>News</title>{entries}</feed>'
    )


def as_json(document):
    return json.dumps(document, ensure_ascii=False).encode()


def faults(document, key=KEY):
    document = as_json(document) if isinstance(document, dict) else document
    return verify_document(document.encode() if isinstance(document, str) else document, key).faults


# ---------------------------------------------------------------- an item


def test_the_bytes_of_an_item_are_these():
    id, text = POSTS[0][0], "خبر"
    assert make_item(id, text, "", "fa", DATE, SEED).decode() == (
        '{"date":"2025-11-24T15:00:00Z","id":"urn:uuid:00000000-0000-8000-8000-000000000001",'
        '"key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=","language":"fa",'
        '"text":"خبر","title":"خبر","titled":false,"v":1}'
    )


@given(TEXT, TEXT, TEXT)
def test_an_item_is_read_as_it_was_made(text, title, language):
    item = read_item(make_item("urn:x", text, title, language, DATE, SEED))
    assert (item.text, item.language, item.titled) == (text, language, bool(title))
    assert item.title == (title or shown_title(text))
    assert item.date == "2025-11-24T15:00:00Z"


def test_an_item_that_was_corrected_has_its_revision_and_all_else_stays():
    id, text, title, lang = POSTS[0]
    first, later = (make_item(id, text, title, lang, DATE, SEED, n, DATE + 7000) for n in (1, 3))
    more = {"revision": 3, "updated": "2025-11-24T16:00:00Z"}
    assert json.loads(later) == json.loads(first) | more
    assert (read_item(first).revision, read_item(later).revision) == (1, 3)
    assert (read_item(first).updated, read_item(later).updated) == ("", more["updated"])
    assert first == make_item(id, text, title, lang, DATE, SEED)


def test_a_signature_is_ed25519_over_the_prefix_and_the_bytes():
    signed = signed_items()[0]
    sig = sign_item(signed, SEED)
    assert len(sig) == 64 and primitives.signed(KEY, b"outword/1/item" + signed, sig)
    assert not primitives.signed(KEY, signed, sig)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("  first \n second", "first"),
        ("\n \u2028first\rsecond", "first"),
        ("", "…"),
        (" \n\t", "…"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 58 + " yz", "x" * 58 + "…"),
    ],
)
def test_an_item_without_a_title_is_shown_under_its_first_line(text, title):
    assert shown_title(text) == title


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"v": None}, {"titled": 1}, {"text": None}, {"date": 5}, {"more": ""},
        {"key": None}, {"revision": 2}, {"updated": AT}, {"revision": 2, "updated": 7},
        *({"updated": AT, "revision": no} for no in (1, True, "2", 1001)),
    ],
)  # fmt: skip
def test_an_item_of_another_shape_is_damaged(change):
    made = {**json.loads(signed_items()[0]), **change}
    with pytest.raises(Damaged):
        read_item(as_json(made))


def test_an_item_has_one_spelling_only():
    good = signed_items()[0]
    assert read_item(good)
    made = json.loads(good)
    twice = good[:-1] + b',"v":1}'
    backwards = json.dumps(dict(reversed(made.items())), ensure_ascii=False, separators=(",", ":"))
    for other in (good + b" ", twice, json.dumps(made).encode(), backwards.encode()):
        assert json.loads(other) == made
        with pytest.raises(Damaged):
            read_item(other)


def test_an_item_is_dated_by_the_hour_whatever_it_is_given():
    assert make_item("urn:x", "t", "", "und", DATE + 3599, SEED) == make_item(
        "urn:x", "t", "", "und", DATE, SEED
    )


def test_a_lone_surrogate_is_never_signed():
    with pytest.raises(ValueError):
        make_item("urn:x", "\ud800", "", "und", DATE, SEED)


@pytest.mark.parametrize("bytes_", [b"", b"[]", b"1", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_item_is_damaged(bytes_):
    with pytest.raises(Damaged):
        read_item(bytes_)


def test_an_item_prints_nothing_of_itself():
    item = Item("urn:x", "d", "a title", True, "a text", "en", "k")
    assert "a text" not in repr(item) and "a title" not in repr(item)


def test_an_item_says_of_its_media_their_digests_and_measures():
    id, text, title, lang = POSTS[0]
    without = make_item(id, text, title, lang, DATE, SEED)
    item = make_item(id, text, title, lang, DATE, SEED, media=(PICTURE, FILM))
    assert json.loads(item) == json.loads(without) | {
        "media": [
            {
                "type": "image/jpeg",
                "sha256": hashlib.sha256(b"a picture").hexdigest(),
                "bytes": 9,
                "alt": "a wall & a <door>",
                "width": 1200,
                "height": 800,
            },
            {
                "type": "video/mp4",
                "sha256": hashlib.sha256(b"a film").hexdigest(),
                "bytes": 6,
                "poster": hashlib.sha256(b"its poster").hexdigest(),
                "width": 1280,
                "height": 720,
                "seconds": 31,
            },
        ]
    }
    picture, film = read_item(item).media
    assert picture.name == f"media/{picture.sha256}.jpg" and picture.poster_name == ""
    assert film.poster_name == f"media/{film.poster}.jpg" and film.name.endswith(".mp4")
    assert make_item(id, text, title, lang, DATE, SEED, media=()) == without
    assert "wall" not in repr(picture)


@pytest.mark.parametrize(
    "media",
    [[Media("image/svg+xml", b"<svg/>")], [Media("image/jpeg", b"")], [PICTURE] * 51],
)
def test_what_no_cleaner_makes_is_never_signed(media):
    with pytest.raises(ValueError):
        make_item("urn:x", "t", "", "und", DATE, SEED, media=media)


@pytest.mark.parametrize(
    "change",
    [
        {"bytes": 0}, {"bytes": "9"}, {"bytes": 9.5}, {"bytes": True}, {"bytes": 2**31},
        {"type": "image/svg+xml"}, {"type": []}, {"type": None}, {"sha256": "x"},
        {"sha256": "A" * 64}, {"alt": ""}, {"alt": 5}, {"width": -1}, {"poster": "y"}, {"more": 1},
    ],
)  # fmt: skip
def test_a_medium_of_another_shape_is_damaged(change):
    made = json.loads(make_item("urn:x", "t", "", "und", DATE, SEED, media=[PICTURE]))
    made["media"][0] |= change
    with pytest.raises(Damaged):
        read_item(canonical(made))


@pytest.mark.parametrize("media", [[], {}, None, "x", [None], [[]], [{}], [1]])
def test_a_list_of_media_that_is_none_is_damaged(media):
    made = json.loads(make_item("urn:x", "t", "", "und", DATE, SEED)) | {"media": media}
    with pytest.raises(Damaged):
        read_item(canonical(made))


# ---------------------------------------------------------------- the key as words


def test_the_words_of_a_known_key():
    assert key_words(KEY) == WORDS
    assert hashlib.sha256(KEY).digest()[:2].hex() == "5647"


WORDS = "jinal-jopol-jidog-hitas-bapaj-tutit-rusor-sopul"


@pytest.mark.parametrize("slip", ["", "kavub", WORDS[:-1], WORDS + "-kavub", WORDS[:-1] + "e"])
def test_words_with_a_slip_are_no_words_of_a_key(slip: str) -> None:
    assert are_key_words(WORDS) and are_key_words(WORDS.upper().replace("-", " "))
    assert not are_key_words(slip)


@given(st.binary(min_size=32, max_size=32))
def test_the_words_say_128_bits_and_no_letter_is_ambiguous(key):
    words = key_words(key).split("-")
    assert len(words) == 8
    bits = 0
    for word in words:
        assert re.fullmatch("([bdfghjklmnprstvz][aiou]){2}[bdfghjklmnprstvz]", word)
        for letter, letters in zip(
            word, ["bdfghjklmnprstvz", "aiou"] * 2 + ["bdfghjklmnprstvz"], strict=True
        ):
            bits = bits * len(letters) + letters.index(letter)
    assert bits.to_bytes(16, "big") == hashlib.sha256(key).digest()[:16]


def test_the_published_example_of_a_proquint():
    """127.0.0.1 is lusab-babad: arXiv:0901.4016."""
    from relay.wire.item import _word

    assert (_word(0x7F00), _word(0x0001)) == ("lusab", "babad")


# ---------------------------------------------------------------- documents


def test_what_was_signed_is_good_in_each_of_three_documents():
    for document in (as_json(a_json_feed()), an_atom_feed().encode()):
        verified = verify_document(document, KEY)
        assert (verified.count, verified.faults) == (3, ())
    verified = verify_document(as_json(proof(signed_items()[0])), KEY)
    assert (verified.count, verified.faults) == (1, ())


def test_the_words_do_as_well_as_the_key_however_they_are_written():
    words = key_words(KEY)
    for said in (words, words.upper(), words.replace("-", " "), f"  {words.title()}\n"):
        assert faults(a_json_feed(), said) == ()
    for said in ("", words[:-6], words + "-babab", words.replace(words[0], "q", 1)):
        assert len(faults(a_json_feed(), said)) == 3


def test_another_key_verifies_nothing():
    for document in (a_json_feed(OTHER), an_atom_feed(OTHER), proof(signed_items()[0], OTHER)):
        assert faults(document)
    assert len(faults(a_json_feed(), primitives.signing_public(OTHER))) == 3
    assert len(faults(a_json_feed(), key_words(primitives.signing_public(OTHER)))) == 3


def test_an_item_that_names_one_key_and_is_signed_with_another_is_a_fault():
    feed = a_json_feed()
    feed["items"][1]["_outword"] = proof(signed_items(SEED)[1], OTHER)
    assert faults(feed) == ("item 2: it is not signed with this key",)


@pytest.mark.parametrize("n", range(3))
@pytest.mark.parametrize("field", ["id", "content_text", "date_published", "title", "language"])
def test_one_changed_letter_of_any_field_of_any_item_of_a_json_feed_is_a_fault(n, field):
    feed = a_json_feed()
    shown = feed["items"][n].get(field, "")
    for changed in (shown + "x", shown[1:] + "y", "z"):
        feed["items"][n][field] = changed
        [fault] = faults(feed)
        assert fault.startswith(f"item {n + 1}: ") and changed not in fault


@pytest.mark.parametrize("field", ["id", "content_text", "date_published", "title", "language"])
def test_a_field_that_is_missing_or_no_text_is_a_fault(field):
    for value in (None, 5, ["x"], {}):
        feed = a_json_feed()
        feed["items"][1][field] = value
        assert len(faults(feed)) == 1
    feed = a_json_feed()
    del feed["items"][1][field]
    assert len(faults(feed)) == 1


@pytest.mark.parametrize(
    "field", ["content_html", "summary", "image", "external_url", "attachments", "authors"]
)
def test_a_field_beside_the_signed_ones_that_a_reader_may_show_is_a_fault(field):
    feed = a_json_feed()
    feed["items"][0][field] = "<p>forged</p>"
    assert faults(feed) == ("item 1: it shows what was not signed",)


def test_equal_keys_of_which_one_reader_shows_the_first_are_refused():
    document = as_json(a_json_feed()).replace(
        b'"content_text": "no language"', b'"content_text": "forged", "content_text": "no language"'
    )
    with pytest.raises(Damaged):
        faults(document)


def test_a_feed_cannot_hide_behind_the_file_of_an_item():
    """A feed reader would show its items; only the proof beside them would be checked."""
    forged = {**a_json_feed(), **proof(signed_items()[0])}
    forged["items"][0]["content_text"] = "forged"
    assert len(faults(forged)) == 1


@pytest.mark.parametrize(
    "proof_", [None, {}, "x", {"signed": 1, "sig": 2}, {"sig": "", "signed": ""}]
)
def test_an_unsigned_item_is_a_fault(proof_):
    feed = a_json_feed()
    feed["items"][2]["_outword"] = proof_
    assert faults(feed) == ("item 3: its signature cannot be read",)
    atom = re.sub("<o:signed.*?</o:signed>", "", an_atom_feed(), count=1)
    assert faults(atom) == ("item 1: its signature cannot be read",)


def test_the_proof_of_one_item_is_no_proof_of_another():
    feed = a_json_feed()
    feed["items"][0]["_outword"] = feed["items"][1]["_outword"]
    assert len(faults(feed)) == 1


@pytest.mark.parametrize("element", ["id", "title", "published", "updated", "content"])
@pytest.mark.parametrize("n", range(3))
def test_one_changed_letter_of_any_element_of_any_entry_is_a_fault(element, n):
    atom = an_atom_feed()
    entry = [m.start() for m in re.finditer("<entry", atom)][n]
    at = atom.index(">", atom.index(f"<{element}", entry)) + 1
    for changed in (atom[:at] + "x" + atom[at:], atom[:at] + "x" + atom[at + 1 :]):
        [fault] = faults(changed)
        assert fault.startswith(f"item {n + 1}: ")


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ('xml:lang="fa"', 'xml:lang="en"'),
        (' xml:lang="fa"', ""),
        ("<content ", "<summary>forged</summary><content "),
        ("<content ", "<content>forged</content><content "),
        ("</content>", "<b>forged</b></content>"),
        ("</title>", "<b>forged</b></title>"),
        ('<content type="text"', '<content type="html"'),
        ("<title>", '<title type="html">'),
        ('<content type="text"', '<content src="http://192.0.2.1/"'),
        ("<content ", "<entry><title>forged</title></entry><content "),
        ("<content ", '<h:p xmlns:h="http://www.w3.org/1999/xhtml">forged</h:p><content '),
        ("</o:signed>", "<b>forged</b></o:signed>"),
        ("<content ", '<link rel="enclosure" href="http://192.0.2.1/x.mp4"/><content '),
        (' xml:lang="fa"', ' xml:lang="fa" xml:base="http://192.0.2.1/"'),
    ],
)
def test_what_an_entry_shows_beside_what_was_signed_is_a_fault(written, changed):
    atom = an_atom_feed()
    head, first, rest = atom.partition("<entry")  # the title of the feed itself is not signed
    assert written in rest
    found = faults(head + first + rest.replace(written, changed, 1))
    assert found and found[0].startswith("item 1: ")


def test_links_of_an_entry_are_not_signed_and_are_let_through():
    atom = an_atom_feed().replace("<content ", '<link rel="alternate" href="https://x/"/><content ')
    assert faults(atom) == ()


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_of_an_items_file_is_a_fault_or_no_document(at, change):
    document = bytearray(as_json(proof(signed_items()[0])))
    document[at % len(document)] ^= change
    try:
        verified = verify_document(bytes(document), KEY)
    except Damaged:
        return
    assert verified.faults


# ---------------------------------------------------------------- media in documents


def an_attachment(one, at="https://news.example.org/"):
    kinds = {"image/jpeg": "jpg", "video/mp4": "mp4", "audio/mp4": "m4a"}
    digest = hashlib.sha256(one.content).hexdigest()
    made = {"url": f"{at}media/{digest}.{kinds[one.type]}", "mime_type": one.type}
    made |= {"title": one.alt} if one.alt else {}
    made["size_in_bytes"] = len(one.content)
    return made | ({"duration_in_seconds": one.seconds} if one.seconds else {})


def a_json_feed_with_media(media=MEDIA, **of):
    feed = a_json_feed()
    id, text, title, lang = POSTS[1]
    signed = make_item(id, text, title, lang, DATE, SEED, media=media)
    feed["items"][1] |= {
        "attachments": [an_attachment(one, **of) for one in media],
        "_outword": proof(signed),
    }
    return feed


def an_atom_feed_with_media(media=MEDIA):
    id, text, title, lang = POSTS[1]
    given = proof(make_item(id, text, title, lang, DATE, SEED, media=media))
    links = ""
    for one in media:
        made = an_attachment(one)
        title = f' title="{escape(made["title"])}"' if "title" in made else ""
        links += (
            f'<link rel="enclosure" href="{made["url"]}" type="{one.type}" '
            f'length="{made["size_in_bytes"]}"{title}/>'
        )
    before, first, rest = an_atom_feed().partition(f'<entry xml:lang="{lang}">')
    entry, end, after = rest.partition("</entry>")
    sealed = f'<o:signed sig="{given["sig"]}">{given["signed"]}</o:signed>'
    entry = re.sub("<o:signed.*</o:signed>", links + sealed, entry)
    return before + first + entry + end + after


def test_media_that_were_signed_are_good_wherever_a_copy_of_the_page_lies():
    names = {f"media/{hashlib.sha256(one.content).hexdigest()}" for one in MEDIA}
    names.add(f"media/{hashlib.sha256(FILM.poster).hexdigest()}")
    for document in (
        as_json(a_json_feed_with_media()),
        as_json(a_json_feed_with_media(at="")),
        as_json(a_json_feed_with_media(at="http://mirror.example/a/b/")),
        an_atom_feed_with_media().encode(),
    ):
        verified = verify_document(document, KEY)
        assert (verified.count, verified.faults) == (3, ())
        assert {name.partition(".")[0] for name, _ in verified.media} == names
        assert all(digest in name for name, digest in verified.media)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://news.example.org/media/" + "0" * 64 + ".jpg"},
        {"url": "media/x.jpg"}, {"url": None}, {"mime_type": "image/png"}, {"mime_type": 1},
        {"title": "another wall"}, {"title": ""}, {"title": 5}, {"size_in_bytes": 10},
        {"size_in_bytes": "9"}, {"size_in_bytes": 9.0}, {"duration_in_seconds": 3},
        {"duration_in_seconds": True}, {"content_html": "x"},
    ],
)  # fmt: skip
def test_a_medium_shown_otherwise_than_it_was_signed_is_a_fault(change):
    feed = a_json_feed_with_media()
    feed["items"][1]["attachments"][0] |= change
    assert len(faults(feed)) == 1 and faults(feed)[0].startswith("item 2: ")


def test_the_address_of_a_medium_ends_with_its_name_and_with_nothing_else():
    feed = a_json_feed_with_media()
    first = feed["items"][1]["attachments"][0]
    good = first["url"]
    name = good.rpartition("media/")[2]
    for address in (good + "?x", good + "#x", f"https://x/?/media/{name}", f"https://x/m{name}"):
        first["url"] = address
        assert faults(feed) == ("item 2: its media are not what was signed",)


@pytest.mark.parametrize(
    ("before", "good"),
    [
        ("https://mirror.example:8443/copy/", True),
        ("", True),
        ("javascript:alert(1)//", False),
        ("data:text/html,x/", False),
        ("https://evil\\/", False),
        ("java\nscript:x/", False),
    ],
)
def test_the_address_of_a_medium_is_one_of_the_web_or_beside_the_page(before, good):
    feed = a_json_feed_with_media()
    first = feed["items"][1]["attachments"][0]
    first["url"] = before + "media/" + first["url"].rpartition("media/")[2]
    assert (faults(feed) == ()) is good


@pytest.mark.parametrize("change", [lambda m: m[::-1], lambda m: m[1:], lambda m: m + m[:1]])
def test_media_are_all_there_once_and_in_their_order(change):
    feed = a_json_feed_with_media()
    feed["items"][1]["attachments"] = change(feed["items"][1]["attachments"])
    assert faults(feed) == ("item 2: its media are not what was signed",)


@pytest.mark.parametrize("none", [None, [], {}, "x", [None], [[]]])
def test_attachments_that_are_none_are_a_fault(none):
    for feed in (a_json_feed_with_media(), a_json_feed()):
        feed["items"][1]["attachments"] = none
        assert len(faults(feed)) == 1


def test_media_with_the_same_words_have_no_title_or_they_would_be_one_in_two_forms():
    twins = (PICTURE, Media("image/jpeg", b"another", PICTURE.alt))
    assert len(faults(a_json_feed_with_media(twins))) == 1
    feed = a_json_feed_with_media(twins)
    for one in feed["items"][1]["attachments"]:
        del one["title"]
    assert faults(feed) == ()


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ('length="9"', 'length="10"'),
        ('length="9"', 'length="09"'),
        ('length="9"', 'length=""'),
        ('length="9"', 'length="9" hreflang="fa"'),
        ('type="image/jpeg"', 'type="text/html"'),
        (' title="a voice"', ""),
        ("news.example.org/media/", "news.example.org/medium/"),
        ('rel="enclosure"', 'rel="related"'),
    ],
)
def test_an_enclosure_shown_otherwise_than_it_was_signed_is_a_fault(written, changed):
    atom = an_atom_feed_with_media()
    assert written in atom and faults(atom) == ()
    [fault] = faults(atom.replace(written, changed, 1))
    assert fault.startswith("item 2: ")


BOMB = '<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed><title>&b;</title></feed>'


@pytest.mark.parametrize(
    "document",
    [
        BOMB.encode(),
        BOMB.encode("utf-16-le"),
        BOMB.encode("utf-16-be"),
        BOMB.encode("utf-16"),
        b'<!DOCTYPE html><html lang="en"></html>',
        b"",
        b"   ",
        b"plain words",
        b"<feed",
        b"<rss/>",
        b'<?xml-stylesheet href="x"?><feed xmlns="http://www.w3.org/2005/Atom"/>',
        b'<?xml version="1.0" encoding="utf-9"?><feed xmlns="http://www.w3.org/2005/Atom"/>',
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a>" * 8 + b"</a>" * 8 + b"</feed>",
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a/>" * 20_000 + b"</feed>",
        b"{",
        b"{}",
        b"[]",
        b'{"items": {}}',
        b'{"items": [1]}',
        b'{"signed": "x"}',
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_document_of_ours_is_damaged(document):
    with pytest.raises(Damaged):
        verify_document(document, KEY)


def test_entities_within_a_text_are_letters_and_no_declaration():
    signed = make_item("urn:x", "<!DOCTYPE", "", "und", DATE, SEED)
    one = a_json_feed()
    one["items"] = [
        {
            "id": "urn:x",
            "content_text": "<!DOCTYPE",
            "date_published": "2025-11-24T15:00:00Z",
            "_outword": proof(signed),
        }
    ]
    assert faults(one) == ()


def test_a_feed_without_items_has_none_and_no_fault():
    empty = verify_document(b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', KEY)
    assert (empty.count, empty.faults) == (0, ())
    deep, many = b"<a>" * 7 + b"</a>" * 7, b"<a/>" * 19_999  # as much as a feed may have
    for more in (b"", deep, many):
        atom = b'<feed xmlns="http://www.w3.org/2005/Atom">' + more + b"</feed>"
        assert verify_document(atom, KEY) == Verified(0, ())


def test_a_document_is_looked_at_up_to_its_limit():
    empty = b'{"items": []}'
    assert verify_document(empty.ljust(MAX_BYTES), KEY).count == 0
    with pytest.raises(Damaged):
        verify_document(empty.ljust(MAX_BYTES + 1), KEY)

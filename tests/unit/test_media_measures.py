"""What platforms are told of a film, a sound or a picture besides its bytes: sides and length."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridges.atproto.composing import Style as BlueskyStyle
from bridges.atproto.composing import composed as for_bluesky
from bridges.atproto.media import Sizes
from bridges.atproto.ready import Ready
from bridges.atproto.records import record_of
from bridges.channel.composing import Style as TelegramStyle
from bridges.channel.composing import composed as for_telegram
from bridges.channel.media import kind_of
from bridges.channel.publishing import album, measures
from bridges.fediverse.media import fits_of
from bridges.fediverse.server import Server, described
from bridges.kit import parts
from bridges.kit.fitting import ALL, NO_MEDIA
from bridges.kit.grouping import grouped
from bridges.mail_out.letters import Style as MailStyle
from bridges.mail_out.letters import fits_of as mail_fits
from bridges.mail_out.letters import written
from bridges.relays.composing import Style as NostrStyle
from bridges.relays.composing import composed as for_nostr
from bridges.relays.documents import Limits
from bridges.rooms.composing import Style as MatrixStyle
from bridges.rooms.composing import composed as for_matrix
from bridges.rooms.events import content_of
from relay.model import Media
from relay.testing.bridge_contract import a_post
from relay.testing.made import film, photo, sound

FILM = Media("video/mp4", b"a film", "a street", b"its poster", 1280, 720, 31)
VOICE = Media("audio/mp4", b"a voice", "", seconds=9)
ROOF = Media("image/jpeg", b"a roof", "", width=1200, height=800)
EVERY = (ROOF, FILM, VOICE)


def posting(*media):
    return replace(a_post("look"), media=media)


def test_a_part_keeps_all_that_is_known_of_its_media():
    assert parts.thawed(parts.frozen({"text": "x"}, EVERY)) == ({"text": "x"}, EVERY)
    with pytest.raises(ValueError):
        parts.thawed(parts.frozen({}, EVERY)[:-1])


def test_media_that_are_shared_out_keep_what_is_known_of_them():
    assert [one for group in grouped(EVERY, 4, 1000) for one in group] == list(EVERY)


def test_bluesky_keeps_room_for_a_film_and_a_picture():
    style = BlueskyStyle(False, False, Sizes(2_000_000, 50_000_000))
    for medium, shape in ((FILM, (1280, 720)), (ROOF, (1200, 800))):
        [draft] = for_bluesky(posting(medium), style)
        embed = record_of(draft, Ready(blobs=({"x": 1},)))["embed"]
        shown = embed if "video" in embed else embed["images"][0]
        assert (shown["aspectRatio"]["width"], shown["aspectRatio"]["height"]) == shape


def test_telegram_is_told_how_long_and_how_wide_a_film_is():
    assert measures(FILM) == {
        "duration": 31, "width": 1280, "height": 720, "supports_streaming": True,
    }  # fmt: skip
    assert measures(VOICE) == {"duration": 9} and measures(ROOF) == {}
    [draft] = for_telegram(posting(ROOF, FILM), TelegramStyle(False, False, False))
    assert [one["type"] for one in album(draft)] == ["photo", "video"]
    assert album(draft)[1]["duration"] == 31


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    [(2000, 100, "photo"), (2001, 100, "document"), (100, 2001, "document"), (0, 0, "photo")],
)
def test_a_strip_is_no_photo_for_telegram(width, height, kind):
    assert kind_of(replace(ROOF, width=width, height=height)) == kind


def test_matrix_is_told_in_pixels_and_thousandths_of_a_second():
    style = MatrixStyle("m.text", False, True, 48_000)
    _, *files = for_matrix(posting(*EVERY), style, None)
    info = [content_of(f, "k", root=None, after=None, url="mxc://x/y")["info"] for f in files]
    assert (info[0]["w"], info[0]["h"]) == (1200, 800) and "duration" not in info[0]
    assert (info[1]["w"], info[1]["h"], info[1]["duration"]) == (1280, 720, 31_000)
    assert info[2]["duration"] == 9000 and "w" not in info[2]


def test_nostr_says_the_measures_of_what_has_any():
    style = NostrStyle("a" * 64, "wss://r.example", False, "", ("https://m.example",))
    [note] = for_nostr(posting(ROOF, VOICE), Limits(4000), style)
    tags = [tag for tag in note.tags if tag[0] == "imeta"]
    assert "dim 1200x800" in tags[0] and not any(part.startswith("dim") for part in tags[1])


# ---------------------------------------------------------------- what servers take


def test_a_server_is_believed_about_what_it_takes():
    said = {
        "configuration": {
            "media_attachments": {
                "supported_mime_types": ["image/jpeg", "video/mp4"],
                "image_size_limit": 1_000_000,
                "image_matrix_limit": 1_000_000,
                "video_size_limit": 2_000_000,
            }
        }
    }
    assert fits_of(described(said, None)) == replace(
        ALL, image_bytes=1_000_000, image_side=1000, image_types=(), film_bytes=2_000_000,
        sound_bytes=0,
    )  # fmt: skip
    with_sound = replace(Server(), types=frozenset({"image/jpeg", "audio/mp4"}))
    assert fits_of(with_sound).sound_bytes and not fits_of(with_sound).film_bytes
    assert fits_of(replace(Server(), media=0)) == NO_MEDIA


@pytest.mark.parametrize("largest", [100_000, 1_000_000, 10_000_000])
def test_what_fits_into_a_mail_makes_a_mail_that_is_not_too_large(largest):
    style = MailStyle("a@example.org", "", "b@example.org", "", largest)
    room = mail_fits(largest).image_bytes
    for size, taken in ((room, True), (room + room // 20 + 100, False)):
        [first, *_] = written(posting(replace(ROOF, content=b"x" * size, alt="w" * 900)), style)
        assert (first.refuse == "") == taken
        assert len(first.mail) <= largest


def test_what_the_suite_tries_is_what_a_cleaner_makes():
    assert (photo().type, photo().width, photo().height) == ("image/jpeg", 64, 36)
    assert film().poster.startswith(b"\xff\xd8\xff") and film().seconds == 1
    assert sound().content[4:11] == b"ftypM4A" and sound().seconds == 1

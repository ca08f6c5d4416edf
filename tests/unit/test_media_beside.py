"""Pictures, films and sounds where a post is a file or a request: beside it, or named in it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from bridges.folder import Folder
from bridges.webhook import Webhook
from relay.model import Absent, Attempt, Fits, Media, Posted, Removed
from relay.testing.bridge_contract import DATE, FixedClock, a_post

ROOF = Media("image/jpeg", b"a roof", "a roof", width=12, height=8)
FILM = Media("video/mp4", b"a film", "", b"its poster", 1280, 720, 31)
POST = replace(a_post("with media"), media=(ROOF, FILM))


# ---------------------------------------------------------------- folder


def folder(tmp_path):
    return Folder(Folder.Settings(folder=str(tmp_path)), None, FixedClock())


async def put(bridge, post=POST):
    [part] = await bridge.prepare(post)
    return part, await bridge.send(Attempt(part, 1, DATE), None)


async def test_media_lie_beside_the_file_of_a_post_under_its_key(tmp_path):
    part, ended = await put(folder(tmp_path))
    made = json.loads((tmp_path / f"{part.key}.json").read_bytes())
    assert ended == Posted(f"{part.key}.json") and made["text"] == "with media"
    assert made["media"] == [
        {"file": f"{part.key}.1.jpg", "type": "image/jpeg", "bytes": 6, "alt": "a roof",
         "width": 12, "height": 8},
        {"file": f"{part.key}.2.mp4", "type": "video/mp4", "bytes": 6, "width": 1280,
         "height": 720, "seconds": 31, "poster": f"{part.key}.2.poster.jpg"},
    ]  # fmt: skip
    for name, content in (("1.jpg", ROOF.content), ("2.mp4", FILM.content),
                          ("2.poster.jpg", FILM.poster)):  # fmt: skip
        assert (tmp_path / f"{part.key}.{name}").read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 4


async def test_times_of_files_show_the_hour_of_their_post(tmp_path):
    await put(folder(tmp_path))
    assert {path.stat().st_mtime for path in tmp_path.iterdir()} == {DATE - DATE % 3600}


async def test_a_post_without_media_is_the_file_it_always_was(tmp_path):
    part, _ = await put(folder(tmp_path), a_post())
    [path] = tmp_path.iterdir()
    assert path.read_bytes() == part.payload and "media" not in json.loads(part.payload)


async def test_what_lies_beside_is_there_before_the_file_and_goes_with_it(tmp_path, monkeypatch):
    from bridges import kit

    written = []
    write = kit.write_file
    monkeypatch.setattr(
        kit,
        "write_file",
        lambda *of, **when: (written.append(of[1].rpartition(".")[2]), write(*of, **when)),
    )
    bridge = folder(tmp_path)
    part, ended = await put(bridge)
    assert written == ["jpg", "mp4", "jpg", "json"]
    (tmp_path / "another.json").write_text("{}")
    for _ in range(2):
        assert await bridge.remove(ended.ref) == Removed()
        assert [path.name for path in tmp_path.iterdir()] == ["another.json"]
    assert await bridge.find(Attempt(part, 1, DATE)) == Absent(strong=True)


# ---------------------------------------------------------------- webhook


async def body(post=POST, **settings):
    made = Webhook.Settings(url="https://example.org/in", **settings)
    bridge = Webhook(made, None, FixedClock())
    [part] = await bridge.prepare(post)
    return bridge, json.loads(part.payload)


async def test_a_receiver_is_told_the_names_that_media_have_on_the_page():
    bridge, made = await body()
    digest, film = (hashlib.sha256(one.content).hexdigest() for one in POST.media)
    assert made["media"] == [
        {"type": "image/jpeg", "size": 6, "sha256": digest, "file": f"{digest}.jpg",
         "alt": "a roof", "width": 12, "height": 8},
        {"type": "video/mp4", "size": 6, "sha256": film, "file": f"{film}.mp4", "width": 1280,
         "height": 720, "seconds": 31, "poster": hashlib.sha256(b"its poster").hexdigest()},
    ]  # fmt: skip
    assert bridge.fits == Fits()


async def test_a_post_without_media_is_told_as_it_always_was():
    _, made = await body(a_post(), media="whole")
    assert "media" not in made


async def test_whole_media_go_along_until_there_is_no_room():
    big = replace(ROOF, content=b"x" * 9_000)
    bridge, made = await body(
        replace(POST, media=(big, big, FILM)), media="whole", media_bytes=10_000
    )
    assert [base64.b64decode(one.get("content", "")) for one in made["media"]] == [
        big.content, b"", FILM.content,
    ]  # fmt: skip
    assert bridge.fits == Fits(image_bytes=10_000, film_bytes=10_000, sound_bytes=10_000)


@pytest.mark.parametrize("media_bytes", [0, 9_999, 50_000_001])
def test_the_room_for_whole_media_has_its_limits(media_bytes):
    with pytest.raises(ValueError):
        Webhook.Settings(url="https://example.org/in", media="whole", media_bytes=media_bytes)

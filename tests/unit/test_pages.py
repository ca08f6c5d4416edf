"""The page's folder, served: what is in it and is public, and nothing else."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from relay.transports.pages import AT_ONCE, MOST_BYTES, Pages, Stretch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.html").write_text("secret")
    public = tmp_path / "public"
    (public / "items").mkdir(parents=True)
    (public / "index.html").write_text("<p>home")
    (public / "feed.json").write_text("{}")
    (public / "feed.xml").write_text("<feed/>")
    (public / "style.css").write_text("p{}")
    (public / "archive-1.html").write_text("old")
    (public / "items" / "a-1.html").write_text("one")
    (public / "items" / "order").write_text("a-1\n")
    (public / ".hidden.html").write_text("hidden")
    (public / "link.html").symlink_to(tmp_path / "secret.html")
    (public / "out").symlink_to(tmp_path)
    (public / "inside.html").symlink_to("index.html")
    os.mkfifo(public / "pipe.html")
    (public / "folder.html").mkdir()
    return public


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        (b"/", b"<p>home", "text/html; charset=utf-8"),
        (b"/index.html", b"<p>home", "text/html; charset=utf-8"),
        (b"/feed.json", b"{}", "application/json; charset=utf-8"),
        (b"/feed.xml", b"<feed/>", "application/atom+xml; charset=utf-8"),
        (b"/style.css", b"p{}", "text/css; charset=utf-8"),
        (b"/archive-1.html", b"old", "text/html; charset=utf-8"),
        (b"/items/a-1.html", b"one", "text/html; charset=utf-8"),
    ],
)
def test_the_page_is_served(folder: Path, path: bytes, body: bytes, kind: str) -> None:
    status, headers, served = Pages(folder).answer(path)
    assert (status, served, dict(headers)["content-type"]) == (200, body, kind)


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"*",
        b"index.html",
        b"http://x/index.html",
        b"/items/",
        b"/items",
        b"/items/order",
        b"/nothing.html",
        b"//index.html",
        b"/./index.html",
        b"/../secret.html",
        b"/items/../index.html",
        b"/%2e%2e/secret.html",
        b"/items/%2e%2e%2fsecret.html",
        b"/index%2ehtml",
        b"/index.html%00",
        b"/index.html\0",
        b"/..\\secret.html",
        b"/.hidden.html",
        b"/link.html",
        b"/inside.html",
        b"/out/secret.html",
        b"/out/public/index.html",
        b"/pipe.html",
        b"/folder.html",
        b"/folder.html/",
        b"/index.html/",
        b"/index.html/x.html",
        b"/" + b"a" * 255 + b".html",
        b"/" + b"a/" * 3000 + b"x.html",
        b"/index.html\n",
        b"/feed.json?x=1",
        "/ی.html".encode(),
    ],
)
def test_nothing_else_is_there(folder: Path, path: bytes) -> None:
    status, _, body = Pages(folder).answer(path)
    assert (status, body) == (404, b"")


def test_a_folder_without_its_slash_is_a_step_away(folder: Path) -> None:
    (folder / "send").mkdir()
    (folder / "send" / "index.html").write_text("<p>ways")
    (folder / "send" / "ways.json").write_text("{}")
    assert Pages(folder).answer(b"/send/")[0::2] == (200, b"<p>ways")
    assert Pages(folder).answer(b"/send/ways.json")[0::2] == (200, b"{}")
    status, headers, body = Pages(folder).answer(b"/send")
    assert (status, dict(headers)["location"], body) == (301, "send/", b"")
    assert dict(headers)["cache-control"] == "no-cache"
    assert Pages(folder).answer(b"/send/ways.json/")[0] == 404
    (folder / "index.html").unlink()
    assert Pages(folder).answer(b"")[0] == Pages(folder).answer(b"/")[0] == 404


@pytest.mark.parametrize("path", [b"/linked", b"/piped", b"/looped", b"/.send", b"//send"])
def test_a_step_leads_nowhere_else(folder: Path, path: bytes) -> None:
    (folder.parent / "away").mkdir()
    (folder.parent / "away" / "index.html").write_text("away")
    (folder / ".send").mkdir()
    (folder / ".send" / "index.html").write_text("hidden")
    (folder / "send").mkdir()
    (folder / "send" / "index.html").write_text("ways")
    (folder / "linked").symlink_to(folder.parent / "away")
    (folder / "looped").symlink_to("looped")
    os.mkfifo(folder / "piped")
    assert Pages(folder).answer(path)[0::2] == (404, b"")


def test_a_folder_that_is_not_there_yet_has_nothing(tmp_path: Path) -> None:
    assert Pages(tmp_path / "public").answer(b"/")[0] == 404


def test_a_reader_that_has_it_is_told_so_until_it_changes(folder: Path) -> None:
    pages = Pages(folder)
    tag = dict(pages.answer(b"/")[1])["etag"]
    for asked in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        status, headers, body = pages.answer(b"/", asked)
        assert (status, dict(headers)["etag"], body) == (304, tag, b"")
    assert pages.answer(b"/", '"x"')[0] == 200
    (folder / "new").write_text("<p>news")
    (folder / "new").rename(folder / "index.html")
    status, headers, body = pages.answer(b"/", tag)
    assert (status, body) == (200, b"<p>news")
    assert dict(headers)["etag"] != tag


def test_equal_content_has_an_equal_tag_whatever_its_time(folder: Path) -> None:
    before = dict(Pages(folder).answer(b"/")[1])
    os.utime(folder / "index.html", (1, 7200))
    after = dict(Pages(folder).answer(b"/")[1])
    assert before["etag"] == after["etag"]
    assert after["last-modified"] == "Thu, 01 Jan 1970 02:00:00 GMT"


def test_a_page_runs_nothing_loads_nothing_and_tells_nobody(folder: Path) -> None:
    headers = dict(Pages(folder).answer(b"/")[1])
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "script" not in policy
    assert "unsafe" not in policy and "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_file_at_the_limit_is_served_and_a_larger_one_is_not(folder: Path) -> None:
    for size, status in ((MOST_BYTES, 200), (MOST_BYTES + 1, 404)):
        with (folder / "big.txt").open("wb") as file:
            file.truncate(size)
        told, _, body = Pages(folder).answer(b"/big.txt")
        assert told == status
        if isinstance(body, Stretch):
            body.close()


# ---------------------------------------------------------------- media, and parts of them


MEDIA = b"/media/x.mp4"


def asked(folder: Path, range: str, if_range: str = "") -> tuple[int, dict[str, str], bytes]:
    """The answer to a range of ten bytes, "0123456789"."""
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "x.mp4").write_bytes(b"0123456789")
    status, headers, body = Pages(folder).answer(MEDIA, "", range, if_range)
    assert isinstance(body, bytes)
    return status, dict(headers), body


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.jpg", "image/jpeg"),
        ("x.png", "image/png"),
        ("x.mp4", "video/mp4"),
        ("x.m4a", "audio/mp4"),
    ],
)
def test_media_have_their_types_and_are_guarded_as_all_else(
    folder: Path, name: str, kind: str
) -> None:
    (folder / "media").mkdir()
    (folder / "media" / name).write_bytes(b"bytes")
    status, headers, body = Pages(folder).answer(f"/media/{name}".encode())
    said, plain = dict(headers), dict(Pages(folder).answer(b"/")[1])
    assert (status, body, said["content-type"]) == (200, b"bytes", kind)
    for guard in ("x-content-type-options", "content-security-policy", "cache-control"):
        assert said[guard] == plain[guard]
    assert said["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("range", "told", "body"),
    [
        ("bytes=0-3", "bytes 0-3/10", b"0123"),
        ("bytes=7-", "bytes 7-9/10", b"789"),
        ("bytes=-2", "bytes 8-9/10", b"89"),
        ("bytes=5-5", "bytes 5-5/10", b"5"),
        ("bytes=8-99999", "bytes 8-9/10", b"89"),
        ("BYTES=1-1", "bytes 1-1/10", b"1"),
    ],
)
def test_a_range_is_given(folder: Path, range: str, told: str, body: bytes) -> None:
    status, headers, served = asked(folder, range)
    assert (status, headers["content-range"], served) == (206, told, body)
    assert headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("range", ["bytes=10-", "bytes=99-100", "bytes=-0", "bytes=0-0,2-2"])
def test_a_range_outside_and_more_than_one_are_refused(folder: Path, range: str) -> None:
    status, headers, body = asked(folder, range)
    assert (status, headers["content-range"], body) == (416, "bytes */10", b"")


@pytest.mark.parametrize(
    "range",
    ["", "bytes=", "bytes=-", "bytes=4-2", "lines=1-2", "bytes=a-b", "bytes= 1-2", "x",
     "bytes=" + "9" * 19 + "-", "bytes=0-9", "bytes=-100", "bytes=0-"],
)  # fmt: skip
def test_what_is_no_range_or_all_of_it_is_the_whole_file(folder: Path, range: str) -> None:
    status, headers, body = asked(folder, range)
    assert (status, body) == (200, b"0123456789") and "content-range" not in headers


def test_a_range_of_something_else_than_the_client_has_is_the_whole_of_it(folder: Path) -> None:
    tag = asked(folder, "")[1]["etag"]
    assert asked(folder, "bytes=1-2", tag)[0] == 206
    for other in ('"x"', f"W/{tag}", "Thu, 01 Jan 1970 02:00:00 GMT"):
        assert asked(folder, "bytes=1-2", other)[0::2] == (200, b"0123456789")


def test_a_large_file_is_read_while_it_is_sent(folder: Path) -> None:
    content = os.urandom(AT_ONCE + 100_000)
    (folder / "film.mp4").write_bytes(content)
    for range, start in (("", 0), ("bytes=5-", 5)):
        _, _, body = Pages(folder).answer(b"/film.mp4", "", range)
        assert isinstance(body, Stretch) and body.length == len(content) - start
        pieces = list(iter(body.read, b""))
        assert b"".join(pieces) == content[start:] and max(map(len, pieces)) <= 65536
        body.close()
        body.close()


def test_tags_of_many_files_do_not_pile_up(folder: Path) -> None:
    pages = Pages(folder)
    for n in range(300):
        (folder / "index.html").write_text(str(n))
        os.utime(folder / "index.html", (n, n))
        pages.answer(b"/")
    assert len(pages._tags) <= 256


def test_a_film_that_is_named_by_its_digest_is_not_hashed_for_each_piece(folder: Path) -> None:
    content = b"0123456789"
    name = hashlib.sha256(content).hexdigest()
    (folder / "media").mkdir()
    (folder / "media" / f"{name}.mp4").write_bytes(content)
    (folder / "film.mp4").write_bytes(content)
    pages = Pages(folder)
    _, named, _ = pages.answer(f"/media/{name}.mp4".encode(), "", "bytes=1-2")
    assert not pages._tags
    _, hashed, _ = pages.answer(b"/film.mp4")
    assert dict(named)["etag"] == dict(hashed)["etag"]

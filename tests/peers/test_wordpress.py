"""The bridge "wordpress" before a real WordPress: what stands there, as its own API shows it."""

from __future__ import annotations

from dataclasses import replace
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from wordpress_server import USER, wordpress
from wordpress_server import WordPress as Site

from bridges.kit.matching import same, text_of
from bridges.wordpress import WordPress
from relay.model import Absent, Attempt, Found, Media, Posted, Refused, Removed, Replied
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import DATE, FixedClock, a_post
from relay.testing.made import drawing, film, photo, sound
from relay.testing.stand import as_long_as, picture, secret

LIST = "/wp/v2/posts?status=publish,draft&context=edit&per_page=100"
MEDIA = "/wp/v2/media?per_page=100"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with wordpress(tmp_path_factory.mktemp("wordpress")) as made:
        yield made


@pytest.fixture(autouse=True)
def empty(site: Site):
    """Each test finds an empty blog."""
    for one in site.asks("GET", LIST):
        if one["author"] != 1:
            site.asks("DELETE", f"/wp/v2/posts/{one['id']}?force=true")
    for one in site.asks("GET", MEDIA):
        site.asks("DELETE", f"/wp/v2/media/{one['id']}?force=true")


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """Passes requests on until one whose address has ``before`` in it; then the process dies."""

    def __init__(self, http: HttpOut, before: str) -> None:
        self._http = http
        self._before = before

    async def request(self, method, url, **more):
        if method == "POST" and self._before in url:
            raise Killed
        return await self._http.request(method, url, **more)


def bridge(site: Site, http: object, folder) -> WordPress:
    path = folder / "password"
    password = str(path) if path.exists() else secret(folder, "password", site.password)
    settings = WordPress.Settings(site=site.base, user=USER, password_file=password)
    return WordPress(settings, http, FixedClock())


async def keep(kept: bytes) -> None:
    """The bridge needs nothing of an earlier try."""


def ours(site: Site) -> list[dict]:
    return [one for one in site.asks("GET", LIST) if one["author"] != 1]


async def test_a_long_persian_text_with_a_picture_stands_there_whole(site, tmp_path):
    text = as_long_as(12_000, len) + "\n\nhttps://example.org/fa [gallery] <b>&amp;"
    post = replace(a_post(text, title="شب «بی‌برق» & [x]", language="fa"), media=(picture(),))
    async with HttpOut(None) as http:
        made = bridge(site, http, tmp_path)
        health = await made.check()
        assert health.account and not health.trouble
        [part] = await made.prepare(post)
        posted = await made.send(Attempt(part, 1, DATE), keep)
    assert isinstance(posted, Posted), posted
    [one] = ours(site)
    assert str(one["id"]) == posted.ref and one["status"] == "publish"
    assert one["date_gmt"] == "2026-11-18T11:00:00"
    raw, shown = one["content"]["raw"], one["content"]["rendered"]
    assert raw.startswith('<div dir="rtl" lang="fa"><p>')
    assert 'rel="nofollow ugc noopener noreferrer"' in raw
    assert same(text_of(raw), text)
    assert "&#8220;" not in raw and "<b>" not in shown and "gallery" in shown
    assert "[x]" in text_of(one["title"]["rendered"])
    [medium] = site.asks("GET", MEDIA)
    assert medium["post"] == one["id"] and medium["alt_text"] == picture().alt
    assert f'alt="{picture().alt}"' in shown and medium["source_url"] in shown
    to = urlsplit(medium["source_url"])
    connection = HTTPConnection(str(to.hostname), to.port, timeout=30)
    connection.request("GET", to.path)
    assert connection.getresponse().read() == picture().content
    connection.close()


async def test_all_that_a_cleaner_makes_is_taken_and_shown(site, tmp_path):
    every = (photo(), drawing(), film(), sound())
    async with HttpOut(None) as http:
        made = bridge(site, http, tmp_path)
        [part] = await made.prepare(replace(a_post(), media=every))
        posted = await made.send(Attempt(part, 1, DATE), keep)
    assert isinstance(posted, Posted), posted
    [one] = ours(site)
    shown, there = one["content"]["rendered"], site.asks("GET", MEDIA)
    assert len(there) == 4 and all(medium["source_url"] in shown for medium in there)
    for sort in ("<img ", "<video ", "<audio "):
        assert sort in shown
    held = {medium["mime_type"] for medium in there}
    assert held == {"image/jpeg", "image/png", "video/mp4", "audio/mpeg"}  # so it calls M4A


async def test_the_same_part_twice_is_one_post(site, tmp_path):
    async with HttpOut(None) as http:
        [part] = await bridge(site, http, tmp_path).prepare(a_post())
        first = await bridge(site, http, tmp_path).send(Attempt(part, 1, DATE), keep)
        again = await bridge(site, http, tmp_path).send(Attempt(part, 2, DATE), keep)
    assert isinstance(first, Posted) and again == first
    assert len(ours(site)) == 1


@pytest.mark.parametrize("before", ["/posts?", "/media?", "/posts/"])
async def test_whenever_the_process_dies_there_is_one_post_in_the_end(site, tmp_path, before):
    post = replace(a_post(), media=(picture(1), picture(2)))
    async with HttpOut(None) as http:
        [part] = await bridge(site, http, tmp_path).prepare(post)
        attempt = Attempt(part, 1, DATE - 600)
        with pytest.raises(Killed):
            await bridge(site, Dying(http, before), tmp_path).send(attempt, keep)
        assert all(one["status"] == "draft" for one in ours(site))
        made = bridge(site, http, tmp_path)
        assert await made.find(attempt) == Absent(strong=True)
        posted = await made.send(replace(attempt, n=2), keep)
        assert isinstance(posted, Posted)
        assert await made.find(attempt) == Found(posted.ref, posted.url)
    assert [one["status"] for one in ours(site)] == ["publish"]
    assert len(site.asks("GET", MEDIA)) == 2


async def test_a_name_that_is_taken_makes_no_second_post(site, tmp_path):
    """Two tries that do not see each other: WordPress gives the second draft another slug."""

    class Blind:
        def __init__(self, http: HttpOut) -> None:
            self._http = http

        async def request(self, method, url, **more):
            url = url.replace("slug=r-", "slug=x-") if method == "GET" else url
            return await self._http.request(method, url, **more)

    async with HttpOut(None) as http:
        [part] = await bridge(site, http, tmp_path).prepare(a_post())
        posted = await bridge(site, http, tmp_path).send(Attempt(part, 1, DATE), keep)
        again = await bridge(site, Blind(http), tmp_path).send(Attempt(part, 2, DATE), keep)
    assert isinstance(posted, Posted) and not isinstance(again, Posted)
    assert [str(one["id"]) for one in ours(site)] == [posted.ref]


async def test_a_post_is_changed_with_its_picture_and_removed_with_it(site, tmp_path):
    async with HttpOut(None) as http:
        made = bridge(site, http, tmp_path)
        [part] = await made.prepare(replace(a_post(), media=(picture(1),)))
        posted = await made.send(Attempt(part, 1, DATE), keep)
        assert isinstance(posted, Posted)
        changed = replace(a_post("It is light again."), media=(picture(2),))
        for _ in range(2):
            assert await made.edit(posted.ref, changed) == posted
        [one] = ours(site)
        assert text_of(one["content"]["raw"]).startswith("It is light again.")
        [medium] = site.asks("GET", MEDIA)
        assert medium["alt_text"] == picture(2).alt
        for _ in range(2):
            assert await made.remove(posted.ref) == Removed()
        assert ours(site) == [] and site.asks("GET", MEDIA) == []
        assert isinstance(await made.edit(posted.ref, changed), Refused)


async def test_a_file_that_the_blog_does_not_take_leaves_nothing_behind(site, tmp_path):
    strange = Media("image/png", b"this is no picture at all", "a picture")
    async with HttpOut(None) as http:
        made = bridge(site, http, tmp_path)
        [part] = await made.prepare(replace(a_post(), media=(picture(), strange)))
        outcome = await made.send(Attempt(part, 1, DATE), keep)
    assert isinstance(outcome, Refused), outcome
    assert ours(site) == [] and site.asks("GET", MEDIA) == []


async def test_a_comment_is_read_once_and_never_says_who(site, tmp_path):
    async with HttpOut(None) as http:
        made = bridge(site, http, tmp_path)
        [part] = await made.prepare(a_post())
        posted = await made.send(Attempt(part, 1, DATE), keep)
        assert isinstance(posted, Posted)
        before = await made.replies(b"")
        assert isinstance(before, Replied) and before.replies == ()
        comment(site, posted.ref, "ما خوبیم.\n\nAnd <em>you</em>?")
        site.asks("POST", "/wp/v2/comments", {"post": posted.ref, "content": "our own words"})
        first = await made.replies(before.cursor)
        assert isinstance(first, Replied)
        [reply] = first.replies
        assert (reply.to, reply.text) == (posted.ref, "ما خوبیم.\n\nAnd you?")
        assert reply.date is not None and "somebody" not in repr(reply)
        assert (await made.replies(before.cursor)).replies == first.replies
        assert (await made.replies(first.cursor)).replies == ()


def comment(site: Site, post: str, text: str) -> None:
    """What a visitor does, by the form under a post."""
    to = urlsplit(site.base)
    said = {"comment_post_ID": post, "author": "somebody", "email": "s@example.org"}
    connection = HTTPConnection(str(to.hostname), to.port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(said | {"comment": text, "comment_parent": "0"})
    connection.request("POST", "/wp-comments-post.php", body, headers)
    assert connection.getresponse().status == 302
    connection.close()

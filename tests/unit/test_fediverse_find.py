"""Whether an earlier try is public: what matches, how far the list is read, and when to say no."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fediverse_parts import NOW, Hands, Kept, a_bridge, attempt, post_of, refused, said, status
from fediverse_parts import Server as Scripted

from bridges.fediverse import uploading
from bridges.kit.matching import digest, text_of
from relay.model import Absent, Found, Media, Unknown
from relay.ports import Answer, NoAnswer, NotSent

LIST = "GET /api/v1/accounts/7/statuses"


def at(seconds):
    """That long after NOW, as a server writes it."""
    return datetime.fromtimestamp(NOW + seconds, UTC).isoformat().replace("+00:00", "Z")


async def found(tmp_path, *pages, text="hello", after=None, later=60, kept=b"", **post):
    """What a look says that is made so many seconds after the first try."""
    server = Scripted({LIST: [said(list(page)) for page in pages]})
    bridge = a_bridge(tmp_path, server, Hands(NOW + later))
    who = said(
        {"id": "7"},
        date=datetime.fromtimestamp(NOW + later, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
    )
    server.answers["GET /api/v1/accounts/verify_credentials"] = who
    part = (await bridge.prepare(post_of(text, **post)))[0]
    return await bridge.find(attempt(part, after=after, kept=kept))


OLD = status("1", content="<p>old</p>", created_at=at(-121))
FOUND = Found("5", "https://social.example/@us/5")


# ---------------------------------------------------------------- the text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br />three</p>", "one\n\ntwo\nthree"),
        ("<p>&lt;b&gt; &amp; &quot;x&quot; &#39;y&#39;</p>", "<b> & \"x\" 'y'"),
        (
            '<p>see <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow"><span '
            'class="invisible">https://</span><span class="ellipsis">example.org/a?b=1</span>'
            '<span class="invisible">&amp;c=2</span></a>.</p>',
            "see https://example.org/a?b=1&c=2.",
        ),
        (
            '<p><a href="https://example.org/long">example.org/lo…</a></p>',
            "https://example.org/long",
        ),
        ('<p><a href="http://www.example.org">www.example.org</a></p>', "www.example.org"),
        (
            '<p><span class="h-card"><a href="https://x.example/@bob" class="u-url mention">'
            "@<span>bob</span></a></span> hi</p>",
            "@bob@x.example hi",
        ),
        ('<p><a href="/tags/a" class="mention hashtag">#<span>a</span></a></p>', "#a"),
        ("<p>a b</p>", "a\u2060 \u200fb\ufe0f"),
        ("<p>café</p>", "cafe\u0301"),
        ("<p>a  b\tc</p>", "a b c"),
        ("<p>@bob@host.example</p>", "@\u2060bob@host.example"),
        ("plain", "plain"),
    ],
)
def test_what_servers_change_in_a_text_does_not_matter(html, text):
    assert digest(text_of(html)) == digest(text)


@pytest.mark.parametrize("text", ["Hello", "hello!", "hello (2/2)", "hell o", "", "https://x.org"])
def test_another_text_is_another(text):
    assert digest("hello") != digest(text)


# ---------------------------------------------------------------- one status


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({}, FOUND),
        ({"content": "<p>other</p>"}, Absent(True)),
        ({"created_at": at(-120)}, FOUND),
        ({"created_at": at(-121)}, Absent(True)),
        ({"created_at": at(3000)}, FOUND),
        ({"created_at": None}, FOUND),  # no date: not known to be old
        ({"visibility": "unlisted"}, FOUND),  # what a limited account gets
        ({"visibility": "direct"}, Absent(True)),
        ({"in_reply_to_id": "4"}, Absent(True)),
        ({"reblog": {"id": "5"}}, Absent(True)),
        ({"media_attachments": [{"id": "11"}]}, Absent(True)),
        ({"content": None}, Absent(True)),
        ({"url": None}, Found("5", "")),
    ],
)
async def test_a_status_is_ours_if_text_parent_time_and_readers_are(tmp_path, shown, expected):
    page = [status("5", **{"created_at": at(1), **shown}), OLD]
    assert await found(tmp_path, page) == expected


async def test_in_a_thread_the_parent_must_be_the_part_before(tmp_path):
    page = [status("5", in_reply_to_id="4"), OLD]
    assert await found(tmp_path, page, after="4") == FOUND
    assert await found(tmp_path, page, after="3") == Absent(True)
    number = [status("5", in_reply_to_id=4), OLD]  # some servers write numbers
    assert await found(tmp_path, number, after="4") == FOUND


async def test_two_that_are_alike_are_not_told_apart(tmp_path):
    assert isinstance(await found(tmp_path, [status("5"), status("6"), OLD]), Unknown)
    assert await found(tmp_path, [status("5"), status("5"), OLD]) == FOUND


@pytest.mark.parametrize(
    ("ids", "text", "expected"),
    [
        (["11", "12"], "<p>changed by hand</p>", FOUND),
        (["12"], "<p>hello</p>", FOUND),
        (["99"], "<p>hello</p>", Absent(True)),
        ([], "<p>hello</p>", Absent(True)),
    ],
)
async def test_media_decide_where_there_are_any(tmp_path, ids, text, expected):
    media = [Media("image/png", b"x"), Media("image/png", b"y")]
    kept = uploading.Uploaded(("11", "12"), 2, tried=True).written()
    one = status("5", content=text, media_attachments=[{"id": id} for id in ids])
    assert await found(tmp_path, [one, OLD], media=media, kept=kept) == expected


# ---------------------------------------------------------------- how far, and when


def page(first, n=20):
    return [status(str(first - i), content="<p>x</p>", created_at=at(10)) for i in range(n)]


async def test_the_list_is_read_back_past_the_try(tmp_path):
    assert await found(tmp_path, page(500), page(480), [status("5"), OLD]) == FOUND
    assert await found(tmp_path, page(500), [*page(480), OLD]) == Absent(True)


async def test_a_list_that_ends_is_whole(tmp_path):
    assert await found(tmp_path, page(500, 3), []) == Absent(True)
    assert await found(tmp_path, []) == Absent(True)


async def test_a_list_without_end_is_no_proof(tmp_path):
    pages = [page(10_000 - 20 * n) for n in range(40)]
    assert await found(tmp_path, *pages) == Absent(strong=False)
    assert await found(tmp_path, page(500)) == Absent(strong=False)  # the same page for ever


async def test_a_look_too_soon_is_no_proof(tmp_path):
    assert await found(tmp_path, [OLD], later=29) == Absent(strong=False)
    assert await found(tmp_path, [OLD], later=30) == Absent(strong=True)
    assert await found(tmp_path, [status("5"), OLD], later=0) == FOUND


async def test_a_clock_of_ours_that_is_wrong_does_not_matter(tmp_path):
    """Ours is an hour ahead, at the try as at the look: by the server's it was just now."""
    server = Scripted({LIST: said([status("5", created_at=at(-3599)), OLD])})
    bridge = a_bridge(tmp_path, server, Hands(NOW))
    shown = datetime.fromtimestamp(NOW - 3600, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.answers["GET /api/v1/accounts/verify_credentials"] = said({"id": "7"}, date=shown)
    [part] = await bridge.prepare(post_of())
    assert await bridge.find(attempt(part, first=NOW - 40)) == FOUND


@pytest.mark.parametrize(
    "answer",
    [
        refused(401),
        refused(429),
        refused(500),
        said({"error": "x"}),
        said([5]),
        Answer(200, {}, b"<html>"),
        NotSent("x"),
        NoAnswer("x"),
    ],
)
@pytest.mark.parametrize("what", [LIST, "GET /api/v1/accounts/verify_credentials"])
async def test_a_server_that_does_not_answer_tells_nothing(tmp_path, what, answer):
    server = Scripted()
    bridge = a_bridge(tmp_path, server, Hands(NOW + 60))
    [part] = await bridge.prepare(post_of())
    server.answers[what] = answer
    assert isinstance(await bridge.find(attempt(part)), Unknown)


async def test_a_look_asks_only_and_of_our_own_account(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server, Hands(NOW + 60))
    [part] = await bridge.prepare(post_of())
    server.asked.clear()
    await bridge.find(attempt(part))
    assert {method for method, *_ in server.asked} == {"GET"}
    assert server.asked[-1][1] == "/api/v1/accounts/7/statuses?limit=20&exclude_reblogs=true"


# ---------------------------------------------------------------- two messages with the same words

OLDER = status("1", content="<p>old</p>", created_at=at(-600))


async def test_another_message_with_the_same_words_is_not_taken_for_this_one(tmp_path):
    """Else the second was counted as posted, and to withdraw it took the first one away."""
    listed = said([status("5"), OLDER])
    server = Scripted({"POST /api/v1/statuses": said(status("5")), LIST: listed})
    bridge = a_bridge(tmp_path, server, Hands(NOW + 60))
    [first] = await bridge.prepare(post_of("hello"))
    second = replace(first, key="another")
    await bridge.send(attempt(first), Kept())
    assert await bridge.find(attempt(second)) == Absent(True)
    assert await bridge.find(attempt(first)) == FOUND
    server.answers[LIST] = said([status("6"), status("5"), OLDER])
    assert await bridge.find(attempt(second)) == Found("6", "https://social.example/@us/6")
    assert await bridge.find(attempt(first)) == FOUND


async def test_what_was_found_for_one_is_not_found_for_another(tmp_path):
    server = Scripted({LIST: said([status("5"), OLDER])})
    bridge = a_bridge(tmp_path, server, Hands(NOW + 60))
    [first] = await bridge.prepare(post_of("hello"))
    assert await bridge.find(attempt(first)) == FOUND
    assert await bridge.find(attempt(replace(first, key="another"))) == Absent(True)


@pytest.mark.parametrize(("later", "told"), [(999, Absent(True)), (1000, FOUND)])
async def test_so_many_posts_are_remembered_and_no_more(tmp_path, later, told):
    server = Scripted({LIST: said([status("5"), OLDER])})
    bridge = a_bridge(tmp_path, server, Hands(NOW + 60))
    [first] = await bridge.prepare(post_of("hello"))
    server.answers["POST /api/v1/statuses"] = said(status("5"))
    await bridge.send(attempt(first), Kept())
    for n in range(later):
        server.answers["POST /api/v1/statuses"] = said(status(f"x{n}"))
        await bridge.send(attempt(replace(first, key=f"k{n}")), Kept())
    assert await bridge.find(attempt(replace(first, key="another"))) == told

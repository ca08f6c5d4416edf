"""The page of one message: its words with their dangers, and every order that it gives."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from desk_browser import Browser
from desk_core import DeskCore
from test_desk_lanes import MILL, browser, deed, token

from bench.desk_cards import NOW, one
from relay.desk.core import Order, Refused, Told
from relay.desk.marked import cut_in, pieces, places
from relay.desk.pages.messages import MOST_PLACES
from relay.desk.times import Times, instant_in

ID = str(one(1, "")["id"])


def shown(**more: Any) -> list[Told]:
    return [{"id": ID, "queue": "review", "state": "held", "text": MILL, "title": "", **more}]


def at_message(**more: Any) -> tuple[Browser, DeskCore]:
    said = {word: deed for word in ("note", "ask", "redact", "rewrite", "answer", "retry")}
    ended = "posted" if more.get("public") else "joined" if more.get("state") == "joined" else ""
    card = one(1, MILL, rev=7, **({"held": False, "state": ended} if ended else {}))
    more.pop("public", None)
    return browser(card, one(2, MILL), show=shown(**more), **said)


def sent(what: str, *pairs: tuple[str, str], **more: Any) -> dict[str, Any]:
    """The order that a form of this page makes."""
    at, core = at_message(**more)
    form = [("token", token(at.get(f"/messages/{ID}"))), *pairs]
    page = at.post(f"/messages/{ID}/{what}", form)
    assert page.status == 303, page.text
    [order] = core.given(what)
    return {key: value for key, value in order.items() if key not in ("do", "session", "token")}


def test_dangers_stand_out_in_the_words() -> None:
    marks = [{"kind": "place", "where": "text", "offset": 4, "length": 4}]
    at, _ = at_message(marks=marks)
    page = at.get(f"/messages/{ID}")
    assert 'The <mark class="danger" title="place">mill</mark> at' in page.text
    assert 'value="text:4:4"' in page.text


@pytest.mark.parametrize(
    ("what", "pairs", "order"),
    [
        ("note", [("text", "a\r\nb")], {"id": ID, "text": "a\nb"}),
        ("ask", [("text", "where?")], {"id": ID, "text": "where?"}),
        ("answer", [("reply", "2")], {"id": ID, "reply": 2}),
        ("answer", [("dismiss", "1")], {"id": ID, "dismiss": True}),
        ("retry", [], {"id": ID}),
        ("assign", [("me", "1"), ("to", "bo")], {"ids": [ID], "to": "ada"}),
        ("assign", [("to", " Bo ")], {"ids": [ID], "to": "bo"}),
        ("drop", [("why", "old")], {"ids": [ID], "why": "old"}),
        ("hold", [], {"ids": [ID]}),
        (
            "rewrite",
            [("title", ""), ("text", "other words"), ("rev", "7")],
            {"id": ID, "title": "", "text": "other words", "rev": 7},
        ),
        (
            "redact",
            [("cut", "text:4:4"), ("cut", "alt:2"), ("cut", "nonsense:1:2"), ("rev", "7")],
            {
                "id": ID,
                "cuts": [
                    {"where": "text", "offset": 4, "length": 4},
                    {"where": "alt", "n": 2},
                ],
                "rev": 7,
            },
        ),
        (
            "redact",
            [("where", "text"), ("offset", " 3"), ("length", "2")],
            {"id": ID, "cuts": [{"where": "text", "offset": 3, "length": 2}]},
        ),
        ("publish", [], {"ids": [ID], "with": {}}),
        ("publish", [("group", "on")], {"ids": [ID], "with": {ID: [one(2, "")["id"]]}}),
        (
            "publish",
            [("not_before", "2025-06-15T15:00"), ("medium_of", "1"), ("medium_of", "2"),
             ("medium", "2"), ("destination_of", "page"), ("destination_of", "x"),
             ("destination", "page")],
            {"ids": [ID], "with": {}, "not_before": 1_749_999_600, "only": [2], "without": ["x"]},
        ),
        (
            "publish",
            [("medium_of", "1"), ("medium", "1"), ("destination_of", "x"), ("destination", "x")],
            {"ids": [ID], "with": {}},
        ),
    ],
)  # fmt: skip
def test_a_form_is_an_order(what: str, pairs: list[tuple[str, str]], order: dict[str, Any]) -> None:
    assert sent(what, *pairs) == order


@pytest.mark.parametrize(
    ("what", "pairs"),
    [
        ("redact", []),
        ("redact", [("offset", "1"), ("where", "text")]),
        ("publish", [("not_before", "x")]),
    ],
)
def test_a_form_that_says_nothing_does_nothing(what: str, pairs: list[tuple[str, str]]) -> None:
    at, core = at_message()
    page = at.post(f"/messages/{ID}/{what}", [("token", token(at.get(f"/messages/{ID}"))), *pairs])
    assert page.status in (409, 503) and not core.given(what)


def test_only_what_the_page_knows_can_be_done() -> None:
    at, core = at_message()
    form = {"token": token(at.get(f"/messages/{ID}"))}
    assert at.post(f"/messages/{ID}/panic", form).status == 404
    assert not core.given("panic")


def test_words_that_came_by_sms_are_better_said_otherwise() -> None:
    at, _ = at_message(flags=["sms"])
    assert "the telephone company has these very words" in at.get(f"/messages/{ID}").text


def test_media_are_shown_when_they_are_asked_for() -> None:
    media = [{"n": 1, "type": "image/jpeg", "bytes": 3000, "alt": "a <b>", "width": 3, "height": 4}]
    piece = base64.b64encode(b"\xff\xd8\xff").decode()
    at, _ = at_message(media=media)
    page = at.get(f"/messages/{ID}")
    assert "<details" in page.text.partition("/media/1")[0] and "a &lt;b&gt;" in page.text
    for kind, expected in (
        ("image/jpeg", "image/jpeg"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
    ):
        at, _ = browser(one(1, MILL), media=[{"type": kind}, {"piece": piece}])
        got = at.get(f"/messages/{ID}/media/1")
        assert (got.body, got.header("content-type")) == (b"\xff\xd8\xff", expected)


def test_a_preview_shows_the_very_parts_and_publishes_where_one_wants() -> None:
    there = [
        {"destination": "x", "parts": [{"text": "1/2 words", "count": 9, "most": 280}],
         "media": 0, "left_out": ["a film"], "trouble": ""},
    ]  # fmt: skip
    at, core = browser(one(1, MILL), show=shown(), preview=there)
    page = at.get(f"/messages/{ID}/preview")
    assert "1/2 words" in page.text and "9 of 280 characters" in page.text
    assert 'name="destination" value="x"' in page.text
    words = {"title": "t", "text": "new\r\nwords", "token": "0" * 32}
    assert "Publish it so" not in at.post(f"/messages/{ID}/preview", words).text
    assert core.given("preview")[-1]["text"] == "new\nwords"


def test_a_withdrawal_tells_of_each_destination_what_stayed() -> None:
    rows = [
        {"id": ID, "destination": "page", "gone": True, "why": "", "url": ""},
        {
            "id": ID,
            "destination": "x",
            "gone": False,
            "why": "<i>no</i>",
            "url": "https://x.example",
        },
    ]
    at, core = browser(one(1, MILL, held=False, state="posted"), show=shown(), withdraw=rows)
    form = {"token": "0" * 32}
    page = at.post(f"/messages/{ID}/withdraw", form)
    again = at.post(f"/messages/{ID}/withdraw", form)
    assert page.header("location") == again.header("location")
    assert len(core.given("withdraw")) <= 1
    assert at.get(page.header("location")).status == 200


def test_a_correction_says_whether_earlier_words_may_stay() -> None:
    at, _ = browser(
        one(1, MILL, held=False, state="posted"),
        show=shown(),
        correct=[{"destination": "page", "state": "posted", "why": ""}],
    )
    form = {"token": "0" * 32, "title": "", "text": "right", "hides": "on"}
    assert at.post(f"/messages/{ID}/correct", form).status == 303


def test_how_it_stands_everywhere_has_its_corrections() -> None:
    rows = [
        {"id": ID, "destination": "page", "state": "edited", "why": "", "url": "", "revision": 2},
        {
            "id": ID,
            "destination": "x",
            "state": "beside",
            "why": "<i>an earlier text</i>",
            "url": "",
        },
    ]
    at, _ = browser(one(1, MILL), stands=rows)
    page = at.get(f"/messages/{ID}/stands")
    assert "edited" in page.text and "&lt;i&gt;an earlier text" in page.text


def test_what_was_edited_in_place_stands_there_once() -> None:
    row = {"id": ID, "destination": "page", "state": "edited", "why": "", "url": "https://a/1"}
    at, _ = browser(one(1, MILL), stands=[row, {**row, "id": "c0"}, {**row, "url": "https://a/2"}])
    assert at.get(f"/messages/{ID}/stands").text.count("<td><bdi>page") == 2


def test_how_a_message_that_was_withdrawn_stands_is_a_step_away() -> None:
    at, _ = at_message(read=False, state="withdrawn")
    assert f'href="/messages/{ID}/stands"' in at.get(f"/messages/{ID}").text


@pytest.mark.parametrize("destroyed", [False, True])
def test_what_ended_beside_an_equal_one_may_be_published_after_all(destroyed: bool) -> None:
    at, _ = at_message(queue="ended", state="joined", destroyed=destroyed)
    page = at.get(f"/messages/{ID}")
    assert (f'action="/messages/{ID}/publish"' in page.text) is not destroyed


def test_what_is_sealed_or_gone_says_so() -> None:
    for more in ({"sealed": True}, {"read": False}):
        at, _ = at_message(**more)
        page = at.get(f"/messages/{ID}")
        assert page.status == 200 and MILL not in page.text


def test_a_reader_is_shown_no_forms() -> None:
    at, core = at_message()
    core.people["s-editor"] = {"handle": "ada", "roles": ["reader"], "language": "en", "ends": 0}
    page = at.get(f"/messages/{ID}")
    assert MILL in page.text and "/publish" not in page.text and "/redact" not in page.text


def test_originals_are_for_their_role_and_kept_by_the_browser() -> None:
    piece = base64.b64encode(b"<html>").decode()
    fetched = [{"type": "text/html"}, {"piece": piece}]
    says = {"original": deed, "original-confirm": deed, "original-fetch": fetched}
    at, core = browser(one(1, MILL), session="s-orig", **says)
    page = at.get(f"/originals?id={ID}")
    form = {"token": token(page), "id": ID}
    at.post("/originals", {**form, "ask": "1"})
    at.post("/originals", {**form, "confirm": "1"})
    assert core.given("original")[0]["id"] == core.given("original-confirm")[0]["id"] == ID
    got = at.post("/originals/fetch", {**form, "n": "1"})
    assert got.header("content-disposition").startswith("attachment") and got.body == b"<html>"
    assert browser(one(1, MILL))[0].get("/originals").status == 409


@pytest.mark.parametrize("path", [f"/messages/{ID}", f"/messages/{ID}/preview"])
def test_of_what_nothing_is_published_it_is_said_before_one_publishes(path: str) -> None:
    why = "nothing of ours makes this kind"
    came = [{"type": "application/pdf", "bytes": 41_000, "why": why}, {"type": "image/jpeg"}]
    at, _ = browser(one(1, MILL), show=shown(originals=came), preview=[])
    before, _, after = at.get(path).text.rpartition('data-key="KeyP"')
    assert "1 thing that came along stays out" in before
    assert f"<bdi>application/pdf</bdi>, 41 kB: <bdi>{why}</bdi>" in before
    assert "image/jpeg" not in before and after
    at, _ = browser(one(1, MILL), show=shown(originals=came[1:]), preview=[])
    assert "stays out" not in at.get(path).text


def test_who_may_not_open_originals_is_led_to_no_page_that_refuses() -> None:
    came = {"originals": [{"type": "image/jpeg"}], "originals_kept": True}
    at, core = at_message(**came)
    page = at.get(f"/messages/{ID}")
    assert "/originals" not in page.text and "of the role originals" in page.text
    roles = ["editor", "originals"]
    core.people["s-editor"] = {"handle": "ada", "roles": roles, "language": "en", "ends": 0}
    assert f'href="/originals?id={ID}"' in at.get(f"/messages/{ID}").text


def test_who_wrote_while_it_changed_is_told_where_their_words_are() -> None:
    at, _ = browser(one(1, MILL), show=shown(), rewrite=Refused("it has changed meanwhile"))
    form = [("token", token(at.get(f"/messages/{ID}"))), ("text", "other"), ("rev", "7")]
    page = at.post(f"/messages/{ID}/rewrite", form)
    assert page.status == 409 and f'href="/messages/{ID}"' in page.text
    assert "Go back in your browser" in page.text


def test_flags_are_shown_in_words() -> None:
    at, _ = at_message(flags=["quote_removed", "dmarc-pass"])
    page = at.get(f"/messages/{ID}")
    assert "quotes or a signature taken off" in page.text and "dmarc-pass" in page.text
    assert "quote_removed" not in page.text


def test_an_unknown_language_is_no_word_beside_a_message() -> None:
    at, _ = browser(one(1, MILL, language="und"), show=shown())
    assert ">und<" not in at.get(f"/messages/{ID}").text


def asked_aside(*pairs: tuple[str, str]) -> dict[str, Any]:
    def done(order: Order) -> list[Told]:
        return [{"aside": "a"}]

    at, core = browser(one(1, MILL), asides=[{"asides": []}], word=done,
                       **{"aside": done, "aside-end": done})  # fmt: skip
    at.post("/asides", [("token", token(at.get("/asides"))), *pairs])
    [order] = [one for one in core.asked if one["do"] in ("aside", "aside-end", "word")]
    return {key: value for key, value in order.items() if key not in ("session", "token")}


def test_what_is_set_aside_is_so_for_an_hour() -> None:
    assert asked_aside(("transport", "sms-1")) == {
        "do": "aside", "kind": "transport", "value": "sms-1", "for_s": 3600,
    }  # fmt: skip
    assert asked_aside(("typed", " +98912 "), ("hours", "99"))["for_s"] == 86400
    assert asked_aside(("end", "a1")) == {"do": "aside-end", "aside": "a1"}
    assert asked_aside(("channel", "news"), ("word", "river")) == {
        "do": "word", "channel": "news", "word": "river",
    }  # fmt: skip


# ---------------------------------------------------------------- its parts


def test_of_very_many_dangers_some_are_offered_to_be_cut_and_the_others_after_that() -> None:
    marks = [{"kind": "phone", "where": "text", "offset": 2 * n, "length": 1} for n in range(9000)]
    at, _ = at_message(marks=marks, text="7 " * 9000)
    page = at.get(f"/messages/{ID}")
    assert page.text.count('name="cut" value="text:') == MOST_PLACES
    assert f"{9000 - MOST_PLACES:,} more are offered" in page.text


def test_very_many_dangers_cut_a_text_in_little_time() -> None:
    spans = [{"kind": "x", "where": "text", "offset": n, "length": 5000} for n in range(7000)]
    assert len(pieces("7" * 12_000, "text", spans)) == 12_000


def test_marks_that_overlap_cut_a_text_at_all_their_ends() -> None:
    marks = [
        {"kind": "a", "where": "text", "offset": 1, "length": 3},
        {"kind": "b", "where": "text", "offset": 2, "length": 9},
        {"kind": "c", "where": "title", "offset": 0, "length": 1},
    ]
    found = [(one.text, one.kinds) for one in pieces("abcdef", "text", marks)]
    assert found == [("a", ()), ("b", ("a",)), ("cd", ("a", "b")), ("ef", ("b",))]
    assert [one.value for one in places("t", "abcdef", marks)] == [
        "text:1:3",
        "text:2:9",
        "title:0:1",
    ]
    assert pieces("", "text", []) == []


@pytest.mark.parametrize(
    "said", ["", "text:1", "text:-1:2", "text:1:x", "body:1:2", "alt:", "text:٣:1"]
)
def test_what_names_no_cut_is_none(said: str) -> None:
    assert cut_in(said) is None


def test_an_instant_is_typed_in_utc() -> None:
    assert instant_in("2025-06-15T16:00") == 1_750_003_200
    assert instant_in("") is None
    with pytest.raises(ValueError):
        instant_in("tomorrow")


def test_what_waits_turns_amber_and_red() -> None:
    times = Times(NOW)
    assert [times.colour(NOW - hours * 3600) for hours in (1, 2, 6)] == ["", "amber", "red"]

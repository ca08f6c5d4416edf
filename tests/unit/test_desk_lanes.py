"""Lanes, groups and the search in a browser: one key publishes a story and ends what is like it."""

from __future__ import annotations

import asyncio
import json
import re
from random import Random
from typing import Any

import pytest
from desk_browser import Browser, Page
from desk_core import DeskCore

from bench.desk_cards import NOW, one
from relay.desk.app import Desk, app_of
from relay.desk.core import Order, Refused, Told
from relay.desk.index.groups import PAGE
from relay.desk.reached import At

MILL, FIRE = "The mill at the river burns", "Twenty people came together in Orchard street today"


def deed(order: Order) -> list[Told]:
    """A core that does whatever it is told."""
    ids = order.get("ids") or [order.get("id", "")]
    done = [{"id": id, "changed": 1} for id in ids]
    return [
        {"done": done, "not_done": [], "waiting": [], "deed": order["token"], "until": NOW + 60}
    ]


def undone(order: Order) -> list[Told]:
    """A core that undoes what was done to the first message."""
    done = [{"id": one(1, "")["id"], "changed": 1}]
    return [{"done": done, "not_done": [], "deed": order["token"], "until": None}]


def browser(*cards: Any, session: str = "s-editor", **says: Any) -> tuple[Browser, DeskCore]:
    """A browser at a desk whose index is filled."""

    def told(order: Order) -> list[Told]:
        left = [card for card in cards if card["seq"] > order["after"]]
        return [{"cards": left}, {"upto": max((card["seq"] for card in cards), default=0)}]

    words = ("publish", "drop", "hold", "assign", "undo")
    core = DeskCore({"cards": told, **dict.fromkeys(words, deed), **says})
    core.people["s-orig"] = {"handle": "orr", "roles": ["originals"], "language": "en", "ends": 0}
    desk = Desk(core, At(), lambda: NOW)

    async def fill() -> None:
        desk.building.look("s-editor")
        await desk.building.settled()

    asyncio.run(fill())
    return Browser(core, session, app=app_of(desk)), core


def token(page: Page) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', page.text)
    assert found
    return found[1]


def texts(page: Page) -> list[str]:
    """The texts on a page, in their order."""
    return re.findall(r'<div class="text[^>]*>([^<]*)', page.text)


def test_a_lane_shows_its_groups_with_what_nobody_has_verified() -> None:
    at, _ = browser(
        one(1, MILL, transport="sms-1", network="aa"),
        one(2, MILL, transport="mail", network="bb", kinds=["phone"]),
        one(3, FIRE),
    )
    page = at.get("/lanes/held")
    assert texts(page) == [MILL, FIRE]
    assert "unverified" in page.text and "from 1 network" in page.text
    assert texts(at.get("/lanes/danger")) == [MILL]
    assert texts(at.get("/lanes/mine")) == []


def test_while_the_index_is_filled_nothing_is_said_to_be_empty_and_the_page_comes_again() -> None:
    again = '<meta http-equiv="refresh"'
    filling = Browser(DeskCore({"cards": Refused("not now")}))
    page = filling.get("/lanes/held").text
    assert "The index is being filled" in page and "Nothing waits here" not in page
    assert f"<noscript>{again}" in page and 'data-filling="all"' in page
    assert json.loads(filling.get("/pulse").body)["filling"]
    filled, _ = browser()
    page = filled.get("/lanes/held").text
    assert "Nothing waits here" in page
    assert "is being filled" not in page and again not in page and "data-filling" not in page
    assert not json.loads(filled.get("/pulse").body)["filling"]


def test_one_press_publishes_a_story_and_ends_what_is_like_it() -> None:
    at, core = browser(one(1, MILL), one(2, MILL), one(3, MILL, kinds=["phone"]), one(4, FIRE))
    form = {"token": token(at.get("/lanes/held")), "back": "/lanes/held", "publish": "1.0"}
    page = at.post("/deeds", form)
    [order] = core.given("publish")
    ids = [str(one(seq, "")["id"]) for seq in (1, 2, 3)]
    assert order["ids"] == [ids[0]]
    assert order["with"] == {ids[0]: [ids[2], ids[1]]}, "what is dangerous counts, so it is first"
    assert page.status == 303 and page.header("location").endswith("#at-0")
    after = at.get(page.header("location").partition("#")[0])
    assert texts(after) == [FIRE]
    assert "Goes out after its delay" in after.text and "Undo" in after.text


def test_two_that_were_picked_before_they_were_found_to_be_alike_both_go() -> None:
    at, core = browser(one(1, MILL), one(2, MILL), one(3, MILL))
    form = [("token", token(at.get("/lanes/held"))), ("back", "/lanes/held"), ("do", "publish")]
    page = at.post("/deeds", [*form, ("pick", "1"), ("pick", "2"), ("pick", "1")])
    [order] = core.given("publish")
    ids = [str(one(seq, "")["id"]) for seq in (1, 2, 3)]
    assert (order["ids"], order["with"]) == (ids[:2], {ids[0]: [ids[2]]})
    assert page.status == 303


def test_the_same_press_twice_is_one_deed() -> None:
    at, core = browser(one(1, MILL), one(2, FIRE))
    form = {"token": token(at.get("/lanes/held")), "back": "/lanes/held", "publish": "1.0"}
    first, second = at.post("/deeds", form), at.post("/deeds", form)
    assert len(core.given("publish")) == 1
    assert first.header("location") == second.header("location")


def test_another_button_of_the_same_page_is_another_deed() -> None:
    at, core = browser(one(1, MILL), one(2, FIRE), one(3, "third"))
    form = {"token": token(at.get("/lanes/held")), "back": "/lanes/held"}
    at.post("/deeds", {**form, "publish": "1.0"})
    at.post("/deeds", {**form, "publish": "2.1"})
    at.post("/deeds", {**form, "drop": "3.2"})
    tokens = {order["token"] for order in core.given("publish") + core.given("drop")}
    assert len(tokens) == 3


def test_what_waits_in_another_channel_waits_on() -> None:
    at, core = browser(one(1, MILL), one(2, MILL, channel="family"))
    form = {"token": token(at.get("/lanes/held")), "publish": "1.0"}
    at.post("/deeds", form)
    assert core.given("publish")[0]["with"] == {}


def test_what_is_picked_is_dropped_with_its_groups() -> None:
    at, core = browser(one(1, MILL), one(2, MILL), one(3, FIRE), one(4, "other"))
    pairs = [("token", token(at.get("/lanes/held"))), ("pick", "1"), ("pick", "3"), ("do", "drop")]
    at.post("/deeds", pairs)
    assert core.given("drop")[0]["ids"] == [one(seq, "")["id"] for seq in (1, 2, 3)]


def test_where_nothing_is_picked_it_is_said_that_nothing_was_done() -> None:
    at, core = browser(one(1, MILL), drop=deed)
    page = at.post("/deeds", [("token", token(at.get("/lanes/held"))), ("do", "drop")])
    assert page.status == 409 and "nothing was picked" in page.text
    assert not core.given("drop")


def test_everything_in_a_lane_is_asked_about_once_more() -> None:
    at, core = browser(*(one(seq, f"story {seq}", kinds=["phone"]) for seq in range(1, 80)))
    form = {"token": token(at.get("/lanes/held")), "do": "drop", "whole": "1"}
    form |= {"lane": "/lanes/danger", "back": "/lanes/danger"}
    asked = at.post("/deeds", form)
    assert asked.status == 200 and "79 groups" in asked.text and not core.given("drop")
    at.post("/deeds", {**form, "token": token(asked), "sure": "1"})
    assert len(core.given("drop")[0]["ids"]) == 79


def test_of_what_is_set_aside_it_is_said_how_many_would_be_dropped() -> None:
    at, core = browser(*(one(seq, MILL, aside=True) for seq in range(1, 61)))
    form = {"do": "drop", "whole": "1", "lane": "/lanes/aside", "back": "/lanes/aside"}
    asked = at.post("/deeds", {**form, "token": token(at.get("/lanes/aside"))})
    assert "1 group," in asked.text and "60 messages in all" in asked.text
    at.post("/deeds", {**form, "token": token(asked), "sure": "1"})
    assert len(core.given("drop")[0]["ids"]) == 60


@pytest.mark.parametrize("what", ["publish", "drop"])
def test_danger_in_what_is_set_aside_counts_as_well(what: str) -> None:
    at, _ = browser(
        *(one(n, MILL, aside=True, kinds=["phone"] if n == 2 else []) for n in (1, 2)),
        one(3, MILL),
        one(4, FIRE, aside=True),
    )
    form = {"do": what, "whole": "1", "back": "/lanes/held"}
    for name, said in (("aside", "2 groups, 4 messages"), ("held", "1 group, 3 messages")):
        lane = f"/lanes/{name}"
        asked = at.post("/deeds", {**form, "lane": lane, "token": token(at.get(lane))})
        assert said in asked.text and "In 1 of them danger was found." in asked.text


def test_it_is_said_how_many_a_drop_ends_those_set_aside_among_them() -> None:
    at, core = browser(*(one(n, MILL, aside=n > 2) for n in range(1, 6)), one(6, FIRE))
    said = re.findall(r">(Drop[^<]*)</button>", at.get("/lanes/held").text)
    assert said == ["Drop 5", "Drop", "Drop"]
    assert "Drop all 5</button>" in at.get("/groups/1").text
    at.post("/deeds", {"token": token(at.get("/groups/1")), "drop": "1."})
    assert len(core.given("drop")[0]["ids"]) == 5


def test_a_way_in_by_which_nothing_came_yet_can_be_set_aside() -> None:
    known = {"asides": [], "words": {}, "ways": ["mail", "phone"], "channels": ["sport"]}
    at, _ = browser(one(1, MILL, transport="old"), asides=[known])
    assert re.findall(r"<option>(.*?)</option>", at.get("/asides").text) == [
        *("mail", "old", "phone"),
        *("news", "sport"),
    ]


def test_very_many_are_done_in_several_orders() -> None:
    at, core = browser(*(one(seq, MILL) for seq in range(1, 1203)))
    at.post("/deeds", {"token": token(at.get("/lanes/held")), "drop": "1.0"})
    assert [len(order["ids"]) for order in core.given("drop")] == [500, 500, 202]
    assert len({order["token"] for order in core.given("drop")}) == 3


def test_of_a_very_large_group_the_rest_is_dropped_for_it() -> None:
    at, core = browser(*(one(seq, MILL) for seq in range(1, 1203)))
    at.post("/deeds", {"token": token(at.get("/lanes/held")), "publish": "1.0"})
    [published] = core.given("publish")
    assert sum(map(len, published["with"].values())) == 1000
    assert [len(order["ids"]) for order in core.given("drop")] == [201]


def test_a_second_person_is_asked_and_the_group_stays() -> None:
    def waits(order: Order) -> list[Told]:
        waiting = [{"id": id} for id in order["ids"]]
        said = {"waits": "a second person", "until": None, "deed": order["token"]}
        return [{"done": [], "not_done": [], "waiting": waiting, **said}]

    at, _ = browser(one(1, MILL), publish=waits)
    page = at.post("/deeds", {"token": token(at.get("/lanes/held")), "publish": "1.0"})
    after = at.get("/lanes/held?" + page.header("location").partition("?")[2].partition("#")[0])
    assert texts(after) == [MILL] and "A second person is asked for 1 message" in after.text


def test_what_could_not_be_done_says_why() -> None:
    def refuses(order: Order) -> list[Told]:
        not_done = [{"id": id, "why": "it is held <b>already</b>"} for id in order["ids"]]
        return [{"done": [], "not_done": not_done, "deed": order["token"], "until": NOW}]

    at, _ = browser(one(1, MILL), drop=refuses)
    form = {"token": token(at.get("/lanes/held")), "drop": "1.0", "back": "/lanes/held"}
    after = at.get(at.post("/deeds", form).header("location"))
    assert "it is held &lt;b&gt;already&lt;/b&gt;" in after.text


def test_a_deed_is_undone_with_all_its_parts() -> None:
    at, core = browser(*(one(seq, MILL) for seq in range(1, 700)))
    page = at.post("/deeds", {"token": token(at.get("/lanes/held")), "drop": "1.0"})
    name = page.header("location").partition("deed=")[2].partition("#")[0]
    at.post("/undo", {"token": "0" * 32, "deed": name, "back": "/lanes/held"})
    undone = [order["deed"] for order in core.given("undo")]
    assert undone == [order["token"] for order in reversed(core.given("drop"))]


def test_the_outbox_shows_what_anybody_did_and_undoes_it() -> None:
    id = one(1, "")["id"]
    deeds = [
        {"deed": "one-deed", "do": "publish", "handle": "bo", "until": NOW + 40, "ids": [id]},
        {"deed": "two-deed", "do": "drop", "handle": "bo", "until": NOW + 40, "ids": [id]},
    ]
    out = one(1, MILL, held=False, outbox_until=NOW + 40)
    at, core = browser(out, outbox=[{"deeds": deeds}], undo=undone)
    page = at.get("/outbox")
    assert MILL in page.text and "40 s left" in page.text
    assert "one-deed" in page.text and "two-deed" not in page.text, "it is for who dropped it"
    at.post("/undo", {"token": token(page), "deed": "one-deed", "back": "/outbox"})
    assert core.given("undo")[0]["deed"] == "one-deed"
    assert MILL not in at.get("/outbox").text and texts(at.get("/lanes/held")) == [MILL]


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/a\r\nb", "lanes"])
def test_a_deed_leads_back_to_the_desk_only(to: str) -> None:
    at, _ = browser(one(1, MILL))
    form = {"token": token(at.get("/lanes/held")), "drop": "1.0", "back": to}
    assert at.post("/deeds", form).header("location").startswith("/lanes?")


def test_a_group_shows_what_differs_and_another_telling_can_be_chosen() -> None:
    at, core = browser(one(1, MILL), one(2, MILL + " !"), one(3, MILL))
    page = at.get("/groups/1")
    assert "3 messages tell this" in page.text and "<ins>" in page.text
    chosen = at.get("/groups/1?chosen=2")
    assert texts(chosen)[0] == MILL + " !"
    at.post("/deeds", {"token": token(chosen), "publish": "2."})
    assert core.given("publish")[0]["ids"] == [one(2, "")["id"]]
    assert at.get("/groups/99").status == 404


def test_a_sample_is_a_tenth_of_its_lane() -> None:
    at, _ = browser(*(one(seq, f"story {seq}") for seq in range(1, 41)))
    page = at.get("/lanes/held/sample?seed=7")
    assert len(texts(page)) == 4 and texts(page) == texts(at.get("/lanes/held/sample?seed=7"))


def test_a_search_stands_in_no_address() -> None:
    at, _ = browser(one(1, MILL), one(2, FIRE, held=False, state="posted"))
    assert texts(at.post("/search", {"said": "orchard"})) == [FIRE]
    assert texts(at.post("/search", {"said": "orchard", "held": "1"})) == []
    assert texts(at.get("/search?said=orchard")) == []


def test_markup_in_what_people_wrote_is_text() -> None:
    evil = "<script>alert(1)</script>{{ 7*7 }}{% x %}\u202e\x1b[31m"
    at, _ = browser(one(1, evil, title=evil, transport=evil, channel=evil, language=evil))
    for page in (at.get("/lanes/held"), at.get("/groups/1"), at.post("/search", {"said": "alert"})):
        assert page.status == 200
        assert "<script>alert" not in page.text and "{{ 7*7 }}" in page.text


@pytest.mark.parametrize(
    "path", ["/lanes/held", "/groups/1", "/search", "/outbox", "/asides", "/messages/aa"]
)
def test_who_may_not_look_sees_nothing_of_the_index(path: str) -> None:
    at, core = browser(one(1, MILL), session="s-orig")
    before = len(core.asked)
    assert MILL not in at.get(path).text
    assert {order["do"] for order in core.asked[before:]} <= {"who", "outbox", "asides"}


@pytest.mark.parametrize(
    "path", ["/lanes/nothing", "/lanes/held/sample?seed=x", "/lanes/held?at=-1&order=x", "/lanes/"]
)
def test_strange_addresses_are_answered(path: str) -> None:
    at, _ = browser(one(1, MILL))
    assert at.get(path).status in (200, 404)


def test_while_the_index_is_filled_a_page_says_so() -> None:
    core = DeskCore({"cards": [{"cards": []}, {"upto": 0}]})
    assert "The index is being filled" in Browser(core).get("/lanes/held").text


def test_one_press_in_a_lane_sets_a_network_aside_for_an_hour() -> None:
    def done(order: Order) -> list[Told]:
        return [{"aside": "a"}]

    at, core = browser(one(1, MILL, network="ab" * 16), one(2, FIRE), aside=done)
    page = at.get("/lanes/held")
    assert f'name="network" value="{"ab" * 16}"' in page.text
    assert 'name="transport" value="mail"' in page.text, "of what has no network its way in"
    form = {"token": token(page), "back": "/lanes/held", "lane": "/lanes/held"}
    back = at.post("/asides", {**form, "network": "ab" * 16})
    assert back.header("location").startswith("/lanes/held?")
    assert "Set aside for a while" in at.get(back.header("location")).text
    [order] = core.given("aside")
    assert (order["kind"], order["value"], order["for_s"]) == ("network", "ab" * 16, 3600)


def test_a_page_of_a_lane_comes_over_a_slow_line() -> None:
    """At 48 kbit/s 32 kB are some five seconds; a style and a script are kept by the browser."""
    rnd = Random(8)
    words = [" ".join(rnd.choices(MILL.split() + FIRE.split(), k=70))[:292] for _ in range(30)]
    told = [one(n + 1, f"{10_000 + 7_919 * n} {said}"[:300]) for n, said in enumerate(words)]
    at, _ = browser(*({**card, "network": "ab" * 16} for card in told))
    page = at.get("/lanes/held?order=newest")
    assert len(texts(page)) == PAGE == 20
    assert len(page.body) < 32_000
    assert len(texts(at.get("/lanes/held?order=newest&at=20"))) == 10
    assert 'href="/lanes/held?order=newest">Before' in at.get("/lanes/held?order=newest&at=20").text

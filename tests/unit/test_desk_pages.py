"""The desk's pages as a browser meets them: signing in, joining, one's own things."""

from __future__ import annotations

import json
import re

import pytest
from desk_browser import Browser
from desk_core import EDITOR, DeskCore

from relay.desk.app import app_of
from relay.desk.core import Refused
from relay.desk.reached import At
from relay.desk.state import Desk
from relay.desk.who import DEVICE, SESSION


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page_and_back() -> None:
    browser = Browser(DeskCore(), session="")
    page = browser.get("/preferences")
    assert (page.status, page.header("location")) == (303, "/sign-in?to=/preferences")
    assert 'value="/preferences"' in browser.get("/sign-in?to=/preferences").text


def test_who_signs_in_gets_a_session_and_goes_where_they_wanted() -> None:
    core = DeskCore({"sign-in": [{"session": "s-editor", "device": "d1"}]})
    browser = Browser(core, session="")
    form = {"name": " Ada ", "passphrase": "a b", "code": "123 456", "to": "/preferences"}
    page = browser.post("/sign-in", form)
    assert (page.status, page.header("location")) == (303, "/preferences")
    asked = core.given("sign-in")[0]
    assert (asked["name"], asked["passphrase"], asked["code"]) == ("ada", "a b", "123456")
    assert browser.get("/preferences").status == 200
    assert browser.cookies[DEVICE] == "d1"


def test_a_code_may_be_typed_with_the_digits_of_ones_keyboard() -> None:
    core = DeskCore({"sign-in": Refused("wrong")})
    for typed in ("۱۲۳ ۴۵۶", "١٢٣٤٥٦", "၁၂၃၄၅၆", "123\u00a0456"):
        Browser(core, session="").post("/sign-in", {"code": typed})
    assert {one["code"] for one in core.given("sign-in")} == {"123456"}


def test_what_is_wrong_is_said_in_the_words_of_the_core_only() -> None:
    browser = Browser(DeskCore({"sign-in": Refused("wrong")}), session="")
    page = browser.post("/sign-in", {"name": "<b>", "passphrase": "x", "code": "1"})
    assert page.status == 403 and "wrong" in page.text and "<b>" not in page.text


@pytest.mark.parametrize("locked", [True, False])
def test_the_page_for_signing_in_says_whether_the_relay_is_locked(locked: bool) -> None:
    page = Browser(DeskCore({"locked": [{"locked": locked}]}), session="").get("/sign-in")
    assert ("relay unlock" in page.text) == locked and "passphrase" in page.text
    assert "relay unlock" not in Browser(DeskCore(), session="").get("/sign-in").text


def test_nobody_is_led_elsewhere_after_signing_in() -> None:
    core = DeskCore({"sign-in": [{"session": "s-editor"}]})
    for to in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"):
        browser = Browser(core, session="")
        assert browser.post("/sign-in", {"to": to}).header("location") == "/"


def test_a_link_shows_the_secret_for_a_phone_and_is_joined_by() -> None:
    joining = {"handle": "new", "roles": ["editor"], "secret": "JBSWY3DP", "uri": "otpauth://x"}
    core = DeskCore({"joining": [joining], "join": [{"handle": "new", "device": "d2"}]})
    browser = Browser(core, session="")
    page = browser.get("/join/abc")
    assert "JBSW Y3DP" in page.text and 'src="data:image/svg+xml' in page.text
    page = browser.post("/join/abc", {"passphrase": "p", "again": "q", "code": "1"})
    assert page.status == 403 and not core.given("join")
    page = browser.post("/join/abc", {"passphrase": "p", "again": "p", "code": "1 2"})
    assert page.header("location") == "/sign-in?joined=1" and browser.cookies[DEVICE] == "d2"
    assert core.given("join")[0] == {"do": "join", "link": "abc", "passphrase": "p", "code": "12"}


def test_a_link_that_is_used_up_leads_on_to_signing_in() -> None:
    core = DeskCore({"joining": Refused("this link is not good any more: ask for a new one")})
    page = Browser(core, session="").get("/join/abc")
    assert page.status == 404 and 'href="/sign-in"' in page.text
    assert "somebody else may have" in page.text


def test_everybody_begins_where_their_work_is() -> None:
    core = DeskCore()
    for roles, path in (
        (["editor"], "/lanes"),
        (["operator"], "/node"),
        (["originals"], "/originals"),
    ):
        core.people["s-editor"] = {**EDITOR, "roles": roles}
        assert Browser(core).get("/").header("location") == path


def test_who_signs_out_has_no_session_any_more() -> None:
    core = DeskCore({"sign-out": [{}]})
    browser = Browser(core)
    assert browser.post("/sign-out").header("location") == "/sign-in"
    assert core.given("sign-out") and SESSION not in browser.cookies


def test_a_page_learns_how_many_wait_and_when_it_ends_and_nothing_else() -> None:
    core = DeskCore({"cards": [{"upto": 0}]})
    core.people["s-editor"] = {**EDITOR, "ends": 1_000}
    browser = Browser(core, app=app_of(Desk(core, At(), now=lambda: 900)))
    told = json.loads(browser.get("/pulse").body)
    assert (told["waits"], told["ends_s"]) == (0, 100)
    assert set(told) == {"waits", "ends_s", "colour", "lanes", "filling"}


def test_who_may_not_see_what_lies_there_learns_no_number() -> None:
    core = DeskCore()
    told = json.loads(Browser(core, "s-operator").get("/pulse").body)
    assert (told["waits"], told["lanes"]) == (0, {}) and not core.given("cards")


def test_a_script_and_a_style_are_kept_for_ever_under_a_name_that_is_theirs_alone() -> None:
    browser = Browser(DeskCore(), session="")
    page = browser.get("/sign-in")
    assert page.header("cache-control") == "no-store"
    loaded = re.findall(r"/static/desk\.[0-9a-f]{12}\.(?:css|js)", page.text)
    assert len(loaded) == 2
    for path in loaded:
        kept = browser.get(path)
        assert kept.header("cache-control") == "public, max-age=31536000, immutable"
        assert not kept.header("set-cookie")
    for other in ("/static/desk.js", "/static/desk.000000000000.js"):
        refused = browser.get(other)
        assert (refused.status, refused.header("cache-control")) == (404, "no-store")


def test_preferences_are_told_to_the_core() -> None:
    core = DeskCore({"prefer": [{}]})
    Browser(core).post("/preferences", {"language": "fa", "sound": "on"})
    given = core.given("prefer")
    assert given[0]["language"] == "fa" and given[1]["sound"] and not given[2]["notify"]


def test_the_first_page_is_the_one_that_somebody_has_to_do_with() -> None:
    core = DeskCore()
    core.people["s-none"] = {**EDITOR, "roles": []}
    assert Browser(core).get("/").header("location") == "/lanes"
    assert Browser(core, "s-operator").get("/").status == 303
    assert "nothing for your roles" in Browser(core, "s-none").get("/").text

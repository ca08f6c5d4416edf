"""The desk's pages as a browser meets them: signing in, joining, one's own things."""

from __future__ import annotations

from desk_browser import Browser
from desk_core import DeskCore

from relay.desk.core import Refused
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


def test_what_is_wrong_is_said_in_the_words_of_the_core_only() -> None:
    browser = Browser(DeskCore({"sign-in": Refused("wrong")}), session="")
    page = browser.post("/sign-in", {"name": "<b>", "passphrase": "x", "code": "1"})
    assert page.status == 403 and "wrong" in page.text and "<b>" not in page.text


def test_nobody_is_led_elsewhere_after_signing_in() -> None:
    core = DeskCore({"sign-in": [{"session": "s-editor"}]})
    for to in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"):
        browser = Browser(core, session="")
        assert browser.post("/sign-in", {"to": to}).header("location") == "/"


def test_a_link_shows_the_secret_for_a_phone_and_is_joined_by() -> None:
    joining = {"handle": "new", "roles": ["editor"], "secret": "JBSWY3DP", "uri": "otpauth://x"}
    core = DeskCore({"joining": [joining], "join": [{"handle": "new"}]})
    browser = Browser(core, session="")
    page = browser.get("/join/abc")
    assert "JBSWY3DP" in page.text and 'src="data:image/svg+xml' in page.text
    page = browser.post("/join/abc", {"passphrase": "p", "again": "q", "code": "1"})
    assert page.status == 403 and not core.given("join")
    page = browser.post("/join/abc", {"passphrase": "p", "again": "p", "code": "1 2"})
    assert page.header("location") == "/sign-in?joined=1"
    assert core.given("join")[0] == {"do": "join", "link": "abc", "passphrase": "p", "code": "12"}


def test_who_signs_out_has_no_session_any_more() -> None:
    core = DeskCore({"sign-out": [{}]})
    browser = Browser(core)
    assert browser.post("/sign-out").header("location") == "/sign-in"
    assert core.given("sign-out") and SESSION not in browser.cookies

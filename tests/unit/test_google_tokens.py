"""Google's tokens: fetched when needed, renewed once, and what its errors mean."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import trio

from bridges.google import answers, keyfile, login
from bridges.google.api import Api, good
from bridges.google.keyfile import Client
from bridges.google.tokens import Tokens, denied
from bridges.kit import BadSecret
from relay.model import Later, Refused, Stopped, Unsure
from relay.ports import Answer, NoAnswer, NotSent

NOW = 1_795_000_000
JSON = {"content-type": "application/json; charset=UTF-8"}
TOKEN = "https://oauth2.googleapis.com/token"
BASE = "https://blogger.googleapis.com"
CLIENT = Client("c", "s", "r")
RIGHT = "https://www.googleapis.com/auth/blogger"


def said(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def token(access: str = "a1", **more: object) -> Answer:
    return said({"access_token": access, "expires_in": 3599, "token_type": "Bearer", **more})


def no_token(error: str, status: int = 400) -> Answer:
    return said({"error": error, "error_description": "Bad Request"}, status)


def error(status: int, *reasons: str, name: str = "", **headers: str) -> Answer:
    rows = [{"message": "somebody wrote", "reason": one} for one in reasons]
    return said({"error": {"code": status, "errors": rows, "status": name}}, status, **headers)


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Google:
    """Answers in order, and what was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        self.asked.append((method, url, dict(headers or {}), body))
        await trio.lowlevel.checkpoint()
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    @property
    def bearers(self) -> list[str]:
        return [h["authorization"] for _, _, h, _ in self.asked if "authorization" in h]


def api(*answers: object) -> tuple[Api, Google, Hands]:
    google, clock = Google(*answers), Hands()
    return Api(google, clock, BASE, Tokens(CLIENT, google, clock)), google, clock


# ---------------------------------------------------------------- tokens


async def test_a_token_is_fetched_with_the_refresh_token_and_used_until_shortly_before_its_end():
    asks, google, clock = api(token("a1"), said({}), said({}), token("a2"), said({}))
    await asks.ask("GET", "/x")
    clock.at += 3599 - 121
    await asks.ask("GET", "/x")
    clock.at += 1
    await asks.ask("GET", "/x")
    assert google.bearers == ["Bearer a1", "Bearer a1", "Bearer a2"]
    method, url, headers, body = google.asked[0]
    assert (method, url) == ("POST", TOKEN)
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(body.decode())) == {
        "grant_type": "refresh_token",
        "client_id": "c",
        "client_secret": "s",
        "refresh_token": "r",
    }


async def test_a_request_that_is_answered_401_is_repeated_once_with_another_token():
    asks, google, _ = api(token("a1"), error(401), token("a2"), said({"id": "7"}))
    answer = await asks.ask("POST", "/x", said={"title": "t"})
    assert good(answer) == {"id": "7"}
    assert google.bearers == ["Bearer a1", "Bearer a2"]
    assert google.asked[1][3] == google.asked[3][3] == b'{"title": "t"}'


async def test_a_second_401_is_not_repeated():
    asks, google, _ = api(token("a1"), error(401), token("a2"), error(401))
    answer = await asks.ask("POST", "/x")
    assert isinstance(answer, Answer) and answer.status == 401
    assert isinstance(answers.outcome(answer, now=NOW), Stopped)
    assert len(google.asked) == 4


async def test_two_requests_that_are_turned_away_renew_once():
    asks, google, _ = api(token("a1"), said({}), token("a2"))
    await asks.ask("GET", "/x")
    tokens = asks._tokens
    got: list[object] = []

    async def another() -> None:
        got.append(await tokens.instead_of("a1"))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(another)
        nursery.start_soon(another)
    assert got == ["a2", "a2"]
    assert len(google.asked) == 3


async def test_without_a_token_the_request_never_leaves():
    asks, google, _ = api(no_token("invalid_grant"))
    answer = await asks.ask("POST", "/x", said={})
    assert isinstance(answer, Stopped) and "In production" in answer.action
    assert len(google.asked) == 1


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (NotSent("x"), Later),
        (NoAnswer("x"), Later),
        (no_token("invalid_grant"), Stopped),
        (no_token("invalid_client", 401), Stopped),
        (no_token("deleted_client", 401), Stopped),
        (no_token("unauthorized_client", 401), Stopped),
        (no_token("admin_policy_enforced"), Stopped),
        (no_token("invalid_scope"), Stopped),
        (no_token("rate_limit_exceeded", 403), Later),
        (no_token("internal_failure", 500), Later),
        (said({}, 429, retry_after="30"), Later),
        (said({}, 503), Later),
        (Answer(200, {"content-type": "text/html"}, b"<html>log in"), Later),
        (token("two words"), Later),
    ],
)
async def test_why_there_is_no_token(answer: object, wanted: type):
    google = Google(answer)
    got = await Tokens(CLIENT, google, Hands()).access()
    assert type(got) is wanted


async def test_an_end_that_cannot_be_right_is_taken_for_the_usual_hour():
    google, clock = Google(token("a1", expires_in="soon"), token("a2")), Hands()
    tokens = Tokens(CLIENT, google, clock)
    await tokens.access()
    clock.at += 3600 - 121
    assert await tokens.access() == "a1"
    clock.at += 1
    assert await tokens.access() == "a2"


def test_a_limit_at_the_token_address_says_until_when():
    told = denied(said({}, 429, retry_after="30"), NOW)
    assert isinstance(told, Later) and told.not_before == NOW + 30


async def test_nothing_of_a_token_is_in_a_repr():
    tokens = Tokens(CLIENT, Google(token("hidden-access")), Hands())
    await tokens.access()
    assert "hidden" not in repr(tokens) + repr(tokens._client)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (error(401, "authError", name="UNAUTHENTICATED"), Stopped),
        (error(403, "insufficientPermissions", name="PERMISSION_DENIED"), Stopped),
        (error(403, "accessNotConfigured"), Stopped),
        (error(403, "forbidden", name="PERMISSION_DENIED"), Stopped),
        (error(404, "notFound", name="NOT_FOUND"), Stopped),
        (error(403, "quotaExceeded"), Later),
        (error(403, "dailyLimitExceeded"), Later),
        (error(403, "rateLimitExceeded"), Later),
        (error(403, "userRateLimitExceeded"), Later),
        (error(429, name="RESOURCE_EXHAUSTED"), Later),
        (error(400, "invalid", name="INVALID_ARGUMENT"), Refused),
        (error(400, "somethingElse"), Refused),
        (error(409), Unsure),
        (error(500, "backendError", name="INTERNAL"), Unsure),
        (error(503, "backendError", name="UNAVAILABLE"), Unsure),
        (error(503, retry_after="60"), Later),
        (Answer(200, {"content-type": "text/html"}, b"<html>"), Unsure),
        (Answer(502, {"content-type": "text/html"}, b"<html>"), Unsure),
    ],
)
def test_what_an_answer_to_a_post_means(answer: Answer, wanted: type):
    told = answers.outcome(answer, now=NOW)
    assert type(told) is wanted
    assert "somebody" not in repr(told)
    assert type(answers.harmless(answer, NOW)) is (Later if wanted is Unsure else wanted)


def test_a_reason_is_found_in_the_details_too():
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo"}
    made = {"code": 403, "details": [{**detail, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}, 7]}
    told = answers.known(said({"error": made}, 403), NOW)
    assert told == Stopped("the token lacks a right", answers.RIGHTS)


def test_a_quota_of_a_day_comes_back_after_midnight_on_the_pacific_coast():
    for hour, wait in ((0, 8), (7, 1), (8, 24), (23, 9)):
        now = 20_000 * 86_400 + hour * 3600
        assert answers.midnight(now) == now + wait * 3600
        told = answers.known(error(403, "quotaExceeded"), now)
        assert told == Later("the quota of the day is used up", now + wait * 3600, "destination")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"error": "x"}', b'{"error": {"errors": 7}}'])
def test_what_is_not_of_googles_shape_names_no_reason(body: bytes):
    assert answers.reasons(Answer(403, JSON, body)) == frozenset()


# ---------------------------------------------------------------- the secret file and login


def test_a_secret_file_is_what_was_written():
    assert keyfile.read(keyfile.written(CLIENT)) == CLIENT


@pytest.mark.parametrize(
    "held", [b"ya29.token", b"[]", b'{"client_id": "hidden"}', b'{"client_id": "c c"}', b"\xff"]
)
def test_a_secret_file_of_another_kind_is_refused_and_not_quoted(held: bytes):
    with pytest.raises(BadSecret) as refused:
        keyfile.read(held)
    assert "hidden" not in str(refused.value) and "ya29" not in str(refused.value)


class Operator:
    """Answers the questions of a login; is led to what ``back`` makes of the address."""

    def __init__(
        self, back=lambda state: f"{login.BACK}/?state={state}&code=4%2Fx&scope=y"
    ) -> None:
        self._back = back
        self.query: dict[str, str] = {}

    async def __call__(self, question: str, secret: bool) -> str:
        if "client ID" in question:
            return " c \n"
        if "client secret" in question:
            return "s"
        opened = next(word for word in question.split() if word.startswith("https://"))
        self.query = {n: v[0] for n, v in parse_qs(urlsplit(opened).query).items()}
        return self._back(self.query["state"])


async def logged_in(operator: Operator, *answers: object):
    google = Google(*answers)
    made = await login.secret(
        google,
        Hands(),
        operator,
        scopes=(RIGHT,),
        token_url=TOKEN,
        authorize=login.AUTHORIZE_URL,
    )
    return made, google


async def test_a_login_ends_with_a_secret_file():
    operator = Operator()
    made, google = await logged_in(operator, token(refresh_token="r", scope=RIGHT))
    assert made == {"token_file": keyfile.written(CLIENT)}
    asked = dict(parse_qsl(google.asked[0][3].decode()))
    assert login.challenge(asked["code_verifier"]) == operator.query["code_challenge"]
    assert asked["code"] == "4/x" and asked["redirect_uri"] == operator.query["redirect_uri"]
    assert operator.query["access_type"] == "offline"
    assert operator.query["code_challenge_method"] == "S256"


def test_the_challenge_is_that_of_the_rfc():
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
    assert login.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    "back",
    [
        lambda state: f"{login.BACK}/?state=other&code=4",
        lambda state: f"{login.BACK}/?state={state}&error=access_denied",
        lambda state: "4/abc",
        lambda state: "http://[",
        lambda state: "",
    ],
)
async def test_an_address_of_another_login_is_not_used(back):
    made, google = await logged_in(Operator(back))
    assert made == login.WRONG and google.asked == []


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (no_token("invalid_grant"), "begin again"),
        (token(), "no token for that"),
        (token(refresh_token="r", scope="openid"), "box was not ticked"),
        (NotSent("x"), "cannot be reached"),
        (said({}, 503), "cannot be reached"),
    ],
)
async def test_why_a_login_fails(answer: object, wanted: str):
    made, _ = await logged_in(Operator(), answer)
    assert isinstance(made, str) and wanted in made

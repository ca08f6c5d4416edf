"""Leads the operator to a Page's token: a short token of theirs, a long one, the Page's own.

Facebook Login for a person gives a token of an hour or two; the app's secret makes it one of 60
days; a Page's token that is read with that has no fixed end (developers.facebook.com, "Long-lived
access tokens").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeGuard
from urllib.parse import urlencode

from bridges import kit
from bridges.graph.api import good, is_id, listed, proof
from bridges.kit.words import clean
from relay.ports import Answer, Ask, Http, Later, Unsure

MOST_CHARACTERS: Final = 4096
MOST_NAME: Final = 100
RIGHTS: Final = (
    "pages_show_list, pages_manage_posts, pages_read_engagement, pages_read_user_content, "
    "pages_manage_engagement"
)
UNREACHED: Final = "Facebook cannot be reached, or gave no whole answer: begin again"
WRONG: Final = "Facebook does not take the token, the app's id or its secret"
_SHORT: Final = (
    "Open https://developers.facebook.com/tools/explorer, choose the app, 'User token', the rights "
    f"{RIGHTS}, then 'Generate access token'; paste it"
)


async def led(
    http: Http, ask: Ask, base: str, page: str, *, keeps_secret: bool
) -> Mapping[str, bytes] | str:
    """What ``relay.ports.LogsIn`` gives: the Page's token, and the app's secret where a file is
    named for it. ``page`` is the id that the settings name, or "" to choose."""
    app = (await ask("App id (developers.facebook.com, My Apps, Settings, Basic)", False)).strip()
    secret = (await ask("App secret (the same place, Show)", True)).strip()
    short = (await ask(_SHORT, True)).strip()
    if not all(map(_is_word, (app, secret, short))):
        return "the app's id, its secret and a token are one word each: begin again"
    long = await _long(http, base, app, secret, short)
    if isinstance(long, str):
        return long
    [token] = long
    pages = await _pages(http, base, token, secret)
    if isinstance(pages, str):
        return pages
    chosen = await _chosen(pages, page, ask)
    if isinstance(chosen, str):
        return chosen
    kept = {"app_secret_file": secret.encode()} if keeps_secret else {}
    return {"token_file": str(chosen["access_token"]).encode(), **kept}


async def _long(http: Http, base: str, app: str, secret: str, short: str) -> tuple[str] | str:
    """The token of 60 days, alone in a tuple; or why there is none."""
    said = {
        "grant_type": "fb_exchange_token",
        "client_id": app,
        "client_secret": secret,
        "fb_exchange_token": short,
    }
    answer = await kit.ask(
        http,
        "POST",  # so that no secret stands in an address
        f"{base}/oauth/access_token",
        headers={"content-type": "application/x-www-form-urlencoded", "accept": "application/json"},
        body=urlencode(said).encode(),
    )
    token = good(answer).get("access_token")
    if _is_word(token):
        return (token,)
    return WRONG if _no(answer) else UNREACHED


async def _pages(
    http: Http, base: str, token: str, secret: str
) -> Sequence[Mapping[str, Any]] | str:
    query = urlencode(
        {
            "fields": "id,name,access_token,tasks",
            "limit": "100",
            "appsecret_proof": proof(secret, token),
        }
    )
    answer = await kit.ask(
        http,
        "GET",
        f"{base}/me/accounts?{query}",
        headers={"authorization": f"Bearer {token}", "accept": "application/json"},
    )
    if not isinstance(good(answer).get("data"), list):
        return "Facebook does not show the Pages of this account" if _no(answer) else UNREACHED
    pages = [one for one in listed(good(answer)) if _can_post(one)]
    return pages or "this account has no Page that it may post to"


def _can_post(page: Mapping[str, Any]) -> bool:
    tasks = page.get("tasks")
    may = not isinstance(tasks, list) or "CREATE_CONTENT" in tasks
    return may and is_id(page.get("id")) and _is_word(page.get("access_token"))


async def _chosen(
    pages: Sequence[Mapping[str, Any]], page: str, ask: Ask
) -> Mapping[str, Any] | str:
    if page:
        named = [one for one in pages if one["id"] == page]
        return named[0] if named else "this account may not post to the Page that is set"
    if len(pages) == 1:
        return pages[0]
    rows = "; ".join(f"{n} = {_named(one)}" for n, one in enumerate(pages, 1))
    said = (await ask(f"Which Page? Write its number: {rows}", False)).strip()
    if said.isascii() and said.isdigit() and 1 <= int(said) <= len(pages):
        return pages[int(said) - 1]
    return "that is no number of these: begin again"


def _named(page: Mapping[str, Any]) -> str:
    return " ".join(clean(str(page.get("name", ""))[:MOST_NAME]).split()) or str(page["id"])


def _is_word(said: Any) -> TypeGuard[str]:
    """Whether it may be a secret, and stand in a header."""
    if not isinstance(said, str) or not 0 < len(said) <= MOST_CHARACTERS:
        return False
    return said.isascii() and said.isprintable() and " " not in said


def _no(answer: Answer | Later | Unsure) -> bool:
    return isinstance(answer, Answer) and 400 <= answer.status < 500

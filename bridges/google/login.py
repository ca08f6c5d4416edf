"""Leads the operator to the secret file, with a browser anywhere.

Flow for desktop apps with PKCE: developers.google.com, "OAuth 2.0 for desktop apps"; RFC 7636,
RFC 8252 7.3. The browser ends at an address of its own machine where nothing answers; what counts
is the address, which is pasted.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from bridges.google import keyfile
from bridges.google.keyfile import Client, word
from bridges.google.tokens import asked, denied, given
from relay.ports import Answer, Ask, Clock, Http, Instant, Later, Stopped, Unsure

AUTHORIZE_URL: Final = "https://accounts.google.com/o/oauth2/v2/auth"
BACK: Final = "http://127.0.0.1:47101"
"""A loopback address, any port (RFC 8252 7.3). Nothing listens there, and nothing has to."""

CLIENT: Final = (
    "At console.cloud.google.com make a project, enable its API, set the consent screen to "
    "'In production', and under Credentials make an OAuth client ID of type Desktop app. Its "
    "client ID"
)
UNREACHED: Final = "Google cannot be reached, or gave no whole answer: begin again"
THEN: Final = (
    "in a browser, choose the account, leave every box ticked and say yes. The browser then fails "
    "to open a page: paste that page's address"
)
WRONG: Final = "that address is not the one of this login: begin again"


async def secret(
    http: Http, clock: Clock, ask: Ask, *, scopes: Sequence[str], token_url: str, authorize: str
) -> Mapping[str, bytes] | str:
    """What ``relay.ports.LogsIn`` gives, where the setting is ``token_file``: a client with a
    refresh token for all of ``scopes``, or why there is none."""
    client_id = word((await ask(CLIENT, False)).strip())
    client_secret = word((await ask("Its client secret", True)).strip())
    if not client_id or not client_secret:
        return "a client ID and its secret are one word each: begin again"
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": BACK,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",  # or Google gives no second refresh token to one it has given one to
    }
    back = await ask(f"Open {authorize}?{urlencode(query)} {THEN}", True)
    code = _code(back, state)
    if not code:
        return WRONG
    said = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "client_secret": client_secret,
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": BACK,
    }
    refresh = _refresh(await asked(http, token_url, said), scopes, clock.now())
    if isinstance(refresh, str):
        return refresh
    return {"token_file": keyfile.written(Client(client_id, client_secret, *refresh))}


def _refresh(
    answer: Answer | Later | Unsure, scopes: Sequence[str], now: Instant
) -> tuple[str] | str:
    """The refresh token, alone in a tuple; or why there is none."""
    made = given(answer)
    token = word(made.get("refresh_token"))
    if token and not _lacking(made.get("scope"), scopes):
        return (token,)
    if token:
        return "a box was not ticked, and without that right nothing can be posted: begin again"
    refused = made or isinstance(denied(answer, now), Stopped)
    return "Google gives no token for that: begin again" if refused else UNREACHED


def challenge(verifier: str) -> str:
    """RFC 7636 4.2, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _code(back: str, state: str) -> str:
    """The code in the address that the browser was led to; "" if it is not of this login."""
    try:
        said = parse_qs(urlsplit(back.strip()).query)
    except ValueError:
        return ""
    codes = said.get("code", [])
    if said.get("state") != [state] or len(codes) != 1:
        return ""
    return word(codes[0])


def _lacking(said: object, scopes: Sequence[str]) -> bool:
    """Whether the answer names scopes, and not all that were asked for (boxes can be unticked)."""
    return isinstance(said, str) and not set(scopes) <= set(said.split())

"""Leads the operator to the secret file: four secrets pasted, or OAuth 2.0 with a browser.

Flow with PKCE: RFC 6749 4.1 and RFC 7636; addresses: docs.x.com, "OAuth 2.0 Authorization Code
Flow with PKCE". The browser is led to an address that need not exist: what counts is its query.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from bridges.twitter import keyfile
from bridges.twitter.tokens import SCOPES, TOKEN, Client, asked, tokens
from relay.ports import Ask, Http, NoAnswer, NotSent

WHICH: Final = (
    "Make an app at console.x.com with the right Read and write. Then write 1 for its four keys "
    "(OAuth 1.0a, recommended: they do not run out), or 2 for OAuth 2.0"
)
_CALLED: Final = {
    "api_key": "API key (consumer key)",
    "api_key_secret": "API key secret (consumer secret)",
    "access_token": "Access token (made after the right was set to Read and write)",
    "access_token_secret": "Access token secret",
}


ONE_WORD: Final = "each secret is one word of plain characters"


async def led(http: Http, ask: Ask, api: str, authorize: str) -> Mapping[str, bytes] | str:
    """What ``relay.ports.LogsIn`` gives."""
    if (await ask(WHICH, False)).strip() != "2":
        named = {name: (await ask(_CALLED[name], True)).strip() for name in keyfile.FOUR}
        if not all(map(keyfile.is_word, named.values())):
            return f"{ONE_WORD}: begin again"
    else:
        made = await _browsed(http, ask, api, authorize)
        if isinstance(made, str):
            return made
        named = made
    return {"token_file": keyfile.written(named)}


async def _browsed(http: Http, ask: Ask, api: str, authorize: str) -> dict[str, str] | str:
    client_id = (await ask("Client ID (Keys and tokens, OAuth 2.0)", False)).strip()
    client_secret = (await ask("Client secret (empty for a public client)", True)).strip()
    back = (await ask("The callback address that you entered for the app", False)).strip()
    if not keyfile.is_word(client_id) or not keyfile.is_word(client_secret or "none"):
        return f"{ONE_WORD}: begin again"
    if not keyfile.is_word(back):
        return "a callback address is one word of plain characters: begin again"
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    led_to = await ask(
        f"Open {authorize}?{urlencode(query)} where the account is logged in, say yes, and paste "
        "the address that you are led to",
        True,
    )
    code = _code(led_to, state)
    if not code:
        return "that address is not the one of this login: begin again"
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    try:
        pair = tokens(await asked(http, api + TOKEN, fields, Client(client_id, client_secret, "")))
    except (NotSent, NoAnswer):
        return "X cannot be reached, or gave no whole answer: begin again"
    if pair is None or not pair[1]:
        return "X gave no token that can be renewed: client, secret and callback must be the app's"
    return {
        "client_id": client_id,
        "client_secret": client_secret,
        "access_token": pair[0],
        "refresh_token": pair[1],
    }


def _code(led_to: str, state: str) -> str:
    """The code in the address that the browser was led to; "" if it is not of this login."""
    try:
        said = parse_qs(urlsplit(led_to.strip()).query)
    except ValueError:
        return ""
    codes = said.get("code", [])
    if said.get("state") != [state] or len(codes) != 1:
        return ""
    return codes[0] if keyfile.is_word(codes[0]) else ""

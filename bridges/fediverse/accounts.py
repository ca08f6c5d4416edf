"""Whose a token is, and what it may do, as far as a server tells without posting."""

from __future__ import annotations

from bridges import kit
from bridges.fediverse.answers import LOOK, NEW_TOKEN, Asked, to_post
from bridges.fediverse.api import Api
from relay.ports import Answer, Later, Stopped, Unsure

WHO = "/api/v1/accounts/verify_credentials"


def account_of(answer: Answer | Later | Unsure) -> str:
    """The account's id in an answer of ``WHO``; "" if it is none."""
    if not isinstance(answer, Answer) or answer.status != 200:
        return ""
    id = (kit.json_object(answer) or {}).get("id")
    return id if isinstance(id, str) and kit.is_ref(id) else ""


def trouble_of(answer: Answer | Later | Unsure, asked: Asked) -> str:
    """Why an account that answers so to ``WHO`` cannot post, with the remedy; "" if it can."""
    if not isinstance(answer, Answer):
        return "the server cannot be reached"
    if account_of(answer):
        suspended = (kit.json_object(answer) or {}).get("suspended") is True
        return f"the account is suspended: {LOOK}" if suspended else ""
    told = to_post(answer, asked)
    if isinstance(told, Stopped):
        return f"{told.why}: {told.action}"
    return f"the server does not say whose the token is (it answered {answer.status})"


async def lacking(api: Api, account: str) -> str:
    """Which right the token lacks, with the remedy; "" if the server tells of none."""
    answer = await api.ask("GET", f"/api/v1/accounts/{account}/statuses?limit=1")
    if isinstance(answer, Answer) and answer.status == 403:
        return f"the token may not read the account's list: {NEW_TOKEN}"
    made = await api.read("/api/v1/apps/verify_credentials") or {}
    scopes = made.get("scopes")  # since Mastodon 4.3; a token has no more than its application
    if isinstance(scopes, list) and not {"write", "write:statuses"} & {str(one) for one in scopes}:
        return f"the token may not post: {NEW_TOKEN}"
    return ""

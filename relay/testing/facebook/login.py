"""The calls of a login: who a token is of, what it is good for, how one becomes another.

Facts: developers.facebook.com, "Manually build a login flow", "Long-lived tokens" and
"debug_token". A person who is sent to the dialog always agrees.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from relay.testing.facebook import fields, posts, says, tables
from relay.testing.facebook.page import NAME, Page
from relay.testing.facebook.routes import Call, route
from relay.testing.facebook.says import No
from relay.testing.loopback import Fault

TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]


def about(page: Page) -> dict[str, Any]:
    """The page as a node."""
    return {
        "id": page.page,
        "name": NAME,
        "category": "News",
        "link": f"https://www.facebook.com/{page.page}",
        "is_published": True,
        "tasks": TASKS,
    }


def show(page: Page, call: Call, id: str) -> Fault:
    """The page or the person; ``me`` is whom the token is of."""
    wanted = fields.wanted(call.said.get("fields", "id,name"))
    if id == page.page or (id == "me" and call.token.kind == "PAGE"):
        return says.answer(fields.chosen(about(page), wanted, tables.PAGE_FIELDS, "Page"))
    if call.token.kind == "USER":
        person = {"id": page.user, "name": "Somebody"}
        return says.answer(fields.chosen(person, wanted, tables.USER_FIELDS, "User"))
    message = "An active access token must be used to query information about the current user."
    raise No(says.error(2500, message))


@route("GET", "/me/accounts", tables.ACCOUNTS, "pages_show_list")
def accounts(page: Page, call: Call, id: str) -> Fault:
    """The pages of a person, each with its token."""
    default = "access_token,category,name,id,tasks"
    wanted = fields.wanted(call.said.get("fields", default))
    node = about(page)
    if "access_token" in wanted:
        node["access_token"] = page.tokens.page_token(call.written, page.clock.now())
    shown, paging = posts.page([node], lambda one: str(one["id"]), call.said, call.url)
    data = [fields.chosen(one, wanted, tables.PAGE_FIELDS, "Page") for one in shown]
    return says.answer({"data": data} | paging)


@route("GET", "/debug_token", tables.DEBUG)
def debug(page: Page, call: Call, id: str) -> Fault:
    """What a token is good for."""
    now, written = page.clock.now(), call.said["input_token"]
    said: dict[str, Any] = {"app_id": page.app_id, "application": "relay"}
    try:
        one = page.tokens.known(written, now)
    except No as no:
        error = says.read(no.fault)
        kept = {name: error[name] for name in ("code", "message", "error_subcode") if name in error}
        return says.answer({"data": said | {"error": kept, "is_valid": False, "scopes": []}})
    said |= {
        "type": one.kind,
        "is_valid": True,
        "issued_at": one.issued,
        "expires_at": one.until or 0,
        "data_access_expires_at": one.issued + 90 * 86400,
        "scopes": sorted(page.rights),
        "user_id": page.user,
    }
    return says.answer({"data": said | ({"profile_id": page.page} if one.kind == "PAGE" else {})})


@route("GET", "/oauth/access_token", tables.EXCHANGE, free=True)
def exchange(page: Page, call: Call, id: str) -> Fault:
    """A code, or a token, for a token."""
    return says.answer(page.tokens.exchanged(call.said, page.clock.now()))


@route("POST", "/oauth/access_token", tables.EXCHANGE, free=True)
def exchange_by_form(page: Page, call: Call, id: str) -> Fault:
    """The same, with the secrets out of the URL."""
    return exchange(page, call, id)


@route("GET", "/dialog/oauth", tables.DIALOG, free=True)
def dialog(page: Page, call: Call, id: str) -> Fault:
    """The person agrees, and comes back with a code."""
    if call.said["client_id"] != page.app_id:
        raise No(says.error(101, "Error validating application."))
    if "scope" in call.said:
        page.rights = set(call.said["scope"].split(","))
    code = page.tokens.agreed(call.said["redirect_uri"], page.clock.now())
    back = urlencode({"code": code, "state": call.said["state"]})
    return Fault(302, {"Location": f"{call.said['redirect_uri']}?{back}"}, b"", made=True)

"""Methods that the service for readers answers (app.bsky)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from relay.testing.bluesky import views
from relay.testing.bluesky.house import House
from relay.testing.bluesky.methods import method
from relay.testing.bluesky.reading import Asked
from relay.testing.bluesky.repo import Kept
from relay.testing.bluesky.says import answer, invalid
from relay.testing.loopback import Fault


@method("app.bsky.actor.getProfile")
def _profile(house: House, asked: Asked) -> Fault:
    actor = asked.params["actor"].lower()
    everybody = [views.Account(house.account, house.handle), *house.others.values()]
    found = [one for one in everybody if actor in (one.did, one.handle)]
    if not found:
        raise invalid("Profile not found")
    if found[0].did == house.account and house.status == "takendown":
        raise invalid("Account has been suspended", "AccountTakedown")
    return answer(found[0].view)


@method("app.bsky.feed.getPostThread")
def _thread(house: House, asked: Asked) -> Fault:
    uri, sight = asked.params["uri"], house.sight()
    if uri not in sight.posts:
        raise invalid(f"Post not found: {uri}", "NotFound")
    depth, height = asked.params.get("depth", 6), asked.params.get("parentHeight", 80)
    return answer({"thread": sight.thread(uri, depth, height)})


@method("app.bsky.notification.listNotifications")
def _notifications(house: House, asked: Asked) -> Fault:
    late = asked.now - house.lists_late_s
    told = [
        (one, why)
        for one in house.strangers.values()
        if one.made <= late
        and (why := views.reason(one, house.account))
        and why in asked.params.get("reasons", [why])
    ][::-1]
    if "cursor" in asked.params:
        told = [(one, why) for one, why in told if _cursor(one) < asked.params["cursor"]]
    page = told[: asked.params.get("limit", 50)]
    made: dict[str, Any] = {
        "notifications": [
            views.notification(one, house.who(one.uri.split("/")[2]), why, house.seen)
            for one, why in page
        ],
        "priority": False,
    }
    if len(page) < len(told):
        made["cursor"] = _cursor(page[-1][0])
    return answer(made)


def _cursor(one: Kept) -> str:
    return f"{one.made:012}::{one.number:08}"


@method("app.bsky.notification.updateSeen")
def _seen(house: House, asked: Asked) -> Fault:
    house.seen = int(datetime.fromisoformat(asked.body["seenAt"]).timestamp())
    return Fault(made=True, body=b"")

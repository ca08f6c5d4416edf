"""What a core tells an operator: a node with five ways and places, two windows, and two days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk_core import Says

from relay.model import HOUR
from relay.rules.flow import SIZE, STEPS

NOW = 1_800_000_000 - 1_800_000_000 % HOUR + 1260
HOURS = 48

SCRIPT = "<script>alert(1)</script>{{ 7*7 }}"
"""What would be run, if anything here ran what it is given."""


def a_place(state: str = "works", why: str = "", **more: Any) -> dict[str, Any]:
    """A row of the board."""
    return {
        "state": state,
        "since": NOW - 5 * HOUR,
        "waiting": 0,
        "oldest_s": 0,
        "posted": 12,
        "last": NOW - HOUR,
        "why": why,
        "stale": 0,
        "route": "direct",
        "canary": None,
        "budgets": [],
        **more,
    }


def a_window(name: str, **more: Any) -> dict[str, Any]:
    """A window as `relay window list` has it."""
    begins = more.get("begins", NOW + 4 * HOUR)
    return {
        "name": name,
        "destinations": ["mastodon"],
        "do": "hold",
        "to": "",
        "why": "maintenance",
        "origin": "command",
        "state": "coming",
        "zone": "Asia/Tehran",
        "begins": begins,
        "ends": begins + 6 * HOUR,
        "recurs": None,
        "periods": [[begins, begins + 6 * HOUR]],
        "now": NOW,
        "frozen": False,
        "waiting": {"mastodon": 3},
        "unknown": [],
        **more,
    }


def board() -> dict[str, Any]:
    """The board, with something wrong on it."""
    return {
        "node": "n1",
        "standing": "ok",
        "paused": {"news": NOW - 2 * HOUR},
        "now": NOW,
        "places": {
            "page": a_place(),
            "mastodon": a_place("planned", "maintenance", waiting=3, oldest_s=9 * HOUR, stale=1),
            "x": a_place("login", f"answered 401: {SCRIPT}"),
            "mail": a_place(canary={"state": "works", "took_s": 0.4, "why": "", "last_good": NOW}),
            "phone": a_place("silent"),
        },
        "channels": ["news", "family"],
        "destinations": ["mastodon", "page", "x"],
        "transports": ["mail", "phone"],
    }


def windows() -> list[dict[str, Any]]:
    """One that is in force every night, and one that comes."""
    nights = [[NOW - HOUR + n * 24 * HOUR, NOW + 5 * HOUR + n * 24 * HOUR] for n in range(7)]
    recurs = {"begins": 1380, "ends": 300, "lasts_s": 0, "days": ["mon", "tue"]}
    night = a_window(
        "night",
        state="now",
        do="reroute",
        to="page",
        destinations=["x"],
        origin="settings",
        begins=nights[0][0],
        ends=nights[0][1],
        periods=nights,
        recurs=recurs,
        waiting={"x": 0},
    )
    return [night, a_window("w1", why=SCRIPT)]


def flow() -> dict[str, Any]:
    """Two days, with a night in which the node did not run."""
    hours = []
    for n in range(HOURS):
        if 20 <= n < 26:
            continue
        much = (n * 7) % 11

        def steps(at: int, much: int = much) -> list[int]:
            return [much if step in (at, at + 1) else 0 for step in range(SIZE)]

        hours.append(
            {
                "hour": NOW - NOW % HOUR - (HOURS - 1 - n) * HOUR,
                "came": {"mail": much, "phone": much // 2},
                "released": much // 3,
                "dropped": much // 4,
                "posted": {"page": much // 3, "mastodon": much // 4},
                "accept": steps(n % 3),
                "review": steps(2 + n % 4),
                "post": steps(n % 5),
            }
        )
    return {"now": NOW, "steps": {name: list(ends) for name, ends in STEPS.items()}, "hours": hours}


def queue(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Two rows, and more of them after."""
    rows = [
        {
            "seq": seq,
            "id": f"{seq:032x}",
            "queue": "post",
            "state": "waiting",
            "channel": "",
            "destination": "mastodon",
            "since_s": 7 * HOUR,
            "among": None,
            "why": SCRIPT,
        }
        for seq in (1, 2)
    ]
    after = 2 if order["after"] == 0 else None
    return [{"rows": rows, "after": after, "queues": ["review", "post"], "states": ["waiting"]}]


def drills() -> dict[str, Any]:
    """One that is under way."""
    return {
        "now": NOW,
        "ways": ["mail", "phone"],
        "destinations": ["page", "x"],
        "began": NOW - 60,
        "by": "oz",
        "running": True,
        "results": [
            {"name": "mail", "kind": "way in", "state": "works", "took_s": 0.42, "why": ""},
            {"name": "x", "kind": "destination", "state": "blocked", "took_s": None, "why": SCRIPT},
            {"name": "phone", "kind": "way in", "state": "", "took_s": None, "why": ""},
        ],
    }


def node_says() -> dict[str, Says]:
    """Answers to what the pages of the node ask."""
    user = {"handle": "ada", "roles": ["editor"], "joined": True, "since": NOW - 90 * HOUR}
    entry = {"n": 7, "hour": NOW - HOUR, "handle": "ada", "deed": "publish", "said": SCRIPT}
    note = {"hour": NOW - 8 * HOUR, "handle": "ada", "text": f"گزارش شب\n{SCRIPT}"}
    return {
        "board": [board()],
        "window": lambda order: windows() if order.keys() <= {"do", "session"} else [{}],
        "flow": [flow()],
        "queue": queue,
        "drills": [drills()],
        "drill": [drills()],
        "pause": [{"changed": True}],
        "resume": [{"changed": False}],
        "users": [{"users": [user, {**user, "handle": "new", "joined": False}]}],
        "audit": [{**entry, "ids": [f"{n:032x}" for n in range(8)]}],
        "handovers": [{"now": NOW, "notes": [note]}],
        "handover": [{"kept": True}],
        "panic": [{"ended": [{"file": "exit.key", "how": "destroyed", "why": ""}], "rest": True}],
    }

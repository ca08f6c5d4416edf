"""A core of which every word that strangers, platforms and colleagues wrote is hostile."""

from __future__ import annotations

from typing import Any

from desk_core import EDITOR, OPERATOR, DeskCore
from desk_node import NOW, node_says

from bench.desk_cards import one

LEADS = "javascript:window.pwned=1"
HOSTILE = (
    "<script>window.pwned=1</script>\"'><img src=x onerror=window.pwned=1><a href="
    f"{LEADS}>x</a></textarea></title><style>*{{display:none}}</style>"
    "{{ 7*191 }}{% for x in y %}%(name)s %s {0} ${7*191} &lt;b&gt; ]]><!--"
    "\x1b[31;1m\x1b]0;x\x07\u2028\u2029\u202e\u2066drawkcab\x00\x85\ufeff\U000e0041"
)
WIDE = "w" * 90_000 + ("a" + "\u0301" * 30) * 200 + "\ufdfd" * 300
"""As wide as a reader lets it be, and with as many marks on a letter."""

ID = "ab" * 16
SEEN = "<script>window.pwned=1</script>\"'><img src=x onerror=window.pwned=1>"


def hostile(told: Any) -> Any:
    """The same answer with hostile words wherever it has any words of its own."""
    if isinstance(told, dict):
        return {key: value if key in _OURS else hostile(value) for key, value in told.items()}
    if isinstance(told, list):
        return [hostile(each) for each in told]
    return HOSTILE if isinstance(told, str) else told


_OURS = frozenset(
    {"id", "ids", "do", "rev", "queue", "state", "where", "author", "network", "begins", "zone"}
    | {"deed", "digest", "sha256", "kinds", "since", "destinations", "handle", "queues", "states"}
)


def shown() -> dict[str, Any]:
    """A message of which every word is hostile."""
    return {
        "id": ID, "queue": "review", "state": "held", "channel": HOSTILE, "transport": HOSTILE,
        "title": HOSTILE, "text": f"{HOSTILE}\n{WIDE}", "language": '"><x y="', "why": HOSTILE,
        "flags": [HOSTILE], "hides": HOSTILE, "sender": HOSTILE, "sealed": False, "read": True,
        "marks": [{"kind": HOSTILE, "where": "text", "offset": 3, "length": 20},
                  {"kind": HOSTILE, "where": "title", "offset": 0, "length": 99}],
        "written": {"title": HOSTILE, "text": HOSTILE},
        "media": [{"n": 1, "type": HOSTILE, "bytes": 1, "alt": HOSTILE, "lacks": HOSTILE},
                  {"n": 2, "type": "image/png", "bytes": 1, "alt": HOSTILE},
                  {"n": None, "type": HOSTILE, "bytes": 1, "alt": HOSTILE}],
        "originals": [{"type": HOSTILE, "bytes": 1, "sha256": "00", "why": HOSTILE}],
        "originals_kept": True,
        "replies": [{"n": 1, "destination": HOSTILE, "text": HOSTILE, "url": LEADS}],
        "deliveries": [{"destination": HOSTILE, "state": "held", "why": HOSTILE, "url": LEADS}],
        "sheet": {
            "assignee": HOSTILE, "original_until": None,
            "notes": [{"handle": HOSTILE, "hour": NOW, "text": HOSTILE}],
            "questions": [{"handle": HOSTILE, "hour": NOW, "text": HOSTILE}],
            "confirmed": [{"handle": HOSTILE}],
        },
    }  # fmt: skip


def told() -> dict[str, Any]:
    """Cards of a group of two, and all that pages ask the core."""
    words = {
        "channel": HOSTILE, "transport": HOSTILE, "language": HOSTILE, "title": HOSTILE,
        "why": HOSTILE, "assignee": HOSTILE, "kinds": ["phone"], "flags": [HOSTILE],
        "media": [HOSTILE], "confirmed": [HOSTILE], "destinations": {HOSTILE: "held"},
    }  # fmt: skip
    made = [
        one(1, f"{HOSTILE}\n{WIDE}", **{**words, "id": ID}),
        one(2, f"{HOSTILE} more", **words, outbox_until=NOW + 50),
    ]
    stands = {"destination": HOSTILE, "state": HOSTILE, "why": HOSTILE, "url": LEADS}
    part = {"text": HOSTILE, "count": 1, "most": 2, "media": 0}
    return {
        "cards": lambda order: [{"cards": made if not order["after"] else []}],
        "show": [shown()],
        "stands": [stands],
        "preview": [{**stands, "parts": [part], "of": 1, "left_out": [HOSTILE], "media": 1,
                     "made_smaller": 0, "trouble": HOSTILE}],
        "outbox": [{"deeds": [{"deed": "d" * 16, "do": "publish", "handle": HOSTILE,
                               "until": NOW + 50, "ids": [made[1]["id"]]}]}],
        "asides": [{"asides": [{"id": "a", "kind": "typed", "shown": HOSTILE, "until": NOW,
                                "by": HOSTILE, "held": 1}], "words": {HOSTILE: HOSTILE}}],
        **{word: (lambda order, says=says: hostile(says(order))) if callable(says)
           else hostile(says) for word, says in node_says().items()},
    }  # fmt: skip


EDITORS = (
    "/lanes/held", "/lanes/danger", "/groups/1", f"/messages/{ID}",
    f"/messages/{ID}/preview", f"/messages/{ID}/stands", "/outbox", "/asides", "/shift",
    "/originals", "/search",
)  # fmt: skip
OPERATORS = (
    "/node", "/node/windows", "/node/queue", "/node/flow", "/node/drills", "/node/brake",
    "/node/users", "/node/audit", "/node/panic", "/shift",
)  # fmt: skip


def core() -> DeskCore:
    """It tells that, also of an editor and an operator who are signed in."""
    made = DeskCore(told())
    made.people["s-editor"] = {**EDITOR, "handle": HOSTILE, "roles": ["editor", "originals"]}
    made.people["s-operator"] = {**OPERATOR, "handle": HOSTILE}
    return made

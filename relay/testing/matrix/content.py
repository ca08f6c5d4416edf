"""What a message may hold, as a table.

Checked field by field against the event schemas of the specification of 21 July 2026
(``m.room.message`` and its kinds, ``m.mentions``, ``m.relates_to``). A homeserver takes nearly any
content; here a message must be what a reader's program understands, with names of the maker's own
only where they cannot be taken for others: ``org.example.name``. Left out, and so refused:
encrypted files (``file``), places and requests for verification.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from relay.testing.matrix.says import No, bad_json
from relay.testing.shapes import (
    Anything,
    Either,
    Flag,
    Flaw,
    Listed,
    Record,
    Shape,
    Tagged,
    Text,
    Whole,
)

EVENT_BYTES: Final = 65_536
"""The most that a whole event has, as canonical JSON with its hashes and signatures."""

OWN_NAME: Final = re.compile(r"(?!m\.)[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
EVENT_ID: Final = Text(form=r"\$[^\s]{1,254}")
USER_ID: Final = Text(form=r"@[^\s:]+:[^\s]+", most=255)
MXC: Final = Text(form=r"mxc://[^/\s]+/[A-Za-z0-9_-]+")

Table = Mapping[str, Shape]

MENTIONS: Final = Record(may={"user_ids": Listed(USER_ID), "room": Flag()})
IN_REPLY_TO: Final = Record({"event_id": EVENT_ID})
RELATION: Final = Either(
    Record({"m.in_reply_to": IN_REPLY_TO}),
    Tagged(
        "rel_type",
        {
            "m.thread": Record(
                {"rel_type": Text(), "event_id": EVENT_ID},
                {"m.in_reply_to": IN_REPLY_TO, "is_falling_back": Flag()},
            ),
            "m.replace": Record({"rel_type": Text(), "event_id": EVENT_ID}),
        },
    ),
)

ANY_RELATION: Final = Record(
    may={"event_id": EVENT_ID, "m.in_reply_to": IN_REPLY_TO}, more=Anything()
)
"""What any other event may say of its relation."""

FILE: Final[Table] = {"mimetype": Text(), "size": Whole(0)}
SHOWN: Final[Table] = {"w": Whole(0), "h": Whole(0)}
LASTS: Final[Table] = {"duration": Whole(0)}
THUMBNAIL: Final[Table] = {
    "thumbnail_url": MXC,
    "thumbnail_info": Record(may={**FILE, **SHOWN}),
}
INFO: Final[Mapping[str, Table]] = {
    "m.image": {**FILE, **SHOWN, **THUMBNAIL, "is_animated": Flag()},
    "m.video": {**FILE, **SHOWN, **LASTS, **THUMBNAIL},
    "m.audio": {**FILE, **LASTS},
    "m.file": {**FILE, **THUMBNAIL},
}
HTML: Final[Table] = {
    "format": Text(among=["org.matrix.custom.html"]),
    "formatted_body": Text(),
}
BASE: Final[Table] = {"msgtype": Text(), "body": Text()}


def _kinds(need: Table, may: Table) -> Tagged:
    kinds = {
        kind: Record({**BASE, **need}, {**HTML, **may})
        for kind in ("m.text", "m.notice", "m.emote")
    }
    for kind, info in INFO.items():
        kinds[kind] = Record(
            {**BASE, "url": MXC, **need},
            {**HTML, "filename": Text(), "info": Record(may=info), **may},
        )
    return Tagged("msgtype", kinds)


NEW: Final = _kinds({}, {"m.mentions": MENTIONS})
MESSAGE: Final = _kinds({}, {"m.mentions": MENTIONS, "m.relates_to": RELATION})
EDIT: Final = _kinds({"m.new_content": NEW, "m.relates_to": RELATION}, {"m.mentions": MENTIONS})


def check(content: Mapping[str, Any]) -> None:
    """Look at the content of a message. Raises No."""
    relation = content.get("m.relates_to")
    edit = isinstance(relation, dict) and relation.get("rel_type") == "m.replace"
    known = _common(content)
    if edit and isinstance(known.get("m.new_content"), dict):
        known["m.new_content"] = _common(known["m.new_content"])
    for flaw in (EDIT if edit else MESSAGE).flaws(known):
        raise bad_json(flaw)
    for one in (known, known.get("m.new_content", {})):
        for name, other in (("format", "formatted_body"), ("formatted_body", "format")):
            if name in one and other not in one:
                raise bad_json(Flaw((other,), "missing"))


def check_relation(content: Mapping[str, Any]) -> None:
    """Look at what any event says of others. Raises No."""
    for flaw in ANY_RELATION.flaws(content.get("m.relates_to", {})):
        raise bad_json(flaw)


def _common(content: Mapping[str, Any]) -> dict[str, Any]:
    """Without the names that are the maker's own."""
    return {name: one for name, one in content.items() if not OWN_NAME.fullmatch(name)}


def canonical(value: object) -> bytes:
    """Canonical JSON (spec.matrix.org/appendices, section canonical JSON)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode(errors="surrogatepass")


def fits(event: Mapping[str, Any]) -> None:
    """Look whether an event is not too large, once it has what servers add. Raises No."""
    digest = "A" * 43
    id = f"${digest}"
    added = {
        "auth_events": [id] * 3,
        "prev_events": [id],
        "depth": 1_000_000,
        "hashes": {"sha256": digest},
        "signatures": {"server.example": {"ed25519:a_AAAA": "A" * 86}},
    }
    if len(canonical({**event, **added})) > EVENT_BYTES:
        raise No(413, "M_TOO_LARGE", "event too large")

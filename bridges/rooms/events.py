"""The content of an event: a text or a file, where it stands, and a field of our own.

``m.room.message`` with its msgtypes, "Threading", "Rich replies" and "Event replacements". Our
field holds the part's key, a keyed hash that says nothing to anybody else; servers keep fields they
do not know, and apps do not show them.
"""

from __future__ import annotations

from typing import Any, Final

import regex

from bridges.kit.forms import file_name
from bridges.kit.sizes import size_of
from bridges.rooms.drafts import Draft
from relay.ports import Media

MESSAGE: Final = "m.room.message"
OURS: Final = "org.outword.part"

_EVENT: Final = regex.compile(r"\$[A-Za-z0-9+/=_.:~-]{1,254}")
_KINDS: Final = {"image": "m.image", "video": "m.video", "audio": "m.audio"}


def is_event(ref: object) -> bool:
    """Whether it may be an event's id ("Identifier grammar"; it has a server in old rooms)."""
    return isinstance(ref, str) and bool(_EVENT.fullmatch(ref))


def content_of(
    draft: Draft, key: str, *, root: str | None, after: str | None, url: str
) -> dict[str, Any]:
    """What is sent. ``root`` and ``after``: the first part and the one before, for any but the
    first; ``url`` is where the file lies (mxc)."""
    said = _file(draft.media[0], url) if draft.media else _text(draft)
    said[OURS] = key
    if after is not None:
        said["m.relates_to"] = _stands(draft, root or after, after)
    return said


def replacement(draft: Draft, ref: str) -> dict[str, Any]:
    """What is sent to make an event say this; nobody is told once more."""
    new = _text(draft)
    relates = {"rel_type": "m.replace", "event_id": ref}
    shown = {**new, "body": f"* {draft.text}", "m.mentions": {}}
    return {**shown, "m.new_content": new, "m.relates_to": relates}


def _text(draft: Draft) -> dict[str, Any]:
    calls = {"user_ids": list(draft.calls)} if draft.calls else {}
    return {"msgtype": draft.kind, "body": draft.text, "m.mentions": calls}


def _file(medium: Media, url: str) -> dict[str, Any]:
    """A caption is a body that is not the file's name ("Media captions")."""
    name = name_of(medium)
    info: dict[str, Any] = {"mimetype": medium.type, "size": len(medium.content)}
    size = (medium.width, medium.height) if medium.width and medium.height else None
    size = size or size_of(medium.content)
    if size:
        info["w"], info["h"] = size
    if medium.seconds:
        info["duration"] = medium.seconds * 1000
    return {
        "msgtype": _KINDS.get(medium.type.partition("/")[0], "m.file"),
        "body": medium.alt or name,
        "filename": name,
        "url": url,
        "info": info,
        "m.mentions": {},
    }


def name_of(medium: Media) -> str:
    """A name that says nothing but the type."""
    return file_name(medium.type)


def _stands(draft: Draft, root: str, after: str) -> dict[str, Any]:
    answers = {"m.in_reply_to": {"event_id": after}}
    if not draft.thread:
        return answers
    return {"rel_type": "m.thread", "event_id": root, "is_falling_back": True, **answers}


def root_of(content: Any, id: str) -> str:
    """The first event of the thread that this content stands in; its own id if it is in none."""
    relates = content.get("m.relates_to") if isinstance(content, dict) else None
    if isinstance(relates, dict) and relates.get("rel_type") == "m.thread":
        named = relates.get("event_id")
        return str(named) if is_event(named) else id
    return id

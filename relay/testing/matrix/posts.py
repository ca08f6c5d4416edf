"""What a reader sees of a message: the newest version of its text, its file, where it hangs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from relay.model import Instant
from relay.testing.matrix.content import INFO
from relay.testing.matrix.media import File
from relay.testing.matrix.room import Event


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """A file, as it was uploaded. ``alt``: the caption that stands under it, all there is for those
    who cannot see it."""

    type: str
    content: bytes
    alt: str


@dataclass(frozen=True, slots=True, repr=False)
class Post:
    """One message. ``id``, ``parent`` and ``root`` (of its thread) are event ids. ``text`` is its
    plain text, or the caption of its file; ``html`` its formatted one, if it has one; ``kind`` its
    ``msgtype``. ``content`` is all that it says; ``changed``: it was replaced."""

    id: str
    text: str
    html: str
    kind: str
    media: tuple[Medium, ...]
    parent: str | None
    root: str | None
    content: Mapping[str, Any]
    sender: str
    made: Instant
    changed: bool


def seen(event: Event, edit: Event | None, file: Callable[[str], File | None]) -> Post:
    """A message as a reader sees it. Its relation is that of the first version, always."""
    content = edit.content["m.new_content"] if edit else event.content
    kind, relation = content["msgtype"], event.relation
    is_file = kind in INFO
    name = content.get("filename", content["body"])
    text = "" if is_file and content["body"] == name else content["body"]
    found = file(content["url"]) if is_file else None
    root = relation.get("event_id") if relation.get("rel_type") == "m.thread" else None
    return Post(
        id=event.id,
        text=text,
        html=content.get("formatted_body", ""),
        kind=kind,
        media=(Medium(found.type, found.content or b"", text),) if found else (),
        parent=relation.get("m.in_reply_to", {}).get("event_id") or root,
        root=root,
        content=content,
        sender=event.sender,
        made=event.ts // 1000,
        changed=edit is not None,
    )

"""What is sent to make, change and delete messages, and the yes that is expected.

A ref is the number of a message in its chat; of an album, the numbers of all its messages with a
dot between them ("12.13.14"), since only they are deleted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import regex

from bridges.channel.api import is_number, result
from bridges.channel.composing import Style
from bridges.channel.media import MOST_IN_ALBUM, kind_of
from bridges.kit.drafts import Draft
from bridges.kit.forms import multipart
from relay.ports import Answer, Later, Media, Posted, Unsure

_REF: Final = regex.compile(rf"[1-9][0-9]{{0,14}}(?:\.[1-9][0-9]{{0,14}}){{0,{MOST_IN_ALBUM - 1}}}")
_METHODS: Final = {
    "photo": "sendPhoto",
    "animation": "sendAnimation",
    "video": "sendVideo",
    "audio": "sendAudio",
    "document": "sendDocument",
}


def ids_of(ref: str) -> tuple[int, ...]:
    """The numbers of the messages under a ref; none if it is no ref of ours."""
    return tuple(map(int, ref.split("."))) if _REF.fullmatch(ref) else ()


def ref_of(ids: Sequence[int]) -> str:
    """The ref of these messages."""
    return ".".join(map(str, ids))


def request(
    chat: str, draft: Draft, style: Style, after: str | None, boundary: str
) -> tuple[str, Mapping[str, Any], tuple[str, bytes] | None]:
    """Method, JSON and form (in place of the JSON) that make this message. ``after`` is the ref of
    the message that it answers; one that is gone meanwhile is no hindrance."""
    said: dict[str, Any] = {"chat_id": chat}
    if style.silent:
        said["disable_notification"] = True
    if after and (ids := ids_of(after)):
        said["reply_parameters"] = {"message_id": ids[0], "allow_sending_without_reply": True}
    if not draft.media:
        said |= {"text": draft.text, "link_preview_options": preview(style)}
        return "sendMessage", said, None
    if len(draft.media) > 1:
        said["media"] = album(draft)
        return "sendMediaGroup", {}, _form(said, draft, boundary)
    kind = kind_of(draft.media[0])
    said |= measures(draft.media[0])
    if draft.text:
        said["caption"] = draft.text
    return _METHODS[kind], {}, _form(said, draft, boundary, field=kind)


def preview(style: Style) -> dict[str, Any]:
    """Whether Telegram shows a picture of what an address leads to (type LinkPreviewOptions)."""
    return {"is_disabled": not style.previews}


def album(draft: Draft) -> list[dict[str, Any]]:
    """The media of a draft (types InputMedia*), each a file of the same form; the caption is the
    first one's: Telegram shows it under all of them as long as no other has one."""
    listed: list[dict[str, Any]] = []
    for number, one in enumerate(draft.media):
        said: dict[str, Any] = {"type": kind_of(one), "media": f"attach://file{number}"}
        said |= measures(one)
        if draft.text and number == 0:
            said["caption"] = draft.text
        listed.append(said)
    return listed


def measures(one: Media) -> dict[str, Any]:
    """What Telegram is told of a film or a sound (sendVideo, sendAudio), as far as it is known: it
    shows some films as squares of no length otherwise."""
    kind = kind_of(one)
    said: dict[str, Any] = {}
    if kind in ("video", "audio") and one.seconds:
        said["duration"] = one.seconds
    if kind == "video" and one.width and one.height:
        said |= {"width": one.width, "height": one.height, "supports_streaming": True}
    return said


def _form(
    said: Mapping[str, Any], draft: Draft, boundary: str, *, field: str = ""
) -> tuple[str, bytes]:
    fields = [(name, v if isinstance(v, str) else json.dumps(v)) for name, v in said.items()]
    files = [(field or f"file{number}", one) for number, one in enumerate(draft.media)]
    return multipart(fields, files, boundary)


def changing_media(
    chat: str, id: int, draft: Draft, number: int, boundary: str
) -> tuple[str, bytes]:
    """The form of editMessageMedia that puts medium ``number`` of a draft under ``id``."""
    one = draft.media[number]
    listed = album(draft)[number] | {"media": "attach://file0"}
    said = {"chat_id": chat, "message_id": id, "media": listed}
    return _form(said, Draft("", (one,)), boundary)


def accepted(
    answer: Answer | Later | Unsure, draft: Draft
) -> tuple[tuple[int, ...], Posted] | None:
    """The messages, if these are what was asked for: 200, ok, a number for each."""
    given = result(answer)
    messages = given if isinstance(given, list) else [given]
    if len(messages) != max(1, len(draft.media)):
        return None
    if not all(isinstance(one, dict) and is_number(one.get("message_id")) for one in messages):
        return None
    ids = tuple(one["message_id"] for one in messages)
    return ids, Posted(ref_of(ids), shown(messages[0].get("chat"), ids[0]))


def shown(chat: Any, id: int) -> str:
    """Where people see a message of this chat; "" where they cannot by an address."""
    said = chat if isinstance(chat, Mapping) else {}
    username, number = said.get("username"), str(said.get("id", ""))
    if isinstance(username, str) and regex.fullmatch(r"[A-Za-z0-9_]{1,64}", username):
        return f"https://t.me/{username}/{id}"
    if regex.fullmatch(r"-100[0-9]{1,15}", number):
        return f"https://t.me/c/{number.removeprefix('-100')}/{id}"
    return ""

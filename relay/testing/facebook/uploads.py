"""Photos and videos come in: whole, or a video in pieces.

Facts: developers.facebook.com, "Page photos" and "Video API, resumable upload": ``start`` gives a
session and the first range, ``transfer`` the next one (subcode 1363037 for a piece of another),
``finish`` makes the video. With ``published`` (which is the default) there is a post of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from relay.testing.facebook import media, says, tables
from relay.testing.facebook.media import Medium, Session
from relay.testing.facebook.page import Page
from relay.testing.facebook.posts import Post
from relay.testing.facebook.routes import Call, route
from relay.testing.facebook.says import No
from relay.testing.loopback import Fault

PIECE = 1024 * 1024


def own(page: Page, id: str, method: str) -> None:
    """Raise No unless an id is that of the page."""
    if id not in (page.page, "me"):
        raise No(says.absent(id, method))


def _file(call: Call, name: str) -> bytes:
    """A file of a request; an address that Facebook is to fetch it from is never reached here."""
    if name in call.asked.files:
        return call.asked.files[name].content
    raise No(says.error(324, "(#324) Requires upload file"))


@route("POST", "/ID/photos", tables.PHOTO, "pages_manage_posts", files="source")
def photo(page: Page, call: Call, id: str) -> Fault:
    """A photo: for a post to come, or a post of its own."""
    own(page, id, "post")
    said, now = call.said, page.clock.now()
    content = _file(call, "source")
    text = said.get("message", said.get("caption", ""))
    made = Medium(
        page.number(), "photo", media.picture(content), content, said.get("alt_text_custom", ""),
        text, created=now, ready=now,
    )  # fmt: skip
    page.take(made)
    if not said.get("published", True):
        return says.answer({"id": made.id})
    if page.drops:
        return says.answer({"id": made.id, "post_id": page.number(page.page)})
    post = page.keep(Post(page.number(page.page), text, page.page, now, (made,)))
    return says.answer({"id": made.id, "post_id": post.id})


@route(
    "POST", "/ID/videos", tables.VIDEO, "pages_manage_posts", files="source thumb video_file_chunk"
)
def video(page: Page, call: Call, id: str) -> Fault:
    """A video, or a step of an upload of one."""
    own(page, id, "post")
    phase = call.said.get("upload_phase")
    if phase is None:
        return says.answer({"id": _made(page, call.said, page.number(), _file(call, "source"))})
    if phase == "start":
        return says.answer(_start(page, call.said))
    session = page.sessions.get(call.said.get("upload_session_id", ""))
    if session is None:
        raise No(says.wrong("upload_session_id is not that of an upload", 1363033))
    if phase == "transfer":
        return says.answer(_transfer(page, call, session))
    del page.sessions[call.said["upload_session_id"]]
    if phase == "finish":
        if len(session.content) != session.size:
            raise No(says.wrong("The upload is not complete", 1363045))
        _made(page, call.said, session.video, session.content)
    return says.answer({"success": True})


def _start(page: Page, said: dict[str, Any]) -> dict[str, str]:
    size = said.get("file_size", 0)
    if not 0 < size <= media.MOST_VIDEO:
        raise No(says.wrong("file_size is that of a video"))
    if len(page.sessions) >= media.MAX_MEDIA:
        raise No(says.wrong("too many uploads"))
    id, video = page.number(), page.number()
    page.sessions[id] = Session(video, size)
    return {"video_id": video, "upload_session_id": id} | _range(0, size)


def _transfer(page: Page, call: Call, session: Session) -> dict[str, str]:
    at, piece = len(session.content), _file(call, "video_file_chunk")
    if call.said.get("start_offset") != at or at + len(piece) > session.size:
        message = "(#6001) There was a problem uploading your video. Please try again."
        raise No(says.error(6001, message, subcode=1363037, error_data=_range(at, session.size)))
    content = session.content + piece
    page.sessions[call.said["upload_session_id"]] = replace(session, content=content)
    return _range(len(content), session.size)


def _range(at: int, size: int) -> dict[str, str]:
    return {"start_offset": str(at), "end_offset": str(min(size, at + PIECE))}


def _made(page: Page, said: dict[str, Any], id: str, content: bytes) -> str:
    """The video and, once it is worked on, its post; the video's id."""
    type, now = media.film(content), page.clock.now()
    text, title = said.get("description", ""), said.get("title", "")
    ready, fails = now + page.media_takes_s, page.media_fails
    made = Medium(id, "video", type, content, "", text, title, now, ready, fails)
    page.take(made)
    published = said.get("published", True)
    if not page.drops:
        number = page.number(page.page)
        page.keep(Post(number, text, page.page, now, (made,), published=published))
    return id

"""The page on which everybody sees the latest posts of a public channel: ``/s/<name>``.

Written from pages as they were stored by others: twenty posts, the newest last, each in an element
whose ``data-post`` is ``name/number``; ``before`` and ``after`` page through them. An album is one
element with the number of its first message. A name without such a page is redirected to ``/name``.
"""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Final

from relay.testing.loopback import Fault
from relay.testing.telegram.chats import Chat, Post
from relay.testing.telegram.texts import FOUND

PAGE: Final = 20
HTML: Final = {"Content-Type": "text/html; charset=utf-8"}


def shown(chat: Chat, posts: list[Post], *, before: int | None, after: int | None) -> Fault:
    """One page of posts, which come in order of their numbers."""
    if before is not None:
        posts = [one for one in posts if int(one.id) < before]
    if after is not None:
        posts = [one for one in posts if int(one.id) > after]
    page = posts[:PAGE] if after is not None else posts[-PAGE:]
    more = ""
    if page and page[0] is not posts[0]:
        older = f"/s/{chat.username}?before={page[0].id}"
        more = f'<a href="{older}" class="tme_messages_more js-messages_more"></a>'
    body = "".join(_post(chat, one) for one in page)
    section = f'<section class="tgme_channel_history js-message_history">{more}{body}</section>'
    title = html.escape(chat.title)
    written = (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{section}</body></html>"
    )
    return Fault(200, HTML, written.encode(), made=True)


def elsewhere(name: str) -> Fault:
    """No page of posts: the name is nobody's, or a private channel's."""
    return Fault(302, {"Location": f"/{name}"}, b"", made=True)


def _post(chat: Chat, one: Post) -> str:
    ref = f"{chat.username}/{one.id}"
    when = datetime.fromtimestamp(one.created, UTC).isoformat()
    media = "".join(f'<a class="tgme_widget_message_{each.kind}_wrap"></a>' for each in one.media)
    reply = ""
    if one.parent is not None:
        to = f"https://t.me/{chat.username}/{one.parent}"
        reply = f'<a class="tgme_widget_message_reply" href="{to}"></a>'
    words = ""
    if one.text:
        classes = "tgme_widget_message_text js-message_text"
        words = f'<div class="{classes}" dir="auto">{_marked_up(one.text)}</div>'
    stamp = f'<time datetime="{when}" class="time">{when[11:16]}</time>'
    link = f'<a class="tgme_widget_message_date" href="https://t.me/{ref}">{stamp}</a>'
    return (
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message js-widget_message" data-post="{ref}">'
        f"{reply}{media}{words}"
        f'<div class="tgme_widget_message_footer">{link}</div></div></div>'
    )


def _marked_up(text: str) -> str:
    """The text with its links, as HTML."""
    _, url = FOUND[0]
    made, at = "", 0
    for match in url.finditer(text):
        link = html.escape(match[0])
        made += html.escape(text[at : match.start()])
        made += f'<a href="{link}" target="_blank" rel="noopener">{link}</a>'
        at = match.end()
    return (made + html.escape(text[at:])).replace("\n", "<br/>")

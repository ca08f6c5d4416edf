"""The calls on the page, its posts, their comments, and single nodes.

Facts: the package facebook-business 26.0.3 for names and types; developers.facebook.com, "Page
posts": a post that is made with ``published=false`` is made public by ``is_published=true``, which
may be said again; only what an application made may it change; a scheduled time lies ten minutes to
thirty days ahead. 1609008 and 2061006 are two of the links that are refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from relay.testing.facebook import bodies, fields, login, media, posts, says, tables
from relay.testing.facebook.media import Medium
from relay.testing.facebook.page import NAME, Page
from relay.testing.facebook.posts import Post
from relay.testing.facebook.routes import Call, route
from relay.testing.facebook.says import No
from relay.testing.facebook.uploads import own
from relay.testing.loopback import Fault

SOONEST_S: Final = 600
LATEST_S: Final = 30 * 86400
MOST_COMMENT: Final = 8000
SHORT: Final = "id,created_time,message"


# ---------------------------------------------------------------- posting


@route("POST", "/ID/feed", tables.FEED, "pages_manage_posts", files="thumbnail")
def post(page: Page, call: Call, id: str) -> Fault:
    """A post, a draft, or one that waits for its time."""
    own(page, id, "post")
    said, now = call.said, page.clock.now()
    text, link = said.get("message", "").strip(), said.get("link", "")
    chosen = page.attach(_attached(said))
    if not (text or link or chosen):
        raise No(says.wrong("The post is empty. Please enter a message to share."))
    if len(text) > page.characters:
        raise No(says.wrong(f"message is longer than {page.characters} characters"))
    _check_link(link)
    published, due = said.get("published", True), _due(said, now)
    if not (link or chosen) and published and page.repeats(text):
        raise No(says.duplicate())
    made = Post(page.number(page.page), text, page.page, now, chosen, link=link)
    made = replace(made, published=published, due=due)
    if not page.drops:
        page.keep(made)
    return says.answer(_asked_for(page, call, made))


def _attached(said: dict[str, Any]) -> list[str]:
    made = []
    for one in said.get("attached_media", []):
        if one.keys() != {"media_fbid"} or not isinstance(one["media_fbid"], str | int):
            raise No(says.wrong("attached_media holds objects with media_fbid"))
        made.append(str(one["media_fbid"]))
    return made


def _check_link(link: str) -> None:
    if not link:
        return
    to = urlsplit(link)
    if to.scheme not in ("http", "https") or "." not in (to.hostname or ""):
        raise No(says.wrong("link URL is not properly formatted", 2061006))
    if (to.hostname or "").removeprefix("www.") in ("facebook.com", "fb.com"):
        raise No(says.wrong("Facebook links can't be shared", 1609008))


def _due(said: dict[str, Any], now: int) -> int | None:
    if "scheduled_publish_time" not in said:
        return None
    due = int(posts.instant(str(said["scheduled_publish_time"]), "scheduled_publish_time"))
    if said.get("published", True) or not now + SOONEST_S <= due <= now + LATEST_S:
        raise No(says.wrong("The specified scheduled publish time is invalid."))
    return due


def _asked_for(page: Page, call: Call, made: Post) -> dict[str, Any]:
    """The id of what was made, and with ``fields`` what else is wanted of it."""
    if "fields" not in call.said:
        return {"id": made.id}
    node = posts.entity(made, NAME, call.base)
    wanted = fields.wanted(call.said["fields"])
    return fields.chosen(node, wanted, tables.POST_FIELDS, "PagePost")


@route("POST", "/ID/comments", tables.COMMENT, "pages_manage_engagement")
def comment(page: Page, call: Call, id: str) -> Fault:
    """A comment of the page's own."""
    on, text = page.got(id, "post"), call.said.get("message", "").strip()
    attached = [call.said["attachment_id"]] if "attachment_id" in call.said else []
    chosen = page.attach(attached)
    if not (text or chosen):
        raise No(says.wrong("A comment has a message or an attachment"))
    if len(text) > MOST_COMMENT:
        raise No(says.wrong(f"message is longer than {MOST_COMMENT} characters"))
    if on.id in {one.id for one in page.drafts}:
        raise No(says.wrong("A post that is not published takes no comments"))
    made = replace(page.commented(on, text, page.page), media=chosen)
    if not page.drops:
        page.keep(made)
    return says.answer({"id": made.id})


# ---------------------------------------------------------------- listings


def _posts(page: Page, call: Call, id: str) -> Fault:
    own(page, id, "get")
    listed = page.listed(lambda one: one.parent is None and one.by == page.page)
    return _page(page, call, listed[::-1])


route("GET", "/ID/published_posts", tables.POSTS, "pages_read_engagement")(_posts)
route("GET", "/ID/posts", tables.POSTS, "pages_read_engagement")(_posts)
route("GET", "/ID/feed", tables.POSTS, "pages_read_engagement")(_posts)


@route("GET", "/ID/scheduled_posts", tables.POSTS, "pages_read_engagement")
def scheduled(page: Page, call: Call, id: str) -> Fault:
    """Posts that wait for their time."""
    own(page, id, "get")
    return _page(page, call, [one for one in page.drafts if one.due is not None][::-1])


@route("GET", "/ID/comments", tables.COMMENTS, "pages_read_user_content")
def comments(page: Page, call: Call, id: str) -> Fault:
    """What was said below a post or comment, the oldest first."""
    on, said = page.got(id), call.said
    stream = said.get("filter", "toplevel") == "stream"
    below = page.listed(
        lambda one: one.parent is not None and (one.root if stream else one.parent) == on.id
    )
    if said.get("order") == "reverse_chronological":
        below = below[::-1]
    return _page(page, call, below)


def _page(page: Page, call: Call, listed: list[Post]) -> Fault:
    said = call.said
    since = posts.instant(said.get("since", "0"), "since")
    until = posts.instant(said.get("until", "99999999999"), "until")
    fit = [one for one in listed if since <= one.created <= until]
    shown, paging = posts.page(fit, lambda one: one.id, said, call.url)
    return says.answer({"data": [_node(page, call, one) for one in shown]} | paging)


def _node(page: Page, call: Call, one: Post) -> dict[str, Any]:
    wanted = fields.wanted(call.said.get("fields", SHORT))
    if one.parent is not None:
        node = posts.comment(one, NAME if one.by == page.page else "Somebody")
        return fields.chosen(node, wanted, tables.COMMENT_FIELDS, "Comment")
    below = page.listed(lambda other: other.parent == one.id) if "comments" in wanted else []
    node = posts.entity(one, NAME, call.base, below)
    return fields.chosen(node, wanted, tables.POST_FIELDS, "PagePost")


# ---------------------------------------------------------------- single nodes


@route("GET", "/ID", tables.NONE)
def show(page: Page, call: Call, id: str) -> Fault:
    """The page or person, a post, a comment, a photo, a video."""
    if id in (page.page, page.user, "me"):
        return login.show(page, call, id)
    if "pages_read_engagement" not in page.rights:
        raise No(says.lacks("pages_read_engagement", write=False))
    if medium := page.media.get(id):
        return says.answer(_medium(page, call, medium))
    return says.answer(_node(page, call, page.got(id)))


def _medium(page: Page, call: Call, one: Medium) -> dict[str, Any]:
    wanted = fields.wanted(call.said.get("fields", "id,created_time"))
    node: dict[str, Any] = {"id": one.id, "created_time": posts.time(one.created)}
    if one.kind == "photo":
        node |= {"alt_text_custom": one.alt} if one.alt else {}
        node |= {"page_story_id": one.post} if one.post else {}
        return fields.chosen(node, wanted, tables.PHOTO_FIELDS, "Photo")
    of = page.find(one.post or "")
    node |= {"status": media.status(one, page.clock.now()), "published": bool(of and of.published)}
    node |= {"description": one.text, "title": one.title}
    node |= {"permalink_url": f"/{page.page}/videos/{one.id}/"}
    node |= {"post_id": of.id.rpartition("_")[2]} if of else {}
    return fields.chosen(node, wanted, tables.VIDEO_FIELDS, "Video")


@route("POST", "/ID", None, "pages_manage_posts")
def edit(page: Page, call: Call, id: str) -> Fault:
    """Change a post, a comment or a video: what it is says which parameters there are."""
    medium = page.media.get(id)
    if medium is not None and medium.kind == "video":
        _edit_video(page, medium, bodies.fitting(call.asked, tables.EDIT_VIDEO))
        return says.answer({"success": True})
    one = page.got(id, "post")
    if one.by != page.page or not one.ours:
        raise No(says.error(10, status=403))
    if one.parent is None:
        _edit_post(page, one, bodies.fitting(call.asked, tables.EDIT_POST))
    else:
        text = bodies.fitting(call.asked, tables.EDIT_COMMENT).get("message", one.text)
        page.keep(replace(one, text=text))
    return says.answer({"success": True})


def _edit_post(page: Page, one: Post, said: dict[str, Any]) -> None:
    text = said.get("message", one.text).strip()
    if len(text) > page.characters:
        raise No(says.wrong(f"message is longer than {page.characters} characters"))
    chosen = page.attach(_attached(said), one.id) if "attached_media" in said else one.media
    if not (text or chosen or one.link):
        raise No(says.wrong("The post is empty. Please enter a message to share."))
    if one.published and said.get("is_published") is False:
        raise No(says.wrong("A post that was published stays so"))
    page.keep(_published(page, replace(one, text=text, media=chosen), said.get("is_published")))


def _edit_video(page: Page, medium: Medium, said: dict[str, Any]) -> None:
    text = said.get("description", medium.text)
    page.media[medium.id] = replace(medium, text=text, title=said.get("name", medium.title))
    if one := page.find(medium.post or ""):
        page.keep(_published(page, replace(one, text=text), said.get("published")))


def _published(page: Page, one: Post, published: bool | None) -> Post:
    """A post that becomes public gets that time; one that is so already stays as it is."""
    if not published or one.published:
        return one
    return replace(one, published=True, due=None, created=page.clock.now())


@route("DELETE", "/ID", tables.NONE, "pages_manage_posts")
def delete(page: Page, call: Call, id: str) -> Fault:
    """Take a post, a comment, a photo or a video back; what others wrote below it too."""
    medium = page.media.get(id)
    if medium is not None and medium.post is None:
        del page.media[id]
    else:
        page.remove(page.got(medium.post or "" if medium else id, "delete"))
    return says.answer({"success": True})

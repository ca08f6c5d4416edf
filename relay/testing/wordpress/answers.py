"""The routes of wp/v2: what each request does, and what it is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from relay.testing.loopback import Fault, Request
from relay.testing.wordpress import library, says, tables
from relay.testing.wordpress.caller import Caller
from relay.testing.wordpress.listing import Order, page
from relay.testing.wordpress.says import No
from relay.testing.wordpress.site import Site
from relay.testing.wordpress.things import Comment, Medium, Post

COMMENTS: Final[Order[Comment]] = Order(
    id=lambda one: int(one.id),
    date=lambda one: one.created,
    by={"id": lambda one: int(one.id), "post": lambda one: int(one.post)},
)
ROUTES: Final = tuple(
    (methods.split(), re.compile(path), name)
    for methods, path, name in (
        ("GET HEAD", "/", "_index"),
        ("GET", "/wp/v2/users/me", "_me"),
        ("GET", "/wp/v2/posts", "_list_posts"),
        ("POST", "/wp/v2/posts", "_create_post"),
        ("GET", "/wp/v2/posts/([0-9]+)", "_get_post"),
        ("POST PUT PATCH", "/wp/v2/posts/([0-9]+)", "_update_post"),
        ("DELETE", "/wp/v2/posts/([0-9]+)", "_delete_post"),
        ("GET", "/wp/v2/media", "_list_media"),
        ("POST", "/wp/v2/media", "_upload"),
        ("GET", "/wp/v2/media/([0-9]+)", "_get_medium"),
        ("POST PUT PATCH", "/wp/v2/media/([0-9]+)", "_update_medium"),
        ("DELETE", "/wp/v2/media/([0-9]+)", "_delete_medium"),
        ("GET", "/wp/v2/comments", "_list_comments"),
    )
)


class Answers:
    """What a site answers to those who ask its API."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def to(self, request: Request, route: str, caller: Caller) -> Fault:
        """Do what a request asks of a route. Raises No."""
        for methods, path, name in ROUTES:
            found = path.fullmatch(route)
            if found and request.method in methods:
                made: Fault = getattr(self, name)(request, caller, *found.groups())
                return made
        raise no_route()

    def _index(self, request: Request, caller: Caller) -> Fault:
        where = f"{self._site.base}/wp-admin/authorize-application.php"
        return says.answer(
            {
                "name": "A site",
                "description": "",
                "url": self._site.base,
                "home": self._site.base,
                "gmt_offset": self._site.posts.offset_s // 3600,
                "timezone_string": "",
                "namespaces": ["oembed/1.0", "wp/v2", "wp-site-health/v1", "wp-block-editor/v1"],
                "authentication": {
                    "application-passwords": {"endpoints": {"authorization": where}}
                },
                "routes": {},
            }
        )

    def _me(self, request: Request, caller: Caller) -> Fault:
        said = tables.read(request, tables.READ)
        if not caller.known:
            raise No(401, "rest_not_logged_in", "You are not currently logged in.")
        shown: dict[str, Any] = {
            "id": self._site.account,
            "name": self._site.user,
            "url": "",
            "description": "",
            "link": f"{self._site.base}/author/{self._site.user}/",
            "slug": self._site.user,
            "avatar_urls": {},
            "meta": [],
        }
        if said.get("context") == "edit":
            shown |= {
                "username": self._site.user,
                "roles": [] if self._site.role == "none" else [self._site.role],
                "capabilities": {right: True for right in sorted(caller.rights)},
                "extra_capabilities": {} if self._site.role == "none" else {self._site.role: True},
                "locale": "en_US",
            }
        return self._shown(shown, said)

    # ------------------------------------------------------------ posts

    def _list_posts(self, request: Request, caller: Caller) -> Fault:
        said = tables.read(request, tables.LIST_POSTS)
        edit = said.get("context") == "edit"
        if edit:
            message = "edit posts in this post type"
            caller.need("edit_posts", "rest_forbidden_context", message)
        found = self._site.posts.listed(said, caller, self._site.listed_until)
        shown = [self._post(one, edit=edit) for one in found.entries]
        return self._shown(shown, said, headers=found.headers(request, self._site.base))

    def _create_post(self, request: Request, caller: Caller) -> Fault:
        said = tables.read(request, tables.WRITE_POST, body=True)
        made = self._site.posts.create(said, caller, str(next(self._site.ids)), self._site.now)
        self._keep(made)
        where = {"Location": f"{self._site.base}/wp-json/wp/v2/posts/{made.id}"}
        return self._shown(self._post(made, edit=True), said, 201, where)

    def _get_post(self, request: Request, caller: Caller, id: str) -> Fault:
        said = tables.read(request, tables.READ)
        one, edit = self._site.posts.get(id), said.get("context") == "edit"
        if edit:
            caller.need("edit_posts", "rest_forbidden_context", "edit this post")
        if one.status != "publish":
            caller.need("edit_posts", "rest_forbidden", "do that")
        return self._shown(self._post(one, edit=edit), said)

    def _update_post(self, request: Request, caller: Caller, id: str) -> Fault:
        said = tables.read(request, tables.WRITE_POST, body=True)
        made = self._site.posts.update(id, said, caller, self._site.now)
        self._keep(made)
        return self._shown(self._post(made, edit=True), said)

    def _delete_post(self, request: Request, caller: Caller, id: str) -> Fault:
        said = tables.read(request, tables.DELETE, body=True)
        force = said.get("force", False)
        shown = self._post(self._site.posts.delete(id, caller, force=force), edit=True)
        if force:
            self._site.library.orphan(id)
        return self._shown({"deleted": True, "previous": shown} if force else shown, said)

    def _keep(self, made: Post) -> None:
        """A picture that is not there is found out only when the post is."""
        wrong = made.featured and str(made.featured) not in self._site.library.all
        self._site.posts.all[made.id] = replace(made, featured=0) if wrong else made
        if wrong:
            raise No(400, "rest_invalid_featured_media", "Invalid featured media ID.")

    def _post(self, one: Post, *, edit: bool) -> dict[str, Any]:
        return says.post(one, self._site.where, edit=edit)

    # ------------------------------------------------------------ media

    def _list_media(self, request: Request, caller: Caller) -> Fault:
        said = tables.read(request, tables.LIST_MEDIA)
        until = self._site.listed_until
        fit = [
            one
            for one in self._site.media
            if one.created <= until
            and (not said.get("slug") or one.slug in said["slug"])
            and (not said.get("parent") or one.post in said["parent"])
        ]
        found = page(fit, said, library.ORDER, self._site.posts.offset_s)
        shown = [self._medium(one, said, caller) for one in found.entries]
        return self._shown(shown, said, headers=found.headers(request, self._site.base))

    def _upload(self, request: Request, caller: Caller) -> Fault:
        if len(request.body) > self._site.media_bytes:
            return says.too_large()
        form = tables.content_type(request) == "multipart/form-data"
        said = tables.read(request, tables.WRITE_MEDIUM, body=form)
        if not caller.may("upload_files"):
            message = "Sorry, you are not allowed to upload media on this site."
            raise No(400, "rest_cannot_create", message)
        if len(self._site.library.all) >= library.MAX_MEDIA:
            raise No(500, "rest_upload_sideload_error", "The disk is full.")
        slugs = {one.slug for one in self._site.media} | self._site.posts.slugs()
        id = str(next(self._site.ids))
        made = self._site.library.upload(request, said, id, self._site.now, slugs)
        where = {"Location": f"{self._site.base}/wp-json/wp/v2/media/{made.id}"}
        return self._shown(self._medium(made, {"context": "edit"}, caller), said, 201, where)

    def _get_medium(self, request: Request, caller: Caller, id: str) -> Fault:
        said = tables.read(request, tables.READ)
        return self._shown(self._medium(self._site.library.get(id), said, caller), said)

    def _update_medium(self, request: Request, caller: Caller, id: str) -> Fault:
        said = tables.read(request, tables.WRITE_MEDIUM, body=True)
        self._site.library.get(id)
        caller.need("upload_files", "rest_cannot_edit", "edit this post")
        made = self._site.library.describe(id, said)
        return self._shown(self._medium(made, {"context": "edit"}, caller), said)

    def _delete_medium(self, request: Request, caller: Caller, id: str) -> Fault:
        said = tables.read(request, tables.DELETE, body=True)
        self._site.library.get(id)
        caller.need("delete_posts", "rest_cannot_delete", "delete this post")
        gone = self._site.library.delete(id, force=said.get("force", False))
        shown = self._medium(gone, {"context": "edit"}, caller)
        return self._shown({"deleted": True, "previous": shown}, said)

    def _medium(self, one: Medium, said: dict[str, Any], caller: Caller) -> dict[str, Any]:
        edit = said.get("context") == "edit"
        if edit:
            caller.need("edit_posts", "rest_forbidden_context", "edit this post")
        return says.medium(one, self._site.where, edit=edit)

    # ------------------------------------------------------------ comments

    def _list_comments(self, request: Request, caller: Caller) -> Fault:
        said = tables.read(request, tables.LIST_COMMENTS)
        status = said.get("status", "approve")
        if said.get("context") == "edit":
            caller.need("moderate_comments", "rest_forbidden_context", "edit comments")
        if not caller.may("moderate_comments"):
            closed = {"author", "author_exclude", "author_email", "type"} & said.keys()
            closed |= {"status"} if status != "approve" else set()
            if closed:
                message = f"Query parameter not permitted: {', '.join(sorted(closed))}"
                raise No(403 if caller.known else 401, "rest_forbidden_param", message)
        until = self._site.listed_until
        fit = [
            one
            for one in self._site.comments
            if one.created <= until
            and one.held == (status == "hold")
            and (not said.get("post") or int(one.post) in said["post"])
            and (not said.get("parent") or int(one.parent or 0) in said["parent"])
        ]
        found = page(fit, said, COMMENTS, self._site.posts.offset_s)
        shown = [says.comment(one, self._site.where) for one in found.entries]
        return self._shown(shown, said, headers=found.headers(request, self._site.base))

    def _shown(
        self,
        shown: Any,
        said: dict[str, Any],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Fault:
        """An answer, with only the fields that were asked for."""
        wanted = {str(one).partition(".")[0] for one in said.get("_fields", ())}
        if wanted and isinstance(shown, list):
            shown = [{k: v for k, v in one.items() if k in wanted} for one in shown]
        elif wanted:
            shown = {k: v for k, v in shown.items() if k in wanted}
        return says.answer(shown, status, headers)


def no_route() -> No:
    """There is no such address in the API, or there is no API."""
    message = "No route was found matching the URL and request method."
    return No(404, "rest_no_route", message)

"""The media library: a file is the raw body of a request, named by its Content-Disposition, or
stands in a form with its description (``forms``).

Facts: ``WP_REST_Attachments_Controller::upload_from_data`` (which headers, which errors);
``wp_check_filetype_and_ext`` (a file whose content is not what its name says is not taken, and that
is answered with 500).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from email.message import Message
from hashlib import md5
from typing import Any, Final

from relay.model import Instant
from relay.testing.loopback import Request
from relay.testing.wordpress.forms import File, read_form
from relay.testing.wordpress.listing import Order
from relay.testing.wordpress.says import No, source
from relay.testing.wordpress.tables import content_type
from relay.testing.wordpress.things import Medium, slug, unique

MAX_MEDIA: Final = 10_000
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "video/mp4": ("mp4", "m4v"),
    "video/webm": ("webm",),
    "audio/mpeg": ("mp3",),
    "audio/mp4": ("m4a", "m4b"),
    "audio/ogg": ("ogg", "oga"),
    "application/pdf": ("pdf",),
}
BEGINNINGS: Final = {
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/gif": rb"GIF8[79]a",
    "image/webp": rb"RIFF....WEBP",
    "video/mp4": rb"....ftyp",
    "audio/mp4": rb"....ftypM4A",
}
"""How the content of a file begins, for the types that are looked into."""

ORDER: Final[Order[Medium]] = Order(
    id=lambda one: int(one.id), date=lambda one: one.created, by={"id": lambda one: int(one.id)}
)


class Library:
    """All media of a site."""

    def __init__(self) -> None:
        self.all: dict[str, Medium] = {}

    def get(self, id: str) -> Medium:
        """One that is there. Raises No."""
        if id not in self.all:
            raise No(404, "rest_post_invalid_id", "Invalid post ID.")
        return self.all[id]

    def upload(
        self, request: Request, said: dict[str, Any], id: str, now: Instant, slugs: Collection[str]
    ) -> Medium:
        """Take a file. ``slugs``: names that others have. Raises No."""
        file = _file(request)
        name = self._free(file.name)
        title = said.get("title") or name.rpartition(".")[0]
        wanted = slug(said.get("slug") or name.rpartition(".")[0])
        made = Medium(
            id=id,
            type=file.type,
            content=file.content,
            name=name,
            slug=unique(wanted or id, slugs),
            title=title,
            post=said.get("post", 0),
            created=now,
        )
        self.all[id] = _described(made, said)
        return self.all[id]

    def describe(self, id: str, said: dict[str, Any]) -> Medium:
        """Change what is said about one. Raises No."""
        self.all[id] = _described(self.get(id), said)
        return self.all[id]

    def delete(self, id: str, *, force: bool) -> Medium:
        """Throw one away, which media only are for good. Raises No."""
        one = self.get(id)
        if not force:
            message = "The post does not support trashing. Set 'force=true' to delete."
            raise No(501, "rest_trash_not_supported", message)
        return self.all.pop(one.id)

    def orphan(self, post: str) -> None:
        """A post is gone for good: what was uploaded to it belongs to none."""
        self.all = {
            id: replace(one, post=0) if one.post == int(post) else one
            for id, one in self.all.items()
        }

    def at(self, address: str, base: str) -> Medium | None:
        """The medium whose file is there."""
        found = (one for one in self.all.values() if address == source(one, base))
        return next(found, None)

    def _free(self, name: str) -> str:
        """``wp_unique_filename``: the second ``x.jpg`` is ``x-1.jpg``."""
        stem, _, extension = name.rpartition(".")
        taken, n = {one.name for one in self.all.values()}, 0
        while (made := f"{stem}{f'-{n}' if n else ''}.{extension}") in taken:
            n += 1
        return made


def _described(one: Medium, said: dict[str, Any]) -> Medium:
    changes: dict[str, Any] = {"alt": said["alt_text"]} if "alt_text" in said else {}
    for name in ("title", "caption", "description"):
        if name in said:
            text = said[name]
            changes[name] = text if isinstance(text, str) else text.get("raw", "")
    return replace(one, **changes)


def _file(request: Request) -> File:
    """The file in a request of either kind. Raises No."""
    if content_type(request) != "multipart/form-data":
        name, kind = _named(request)
        return File(name, _type(name, kind, request.body), request.body)
    file = read_form(request)[1]
    if file is None or not file.content:
        raise No(400, "rest_upload_no_data", "No data supplied.")
    name = re.sub(r"[^\w.-]+", "-", file.name).strip("-.")
    kind = _type(name, file.type, file.content, code="rest_upload_unknown_error")
    return File(name, kind, file.content)


def _named(request: Request) -> tuple[str, str]:
    """The name and type of a raw body. Raises No."""
    if not request.body:
        raise No(400, "rest_upload_no_data", "No data supplied.")
    if not content_type(request):
        raise No(400, "rest_upload_no_content_type", "No Content-Type supplied.")
    if "content-disposition" not in request.headers:
        raise No(400, "rest_upload_no_content_disposition", "No Content-Disposition supplied.")
    header = Message()
    header["Content-Disposition"] = request.headers["content-disposition"]
    name = re.sub(r"[^\w.-]+", "-", header.get_filename() or "").strip("-.")
    if header.get_content_disposition() != "attachment" or not name:
        message = "Invalid Content-Disposition supplied. Content-Disposition needs to be formatted"
        message += ' as `attachment; filename="image.png"` or similar.'
        raise No(400, "rest_upload_invalid_disposition", message)
    wanted = request.headers.get("content-md5")
    if wanted and wanted != md5(request.body, usedforsecurity=False).hexdigest():
        message = "Content hash did not match expected."
        raise No(412, "rest_upload_hash_mismatch", message)
    return name, content_type(request)


def _type(name: str, kind: str, content: bytes, *, code: str = "rest_upload_sideload_error") -> str:
    extension = name.rpartition(".")[2].lower()
    begins = re.compile(BEGINNINGS.get(kind, b""), re.DOTALL)
    if extension not in TYPES.get(kind, ()) or not begins.match(content):
        message = "Sorry, you are not allowed to upload this file type."
        raise No(500, code, message)
    return kind

"""What stands in a post: uploaded under names of ours, as children of the post, and deleted so.

A medium can be seen by who guesses its address as soon as it is uploaded, and nobody sweeps it. So
each hangs on its post, which is there before as a draft: a try that goes on finds what an earlier
one uploaded, and a post that is removed takes its media along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridges import kit
from bridges.kit import markup
from bridges.kit.forms import multipart
from bridges.press import answers
from bridges.press.api import Api, good, listed, number
from bridges.press.posts import SLUG, SLUG_DIGITS
from relay.ports import Answer, Later, Media, Refused, Stopped

MEDIA: Final = "wp/v2/media"
PAGE: Final = 100
_FIELDS: Final = "id,slug,source_url"


@dataclass(frozen=True, slots=True)
class Placed:
    """A medium as it stands there: its id and name, and where its file is."""

    id: int
    name: str
    url: str


def name_of(key: str, medium: Media) -> str:
    """The name of a medium of the post with this key: the same for the same bytes and words."""
    digest = hashlib.sha256(f"{key}\n{medium.type}\n{medium.alt}\n".encode() + medium.content)
    return SLUG + digest.hexdigest()[:SLUG_DIGITS]


async def brought(
    api: Api, post: int, media: Sequence[Media], key: str
) -> tuple[Placed, ...] | Later | Refused | Stopped:
    """All of them there, in order; what an earlier try uploaded is not uploaded again."""
    if not media:
        return ()
    found = await children(api, post)
    if not isinstance(found, tuple):
        return found
    there = {_plain(one.name): one for one in found}
    placed = []
    for medium in media:
        name = name_of(key, medium)
        if name not in there:
            up = await _uploaded(api, post, medium, name)
            if not isinstance(up, Placed):
                return up
            there[name] = up
        placed.append(there[name])
    return tuple(placed)


async def children(api: Api, post: int) -> tuple[Placed, ...] | Later | Stopped:
    """What we uploaded to this post."""
    answer = await api.read(
        MEDIA, parent=str(post), per_page=str(PAGE), context="edit", _fields=_FIELDS
    )
    rows = listed(answer)
    if rows is None:
        return answers.not_shown(answer, api.now())
    return tuple(
        Placed(number(row.get("id")), row["slug"], kit.shown_at(row.get("source_url")))
        for row in rows
        if number(row.get("id")) and str(row.get("slug")).startswith(SLUG)
    )


async def deleted(
    api: Api, post: int, *, but: frozenset[int] = frozenset()
) -> Later | Refused | Stopped | None:
    """Delete what we uploaded to this post, but for these; None when it is done."""
    found = await children(api, post)
    if not isinstance(found, tuple):
        return found
    for one in found:
        if one.id in but:
            continue
        answer = await api.delete(f"{MEDIA}/{one.id}")
        if good(answer).get("deleted") is not True and not answers.is_gone(answer):
            return answers.judged(answer, api.now())
    return None


def figures(media: Sequence[Media], placed: Sequence[Placed]) -> str:
    """Their HTML, one after the other, each with its description."""
    return "".join(_figure(medium, one) for medium, one in zip(media, placed, strict=True))


def _figure(medium: Media, one: Placed) -> str:
    where, alt = markup.plain(one.url), markup.plain(medium.alt)
    kind = medium.type.partition("/")[0]
    if kind == "image":
        # By its class WordPress knows it, and offers it in the sizes that it made of it.
        image = f'<img src="{where}" alt="{alt}" class="wp-image-{one.id}">'
        return f'<figure class="wp-block-image">{image}</figure>'
    if kind in ("video", "audio"):
        caption = f"<figcaption>{alt}</figcaption>" if alt else ""
        return f'<figure><{kind} controls src="{where}"></{kind}>{caption}</figure>'
    return f'<p><a href="{where}">{alt or where}</a></p>'


async def _uploaded(
    api: Api, post: int, medium: Media, name: str
) -> Placed | Later | Refused | Stopped:
    fields = [("slug", name), ("alt_text", medium.alt), ("post", str(post))]
    form = multipart(fields, [("file", medium)], name.replace("-", "x"), stem=name)
    answer = await api.upload(MEDIA, form, _FIELDS)
    made = good(answer)
    id, url = number(made.get("id")), kit.shown_at(made.get("source_url"))
    if id and url:
        return Placed(id, name, url)
    if isinstance(answer, Answer) and answer.status == 500 and _is_no(answer):
        return Refused("the blog does not take a medium of this type or size (`file_bytes`)")
    return answers.judged(answer, api.now())


def _is_no(answer: Answer) -> bool:
    """WordPress answers 500 to a file whose type it does not allow, and to one larger than PHP
    takes (UPLOAD_ERR_INI_SIZE)."""
    return answers.code_of(answer) in ("rest_upload_unknown_error", "rest_upload_sideload_error")


def _plain(slug: str) -> str:
    """The name without the "-2" that WordPress adds to one that was there already."""
    return slug[: len(SLUG) + SLUG_DIGITS]

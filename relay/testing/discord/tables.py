"""What the calls of Discord's API take: names, types and limits, as facts.

Checked against the published OpenAPI document (discord/discord-api-spec, version 10, 18 July 2026),
for the flags and for numbers as ids of attachments against discord/discord-api-docs of August 2026.
The API itself ignores fields that it does not know; this stand-in refuses them.
"""

from __future__ import annotations

from typing import Final

from relay.testing.shapes import (
    Anything,
    Either,
    Flag,
    Listed,
    Number,
    Record,
    Shape,
    Text,
    Whole,
    maybe,
)

MAX_CONTENT: Final = 2000
"""For webhooks and bots; the document's 4000 are for people who pay."""

MAX_FILES: Final = 10
MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_PAGE: Final = 100
PAGE: Final = 50

SUPPRESS_EMBEDS: Final = 1 << 2
SUPPRESS_NOTIFICATIONS: Final = 1 << 12
COMPONENTS_V2: Final = 1 << 15
SETTABLE: Final = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2

ID: Final = Text(form="0|[1-9][0-9]*")
URL: Final = maybe(Text(most=2048, form=r"[a-z]+://.+"))
SAID: Final = maybe(Text(most=4096))
NAME: Final = maybe(Text(most=256))
SIZE: Final = maybe(Whole())

_IMAGE: Final = Record(
    may={
        "url": URL,
        "width": SIZE,
        "height": SIZE,
        "placeholder": maybe(Text(most=64)),
        "placeholder_version": SIZE,
        "is_animated": maybe(Flag()),
        "description": SAID,
    }
)
EMBED: Final = Record(
    may={
        "type": maybe(Text()),
        "url": URL,
        "title": NAME,
        "color": maybe(Whole(least=0, most=0xFFFFFF)),
        "timestamp": maybe(Text()),
        "description": SAID,
        "author": maybe(Record(may={"name": NAME, "url": URL, "icon_url": URL})),
        "image": maybe(_IMAGE),
        "thumbnail": maybe(_IMAGE),
        "video": maybe(_IMAGE),
        "footer": maybe(Record(may={"text": maybe(Text(most=2048)), "icon_url": URL})),
        "provider": maybe(Record(may={"name": NAME, "url": URL})),
        "fields": maybe(
            Listed(
                Record(
                    need={"name": Text(most=256), "value": Text(most=1024)},
                    may={"inline": maybe(Flag())},
                ),
                most=25,
            )
        ),
    }
)
MENTIONS: Final = Record(
    may={
        "parse": maybe(Listed(Text(among=("users", "roles", "everyone")))),
        "users": maybe(Listed(ID, most=100)),
        "roles": maybe(Listed(ID, most=100)),
        "replied_user": maybe(Flag()),
    }
)
ATTACHMENT: Final = Record(
    need={"id": Either(ID, Whole(least=0))},
    may={
        "filename": maybe(Text(least=1, most=1024)),
        "description": maybe(Text(most=1024)),
        "title": maybe(Text(most=1024)),
        "duration_secs": maybe(Number(least=0)),
        "waveform": maybe(Text(most=400)),
        "is_spoiler": maybe(Flag()),
        "is_remix": maybe(Flag()),
    },
)
REFERENCE: Final = Record(
    need={"message_id": ID},
    may={
        "guild_id": maybe(ID),
        "channel_id": maybe(ID),
        "fail_if_not_exists": maybe(Flag()),
        "type": maybe(Whole(least=0, most=0)),
    },
)

_EDITED: Final[dict[str, Shape]] = {
    "content": maybe(Text(most=MAX_CONTENT)),
    "embeds": maybe(Listed(EMBED, most=10)),
    "allowed_mentions": maybe(MENTIONS),
    "components": maybe(Listed(Anything(), most=40)),
    "attachments": maybe(Listed(ATTACHMENT, most=MAX_FILES)),
    "flags": maybe(Whole(least=0)),
}
_SENT: Final[dict[str, Shape]] = _EDITED | {"poll": maybe(Anything()), "tts": maybe(Flag())}

BODIES: Final[dict[str, Record]] = {
    "execute": Record(
        may=_SENT
        | {
            "username": maybe(Text(least=1, most=80)),
            "avatar_url": URL,
            "thread_name": maybe(Text(most=100)),
            "applied_tags": maybe(Listed(ID, most=5)),
        }
    ),
    "edit_as_webhook": Record(may=_EDITED | {"poll": maybe(Anything())}),
    "send": Record(
        may=_SENT
        | {
            "sticker_ids": maybe(Listed(ID, most=3)),
            "shared_client_theme": maybe(Anything()),
            "message_reference": maybe(REFERENCE),
            "nonce": maybe(Either(Text(most=25), Whole(least=-(1 << 63), most=(1 << 63) - 1))),
            "enforce_nonce": maybe(Flag()),
        }
    ),
    "edit": Record(may=_EDITED | {"sticker_ids": maybe(Listed(ID))}),
}

_YES_OR_NO: Final = Text(among=("true", "false", "True", "False", "1", "0"))
_THREAD: Final[dict[str, Shape]] = {"thread_id": ID}
QUERIES: Final[dict[str, Record]] = {
    "execute": Record(may=_THREAD | {"wait": _YES_OR_NO, "with_components": _YES_OR_NO}),
    "edit_as_webhook": Record(may=_THREAD | {"with_components": _YES_OR_NO}),
    "get_as_webhook": Record(may=_THREAD),
    "delete_as_webhook": Record(may=_THREAD),
    "list": Record(may={"around": ID, "before": ID, "after": ID, "limit": Text(form=r"\d{1,9}")}),
}
"""Parameters of the address; a call that is not here has none."""

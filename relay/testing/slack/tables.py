"""What Slack's methods and its incoming webhooks take: names, types and limits, as facts.

Checked against the pages of docs.slack.dev of May 2026 (arguments and errors of each method), the
arguments that slack_sdk of August 2026 sends, and, for who takes JSON, slackapi/slack-api-specs of
2021. Slack itself ignores arguments that it does not know; this stand-in refuses them.
"""

from __future__ import annotations

from typing import Final

from relay.testing.shapes import (
    Anything,
    Either,
    Flag,
    Listed,
    Record,
    Shape,
    Tagged,
    Text,
    Whole,
)

MAX_TEXT: Final = 40_000
"""A longer text is cut there, and nobody is told."""

MAX_EDIT: Final = 4_000
MAX_ALT: Final = 1_000
MAX_BLOCKS: Final = 50
MAX_METADATA_BYTES: Final = 8_000
MAX_FILE_BYTES: Final = 1_000_000_000
PAGE: Final = 100
MAX_PAGE: Final = 999

TS: Final = Text(form=r"\d{1,12}\.\d{6}")
TIME: Final = Text(form=r"\d{1,12}(\.\d{1,6})?")

METADATA: Final = Record(
    need={"event_type": Text(least=1, form=r"\w+"), "event_payload": Record(more=Anything())},
    may={"entities": Anything()},
)

_BLOCK_ID: Final[dict[str, Shape]] = {"type": Text(), "block_id": Text(most=255)}


def _words(most: int, *kinds: str) -> Record:
    """A text object of one of some kinds."""
    return Record(
        need={"type": Text(among=kinds), "text": Text(least=1, most=most)},
        may={"emoji": Flag(), "verbatim": Flag()},
    )


_ANY_WORDS: Final = ("plain_text", "mrkdwn")
BLOCK: Final = Tagged(
    "type",
    {
        "divider": Record(may=_BLOCK_ID),
        "header": Record(need={"text": _words(150, "plain_text")}, may=_BLOCK_ID),
        "section": Record(
            need={"text": _words(3000, *_ANY_WORDS)},
            may=_BLOCK_ID
            | {
                "fields": Listed(_words(2000, *_ANY_WORDS), most=10),
                "accessory": Anything(),
                "expand": Flag(),
            },
        ),
        "context": Record(need={"elements": Listed(Anything(), least=1, most=10)}, may=_BLOCK_ID),
        "markdown": Record(need={"text": Text(most=12_000)}, may=_BLOCK_ID),
        "rich_text": Record(need={"elements": Listed(Anything())}, may=_BLOCK_ID),
        "image": Record(
            need={"alt_text": Text(most=2000)},
            may=_BLOCK_ID
            | {
                "image_url": Text(most=3000, form="https?://.+"),
                "slack_file": Record(may={"id": Text(), "url": Text()}),
                "title": _words(2000, "plain_text"),
            },
        ),
        "actions": Record(need={"elements": Listed(Anything())}, may=_BLOCK_ID),
        "video": Record(more=Anything()),
        "file": Record(more=Anything()),
    },
)
BLOCKS: Final = Listed(BLOCK, most=MAX_BLOCKS)
ATTACHMENTS: Final = Listed(Record(more=Anything()), most=100)

_SAID: Final[dict[str, Shape]] = {
    "text": Text(),
    "blocks": BLOCKS,
    "attachments": ATTACHMENTS,
    "metadata": METADATA,
}
_UNFURL: Final[dict[str, Shape]] = {"unfurl_links": Flag(), "unfurl_media": Flag()}
_MANNERS: Final[dict[str, Shape]] = {
    "as_user": Flag(),
    "link_names": Flag(),
    "parse": Text(among=("none", "full", "client")),
    "markdown_text": Text(most=12_000),
    "reply_broadcast": Flag(),
}
_CHANNEL: Final[dict[str, Shape]] = {"channel": Text(least=1)}
_MESSAGE: Final[dict[str, Shape]] = {**_CHANNEL, "ts": TS}
_RANGE: Final[dict[str, Shape]] = {
    "cursor": Text(),
    "include_all_metadata": Flag(),
    "inclusive": Flag(),
    "latest": TIME,
    "oldest": TIME,
    "limit": Whole(least=1, most=MAX_PAGE),
    "metadata_keys_to_include": Anything(),
}

METHODS: Final[dict[str, Record]] = {
    "auth.test": Record(),
    "chat.postMessage": Record(
        need=_CHANNEL,
        may=_SAID
        | _UNFURL
        | _MANNERS
        | {
            "thread_ts": TS,
            "mrkdwn": Flag(),
            "username": Text(),
            "icon_emoji": Text(),
            "icon_url": Text(),
            "container_id": Text(),
            "current_draft_last_updated_ts": Text(),
        },
    ),
    "chat.update": Record(
        need=_MESSAGE,
        may=_SAID
        | _MANNERS
        | {"file_ids": Either(Text(), Listed(Text())), "unfurled_attachments": Anything()},
    ),
    "chat.delete": Record(need=_MESSAGE, may={"as_user": Flag()}),
    "chat.getPermalink": Record(need={**_CHANNEL, "message_ts": TS}),
    "conversations.history": Record(need=_CHANNEL, may=_RANGE),
    "conversations.replies": Record(need=_MESSAGE, may=_RANGE),
    "conversations.info": Record(
        need=_CHANNEL, may={"include_locale": Flag(), "include_num_members": Flag()}
    ),
    "files.getUploadURLExternal": Record(
        need={"filename": Text(least=1), "length": Whole(least=0)},
        may={"alt_txt": Text(), "snippet_type": Text()},
    ),
    "files.completeUploadExternal": Record(
        need={
            "files": Listed(
                Record(need={"id": Text()}, may={"title": Text(), "highlight_type": Text()}),
                least=1,
            )
        },
        may={
            "channel_id": Text(),
            "channels": Text(),
            "initial_comment": Text(),
            "blocks": BLOCKS,
            "thread_ts": TS,
        },
    ),
    "files.info": Record(
        need={"file": Text(least=1)},
        may={"count": Whole(), "cursor": Text(), "limit": Whole(), "page": Whole()},
    ),
    "files.delete": Record(need={"file": Text(least=1)}),
}

FORMS_ONLY: Final = frozenset(
    {
        "conversations.history",
        "conversations.replies",
        "conversations.info",
        "chat.getPermalink",
        "files.info",
    }
)
"""Methods that read: they take a query or a form. A body of JSON says nothing to them."""

SCOPES: Final = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.info": "channels:read",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
    "files.delete": "files:write",
    "files.info": "files:read",
}

WEBHOOK: Final = Record(
    may=_SAID
    | _UNFURL
    | {
        "thread_ts": TS,
        "mrkdwn": Flag(),
        "link_names": Flag(),
        "response_type": Text(among=("in_channel", "ephemeral")),
        "replace_original": Flag(),
        "delete_original": Flag(),
    }
)
"""What a webhook of an app takes. Its name, picture and channel are not for it to choose."""

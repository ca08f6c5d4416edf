"""What each method of the Bot API takes: names, types and limits, as facts.

Checked against the types of Bot API 10 as grammY publishes them (@grammyjs/types 5.0.0), and for
the limits against python-telegram-bot 22.8 (``telegram.constants``). Lengths of texts are not here:
they count after entities were parsed, in UTF-16 units, and have words of their own. The server
itself ignores parameters that it does not know; this stand-in refuses them.
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
    Tagged,
    Text,
    Whole,
)

MAX_TEXT: Final = 4096
MAX_CAPTION: Final = 1024
MAX_TEXT_BYTES: Final = 1 << 15
"""Beyond this a text is not even parsed (``get_formatted_text`` of the server)."""

ALBUM: Final = range(2, 11)
FILE_BYTES: Final = 50_000_000
PHOTO_BYTES: Final = 10_000_000
MAX_UPDATES: Final = 100

CHAT: Final = Either(Whole(), Text(form=r"@\w+|-?\d+"))
MODE: Final = Text(among=("HTML", "MarkdownV2", "Markdown"))
UPDATES: Final = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "message_reaction_count",
    "callback_query",
    "inline_query",
    "chosen_inline_result",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "poll",
    "poll_answer",
    "pre_checkout_query",
    "shipping_query",
    "purchased_paid_media",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "managed_bot",
    "stopped_message_generation",
    "subscription",
)


_SPAN: Final[dict[str, Shape]] = {"type": Text(), "offset": Whole(), "length": Whole()}
"""Offset and length are judged with the text, in UTF-16 units."""

PLAIN: Final = (
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
)
_RICH: Final[dict[str, Shape]] = {
    "pre": Record(need=_SPAN, may={"language": Text()}),
    "text_link": Record(need={**_SPAN, "url": Text(least=1)}),
    "text_mention": Record(need={**_SPAN, "user": Record(need={"id": Whole()}, more=Anything())}),
    "custom_emoji": Record(need={**_SPAN, "custom_emoji_id": Text(form=r"\d+")}),
    "date_time": Record(need={**_SPAN, "unix_time": Whole(), "date_time_format": Text()}),
}
ENTITY: Final = Tagged("type", {name: Record(need=_SPAN) for name in PLAIN} | _RICH)
ENTITIES: Final = Listed(ENTITY)

LINK_PREVIEW: Final = Record(
    may={
        "is_disabled": Flag(),
        "url": Text(),
        "prefer_small_media": Flag(),
        "prefer_large_media": Flag(),
        "show_above_text": Flag(),
    }
)
REPLY: Final = Record(
    may={
        "message_id": Whole(),
        "chat_id": CHAT,
        "ephemeral_message_id": Whole(),
        "checklist_task_id": Whole(),
        "poll_option_id": Text(),
        "allow_sending_without_reply": Flag(),
        "quote": Text(most=MAX_CAPTION),
        "quote_parse_mode": MODE,
        "quote_entities": ENTITIES,
        "quote_position": Whole(),
    }
)

_PLACE: Final[dict[str, Shape]] = {
    "message_thread_id": Whole(),
    "direct_messages_topic_id": Whole(),
    "disable_notification": Flag(),
    "protect_content": Flag(),
    "suggested_post_parameters": Anything(),
    "message_effect_id": Text(),
}
_SENT: Final[dict[str, Shape]] = _PLACE | {
    "business_connection_id": Text(),
    "ephemeral_message_parameters": Anything(),
    "allow_paid_broadcast": Flag(),
    "reply_parameters": REPLY,
    "reply_to_message_id": Whole(),
    "reply_markup": Anything(),
}
_ALONE: Final = ("reply_markup", "suggested_post_parameters", "ephemeral_message_parameters")
"""What an album cannot have."""

_CAPTION: Final[dict[str, Shape]] = {
    "caption": Text(),
    "parse_mode": MODE,
    "caption_entities": ENTITIES,
}
_SHOWN: Final[dict[str, Shape]] = {"show_caption_above_media": Flag(), "has_spoiler": Flag()}
_FRAMED: Final[dict[str, Shape]] = {
    "duration": Whole(),
    "width": Whole(),
    "height": Whole(),
    "thumbnail": Text(),
    "cover": Text(),
    "start_timestamp": Number(),
    "supports_streaming": Flag(),
}
_HEARD: Final[dict[str, Shape]] = {
    "duration": Whole(),
    "performer": Text(),
    "title": Text(),
    "thumbnail": Text(),
}
_KEPT: Final[dict[str, Shape]] = {"thumbnail": Text(), "disable_content_type_detection": Flag()}
_MEDIA: Final[dict[str, dict[str, Shape]]] = {
    "photo": _SHOWN,
    "video": _SHOWN | _FRAMED,
    "audio": _HEARD,
    "document": _KEPT,
}
_IN_ALBUM: Final = Tagged(
    "type",
    {
        kind: Record(need={"type": Text(), "media": Text(least=1)}, may=_CAPTION | own)
        for kind, own in _MEDIA.items()
    },
)
_EDITED: Final[dict[str, Shape]] = {
    "business_connection_id": Text(),
    "chat_id": CHAT,
    "message_id": Whole(),
    "inline_message_id": Text(),
    "reply_markup": Anything(),
}
_TEXT: Final[dict[str, Shape]] = {
    "parse_mode": MODE,
    "entities": ENTITIES,
    "link_preview_options": LINK_PREVIEW,
}
_FROM: Final[dict[str, Shape]] = {"chat_id": CHAT, "from_chat_id": CHAT, "message_id": Whole()}
_CUT: Final[dict[str, Shape]] = {"video_start_timestamp": Number()}

METHODS: Final[dict[str, Record]] = {
    "getMe": Record(),
    "getChat": Record(need={"chat_id": CHAT}),
    "getChatMember": Record(need={"chat_id": CHAT, "user_id": Whole()}),
    "sendMessage": Record(need={"chat_id": CHAT, "text": Text()}, may=_SENT | _TEXT),
    "sendMediaGroup": Record(
        need={"chat_id": CHAT, "media": Listed(_IN_ALBUM)},
        may={name: shape for name, shape in _SENT.items() if name not in _ALONE},
    ),
    "forwardMessage": Record(need=_FROM, may=_PLACE | _CUT),
    "copyMessage": Record(
        need=_FROM,
        may=_PLACE
        | _CUT
        | _CAPTION
        | {
            "show_caption_above_media": Flag(),
            "allow_paid_broadcast": Flag(),
            "reply_parameters": REPLY,
            "reply_to_message_id": Whole(),
            "reply_markup": Anything(),
        },
    ),
    "editMessageText": Record(may=_EDITED | _TEXT | {"text": Text(), "rich_message": Anything()}),
    "editMessageCaption": Record(may=_EDITED | _CAPTION | {"show_caption_above_media": Flag()}),
    "deleteMessage": Record(need={"chat_id": CHAT, "message_id": Whole()}),
    "getUpdates": Record(
        may={
            "offset": Whole(),
            "limit": Whole(least=1, most=MAX_UPDATES),
            "timeout": Whole(least=0),
            "allowed_updates": Listed(Text(among=UPDATES)),
        }
    ),
} | {
    f"send{kind.capitalize()}": Record(
        need={"chat_id": CHAT, kind: Text(least=1)}, may=_SENT | _CAPTION | own
    )
    for kind, own in _MEDIA.items()
}

BY_NAME: Final = {name.lower(): name for name in METHODS}
"""Names of methods are read without regard to case."""

"""X's published schema for the calls that a bridge makes, as shapes.

Written from the OpenAPI document 2.167 (August 2026) and checked against it. That document calls
the fields of a post ``post.fields``; the guides of docs.x.com, and every client so far, write
``tweet.fields``, with older names in it. Both are taken, not both at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from relay.testing.shapes import (
    Anything,
    Flag,
    Flaw,
    Listed,
    Number,
    Path,
    Record,
    Shape,
    Text,
    Whole,
)

ID: Final = Text(form="[0-9]{1,19}")
TIME: Final = Text(form=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ANY: Final = Anything()


@dataclass(frozen=True, slots=True)
class Commas:
    """Words with commas between them, none of them twice."""

    among: frozenset[str]

    def flaws(self, value: object, at: Path = ()) -> Iterator[Flaw]:
        """See ``Shape``."""
        if not isinstance(value, str):
            yield Flaw(at, "type", "string")
            return
        words = value.split(",")
        if not self.among.issuperset(words) or len(set(words)) < len(words):
            yield Flaw(at, "choice", tuple(sorted(self.among)))


def _commas(words: str) -> Commas:
    return Commas(frozenset(words.split()))


def _may(shape: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


# ---------------------------------------------------------------- bodies

REPLIES: Final = Text(among=["following", "mentionedUsers", "subscribers", "verified"])
_URL: Final = Record(need={"url": Text()})

POST: Final = Record(
    may=_may(Text(), "card_uri direct_message_deep_link text")
    | _may(
        Flag(),
        "for_super_followers_only made_with_ai nullcast paid_partnership share_with_followers",
    )
    | {
        "community_id": ID,
        "edit_options": Record(need={"previous_post_id": ID}),
        "geo": Record(need={"place_id": Text()}),
        "media": Record(
            need={"media_ids": Listed(ID, 1, 4)},
            may={
                "call_to_actions": Record(
                    may={
                        "app_install": Record(
                            may=_may(Text(), "app_store_id ipad_app_store_id play_store_id")
                        ),
                        "visit_site": _URL,
                        "watch_now": _URL,
                    }
                ),
                "embeddable": Flag(),
                "preview_media_id": ID,
                "tagged_user_ids": Listed(ID, most=10),
                "title": Text(),
            },
        ),
        "poll": Record(
            need={"options": Listed(Text(1, 25), 2, 4), "duration_minutes": Whole(5, 10080)},
            may={"reply_settings": REPLIES},
        ),
        "quote_tweet_id": ID,
        "reply": Record(
            need={"in_reply_to_tweet_id": ID},
            may={
                "auto_populate_reply_metadata": Flag(),
                "exclude_reply_user_ids": Listed(Text()),
            },
        ),
        "reply_settings": REPLIES,
    }
)

CATEGORIES: Final = (
    "tweet_image",
    "tweet_video",
    "tweet_gif",
    "dm_image",
    "dm_video",
    "dm_gif",
    "subtitles",
)
TYPES: Final = (
    *(f"video/{name}" for name in ("mp4", "webm", "mp2t", "quicktime")),
    *(f"image/{name}" for name in ("jpeg", "gif", "bmp", "png", "webp", "pjpeg", "tiff")),
    "text/srt",
    "text/vtt",
    "model/gltf-binary",
    "model/vnd.usdz+zip",
)

UPLOAD: Final = Record(
    need={"media": Text(), "media_category": Text(among=CATEGORIES)},
    may={"additional_owners": Text()},
)
INITIALIZE: Final = Record(
    may={
        "additional_owners": Listed(ID),
        "media_category": Text(among=[*CATEGORIES, "amplify_video"]),
        "media_type": Text(among=TYPES),
        "shared": Flag(),
        "total_bytes": Whole(0, 17179869184),
    }
)
APPEND: Final = Record(need={"media": Text(), "segment_index": Whole(0, 999)})

METADATA: Final = Record(
    need={"id": ID},
    may={
        "metadata": Record(
            may=_may(ANY, "audience_policy geo_restrictions sensitive_media_warning")
            | {
                "alt_text": Record(need={"text": Text(most=1000)}),
                "allow_download_status": Record(may={"allow_download": Flag()}),
                "content_expiration": Record(need={"timestamp_sec": Number()}),
                "domain_restrictions": Record(need={"whitelist": Listed(Text())}),
                "found_media_origin": Record(need={"provider": Text(), "id": Text()}),
                "management_info": Record(need={"managed": Flag()}),
                "preview_image": Record(need={"media_key": ANY}),
                "shared_info": Record(need={"shared": Flag()}),
                "sticker_info": Record(need={"stickers": Listed(ANY)}),
                "upload_source": Record(need={"upload_source": Text()}),
            }
        )
    },
)

# ---------------------------------------------------------------- queries

POST_FIELDS: Final = (
    "article article_title attachments card_uri community_id context_annotations conversation_id"
    " created_at display_text_range edit_controls entities geo id lang matched_media_notes"
    " media_metadata non_public_metrics note_post note_request_suggestions organic_metrics"
    " paid_partnership possibly_sensitive promoted_metrics public_metrics reply_settings scopes"
    " source suggested_source_links suggested_source_links_with_counts text withheld"
)
TWEET_FIELDS: Final = (
    "article attachments author_id card_uri community_id context_annotations conversation_id"
    " created_at display_text_range edit_controls edit_history_tweet_ids entities geo id"
    " in_reply_to_user_id lang media_metadata non_public_metrics note_tweet organic_metrics"
    " possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes"
    " source suggested_source_links text withheld"
)
POST_EXPANSIONS: Final = (
    "article.cover_media article.media_entities attachments.media_keys"
    " attachments.media_source_tweet attachments.poll_ids author_id edit_history_post_ids"
    " entities.mentions.username geo.place_id in_reply_to_user_id referenced_posts username"
)
TWEET_EXPANSIONS: Final = (
    "edit_history_tweet_ids referenced_tweets.id referenced_tweets.id.author_id"
)
USER_FIELDS: Final = (
    "confirmed_email connection_status created_at description entities id is_identity_verified"
    " location name parody profile_banner_url profile_image_url protected public_metrics"
    " receives_your_dm subscribes_to_you subscription subscription_type url username verified"
    " verified_followers_count verified_type withheld"
)
MEDIA_FIELDS: Final = (
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url"
    " promoted_metrics public_metrics type url variants width"
)
_FIELDS: Final[dict[str, Shape]] = {
    "post.fields": _commas(POST_FIELDS),
    "tweet.fields": _commas(TWEET_FIELDS),
    "user.fields": _commas(USER_FIELDS),
}
_ABOUT: Final[dict[str, Shape]] = _FIELDS | {
    "expansions": _commas(f"{POST_EXPANSIONS} {TWEET_EXPANSIONS}"),
    "media.fields": _commas(MEDIA_FIELDS),
    "poll.fields": _commas("duration_minutes end_datetime id options voting_status"),
    "place.fields": _commas(
        "contained_within country country_code full_name geo id name place_type"
    ),
}
_PAGE: Final[dict[str, Shape]] = _ABOUT | {
    "max_results": Whole(5, 100),
    "pagination_token": Text(least=1),
    "start_time": TIME,
    "end_time": TIME,
    "since_id": ID,
    "until_id": ID,
}

NONE: Final = Record()
ONE: Final = Record(may=_ABOUT)
MENTIONS: Final = Record(may=_PAGE)
TWEETS: Final = Record(may=_PAGE | {"exclude": _commas("replies retweets")})
ME: Final = Record(
    may=_FIELDS | {"expansions": _commas("affiliation most_recent_post_id pinned_post_id")}
)
STATUS: Final = Record(need={"media_id": ID}, may={"command": Text(among=["STATUS"])})

"""The Graph API's published parameters for the calls that a bridge makes, as shapes.

Written from the package facebook-business 26.0.3 (Graph API v26.0), which Meta generates from its
schema, and checked against it: names and types of ``Page``'s create_feed, create_photo and
create_video, ``Post``'s and ``AdVideo``'s and ``Comment``'s api_update, create_comment and
get_comments; the fields of ``PagePost``, ``Comment``, ``Photo``, ``AdVideo``. Meta's own servers
ignore names that they do not know; this stand-in refuses them.
"""

from __future__ import annotations

from typing import Final

from relay.testing.shapes import Anything, Flag, Listed, Number, Record, Shape, Text, Whole

OBJECT: Final = Record(more=Anything())
OBJECTS: Final = Listed(OBJECT)
LIST: Final = Listed(Anything())
COUNT: Final = Whole(least=0)
GRAINS: Final = Text(among=("day", "hour", "min", "month", "none", "year"))
UNPUBLISHED: Final = Text(
    among=(
        "ADS_POST",
        "DRAFT",
        "INLINE_CREATED",
        "PUBLISHED",
        "PUBLISH_PENDING",
        "REVIEWABLE_BRANDED_CONTENT",
        "SCHEDULED",
        "SCHEDULED_RECURRING",
    )
)
FORMATTING: Final = Text(among=("MARKDOWN", "PLAINTEXT"))

EVERYWHERE: Final[dict[str, Shape]] = dict.fromkeys(
    ("access_token", "appsecret_proof", "fields", "locale"), Text()
) | dict.fromkeys(("pretty", "debug"), Anything())
"""What every call may have besides."""


def _named(shape: Shape, names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


def _table(*parts: dict[str, Shape]) -> Record:
    return Record(
        may={name: shape for part in (EVERYWHERE, *parts) for name, shape in part.items()}
    )


_OG: Final = _named(
    Text(), "og_action_type_id og_icon_id og_object_id og_phrase og_suggestion_mechanism"
)
_GRAIN: Final = _named(GRAINS, "backdated_time_granularity") | _named(Text(), "backdated_time")

FEED: Final = _table(
    _OG,
    _GRAIN,
    _named(
        Text(),
        "album_id android_key_hash application_id asset3d_id associated_id caption"
        " client_mutation_id composer_entry_picker composer_entry_point"
        " composer_session_events_log composer_session_id composer_source_surface composer_type"
        " connection_class content_attachment cta_link cta_type description fun_fact_prompt_id"
        " instant_game_entry_point_data ios_bundle_id link location_source_id message name"
        " nectar_module object_attachment page_recommendation picture place_list privacy prompt_id"
        " prompt_tracking_string proxied_app_id quote referral_id scheduled_publish_time source"
        " sponsor_id text_format_metadata text_format_preset_id text_only_place title"
        " tracking_info",
    ),
    _named(
        Flag(),
        "attach_place_suggestion audience_exp breaking_news enforce_link_ownership"
        " is_backout_draft is_boost_intended is_explicit_location is_explicit_share"
        " is_group_linking_post is_photo_container manual_privacy multi_share_end_card"
        " multi_share_optimized og_hide_object_attachment og_set_profile_badge published"
        " user_selected_tags",
    ),
    _named(
        COUNT,
        "asked_fun_fact_prompt_id breaking_news_expiration composer_entry_time direct_share_status"
        " expanded_height expanded_width fun_fact_toastee_id height publish_event_id"
        " sponsor_relationship time_since_original_post video_start_time_ms width",
    ),
    _named(
        OBJECT,
        "actions call_to_action coordinates feed_targeting home_checkin_city_id image_crops place"
        " properties suggested_place_id targeting viewer_coordinates",
    ),
    _named(OBJECTS, "attached_media child_attachments"),
    _named(Listed(Whole()), "implicit_with_tags tags"),
    _named(Listed(Text()), "ref referenceable_image_ids"),
    {
        "formatting": FORMATTING,
        "place_attachment_setting": Text(among=("1", "2")),
        "place_list_data": LIST,
        "post_surfaces_blacklist": Listed(Text(among=("1", "2", "3", "4", "5"))),
        "posting_to_redspace": Text(among=("disabled", "enabled")),
        "target_surface": Text(among=("STORY", "TIMELINE")),
        "unpublished_content_type": UNPUBLISHED,
    },
)

PHOTO: Final = _table(
    _OG,
    _GRAIN,
    _named(
        Text(),
        "aid alt_text_custom android_key_hash application_id caption composer_entry_point"
        " composer_session_id ios_bundle_id location_source_id message name nectar_module privacy"
        " proxied_app_id qn sponsor_id url vault_image_id",
    ),
    _named(
        Flag(),
        "allow_spherical_photo audience_exp full_res_is_coming_later is_explicit_location"
        " is_explicit_place manual_privacy no_story og_set_profile_badge published temporary"
        " user_selected_tags",
    ),
    _named(
        COUNT,
        "attempt direct_share_status filter_type initial_view_heading_override_degrees"
        " initial_view_pitch_override_degrees initial_view_vertical_fov_override_degrees"
        " offline_id parent_media_id scheduled_publish_time sponsor_relationship"
        " time_since_original_post",
    ),
    _named(Whole(), "profile_id target_id uid"),
    _named(OBJECT, "feed_targeting place spherical_metadata targeting"),
    {"tags": OBJECTS, "unpublished_content_type": UNPUBLISHED},
)

_CATEGORIES: Final = (
    "BEAUTY_FASHION BUSINESS CARS_TRUCKS COMEDY CUTE_ANIMALS ENTERTAINMENT FAMILY FOOD_HEALTH HOME"
    " LIFESTYLE MUSIC NEWS OTHER POLITICS SCIENCE SPORTS TECHNOLOGY VIDEO_GAMING"
)
VIDEO: Final = _table(
    _OG,
    _named(
        Text(),
        "application_id audio_story_wave_animation_handle composer_entry_picker"
        " composer_entry_point composer_session_events_log composer_session_id"
        " composer_source_surface composer_type container_type creative_tools"
        " crossposted_video_id description fbuploader_video_file_chunk file_url fun_fact_prompt_id"
        " instant_game_entry_point_data location_source_id partnership_ad_ad_code"
        " referenced_sticker_id replace_video_id source_instagram_media_id specified_dialect"
        " sponsor_id text_format_metadata title transcode_setting_properties universal_video_id"
        " upload_session_id upload_setting_properties video_asset_id video_id_original"
        " waterfall_id",
    ),
    _named(
        Flag(),
        "embeddable fisheye_video_cropped guide_enabled is_ai_generated is_boost_intended"
        " is_explicit_share is_group_linking_post is_partnership_ad is_voice_clip manual_privacy"
        " no_story published reference_only secret social_actions spherical",
    ),
    _named(
        COUNT,
        "asked_fun_fact_prompt_id composer_entry_time direct_share_status end_offset file_size fov"
        " fun_fact_toastee_id initial_heading initial_pitch original_fov publish_event_id"
        " scheduled_publish_time sponsor_relationship start_offset time_since_original_post"
        " video_start_time_ms",
    ),
    _named(
        OBJECT,
        "call_to_action edit_description_spec expiration feed_targeting selected_audio_spec"
        " slideshow_spec targeting",
    ),
    _named(LIST, "ad_breaks backdated_post guide"),
    _named(Listed(Text()), "content_tags custom_labels"),
    {
        "content_category": Text(among=_CATEGORIES.split()),
        "formatting": FORMATTING,
        "front_z_rotation": Number(),
        "multilingual_data": OBJECTS,
        "original_projection_type": Text(
            among=("cubemap", "equirectangular", "half_equirectangular")
        ),
        "swap_mode": Text(among=("replace",)),
        "unpublished_content_type": UNPUBLISHED,
        "upload_phase": Text(among=("cancel", "finish", "start", "transfer")),
    },
)

EDIT_POST: Final = _table(
    _OG,
    _GRAIN,
    _named(
        Text(),
        "composer_session_id message privacy source_type sponsor_id text_format_preset_id tracking",
    ),
    _named(
        Flag(),
        "is_explicit_location is_hidden is_pinned is_published og_hide_object_attachment"
        " og_set_profile_badge should_sync_product_edit",
    ),
    _named(COUNT, "direct_share_status scheduled_publish_time sponsor_relationship"),
    _named(OBJECT, "place product_item"),
    _named(Listed(Whole()), "explicitly_added_mentionee_ids tags"),
    {
        "attached_media": OBJECTS,
        "feed_story_visibility": Text(among=("hidden", "visible")),
        "timeline_visibility": Text(among=("forced_allow", "hidden", "normal")),
    },
)
EDIT_VIDEO: Final = _table(
    _GRAIN,
    _named(
        Text(),
        "description name preferred_thumbnail_id privacy sponsor_id target universal_video_id",
    ),
    _named(
        Flag(),
        "allow_bm_crossposting embeddable expire_now increment_play_count publish_to_news_feed"
        " publish_to_videos_tab published social_actions",
    ),
    _named(COUNT, "direct_share_status scheduled_publish_time sponsor_relationship"),
    _named(OBJECT, "call_to_action expiration"),
    _named(Listed(Text()), "content_tags custom_labels tags"),
    {
        "ad_breaks": LIST,
        "allow_crossposting_for_pages": OBJECTS,
        "content_category": Text(among=_CATEGORIES.split()),
    },
)
EDIT_COMMENT: Final = _table(
    _named(Text(), "attachment_id attachment_share_url attachment_url message"),
    {"is_hidden": Flag()},
)
COMMENT: Final = _table(
    _named(
        Text(),
        "attachment_id attachment_share_url attachment_url comment comment_privacy_value"
        " feedback_source message nectar_module post_id tracking",
    ),
    {"parent_comment_id": Anything()},
)

# ---------------------------------------------------------------- reading

_PAGED: Final = _named(Text(), "after before") | {"limit": Whole(least=1, most=100)}
_TIMES: Final = _named(Text(), "since until")
NONE: Final = _table()
POSTS: Final = _table(
    _PAGED,
    _TIMES,
    _named(Flag(), "include_hidden show_expired"),
    {"with": Text(among=("LOCATION",))},
)
COMMENTS: Final = _table(
    _PAGED,
    _TIMES,
    {
        "filter": Text(among=("stream", "toplevel")),
        "live_filter": Text(among=("filter_low_quality", "no_filter")),
        "order": Text(among=("chronological", "reverse_chronological")),
    },
)
ACCOUNTS: Final = _table(_PAGED, _named(Flag(), "is_place is_promotable"), {"ad_id": Text()})
DEBUG: Final = Record(need={"input_token": Text(least=1)}, may=EVERYWHERE)
EXCHANGE: Final = Record(
    need={"client_id": Text(), "client_secret": Text()},
    may={
        "grant_type": Text(among=("fb_exchange_token", "client_credentials")),
        "fb_exchange_token": Text(),
        "code": Text(),
        "redirect_uri": Text(),
    },
)
DIALOG: Final = Record(
    need={"client_id": Text(), "redirect_uri": Text(least=1), "state": Text()},
    may={"scope": Text(), "response_type": Text(among=("code",)), "auth_type": Text()},
)

# ---------------------------------------------------------------- fields of nodes


def _fields(names: str) -> frozenset[str]:
    return frozenset(names.split())


POST_FIELDS: Final = _fields(
    "actions admin_creator allowed_advertising_objectives application backdated_time call_to_action"
    " can_reply_privately child_attachments comments_mirroring_domain coordinates created_time"
    " event expanded_height expanded_width feed_targeting from full_picture height icon id"
    " instagram_eligibility is_app_share is_eligible_for_dark_post is_eligible_for_promotion"
    " is_expired is_fb_live_videos is_hidden is_inline_created is_instagram_eligible is_live_clip"
    " is_popular is_published is_spherical message message_tags multi_share_end_card"
    " multi_share_optimized parent_id permalink_url picture place privacy promotable_id"
    " promotion_status properties scheduled_publish_time shares status_type story story_tags"
    " subscribed target targeting timeline_visibility updated_time via video_buying_eligibility"
    " was_fb_live_videos width"
    " attachments comments dynamic_posts insights likes reactions sharedposts sponsor_tags to"
)
COMMENT_FIELDS: Final = _fields(
    "admin_creator application attachment can_comment can_hide can_like can_remove"
    " can_reply_privately comment_count created_time from id is_hidden is_private like_count"
    " live_broadcast_timestamp message message_tags object parent permalink_url"
    " private_reply_conversation user_likes comments likes reactions"
)
PHOTO_FIELDS: Final = _fields(
    "album alt_text alt_text_custom backdated_time backdated_time_granularity can_backdate"
    " can_delete can_tag created_time event from height icon id images link name name_tags"
    " page_story_id picture place position source target updated_time webp_images width"
)
VIDEO_FIELDS: Final = _fields(
    "ad_breaks admin_creator audio_isrc backdated_time backdated_time_granularity"
    " boost_eligibility_info content_category content_tags copyright copyright_check_information"
    " copyright_monitoring_status created_time custom_labels description embed_html embeddable"
    " event expiration format from icon id is_crosspost_video is_crossposting_eligible is_episode"
    " is_instagram_eligible is_reference_only length live_audience_count live_status"
    " music_video_copyright permalink_url picture place post_id post_views"
    " premiere_living_room_status privacy published replace_audio_status scheduled_publish_time"
    " source spherical status title universal_video_id updated_time views"
)
PAGE_FIELDS: Final = _fields(
    "about access_token category category_list fan_count followers_count id is_published link name"
    " tasks username verification_status"
)
USER_FIELDS: Final = _fields("id name email first_name last_name")

"""What an answer of Slack means, where it is not the yes that was asked for.

Words: docs.slack.dev, the errors of chat.postMessage, "Handling errors from incoming webhooks" and
"Rate limits". A word that is not known here is doubt: Slack may have done part of it. What is the
same on every platform is ``kit.outcome``'s.
"""

from __future__ import annotations

from typing import Final

from bridges import kit
from bridges.workspace.api import error
from relay.ports import Answer, Instant, Later, Outcome, Refused, Stopped, Unsure

NEW_TOKEN: Final = (
    "at api.slack.com/apps see that the app is installed, has the bot scopes chat:write, "
    "channels:history (groups:history for a private channel), files:write and files:read, and put "
    "its Bot User OAuth Token into the token file"
)
LET_IN: Final = "write /invite @APP in the channel, and see that `channel` is its ID (C...)"
NEW_HOOK: Final = (
    "at api.slack.com/apps add a webhook to the app (Incoming Webhooks) and put its address into "
    "the webhook file"
)
LOOK: Final = "look at the channel and the app in Slack"
LIMIT: Final = "Slack's limit is reached"
NO_PARENT: Final = "the part before it is gone from Slack"

_TOKEN: Final = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "user_is_bot",
        "no_permission",
        "missing_scope",
        "not_allowed_token_type",
        "access_denied",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "org_login_required",
        "two_factor_setup_required",
        "accesslimited",
        "deprecated_endpoint",
        "method_deprecated",
        "message_limit_exceeded",
        "team_access_not_granted",
    }
)
_CHANNEL: Final = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "channel_is_archived",
        "cannot_post_to_channel",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "restricted_action_thread_locked",
        "posting_to_general_channel_denied",
        "posting_to_channel_denied",
    }
)
_REFUSED: Final = {
    "msg_too_long": "it is longer than Slack takes",
    "msg_blocks_too_long": "it is longer than Slack takes",
    "markdown_text_conflict": "Slack finds it not valid",
    "no_text": "nothing is left of it to post",
    "too_many_attachments": "Slack finds it not valid",
    "invalid_blocks": "Slack finds it not valid",
    "invalid_blocks_format": "Slack finds it not valid",
    "invalid_arguments": "Slack finds it not valid",
    "invalid_json": "Slack finds it not valid",
    "invalid_metadata_format": "Slack finds it not valid",
    "invalid_metadata_schema": "Slack finds it not valid",
    "metadata_too_large": "Slack finds it not valid",
    "cannot_reply_to_message": NO_PARENT,
    "thread_not_found": NO_PARENT,
}
_LATER: Final = frozenset({"ratelimited", "rate_limited"})
_MOVING: Final = "team_added_to_org"

_HOOK_STOPPED: Final = {
    "no_service": ("the webhook is gone", NEW_HOOK),
    "no_service_id": ("the webhook is gone", NEW_HOOK),
    "no_team": ("the workspace is gone", NEW_HOOK),
    "team_disabled": ("the workspace is switched off", LOOK),
    "invalid_token": ("Slack does not know the webhook", NEW_HOOK),
    "no_active_hooks": ("the webhook is switched off", NEW_HOOK),
    "user_not_found": ("who made the webhook is gone", NEW_HOOK),
    "channel_not_found": ("the channel is gone", NEW_HOOK),
    "channel_is_archived": ("the channel is archived", LOOK),
    "action_prohibited": ("the workspace does not allow the webhook to post", LOOK),
    "posting_to_general_channel_denied": ("the workspace does not allow it to post there", LOOK),
}
_HOOK_REFUSED: Final = frozenset(
    {"invalid_payload", "invalid_blocks", "no_text", "too_many_attachments", "msg_too_long"}
)


def to_post(answer: Answer, now: Instant) -> Outcome:
    """What a method's answer to a message means that is no message; a 200 of another shape
    included."""
    word = error(answer)
    if answer.status == 429 or word in _LATER:
        return Later(LIMIT, kit.again_at(answer.headers, now), "destination")
    if word in _TOKEN:
        return Stopped("Slack does not let the bot in", NEW_TOKEN)
    if word in _CHANNEL:
        return Stopped("the bot may not post in the channel", LET_IN)
    if word in _REFUSED:
        return Refused(_REFUSED[word])
    if word == _MOVING:
        return Later("the workspace is being moved", scope="destination")
    if answer.status in (200, 500):  # internal_error, fatal_error: part of it may be done
        return Unsure("Slack does not say whether it posted it")
    return kit.outcome(answer, now=now, action=LOOK)


def of_hook(answer: Answer, now: Instant) -> Outcome:
    """What a webhook's answer means that is not ``ok``: one word as plain text."""
    word = answer.body[:64].decode("ascii", "replace").strip()
    if answer.status != 429 and 400 <= answer.status < 500:
        if word in _HOOK_STOPPED:
            return Stopped(*_HOOK_STOPPED[word])
        if word in _HOOK_REFUSED:
            return Refused("Slack finds it not valid")
        if answer.status in (401, 403, 404, 410):
            return Stopped(f"answered {answer.status}", NEW_HOOK)
    if answer.status == 500:
        return Unsure("answered 500")
    return kit.outcome(answer, now=now, action=NEW_HOOK)


def harmless(answer: Answer | Later | Unsure, now: Instant) -> Later | Refused | Stopped:
    """What the answer to a request means that may be repeated without harm: doubt is ``Later``."""
    if not isinstance(answer, Answer):
        return kit.harmless(answer)
    outcome = to_post(answer, now)
    if isinstance(outcome, Later | Refused | Stopped):
        return outcome
    return Later("Slack did not do it now", kit.again_at(answer.headers, now), "host")

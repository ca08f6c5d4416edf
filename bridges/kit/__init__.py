"""What bridges share: the key of a part, what an answer means, texts, media, secrets, files.

A bridge may use any of it or none. What all of it keeps is one rule: nothing is repeated blindly.
One concern a file; what most bridges want can be had from here by its name:

- ``answers``: statuses to outcomes, both forms of Retry-After, rate limits in headers
- ``words``, ``counting``, ``splitting``: a text cleaned, counted in a platform's unit, cut to fit
- ``parts``, ``drafts``: a part frozen, with its media, and the same again
- ``markup``, ``sizes``: a text as HTML that does nothing; how large a picture is
- ``fitting``, ``grouping``, ``forms``: which media are taken, and in which post each stands;
  multipart bodies
- ``showing``: what people will see of a part, for who looks at it before it is sent
- ``matching``: is what a listing shows the text that we tried to post?
- ``secrets``, ``session``: files of secrets; tokens that are renewed, durable before use
- ``files``, ``addresses``: files that survive; addresses a bridge may use
"""

from bridges.kit.addresses import MAX_REF_CHARACTERS, host_of, is_ref, shown_at, web_address
from bridges.kit.answers import (
    MAX_WAIT_S,
    MIN_WAIT_S,
    again_at,
    ask,
    doubted,
    harmless,
    json_object,
    json_value,
    outcome,
    retry_after,
    server_time,
    unless_found,
    used_up,
)
from bridges.kit.files import disk_trouble, sync_folder, write_file
from bridges.kit.parts import KEY_CHARACTERS, part_key
from bridges.kit.secrets import MAX_SECRET_BYTES, BadSecret, read_secret, write_secret
from bridges.kit.session import Session

__all__ = [
    "KEY_CHARACTERS",
    "MAX_REF_CHARACTERS",
    "MAX_SECRET_BYTES",
    "MAX_WAIT_S",
    "MIN_WAIT_S",
    "BadSecret",
    "Session",
    "again_at",
    "ask",
    "disk_trouble",
    "doubted",
    "harmless",
    "host_of",
    "is_ref",
    "json_object",
    "json_value",
    "outcome",
    "part_key",
    "read_secret",
    "retry_after",
    "server_time",
    "shown_at",
    "sync_folder",
    "unless_found",
    "used_up",
    "web_address",
    "write_file",
    "write_secret",
]

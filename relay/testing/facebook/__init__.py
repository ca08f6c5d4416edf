"""Public: a stand-in for a Facebook page (Graph API), with scripted faults."""

from relay.testing.facebook.media import Medium
from relay.testing.facebook.posts import Post
from relay.testing.facebook.says import (
    blocked,
    duplicate,
    error,
    limited,
    repeated,
    revoked,
    unknown,
)
from relay.testing.facebook.server import Facebook, facebook

__all__ = [
    "Facebook",
    "Medium",
    "Post",
    "blocked",
    "duplicate",
    "error",
    "facebook",
    "limited",
    "repeated",
    "revoked",
    "unknown",
]

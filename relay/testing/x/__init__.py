"""Public: a stand-in for X (API v2), with scripted faults."""

from relay.testing.x.media import Medium
from relay.testing.x.oauth1 import Secrets, signature
from relay.testing.x.posts import Post
from relay.testing.x.says import broke, duplicate, forbidden, internal, limited, usage_capped
from relay.testing.x.server import X, x

__all__ = [
    "Medium",
    "Post",
    "Secrets",
    "X",
    "broke",
    "duplicate",
    "forbidden",
    "internal",
    "limited",
    "signature",
    "usage_capped",
    "x",
]

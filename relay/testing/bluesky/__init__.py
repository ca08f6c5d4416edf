"""Public: a stand-in for Bluesky, with scripted faults."""

from relay.testing.bluesky.marks import cid_of_blob, cid_of_record, tid
from relay.testing.bluesky.posts import Mark, Medium, Post
from relay.testing.bluesky.says import failed, limited
from relay.testing.bluesky.server import Bluesky, bluesky

__all__ = [
    "Bluesky",
    "Mark",
    "Medium",
    "Post",
    "bluesky",
    "cid_of_blob",
    "cid_of_record",
    "failed",
    "limited",
    "tid",
]

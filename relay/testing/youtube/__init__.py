"""Public: a stand-in for YouTube's Data API, version 3, with scripted faults."""

from relay.testing.youtube.server import YouTube, youtube
from relay.testing.youtube.uploads import CHUNK
from relay.testing.youtube.videos import Comment, Medium, Video

__all__ = ["CHUNK", "Comment", "Medium", "Video", "YouTube", "youtube"]

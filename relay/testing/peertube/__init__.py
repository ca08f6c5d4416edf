"""Public: a stand-in for a PeerTube server, with scripted faults."""

from relay.testing.peertube.server import PeerTube, peertube
from relay.testing.peertube.videos import Comment, Medium, Video

__all__ = ["Comment", "Medium", "PeerTube", "Video", "peertube"]

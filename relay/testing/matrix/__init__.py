"""Public: a stand-in for a Matrix homeserver, with scripted faults."""

from relay.testing.matrix.posts import Medium, Post
from relay.testing.matrix.says import failed, limited
from relay.testing.matrix.server import Matrix, matrix

__all__ = ["Matrix", "Medium", "Post", "failed", "limited", "matrix"]

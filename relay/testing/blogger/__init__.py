"""Public: a stand-in for Blogger's API, version 3, with scripted faults."""

from relay.testing.blogger.posts import Comment, Medium, Post
from relay.testing.blogger.server import Blogger, blogger

__all__ = ["Blogger", "Comment", "Medium", "Post", "blogger"]

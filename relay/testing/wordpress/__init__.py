"""Public: a stand-in for a WordPress site with its REST API (wp/v2), with scripted faults."""

from relay.testing.wordpress.says import blocked, database_error, limited, maintenance
from relay.testing.wordpress.server import WordPress, wordpress
from relay.testing.wordpress.things import Comment, Medium, Post

__all__ = [
    "Comment",
    "Medium",
    "Post",
    "WordPress",
    "blocked",
    "database_error",
    "limited",
    "maintenance",
    "wordpress",
]

"""Public: a stand-in for a Telegram channel and the Bot API, with scripted faults."""

from relay.testing.telegram.chats import Medium, Post
from relay.testing.telegram.people import People, people
from relay.testing.telegram.says import limited, restarting
from relay.testing.telegram.server import Telegram, telegram

__all__ = ["Medium", "People", "Post", "Telegram", "limited", "people", "restarting", "telegram"]

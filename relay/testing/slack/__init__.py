"""Public: a stand-in for a Slack channel, its webhook and its bot, with scripted faults."""

from relay.testing.slack.messages import Medium, Message
from relay.testing.slack.says import failed, limited, webhook_limited, webhook_says
from relay.testing.slack.server import Slack, slack

__all__ = [
    "Medium",
    "Message",
    "Slack",
    "failed",
    "limited",
    "slack",
    "webhook_limited",
    "webhook_says",
]

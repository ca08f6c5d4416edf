"""Public: a stand-in for a Discord channel, its webhook and its bot, with scripted faults."""

from relay.testing.discord.messages import Medium, Message, snowflake
from relay.testing.discord.says import banned, limited
from relay.testing.discord.server import Discord, discord

__all__ = ["Discord", "Medium", "Message", "banned", "discord", "limited", "snowflake"]

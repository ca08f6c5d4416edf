"""The ways in. They run in a door, on asyncio, and answer a client only by the verdict."""

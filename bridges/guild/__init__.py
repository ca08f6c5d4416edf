"""What the bridge to a Discord webhook is made of, one concern a file, in order of use.

``markup`` keeps a text from being read as Markdown and counts it so, ``composing`` makes the
messages of a post. ``hook`` has the webhook's address and its requests, ``answers`` says what an
answer means that is not the yes that was asked for.
"""

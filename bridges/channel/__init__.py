"""What the bridge to a Telegram channel is made of, one concern a file, in order of use.

``composing`` makes the messages of a post, with ``media`` (what goes into one album). ``api`` asks
the Bot API, ``publishing`` has the bodies of requests and the yes that is expected, ``answers``
says what any other answer means. ``numbers`` keeps the number of the channel's last message that is
known; ``probing`` looks at those after it, ``page`` at what everybody can see, and ``wanted`` says
whether what they show is the part. ``rights`` says whether the bot can post, ``updates`` reads what
people answered.
"""

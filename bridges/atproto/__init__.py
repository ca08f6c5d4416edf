"""What the bridge to Bluesky is made of, one concern a file, in order of use.

``links`` finds addresses and how they are shown, ``facets`` makes a text and its marks of them,
``measuring`` and ``composing`` split it, ``media`` shares pictures out, ``keys`` makes the keys of
records, ``drafts`` freezes each part. ``access`` logs in, ``api`` asks, ``ready`` brings what a
record needs and cannot be known before, ``records`` writes it, ``answers`` says what an answer
means, ``notices`` reads what was answered to us.

Names of methods and fields are those of the AT Protocol's published schemas (lexicons).
"""

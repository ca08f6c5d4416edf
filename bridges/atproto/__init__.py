"""What the bridge to Bluesky is made of, one concern a file, in order of use.

``links`` finds addresses and how they are shown, ``facets`` makes a text and its marks of them,
``composing`` measures and splits, ``media`` and ``sizes`` share pictures out, ``keys`` makes record
keys, ``drafts`` freezes each part. ``access`` logs in, ``api`` asks, ``readying`` brings what a
record needs and cannot be known before, ``records`` writes it, ``answers`` says what an answer
means, ``notices`` reads what was answered to us.

Names of methods and fields are those of the AT Protocol's published schemas (lexicons).
"""

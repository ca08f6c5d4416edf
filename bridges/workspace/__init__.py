"""What the bridge to Slack is made of, one concern a file, in order of use.

``composing`` makes the messages of a post, ``blocks`` writes each so that nothing in it is read as
markup. ``hook`` posts through an incoming webhook; ``bot`` posts with a token, ``uploading`` brings
pictures there before, ``looking`` finds a message by the mark it carries, and ``threads`` reads
what was answered. ``api`` asks the Web API, ``answers`` says what its answers mean.
"""

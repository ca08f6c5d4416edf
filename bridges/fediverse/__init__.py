"""What a bridge to a server with Mastodon's API is made of, one concern a file, in order of use.

``words`` cleans a text, ``counting`` measures it as the server will, ``splitting`` makes parts of
it, ``media`` shares pictures out among them, ``drafts`` freezes each part. ``server`` says what a
server allows, ``api`` asks it; ``uploading`` brings media there, ``answers`` says what an answer
means, ``matching`` finds an earlier try in the account's own list.
"""

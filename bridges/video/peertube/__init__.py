"""What the bridge to a PeerTube server is made of, one concern a file.

``access`` is the account's session and ``api`` asks in its name, ``answers`` says what an answer
means; ``accounts`` is whose films they are and in which channel; ``films`` are the requests about
one film, ``looking`` finds one of ours again, ``studio`` puts them together for an upload,
``answering`` reads comments.
"""

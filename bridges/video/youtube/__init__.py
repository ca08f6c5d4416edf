"""What the bridge to a YouTube channel is made of, one concern a file.

Tokens, requests and errors in Google's shape are ``bridges.google``'s. ``answers`` says what
YouTube's own reasons mean, ``channels`` is whose films they are; ``films`` are the requests about
one film, ``states`` what YouTube makes of it, ``looking`` finds one of ours again, ``studio`` puts
them together for an upload, ``answering`` reads comments.
"""

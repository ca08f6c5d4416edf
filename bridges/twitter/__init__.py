"""What the bridge to X is made of, one concern a file, in order of use.

``links`` finds what X will make an address of, ``emoji`` what it counts as one sign, ``weight``
measures; ``composing`` makes the drafts of a post's parts, ``kit.drafts`` freezes them. ``signing``
and ``tokens`` are the two ways to say who asks, ``keyfile`` reads which it is; ``api`` asks.
``uploading`` brings media there, ``answers`` says what an answer means, ``publishing`` makes the
post, ``looking`` finds an earlier try, ``mentions`` reads what people answered, ``login`` leads to
the secrets.
"""

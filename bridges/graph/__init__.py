"""What the bridge to a Facebook Page is made of, one concern a file, in order of use.

``composing`` makes the drafts of a post's parts, ``drafts`` freezes them; ``api`` asks the Graph
API, ``answers`` says what its codes mean, ``usage`` what its headers do. ``progress`` is what is
kept of a try; ``uploading`` brings pictures there, ``films`` a film, ``publishing`` makes a post in
two steps; ``looking`` finds an earlier try, ``comments`` reads what people answered, ``login``
leads to the Page's token.
"""

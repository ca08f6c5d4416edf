"""What the bridge to Matrix is made of, one concern a file, in order of use.

``composing`` measures and splits, ``drafts`` freezes each part, ``events`` writes what is sent.
``access`` logs in, ``api`` asks, ``answers`` says what an answer means, ``uploading`` brings media,
``place`` knows the room and what is ours in it, ``standing`` sees whether the account may post to
it, ``looking`` finds an earlier try there, ``talk`` reads what was answered.

Names of paths, fields and errors are those of the Matrix specification's client-server API.
"""

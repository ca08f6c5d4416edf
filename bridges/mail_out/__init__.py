"""What a bridge to a mailing list is made of, one concern a file, in order of use.

``addresses`` are checked, ``letters`` writes mails of a post, ``drafts`` freezes them. ``dialogue``
speaks SMTP over a stream of bytes, ``session`` logs in, ``replies`` says what a reply means, and
``handing`` hands one mail over, to as many as the server takes it for.
"""

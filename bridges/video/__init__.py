"""What bridges to video platforms share, one concern a file.

``composing`` makes of a post a title, a description and the one film that it needs; ``drafts``
freezes them. ``ranges`` writes and reads which bytes are meant, ``resuming`` brings a film there in
pieces, ``progress`` is what is kept of that, so that the next try goes on. ``comments`` reads a
list of them from where it was read last.

Both platforms take a film that nobody sees yet and publish it with a request of its own, which can
be repeated. So nothing before that request can publish, and no doubt before it is about a post.
"""

"""What the bridge to Blogger is made of, one concern a file, in order of use.

``composing`` makes the draft of a post, ``drafts`` freezes it and what is kept of a try. ``posts``
makes, publishes and asks for a post by its id, ``looking`` finds one without it, ``comments`` reads
what is written under ours. Tokens and errors are Google's: ``bridges.google``.
"""

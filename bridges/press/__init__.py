"""What the bridge to WordPress is made of, one concern a file, in order of use.

``composing`` makes the draft of a post, ``drafts`` freezes it. ``api`` finds a site's REST API and
asks it, ``answers`` says what an answer means. ``posts`` finds, makes, publishes and removes a
post, ``media`` what stands in it, ``comments`` reads what is written under it.
"""

"""What a bridge to relays of Nostr is made of, one concern a file, in order of use.

``keys`` (with ``bech32``) signs, ``events`` are what is signed, ``mining`` adds work where a relay
wants it. ``documents`` says what a relay allows, ``composing`` makes events of a post, ``drafts``
freezes them. ``line`` is a connection, ``offering`` gives an event to one relay, ``tally`` says
what the relays' answers mean together, ``asking`` reads from them, ``answers`` finds what people
wrote back. ``blossom`` brings media to where the text says that they are.
"""

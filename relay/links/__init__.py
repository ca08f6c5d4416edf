"""Links: how envelopes, answers and keys get from one node to another.

A link knows bytes, peers and how to reach them; what is in an envelope it cannot know. What comes
over it is handed to the core, and only what the core keeps is told to the peer as kept. Whatever
the link is, one ``Batch`` (``relay.wire.batch``) at a time crosses it, signed and for one peer.

::

    https    TLS 1.3, mutual, each side by the key that the other has written down
    mail     a batch as an attachment, through any provider
    folder   a batch as a file, in a folder that both see, or on a stick that is carried

Links run on asyncio, all in one process, which holds the link key and nothing else of the node.
"""

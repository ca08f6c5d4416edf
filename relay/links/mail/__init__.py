"""The link by mail: a batch as an attachment, through any provider.

::

    splitting   a batch as batches that fit into a mail, and what fits into none as parts
    parcel      what an attachment is: a part of a batch, under a veil
    letter      the mail around it, which says nothing
    outward     hands mails in at the provider
    finding     finds an attachment of ours in a mail, and a mail of ours that came back
    joining     parts that wait for the others, in memory
    inward      what came: from a mail to the core
    folder      fetches from a folder by IMAP
    receiver    hears SMTP itself
    link        all of it as ``relay.links.port.Link``

A mail is no proof of anything: who may see it may also keep, repeat, change and drop it. So nothing
is believed of one but the signature of its batch, nothing is forgotten here because a provider took
it, and what comes twice is one.
"""

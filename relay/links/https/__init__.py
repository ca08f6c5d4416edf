"""The link over HTTPS: batches and their answers over TLS 1.3, each side by its link key.

::

    wishes.py      what is asked, and what is answered: the whole of the protocol
    trust.py       TLS: who is who
    line.py        one connection, as HTTP/1.1 goes over it
    crossing.py    one batch on its way to its answer, over as many connections as it takes
    calling.py     the side that goes out: an entry
    listening.py   the side that is gone to: an exit
    places.py      how many may be there at once
    answering.py   what each wish of a peer is answered with
    taking.py      a batch given to the core, once, however often it is asked for
    pieces.py      large batches that are not whole yet

An exit never calls: what it has for an entry goes back in its answers. So an entry asks now and
then, with a batch that has no envelopes in it. **The core does that**, every ``every`` of the
settings, by handing over such a batch as it hands over any other: only it knows which bundle and
which answers it has already (``Batch.serial``, ``Batch.heard``), without which an exit would send
all of it each time. The link by itself asks for nothing.
"""

"""The desk as a part of the node: its own process, and what the core does for it.

::

    process.py   the process: it listens, and asks the core; no keys, no spool
    asking.py    its end of the pipe to the core
    service.py   the core's end
    people.py    of these: who gives an order, whether they may, and that it is written down
                 (signing_in.py, proofs.py, throttle.py, sessions.py; users.py, userfile.py,
                 user_orders.py; audit.py, auditfolder.py, auditfile.py, noted.py)
    orders.py    what only a desk asks for: to look (looking.py, cards.py), and deeds
    deeds.py     of these: each once, on one message or on hundreds, all of it or nothing
                 (messages.py, choices.py, deed.py, outbox.py; publishing.py, deciding.py,
                 undoing.py, writing.py, originals.py)
    editing.py   of what is held and what is public other words, and what they would look like
                 (words.py, correcting.py, preview.py)
    releasing.py two persons, for what the command line releases as well
    operating.py what an operator asks: board, queue_rows.py, flow.py (kept_flow.py), drills.py,
                 handovers.py, panicking.py
    feed.py      news of what has changed, for as long as somebody may look
"""

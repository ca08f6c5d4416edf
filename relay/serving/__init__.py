"""How strangers are served by HTTP/1.1 and TLS, whoever serves them: the HTTP door and the desk.

::

    server.py        a listening socket, and an application behind it
    http11.py        one connection: hypercorn's, mended
    limits.py        what all connections together get
    room.py          a number of things that they share
    peers.py         who is at the other end, and its network
    forwarded.py     whose request it is when a proxy speaks for many
    tls.py           from plain to TLS
    certificate.py   the certificate, read again and again
    urlencoded.py    the fields of a form
"""

"""Outword: a resilient message relay for restricted networks.

The path of a message, in order, each step with its file. Between any two of them lies the spool
(``spool``): killing any process anywhere loses nothing and doubles nothing.

====================  ==================  ============================================  ============
step                  file                what it does                                  leaves it in
====================  ==================  ============================================  ============
a client speaks       ``transports``      SMTP, an SMS webhook, ``relay send``          memory
limits                ``entry/limits``    how much of one sender, transport, network    memory
strip                 ``entry/strip``     what names a person is taken off              memory
seal                  ``entry/seal``      content to an envelope for the exit's keys    memory
accept                ``entry/accept``    put; durable; only then "yes"                 ``inbox``
forward               ``crossing``        an entry's: to its exits, till it is there    ``outbound``
link                  ``links/port``      one signed batch, whatever carries it         memory
take                  ``crossing``        at the exit: durable, then the receipt        ``inbox``
unseal                ``exit/unseal``     open, and take into custody under a new key   ``read``
read                  ``exit/read``       a reader process makes text of the bytes      ``clean``
clean                 ``exit/clean``      a cleaner process makes its media anew        ``review``
obey                  ``exit/obey``       a command is answered, and done              ``ended``
guard                 ``exit/guard``      what is danger there is marked, or cut out    memory
review                ``exit/review``     the channel's policy, or a person             ``deliver``
assign                ``exit/assign``     one delivery a destination, the item signed   ``post``
hold                  ``node/gate``       a brake, a window, a budget; then in order     ``post``
elsewhere             ``exit/elsewhere``  another destination instead, in one commit    ``post``
fit                   ``exit/fitting``    media as this destination takes them          memory
post                  ``exit/post``       part by part, each attempt with one end       ``ended``
reach                 ``reach/routes``    by the first way that leads there now         memory
answer                ``entry/answer``    what was asked goes back, once                memory
====================  ==================  ============================================  ============

forward, link and take are there where entry and exit are two nodes (``node.crossing``).
``docs/path.md`` walks one message through them. ``node`` holds the processes that run these steps,
``bridges`` what posts outward, ``wire`` the formats, ``rules`` the decisions.
"""

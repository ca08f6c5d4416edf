"""A node: its processes, and what each of them holds. What can be decided without a process stands
in ``relay.rules`` and ``relay.exit``.

The processes::

    start.py          ``relay run``: what is opened before the first fork, and who is given what
    launcher.py       holds the lock and the listening sockets, forks the rest, watches
    core.py           the spool, the keys, the policy, the board; it opens no connection
    entering/         the core of an entry: it keeps, forwards, and opens nothing
    life.py           what both are alike in: opened, served, closed
    entering/         the core of an entry, which has no key that opens anything
    life.py           what both do to live
    door.py           listens, strips, seals, and asks the core to keep
    reader.py         parses what is hostile, an item at a time, and knows nothing else
    cleaner.py        makes media anew, one at a time, and knows nothing else
    outlet.py         bridges and their tokens; it connects outward
    strangers/        an outlet of a third party's plug-in, and that plug-in's own process
    links/            batches to other nodes and from them; link.key and nothing else
    roles.py          which of these a node of a role has

    before.py         the launcher: the lock, and a child that looks whether the node can run
    making.py         the same: keys and folders that are missing
    kids.py           the same: its children, and what they leave behind
    service.py        the same: what it tells systemd
    panic/            keys and secrets are destroyed, and nothing of a node runs any more
    child.py          what every child does first, and the pulse by which it is known to live
    granted.py        what each may reach, made from the settings: a table
    confined.py       and how it is kept to that
    bounds.py         memory and work of who opens what people send
    apart.py          what outlets are kept to
    sweeping.py       what a process has freed is written over

Between them::

    pipes.py          frames over a socket pair
    process.py        a child as the core sees it, and what it may say
    family.py         all children as the core sees them: started, alive, dead
    doors.py          the core's side of the doors, and answers on their way to them
    doorway.py        that of one door: envelopes in, and the one number that says they are durable
    puts.py           the door's side of it
    door_said.py      what a door says, before the core believes it
    solo.py           whichever process of a role is alive, asked one thing at a time
    readers.py        a reader, a process away
    read_said.py      what it says, before the core believes it
    cleaners.py       a cleaner, a process away
    calls.py          calls of the core to one outlet, and what came of them
    serving.py        the outlet's side: calls, answered by bridges that are there
    proxy.py          a bridge, a process away
    said.py           what a bridge says, before the core believes it
    listener.py       the core's end of the control socket
    orders.py         what the command line may ask, and the answers
    decisions.py      of these: to hold, release, retry, drop
    dangers_shown.py  of these: what was found in a text
    media_shown.py    of these: what came along, and what was made of it
    correspondence.py of these: answers to senders, and code words
    windows.py        of these: to add a window, list them, take one away

What a door holds::

    inward/           its transports by kind, and the canary's side of them
    tallies.py        what they count between two beats
    wayback.py        the ways back: who answers, and how much
    outbox.py         answers on their way out
    watch.py          the files of ``[tls]``: new ones are taken up
    remembered.py     what it keeps beside its key, for the door after it
    weary.py          when it has served long enough
    baton.py          what only one door may do, handed on to the next
    relief.py         the launcher's part in that
    ending.py         a cancelled task ends, also where a library swallowed the cancelling

What the core holds of the node as a whole::

    crossing/         what crosses between nodes
    rolling/          the keys of an exit change with the days, old ones are destroyed
    board.py          how every destination, transport and link is, since when, and what it did last
    opened.py         which ways in are open
    places.py         which state is shown where several hold
    overview.py       all of it gathered, with what waits, and what is wrong
    alarms.py         what is wrong is told, once, and again when it is over
    ahead.py          of these: windows that are in force, and that come
    canary/           the node writes to itself, and tries its destinations
    timekeeping.py    the system's clock, each second, and what is made of a jump
    skew.py           what platforms say the time is
    exit_key.py       what opens the node
    rolling/          its keys change with the days, and old ones are destroyed
    key_orders.py     a bundle that was signed elsewhere, and what is revoked
    days.py           keys that end with their day
    policies.py       what every channel of the settings says
    ways.py           the ways in that people are told of, signed
    taken_down.py     what was withdrawn from the page, remembered and signed
    hiding.py         among how many others each message hides
    purging.py        what ended long ago is destroyed
    kept_originals.py so is what came along, as it came

Its way out, step by step, and what may hold a delivery there or send it elsewhere::

    workers.py        the steps, each a loop over one queue
    arrivals.py       they rest while doors put
    large.py          what takes long where there is a film in it: in a thread
    outward.py        the exit's side: the steps, and every destination's account and loop
    poster.py         the loop of one destination: what goes out next, and when
    replies.py        what people answer to our posts
    brake.py          what an operator has paused
    stale.py          what is too old to be news is held for a person

    calendar.py       windows: which there are, and which is in force where
    kept_windows.py   those that are in no file
    gate.py           one destination's: shut by a window, open again for a release in order
    kept_releases.py  a release, as the spool remembers it
    holding.py        all gates, and what goes on when they open
    missed.py         windows that the node slept through
    through.py        before a release: what has come already is let into its line
    passed.py         the same: what the process before this one let by
    rerouting.py      a window says where to instead
    planned.py        how the board shows it

    fallback.py       what does not get out in time goes to another instead
    ages.py           how long it has waited, counted in memory
    scouts.py         one goes ahead, to a place of which nothing is known

    routed.py         by which route each destination is reached, as its outlet tells
    stranded.py       what waited for want of a route goes on when there is one

    budgets.py        what may be used, and what is
    kept_budgets.py   the same, as the spool remembers it
    purse.py          that of one destination: each attempt is counted before it is made
"""

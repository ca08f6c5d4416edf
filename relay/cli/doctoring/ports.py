"""Who listens where: our own addresses, and those by which the world comes in."""

from __future__ import annotations

from collections.abc import Iterator

from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.cli.doctoring.host import Host
from relay.cli.init_settings import HTTP_LISTEN
from relay.cli.init_todo import host_of
from relay.config import Settings, SmtpIn

LISTENS = "0A"
"""TCP_LISTEN in /proc/net/tcp (proc(5))."""

SMTP, HTTPS = 25, 443


def listening(host: Host) -> set[int]:
    """Every TCP port on which some program of this machine listens."""
    ports = set()
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in host.read(file).splitlines()[1:]:
            words = line.split()
            if len(words) > 3 and words[3] == LISTENS:
                ports.add(int(words[1].rpartition(":")[2], 16))
    return ports


def look(host: Host, settings: Settings, runs: bool) -> Iterator[Finding]:
    """Our addresses, free while no node runs; then the doors to the world."""
    taken = listening(host)
    mails = [one for one in settings.transports.values() if isinstance(one, SmtpIn)]
    listens = {name: one.listens() for name, one in settings.transports.items()}
    ours = {name: at for name, at in listens.items() if at is not None}
    if settings.http is not None:
        ours["http"] = settings.http.listen
    if settings.desk is not None:
        ours["desk"] = settings.desk.listen
    least = int(host.read("/proc/sys/net/ipv4/ip_unprivileged_port_start").strip() or 1024)
    for name, (address, port) in ours.items():
        yield _own(name, port, taken, runs=runs, least=least)
        if name == "http" and address in ("0.0.0.0", "::") and not settings.https:
            why = "what phones and readers send crosses the network in clear"
            remedy = f'listen = "{HTTP_LISTEN}" and a proxy with TLS in front, or [tls]'
            yield mind("ports", "http listens to the whole world", why, remedy)
    if mails and SMTP not in taken and all(port != SMTP for _, port in ours.values()):
        why = "mail servers of the world deliver to port 25 only"
        remedy = "put a mail server in front: docs/operate.md, Mail"
        yield mind("ports", "nobody listens on port 25", why, remedy)
    if host_of(settings) and HTTPS not in taken:
        why = "the url of [http] begins with https, and readers and phones come to port 443"
        remedy = "start Caddy or nginx with the file of todo/; or it is on another machine"
        yield mind("ports", "nobody listens on port 443", why, remedy)


def _own(name: str, port: int, taken: set[int], *, runs: bool, least: int) -> Finding:
    if port in taken and not runs:
        why = "the node cannot start while another program has it"
        remedy = f"ss -ltnp 'sport = :{port}' names it: stop it, or change listen of {name}"
        return wrong("ports", f"port {port} of {name} is taken", why, remedy)
    if port and port not in taken and runs:
        why = "the node runs with other settings, or is just starting"
        return wrong("ports", f"nobody listens on port {port} of {name}", why, "reload the node")
    if 0 < port < least and not runs:
        why = f"ports below {least} are not for every user"
        remedy = "AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit; a port above it otherwise"
        return mind("ports", f"port {port} of {name} needs a right", why, remedy)
    return good("ports", f"port {port} of {name}: {'ours' if runs else 'free'}")

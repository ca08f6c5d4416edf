"""Programs beside us that keep names: what each keeps, how to turn that off, and how to empty it.

Looked at are files that say the program is installed, and its own settings where they tell more.
Sources: journald.conf(5), rsyslogd(8), postconf(5), Exim's specification (log files), nginx.org
(ngx_http_log_module), caddyserver.com/docs/caddyfile/directives/log, httpd.apache.org
(mod_log_config).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.cli.doctoring.host import Host


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One that keeps something by being there at all."""

    name: str
    signs: tuple[str, ...]
    keeps: str
    remedy: str


ALWAYS = (
    Neighbour(
        "rsyslog",
        ("/usr/sbin/rsyslogd", "/usr/sbin/syslog-ng"),
        "it writes what the mail server says to /var/log: sender, recipient, address of each mail",
        "apt-get purge rsyslog syslog-ng-core; rm -f /var/log/mail.* /var/log/syslog*",
    ),
    Neighbour(
        "exim",
        ("/usr/sbin/exim4", "/usr/sbin/exim"),
        "its main log names sender and recipient of each mail, and mail in its queue is in clear",
        "apt-get purge 'exim4*'; rm -rf /var/log/exim4 /var/spool/exim4",
    ),
    Neighbour(
        "auditd",
        ("/usr/sbin/auditd", "/sbin/auditd"),
        "it can write every command, connection and file that is opened",
        "apt-get purge auditd; rm -rf /var/log/audit",
    ),
    Neighbour(
        "atop",
        ("/usr/bin/atop", "/usr/share/atop/atop.daily"),
        "it writes the process list, with arguments, every ten minutes",
        "apt-get purge atop; rm -rf /var/log/atop",
    ),
)

SOMETIMES = (
    Neighbour(
        "postfix",
        ("/usr/sbin/postfix",),
        "while we do not accept, its queue holds mails in clear with their senders",
        "look with postqueue -p; postsuper -d ALL destroys them, and loses them",
    ),
    Neighbour(
        "dovecot",
        ("/usr/sbin/dovecot",),
        "it keeps the mail of its users, and its log names who came from where",
        "if it is not needed here: apt-get purge dovecot-core; empty its mail folders",
    ),
    Neighbour(
        "sysstat",
        ("/usr/lib/sysstat/sa1",),
        "it keeps how busy the machine was at which minute: that tells when a message came",
        "apt-get purge sysstat; rm -rf /var/log/sysstat",
    ),
)


def look(host: Host) -> Iterator[Finding]:
    """Every neighbour that is here."""
    found = list(_found(host))
    yield from found
    if not found:
        yield good("neighbours", "none that keeps names was found")


def _found(host: Host) -> Iterator[Finding]:
    for tell, group in ((wrong, ALWAYS), (mind, SOMETIMES)):
        for one in group:
            if any(host.there(sign) for sign in one.signs):
                yield tell(one.name, f"{one.name} is installed", one.keeps, one.remedy)
    yield from _journald(host)
    yield from _postfix_log(host)
    yield from _nginx(host)
    yield from _caddy(host)
    yield from _apache(host)


def _journald(host: Host) -> Iterator[Finding]:
    """Storage=, the last that is set; "auto" keeps on disk where the folder for it is there."""
    if not host.there("/run/systemd/journal"):
        return  # it does not run here
    file = "/etc/systemd/journald.conf"
    text = "\n".join(host.read(one) for one in (file, *host.names(f"{file}.d")))
    said = re.findall(r"^\s*Storage\s*=\s*(\w+)", text, re.M)
    storage = said[-1].lower() if said else "auto"
    if storage == "persistent" or (storage == "auto" and host.there("/var/log/journal")):
        why = "what mail servers and proxies say of people is kept on the disk, for months"
        remedy = (
            "set Storage=volatile in /etc/systemd/journald.conf.d/volatile.conf; systemctl restart"
            " systemd-journald; rm -rf /var/log/journal"
        )
        yield wrong("journald", "the journal is kept on the disk", why, remedy)
    elif host.names("/var/log/journal"):
        why = "it names who wrote and who read until then"
        remedy = "rm -rf /var/log/journal"
        yield wrong("journald", "a journal of earlier days is on the disk", why, remedy)


def _postfix_log(host: Host) -> Iterator[Finding]:
    said = re.findall(r"^maillog_file\s*=\s*(\S+)", host.read("/etc/postfix/main.cf"), re.M)
    if said and said[-1] not in ("/dev/null", "/dev/stdout"):
        why = "it names sender, recipient and network address of each mail"
        remedy = f"postconf -X maillog_file; postfix reload; rm {said[-1]}*"
        yield wrong("postfix", "Postfix writes a log of its own", why, remedy)


def _nginx(host: Host) -> Iterator[Finding]:
    main = "/etc/nginx/nginx.conf"
    if not host.there(main):
        return
    files = [main, *host.names("/etc/nginx/conf.d"), *host.names("/etc/nginx/sites-enabled")]
    said = {file: _access_logs(host.read(file)) for file in files}
    on = [file for file, logs in said.items() if any(not _off(log) for log in logs)]
    if not said[main] and main not in on:
        on.append(main)  # without a word about it nginx keeps one
    if on:
        why = "it keeps the network address of everybody who reads the page or is a phone of yours"
        remedy = "write access_log off; in them; nginx -s reload; rm -f /var/log/nginx/*"
        yield wrong("nginx", f"nginx keeps access logs: {', '.join(on)}", why, remedy)


def _access_logs(text: str) -> list[str]:
    return re.findall(r"^[^#\n]*?\baccess_log\s+([^;]+);", text, re.M)


def _off(log: str) -> bool:
    return log.split()[0] in ("off", "/dev/null")


def _caddy(host: Host) -> Iterator[Finding]:
    """Every ``log`` block but those that throw away: Caddy keeps none unless it is told to."""
    text = host.read("/etc/caddy/Caddyfile")
    blocks = re.findall(r"^[ \t]*log\b[^\n{]*(?:\{([^}]*)\})?", text, re.M)
    if any(not re.search(r"output\s+discard", inside) for inside in blocks):
        why = "it keeps the network address of everybody who reads the page or is a phone of yours"
        remedy = "take log out of /etc/caddy/Caddyfile, or write output discard in it; caddy reload"
        yield wrong("caddy", "Caddy keeps access logs", why, remedy)


def _apache(host: Host) -> Iterator[Finding]:
    files = ["/etc/apache2/apache2.conf"]
    files += host.names("/etc/apache2/sites-enabled") + host.names("/etc/apache2/conf-enabled")
    on = [f for f in files if re.search(r"^\s*(Custom|Transfer)Log\s", host.read(f), re.M)]
    if on:
        why = "it keeps the network address of everybody who reads the page or is a phone of yours"
        remedy = "take CustomLog out of them; systemctl reload apache2; rm -f /var/log/apache2/*"
        yield wrong("apache", f"Apache keeps access logs: {', '.join(on)}", why, remedy)

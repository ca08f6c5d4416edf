"""What only the operator can do, written out for the values of his settings, ready to copy.

Each is a file of ``todo/`` beside the settings, so that a terminal that is closed loses nothing.
They are recipes for other people's programs; docs/operate.md has the reasons. Sources: MX and A RFC
1035; SPF RFC 7208; DMARC RFC 7489; MTA-STS RFC 8461; the app docs.sms-gate.app (webhooks, ping);
caddyserver.com/docs/caddyfile; nginx.org/en/docs; nft(8).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from relay.cli.init_settings import LINK_PORT, PLACEHOLDER
from relay.config import ImapIn, Settings, SmsIn, SmtpIn
from relay.config.inward import FormIn
from relay.serving.peers import is_loopback

UNKNOWN_ADDRESS = "ADDRESS-OF-THIS-MACHINE"


def own_address() -> str:
    """The address by which this machine reaches the world, if the world can use it too.

    Connecting a datagram socket sends nothing: the kernel only chooses a route.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
            own: str = sock.getsockname()[0]
        except OSError:
            return UNKNOWN_ADDRESS
    return own if ip_address(own).is_global else UNKNOWN_ADDRESS


def ssh_port(environment: Mapping[str, str] = os.environ) -> int:
    """The port by which the operator is in at this moment, or the usual one (sshd(8))."""
    port = environment.get("SSH_CONNECTION", "").rpartition(" ")[2]
    return int(port) if port.isdecimal() and 0 < int(port) < 65536 else 22


def host_of(settings: Settings) -> str:
    """The name under which the public reaches ``[http]``; empty where it does not."""
    url = urlsplit(settings.http.url if settings.http else "")
    return (url.hostname or "") if url.scheme == "https" else ""


def mail_domains(settings: Settings) -> list[str]:
    """Every domain that mail transports take mail for."""
    taken = (t for t in settings.transports.values() if isinstance(t, SmtpIn))
    named = {one.rpartition("@")[2] for t in taken for one in t.channels()}
    return sorted(named - {PLACEHOLDER})


def largest_body(settings: Settings) -> int:
    """MiB of the largest request that a way in takes on ``[http]``: pictures make them large."""
    sizes = [1024 * 1024]
    for transport in settings.transports.values():
        if isinstance(transport, FormIn):
            sizes.append(transport.message_bytes)
        if isinstance(transport, SmsIn):
            sizes.append(transport.of.body_bytes)
    return -(-max(sizes) // (1024 * 1024))


def tasks(settings: Settings, address: str, ssh: int = 22) -> dict[str, str]:
    """Every file of ``todo/`` with its text. ``address`` is this machine's, ``ssh`` the port by
    which its operator comes in."""
    host, domains = host_of(settings), mail_domains(settings)
    todo = {}
    if host or domains:
        todo["dns.txt"] = _dns(host, domains, address)
    if host and settings.http and not settings.https:
        at, believed = address_of(settings.http.listen), bool(settings.http.behind)
        most = largest_body(settings)
        todo["Caddyfile"] = _caddy(host, at, domains, believed, most)
        todo["nginx.conf"] = _nginx(host, at, domains, believed, most)
    for name, transport in settings.transports.items():
        if isinstance(transport, SmsIn) and transport.gateway == "android":
            url = settings.http.url if settings.http else ""
            todo[f"{name}.txt"] = phone(name, url, transport.silent_after > 0)
        if isinstance(transport, ImapIn):
            todo[f"{name}.txt"] = _mailbox(name, transport.folder)
    ports = {ssh, *([25] if domains else []), *([80, 443] if host else []), *link_ports(settings)}
    return {**todo, "firewall.nft": _firewall(ssh, ports)}


def link_ports(settings: Settings) -> set[int]:
    """Where entries come in; of an exit that has no link yet, where its first one will be."""
    if settings.node.role == "exit" and not settings.links:
        return {LINK_PORT}
    heard = (one.listens() for one in settings.links.values())
    return {at[1] for at in heard if at is not None and not is_loopback(at[0])}


def address_of(listen: tuple[str, int]) -> str:
    """Host and port as programs write them; where we listen to all, this machine's own."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen[0], listen[0])
    return f"[{host}]:{listen[1]}" if ":" in host else f"{host}:{listen[1]}"


def _mx_of(host: str, domain: str) -> str:
    return host or f"mx.{domain}"


def _dns(host: str, domains: list[str], address: str) -> str:
    kind = "AAAA" if ":" in address else "A"
    lines = ["; Where the names of your domain are kept (your registrar, or its name server)."]
    names = sorted({*([host] if host else []), *(_mx_of(host, one) for one in domains)})
    lines += [f"{name}.  3600  IN  {kind}  {address}" for name in names]
    for domain in domains:
        lines += ["", *_dns_of_mail(domain, _mx_of(host, domain), kind, address)]
    return "\n".join(lines) + "\n"


def _dns_of_mail(domain: str, mx: str, kind: str, address: str) -> list[str]:
    return [
        f"{domain}.  3600  IN  MX  10 {mx}.",
        f"; Only where nobody sends mail from {domain} (a relay sends none):",
        f'{domain}.  3600  IN  TXT  "v=spf1 -all"',
        f'_dmarc.{domain}.  3600  IN  TXT  "v=DMARC1; p=reject"',
        "; MTA-STS: mail to you comes encrypted or not at all. The number changes with the policy.",
        f'_mta-sts.{domain}.  3600  IN  TXT  "v=STSv1; id=1"',
        f"mta-sts.{domain}.  3600  IN  {kind}  {address}",
        f"; and at https://mta-sts.{domain}/.well-known/mta-sts.txt these four lines",
        "; (mode: enforce once mail arrives with a certificate for that name):",
        *(f";   {line}" for line in _policy(mx)),
        f"; No _smtp._tls.{domain}: reports on who could not reach you are mail that you need not",
        "; have.",
    ]


def _policy(mx: str) -> list[str]:
    return ["version: STSv1", "mode: testing", f"mx: {mx}", "max_age: 604800"]


def _caddy(host: str, at: str, domains: list[str], believed: bool, most: int) -> str:
    """``believed``: the node counts by the address that the proxy names, in ``[http] behind``.
    ``most``: MiB of the largest request."""
    named = "" if believed else "\t\theader_up X-Forwarded-For 0.0.0.0\n"
    policies = "".join(_caddy_policy(domain, _mx_of(host, domain)) for domain in domains)
    return f"""\
# /etc/caddy/Caddyfile: fetches certificates by itself, keeps no log of who came.
{{
	log default {{
		output discard
	}}
}}

{host} {{
	respond /healthz 404
	request_body {{
		max_size {most}MiB
	}}
	reverse_proxy {at} {{
{named}\
		header_up -X-Real-Ip
	}}
}}
{policies}"""


def _caddy_policy(domain: str, mx: str) -> str:
    lines = "\n".join(_policy(mx))
    return f"""
mta-sts.{domain} {{
	header Content-Type text/plain
	respond /.well-known/mta-sts.txt "{lines}
" 200
}}
"""


def _nginx(host: str, at: str, domains: list[str], believed: bool, most: int) -> str:
    named = "$proxy_add_x_forwarded_for" if believed else "0.0.0.0"
    policies = "".join(_nginx_policy(domain, _mx_of(host, domain)) for domain in domains)
    return f"""\
# /etc/nginx/conf.d/outword.conf, instead of Caddy. First the certificate:
#   certbot certonly --standalone -d {host}
# In /etc/nginx/nginx.conf turn the logs of the others off as well: access_log off;
server {{
  listen 80;
  listen [::]:80;
  server_name {host};
  access_log off;
  error_log /dev/null crit;
  return 301 https://{host}$request_uri;
}}
server {{
  listen 443 ssl;
  listen [::]:443 ssl;
  server_name {host};
  ssl_certificate     /etc/letsencrypt/live/{host}/fullchain.pem;
  ssl_certificate_key /etc/letsencrypt/live/{host}/privkey.pem;
  access_log off;
  error_log /dev/null crit;
  client_max_body_size {most}m;
  proxy_http_version 1.1;
  proxy_request_buffering off;  # else a large body would be written to a file, in clear
  location = /healthz {{ return 404; }}
  location / {{
    proxy_pass http://{at};
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For {named};
  }}
}}
{policies}"""


def _nginx_policy(domain: str, mx: str) -> str:
    lines = "\\n".join(_policy(mx))
    return f"""\
server {{
  listen 443 ssl;
  listen [::]:443 ssl;
  server_name mta-sts.{domain};
  ssl_certificate     /etc/letsencrypt/live/mta-sts.{domain}/fullchain.pem;
  ssl_certificate_key /etc/letsencrypt/live/mta-sts.{domain}/privkey.pem;
  access_log off;
  error_log /dev/null crit;
  location / {{ return 404; }}
  location = /.well-known/mta-sts.txt {{
    default_type text/plain;
    return 200 "{lines}\\n";
  }}
}}
"""


def _firewall(ssh: int, ports: Collection[int]) -> str:
    these = ", ".join(map(str, sorted(ports)))
    return f"""\
#!/usr/sbin/nft -f
# The node does without it. It closes every other port of this machine, also those of programs that
# are none of ours. {ssh} is where you come in by SSH: keep it right, or you are locked out.
# Try: nft -c -f FILE. Load: nft -f FILE. To keep it: a copy as /etc/nftables.conf, then
# systemctl enable nftables.
table inet outword
delete table inet outword
table inet outword {{
  chain input {{
    type filter hook input priority 0; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto {{ icmp, ipv6-icmp }} accept
    tcp dport {{ {these} }} accept
  }}
}}
"""


def phone(name: str, url: str, beats: bool) -> str:
    """What to type into SMS Gateway for Android. ``beats``: a sign of life is expected."""
    to = f"{url.rstrip('/') or 'https://YOUR-NAME'}/in/{name}"
    events = ["sms:received", "mms:downloaded", *(["system:ping"] if beats else [])]
    hooks = "".join(
        f"  curl -u USER -H 'Content-Type: application/json' http://PHONE:8080/webhooks \\\n"
        f'    -d \'{{"id": "outword-{event.partition(":")[2]}", "url": "{to}", '
        f'"event": "{event}"}}\'\n'
        for event in events
    )
    ping = "5. In the app: Settings, Ping: on, every 15 minutes.\n" if beats else ""
    missing = "" if url else "(There is no url in [http] yet: the phone needs an https address.)\n"
    return f"""\
SMS Gateway for Android (https://github.com/capcom6/android-sms-gateway), mode Local server.
{missing}\
1. In the app: Settings, Webhooks, Signing Key: what `relay login {name}` shows.
2. In the app, Home: Local server on, then Offline becomes Online. It shows the address of the phone
   (PHONE below) and a user with a password (USER; curl asks for the password).
3. From a machine in the same network as the phone, once for each event:
{hooks}\
   If the phone runs in Cloud or Private mode it is the same at that server's
   /3rdparty/v1/webhooks.
4. On the phone: RCS chats off (what comes as chat is no SMS), battery saving off for the app.
{ping}\
Send it an SMS: `relay board` shows {name} as working, `relay queue list` the message.
The telephone company reads each SMS and knows who wrote; the phone keeps them: empty its inbox.
"""


def _mailbox(name: str, folder: str) -> str:
    whole = folder.upper() == "INBOX"
    return f"""\
At the provider of the mailbox.
1. {_WHOLE if whole else _RULE.format(folder=folder)}
2. An app password, if the provider has such: it opens the mail and nothing else, and can be taken
   back alone. Then `relay login {name}`.
3. What lies in the folder now stays there; what comes from now on is taken and removed.
4. What is removed is not destroyed there: empty the trash, and look for "all mail", archives and
   forwarding. The provider's own backups and logs name who wrote and when; nobody can empty those.
"""


_WHOLE = """\
EVERY mail that comes to this mailbox is taken and removed from it. Use one that is for nothing
   else; in one of your own, make a folder with a rule that moves mail for the relay into it, and
   write its name as folder in relay.toml."""
_RULE = """\
Make the folder {folder}, and a rule that moves mail for the relay into it: all that comes into
   it is taken and removed."""

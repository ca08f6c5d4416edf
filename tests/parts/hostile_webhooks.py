"""Requests to our webhooks and the form whose bodies are against whoever reads them.

``JSONS`` and ``FORMS`` are bodies; ``signed`` makes of each what every gateway would bring, with a
good signature: the enemy is a person whose words a gateway brings, or the gateway itself.
``UPDATES`` are updates of a bot; ``MULTIPARTS`` what a browser could send to the form; ``REQUESTS``
are whole requests as they stand on the wire.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable
from urllib.parse import parse_qsl

from corpus import Corpus, filled

from relay.testing.gateways import Post
from relay.testing.gateways.posts import FORM, JSON, token

JSONS, FORMS, UPDATES, MULTIPARTS, REQUESTS = Corpus(), Corpus(), Corpus(), Corpus(), Corpus()

SENDER = "+989121234567"
MOST = 250_000
"""Bytes: a webhook's body may have 256 KiB."""

# ---------------------------------------------------------------- JSON


def _each(value: str) -> bytes:
    """A body that has this value wherever a gateway looks for something."""
    names = (
        "id",
        "from",
        "text",
        "at",
        "message",
        "sender",
        "messageId",
        "payload",
        "message_uuid",
    )
    inside = ", ".join(f'"{one}": {value}' for one in names)
    return f'{{{inside}, "event": "sms:received", "results": [{{{inside}}}]}}'.encode()


JSONS.each(
    {
        "lists a thousand deep": lambda: b"[" * 1000 + b"]" * 1000,
        "lists a hundred thousand deep": lambda: b"[" * 100_000 + b"]" * 100_000,
        "lists that are never closed": lambda: b"[" * MOST,
        "maps forty thousand deep": lambda: b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        "a payload that is deep": lambda: _each("[" * 900 + "]" * 900),
        "a hundred thousand nothings": lambda: b"[" + b"0," * 100_000 + b"0]",
        "sixteen thousand keys": lambda: json.dumps({f"key{n}": n for n in range(16_000)}).encode(),
        "sixteen thousand results": lambda: b'{"results":[' + b"{}," * 60_000 + b"{}]}",
        "the same key again and again": lambda: (
            b'{"id":"1",' * 1 + b'"id":"2",' * 20_000 + b'"id":1}'
        ),
        "two texts": lambda: b'{"id":"1","from":"+989121234567","text":"a","text":"b","at":"1"}',
        "not a number": lambda: _each("NaN"),
        "without end": lambda: _each("Infinity"),
        "without beginning": lambda: _each("-Infinity"),
        "a float past all floats": lambda: _each("1e999999"),
        "a number of four thousand digits": lambda: _each("9" * 4000),
        "a number of five thousand digits": lambda: _each("9" * 5000),
        "a number of two hundred thousand digits": lambda: b'{"id":' + b"9" * 200_000 + b"}",
        "a number below nothing": lambda: _each("-1"),
        "a bool": lambda: _each("true"),
        "null": lambda: _each("null"),
        "a list": lambda: _each("[[], {}, null]"),
        "a map": lambda: _each('{"a": {"b": []}}'),
        "an empty string": lambda: _each('""'),
        "half a pair": lambda: _each('"\\ud83d"'),
        "the other half": lambda: _each('"\\udc00 x"'),
        "halves in a key": lambda: b'{"\\ud800": "\\udfff", "id": "1"}',
        "NUL": lambda: _each('"\\u0000"'),
        "ends of lines": lambda: _each('"a\\r\\nX-Odd: 1\\r\\n\\r\\n"'),
        "overrides": lambda: _each('"\\u202e\\u2066"'),
        "digits of another script": lambda: _each('"+\\u06f9\\u06f8\\u06f9\\u06f1\\u06f2"'),
        "a number that is fullwidth": lambda: _each(
            '"\\uff0b\\uff19\\uff18\\uff19\\uff11\\uff12\\uff13\\uff14"'
        ),
        "superscript digits": lambda: _each(
            '"+\\u00b2\\u00b2\\u00b2\\u00b2\\u00b2\\u00b2\\u00b2\\u00b2"'
        ),
        "a sender of a hundred thousand digits": lambda: _each('"+' + "1" * 20_000 + '"'),
        "a text of two hundred thousand letters": lambda: json.dumps(
            {"id": "1", "from": SENDER, "text": "a" * 200_000, "at": "1"}
        ).encode(),
        "a time of a hundred kilobytes": lambda: json.dumps(
            {"id": "1", "from": SENDER, "text": "a", "at": "1" * 100_000}
        ).encode(),
        "a mark of byte order": lambda: b"\xef\xbb\xbf" + _each('"a"'),
        "UTF-16": lambda: _each('"a"').decode().encode("utf-16"),
        "UTF-32": lambda: _each('"a"').decode().encode("utf-32"),
        "no UTF-8": lambda: b'{"text": "\xff\xfe\xd8", "id": "1"}',
        "letters that are longer than they need be": lambda: b'{"text": "\xc0\xaf\xe0\x80\xaf"}',
        "two documents": lambda: b'{"id": "1"}{"id": "2"}',
        "half a document": lambda: b'{"id": "1", "text": "hel',
        "a comment": lambda: b'/* a */ {"id": "1"} // b',
        "quotes of another kind": lambda: b"{'id': '1'}",
        "nothing": lambda: b"",
        "blanks": lambda: b" " * MOST,
        "a string": lambda: b'"' + b"a" * MOST + b'"',
        "a string without an end": lambda: b'"' + b"\\" * MOST,
        "escapes": lambda: b'"' + b"\\u0041" * 40_000 + b'"',
        "bytes": lambda: bytes(range(256)) * 100,
        "msgpack": lambda: b"\xdd\xff\xff\xff\xff" + b"\x81" * 1000,
        "XML": lambda: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "a pickle": lambda: b"cos\nsystem\n(S'true'\ntR.",
        "a prototype": lambda: b'{"__proto__": {"a": 1}, "constructor": {}, "__class__": "a"}',
        "gzip": lambda: gzip.compress(bytes(16 * 1024 * 1024), mtime=0),
        "attachments that are addresses": lambda: _each(
            '[{"url": "file:///etc/passwd"}, {"url": "http://127.0.0.1:1/"}, {"data": "a"}]'
        ),
        "attachments that say they are large": lambda: _each(
            '[{"contentType": "image/jpeg", "size": 99999999999, "data": "' + "A" * 50_000 + '"}]'
        ),
    }
)

# ---------------------------------------------------------------- forms

_FIELDS = "from=%2B989121234567&to=%2B15550100123&id=1&originator=989121234567&recipient=1&date=1"


def _form(more: str) -> bytes:
    return f"{_FIELDS}&text=hello&body=hello&{more}".encode()


FORMS.each(
    {
        "a hundred thousand fields": lambda: b"a=1&" * 60_000,
        "nothing but ampersands": lambda: b"&" * MOST,
        "nothing but equals signs": lambda: b"=" * MOST,
        "nothing but percent signs": lambda: b"%" * MOST,
        "nothing but plus signs": lambda: b"text=" + b"+" * 200_000,
        "escapes that are none": lambda: _form("a=%zz%u0041%1&%=%"),
        "escapes of bytes that are no UTF-8": lambda: _form("text=%ff%fe%c0%af"),
        "an escaped NUL": lambda: _form("text=a%00b&%00=c"),
        "escaped line ends": lambda: _form("text=a%0d%0aX-Odd:%201%0d%0a%0d%0a"),
        "escapes of escapes": lambda: _form("text=%25252525252541"),
        "the same name twice": lambda: _form("from=%2B1&from=%2B2&id=2&text=b"),
        "names in brackets": lambda: _form("a[b][c][d]=1&mediaUrls[]=file:///etc/passwd"),
        "semicolons": lambda: _form("a=1;text=b;from=c"),
        "a name of a hundred kilobytes": lambda: _form("a" * 100_000 + "=1"),
        "a value of two hundred kilobytes": lambda: _form("text=" + "a" * 200_000),
        "letters that are escaped three times over": lambda: _form("text=" + "%D9%85" * 30_000),
        "raw bytes": lambda: _form("").replace(b"hello", bytes(range(128, 256))),
        "a count that is no number": lambda: _form("NumMedia=many&concat-total=x"),
        "a count below nothing": lambda: _form(
            "NumMedia=-1&concat=true&concat-total=-1&concat-part=-1"
        ),
        "a count without end": lambda: _form("NumMedia=99999999999999999999&concat-total=9e99"),
        "a count of a hundred thousand digits": lambda: _form("NumMedia=" + "9" * 100_000),
        "a count in digits of another script": lambda: _form("NumMedia=%D9%A3&concat-total=%DB%B2"),
        "superscript counts": lambda: _form("NumMedia=%C2%B2&concat-part=%C2%B3"),
        "parts that cannot be": lambda: _form(
            "concat=true&concat-ref=a&concat-total=2&concat-part=99999"
        ),
        "media of this machine": lambda: _form(
            "NumMedia=3&MediaUrl0=file:///etc/passwd&MediaUrl1=http://127.0.0.1:1/&MediaUrl2=gopher:"
        ),
        "ten thousand media": lambda: _form(
            "".join(f"MediaUrl{n}=http://a/&" for n in range(10_000))
        ),
        "a heading in octets that lie": lambda: _form("udh=%FF%00%03%FF&data=zz&type=binary"),
        "nothing": lambda: b"",
        "no form": lambda: b'{"id": "1"}',
    }
)

# ---------------------------------------------------------------- who brings them

Sign = Callable[[str, bytes, bytes, int], Post]
"""Makes the request: address, body, key, time."""


def _generic(url: str, body: bytes, key: bytes, now: int) -> Post:
    made = hmac.new(key, str(now).encode() + b"." + body, hashlib.sha256).hexdigest()
    return Post(url, body, JSON | {"x-outword-timestamp": str(now), "x-outword-signature": made})


def _android(url: str, body: bytes, key: bytes, now: int) -> Post:
    made = hmac.new(key, body + str(now).encode(), hashlib.sha256).hexdigest()
    return Post(url, body, JSON | {"x-timestamp": str(now), "x-signature": made})


def _vonage(url: str, body: bytes, key: bytes, now: int) -> Post:
    claims = {"iat": now, "jti": "a", "payload_hash": hashlib.sha256(body).hexdigest()}
    claims |= {"api_key": "AC00000000000000000000000000000001"}
    return Post(url, body, JSON | {"authorization": f"Bearer {token(claims, key)}"})


def _messagebird(url: str, body: bytes, key: bytes, now: int) -> Post:
    claims = {"iss": "MessageBird", "nbf": now - 1, "exp": now + 59, "jti": "a"}
    claims |= {"url_hash": hashlib.sha256(url.encode()).hexdigest()}
    claims |= {"payload_hash": hashlib.sha256(body).hexdigest()}
    return Post(url, body, FORM | {"messagebird-signature-jwt": token(claims, key)})


def _twilio(url: str, body: bytes, key: bytes, now: int) -> Post:
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    text = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha1).digest()
    return Post(url, body, FORM | {"x-twilio-signature": base64.b64encode(digest).decode()})


def _bare(kind: dict[str, str]) -> Sign:
    return lambda url, body, key, now: Post(url, body, kind)


def _smssync(url: str, body: bytes, key: bytes, now: int) -> Post:
    return Post(url, body + b"&secret=" + key + b"&message=hello&message_id=1", FORM)


BY_JSON: dict[str, Sign] = {
    "generic": _generic,
    "android": _android,
    "vonage": _vonage,
    "infobip": _bare(JSON),
}
BY_FORM: dict[str, Sign] = {
    "messagebird": _messagebird,
    "twilio": _twilio,
    "africastalking": _bare(FORM),
    "smssync": _smssync,
    "vonage": _bare(FORM),
    "kannel": _bare({"content-type": "text/plain", "x-kannel-from": SENDER}),
    "plivo": _bare(FORM),
}
"""Who brings bodies of each kind: each gateway we know (the last two show that they are asked for a
signature that covers no body, or none)."""

# ---------------------------------------------------------------- updates of a bot


def _update(message: str) -> bytes:
    return f'{{"update_id": 1, "message": {message}}}'.encode()


_CHAT = '"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, '

UPDATES.each(
    {
        "an update that is a list": lambda: b"[]",
        "an update without a number": lambda: b'{"message": {}}',
        "an update whose number has no end": lambda: b'{"update_id": ' + b"9" * 4000 + b"}",
        "a message that is a string": lambda: _update('"a"'),
        "a message that answers itself": lambda: _update(
            "{" + ('"reply_to_message": {' + _CHAT) * 500 + '"text": "a"' + "}" * 501
        ),
        "a chat without a number": lambda: _update('{"chat": {"type": "private"}, "text": "a"}'),
        "a chat whose number has four thousand digits": lambda: _update(
            '{"message_id": 1, "date": 1, "text": "a", "chat": {"type": "private", "id": '
            + "9" * 4000
            + "}}"
        ),
        "a chat of no type": lambda: _update('{"message_id": 1, "chat": {"id": 7}, "text": "a"}'),
        "a date past all dates": lambda: _update(
            '{"message_id": 1, "date": 99999999999999,'
            ' "chat": {"id": 7, "type": "private"}, "text": "a"}'
        ),
        "a text of two hundred kilobytes": lambda: _update(
            "{" + _CHAT + '"text": "' + "a" * 200_000 + '"}'
        ),
        "a text of half pairs": lambda: _update(
            "{" + _CHAT + '"text": "' + "\\ud83d" * 20_000 + '"}'
        ),
        "four thousand hidden addresses": lambda: _update(
            "{"
            + _CHAT
            + '"text": "'
            + "a" * 4000
            + '", "entities": ['
            + ", ".join(
                '{"type": "text_link", "url": "a", "offset": 0, "length": 1}' for _ in range(3000)
            )
            + "]}"
        ),
        "entities outside of the text": lambda: _update(
            "{" + _CHAT + '"text": "abc", "entities": ['
            '{"type": "text_link", "url": "a", "offset": -5, "length": 99999999999},'
            '{"type": "text_link", "url": "b", "offset": 1.5, "length": null}]}'
        ),
        "a file whose type is a header": lambda: _update(
            "{" + _CHAT + '"document": {"file_id": "a", "file_unique_id": "b",'
            ' "mime_type": "a/b\\r\\nX: y"}}'
        ),
        "a file of a size below nothing": lambda: _update(
            "{"
            + _CHAT
            + '"document": {"file_id": "../../x", "file_unique_id": "b", "file_size": -1}}'
        ),
        "photos of no size": lambda: _update(
            "{"
            + _CHAT
            + '"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1e999, "height": null}]}'
        ),
        "a photo that is a map": lambda: _update("{" + _CHAT + '"photo": {"0": 1}}'),
        "a poll of ten thousand answers": lambda: _update(
            "{"
            + _CHAT
            + '"poll": {"id": "a", "question": "q", "options": ['
            + ", ".join('{"text": "a", "voter_count": 1}' for _ in range(5000))
            + '], "total_voter_count": 1, "is_closed": true, "is_anonymous": true, "type": "x"}}'
        ),
        "a rich message in rich messages": lambda: _update(
            "{" + _CHAT + '"rich_message": ' + '{"blocks": [' * 2000 + "1" + "]}" * 2000 + "}"
        ),
        "kinds of messages that nobody knows": lambda: _update(
            "{" + _CHAT + '"hologram": {"file_id": "a"}, "story": 7, "paid_media": []}'
        ),
        "not a number": lambda: _update("{" + _CHAT + '"text": NaN}'),
        "a member of everything": lambda: b'{"update_id": 1, "my_chat_member": {"chat": {}}}',
    }
)

# ---------------------------------------------------------------- the form


def _part(content: bytes, name: bytes = b"text", more: bytes = b"") -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n"
    return head + content + b"\r\n"


MULTIPARTS.each(
    {
        "a hundred thousand parts": lambda: filled(b"", _part(b"a"), most=4_000_000),
        "a hundred thousand borders": lambda: b"--b\r\n" * 100_000,
        "no border": lambda: b"a" * 1_000_000,
        "a border that never comes": lambda: b"--b" * 100_000,
        "almost borders": lambda: _part(b"\r\n--" * 200_000),
        "no end": lambda: _part(b"a"),
        "an end at the beginning": lambda: b"--b--\r\n" + _part(b"a"),
        "a header without an end": lambda: b"--b\r\n" + b"X-A: b\r\n" * 50_000,
        "a header of a megabyte": lambda: b"--b\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n",
        "a header that is none": lambda: b"--b\r\n\x00\xff\r\n\r\na\r\n--b--",
        "no disposition": lambda: b"--b\r\n\r\na\r\n--b--",
        "a disposition without a name": lambda: (
            b"--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b--"
        ),
        "a name of a hundred kilobytes": lambda: _part(b"a", b"n" * 100_000) + b"--b--",
        "a name of quotes": lambda: _part(b"a", b'\\"' * 5000) + b"--b--",
        "a file name that is a path": lambda: (
            _part(b"\xff\xd8\xff", b"pictures", b'; filename="../../../etc/passwd"') + b"--b--"
        ),
        "a file name by RFC 2231": lambda: (
            _part(b"\xff\xd8\xff", b"pictures", b"; filename*=utf-8''%00%0d%0a") + b"--b--"
        ),
        "a text that is a file": lambda: _part(b"a", b"text", b'; filename="a"') + b"--b--",
        "pictures that are none": lambda: (
            _part(b"MZ\x90\x00", b"pictures", b'; filename="a.jpg"') * 10 + b"--b--"
        ),
        "thirty pictures": lambda: (
            _part(b"\xff\xd8\xff", b"pictures", b'; filename="a.jpg"') * 30 + b"--b--"
        ),
        "a text of a megabyte": lambda: _part(b"a" * 1_000_000) + b"--b--",
        "two hundred thousand letters of four bytes": lambda: (
            _part("\U0001f600".encode() * 50_000) + b"--b--"
        ),
        "a text that is no UTF-8": lambda: _part(bytes(range(128, 256)) * 50) + b"--b--",
        "thirty texts": lambda: _part(b"a") * 30 + b"--b--",
        "a code of a megabyte": lambda: _part(b"1" * 1_000_000, b"code") + b"--b--",
        "an encoding of its own": lambda: (
            b'--b\r\nContent-Disposition: form-data; name="text"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\nd29yZHM=\r\n--b--"
        ),
        "a form in a form": lambda: (
            b'--b\r\nContent-Disposition: form-data; name="text"\r\n'
            b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\na\r\n--c--\r\n--b--"
        ),
        "nothing": lambda: b"",
    }
)

# ---------------------------------------------------------------- whole requests


def _head(first: str, *fields: str) -> bytes:
    return "\r\n".join([first, "Host: a", *fields, "", ""]).encode("utf-8", "surrogateescape")


_POST = "POST /in/phone HTTP/1.1"

REQUESTS.each(
    {
        "a body that says it is gzip": lambda: (
            _head(_POST, "Content-Encoding: gzip", "Content-Length: 22")
            + zlib.compress(b"")
            + bytes(14)
        ),
        "a body that says it is every encoding": lambda: (
            _head(_POST, "Content-Encoding: " + "gzip, " * 300 + "br", "Content-Length: 1") + b"a"
        ),
        "a length and pieces": lambda: (
            _head(_POST, "Content-Length: 5", "Transfer-Encoding: chunked")
            + b"0\r\n\r\nGET / HTTP/1.1"
        ),
        "pieces twice": lambda: _head(_POST, "Transfer-Encoding: chunked, chunked") + b"0\r\n\r\n",
        "pieces of an odd name": lambda: _head(_POST, "Transfer-Encoding: xchunked") + b"0\r\n\r\n",
        "a piece of a size without end": lambda: (
            _head(_POST, "Transfer-Encoding: chunked") + b"f" * 5000 + b"\r\na"
        ),
        "a piece of a size that is none": lambda: (
            _head(_POST, "Transfer-Encoding: chunked") + b"-1\r\na\r\n0\r\n\r\n"
        ),
        "a piece with an extension without end": lambda: (
            _head(_POST, "Transfer-Encoding: chunked")
            + b"1;"
            + b"a" * 50_000
            + b"\r\na\r\n0\r\n\r\n"
        ),
        "trailers without end": lambda: (
            _head(_POST, "Transfer-Encoding: chunked") + b"0\r\n" + b"A: b\r\n" * 20_000
        ),
        "pieces of one byte": lambda: (
            _head(_POST, "Transfer-Encoding: chunked") + b"1\r\na\r\n" * 60_000 + b"0\r\n\r\n"
        ),
        "two lengths": lambda: _head(_POST, "Content-Length: 1", "Content-Length: 2") + b"ab",
        "a length below nothing": lambda: _head(_POST, "Content-Length: -1"),
        "a length of a hundred digits": lambda: _head(_POST, "Content-Length: " + "9" * 100),
        "a length that is no number": lambda: _head(_POST, "Content-Length: 0x10") + bytes(16),
        "a length in digits of another script": lambda: (
            _head(_POST, "Content-Length: \u0661") + b"a"
        ),
        "a header without end": lambda: _head(_POST, *["X-A: b"] * 20_000),
        "a field of a hundred kilobytes": lambda: _head(_POST, "X-A: " + "b" * 100_000),
        "a field that is folded": lambda: _head(_POST, "X-A: b", " c", "\td"),
        "NUL in a field": lambda: _head(_POST, "X-A: b\x00c"),
        "bare line feeds": lambda: b"POST /in/phone HTTP/1.1\nHost: a\nContent-Length: 0\n\n",
        "bare carriage returns": lambda: b"POST /in/phone HTTP/1.1\rHost: a\r\r",
        "blanks before the colon": lambda: _head(_POST, "Content-Length : 0"),
        "no host": lambda: b"POST /in/phone HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "two hosts": lambda: _head(_POST, "Host: b", "Content-Length: 0"),
        "an address of a hundred kilobytes": lambda: _head("GET /" + "a" * 100_000 + " HTTP/1.1"),
        "an address that climbs": lambda: _head("GET /../../../etc/passwd HTTP/1.1"),
        "an address that climbs in escapes": lambda: _head(
            "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1"
        ),
        "an address with NUL": lambda: _head("GET /in/phone%00 HTTP/1.1"),
        "an address of another machine": lambda: _head("GET http://127.0.0.1:1/ HTTP/1.1"),
        "a tunnel": lambda: _head("CONNECT 127.0.0.1:1 HTTP/1.1"),
        "a method without end": lambda: _head("A" * 50_000 + " / HTTP/1.1"),
        "no version": lambda: b"GET /\r\n\r\n",
        "a version that is none": lambda: _head("GET / HTTP/9.9"),
        "HTTP/2": lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9) * 1000,
        "a web socket": lambda: _head(
            "GET / HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: a"
        ),
        "ten thousand ranges": lambda: _head(
            "GET / HTTP/1.1", "Range: bytes=" + ",".join(["0-0"] * 3000)
        ),
        "TLS": lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(508),
        "SMTP": lambda: b"EHLO a\r\nMAIL FROM:<a@example.org>\r\n",
        "noise": lambda: bytes(range(256)) * 200,
        "a thousand requests in one piece": lambda: _head("GET /healthz HTTP/1.1") * 1000,
        "a body that is expected": lambda: _head(
            _POST, "Expect: 100-continue", "Content-Length: 9"
        ),
        "a body shorter than it says": lambda: _head(_POST, "Content-Length: 9000") + b"a",
    }
)

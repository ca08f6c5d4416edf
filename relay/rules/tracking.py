"""Parameters of links that say who shared them, from where, or in which mail: they are taken off.

A link that was copied out of an app carries the number of the person who copied it
("?igsh=...", "youtu.be/...?si=..."), and whoever runs the site, or buys its logs, learns whose
words these are. Only parameters of a query are taken, to the letter; a path, a fragment and a host
with letters beyond ASCII stay as they are. No link is ever opened to see what is behind it.

The names are facts: as the platforms document them, and as the lists of Firefox (query parameter
stripping), Brave and ClearURLs have them, read in November 2026.
"""

from __future__ import annotations

import re
from typing import Final

_EVERYWHERE: Final = frozenset(
    """
    fbclid gclid gclsrc gbraid wbraid dclid msclkid twclid ttclid yclid ysclid li_fat_id epik
    srsltid rb_clickid s_cid wickedid _openstat igshid igsh mibextid mc_cid mc_eid mkt_tok
    _hsenc _hsmi __hstc __hssc __hsfp hsctatracking vero_id vero_conv oly_enc_id oly_anon_id
    ml_subscriber ml_subscriber_hash trk_contact trk_msg trk_module trk_sid _ga _gl _kx ref_src
    ref_url guccounter guce_referrer guce_referrer_sig cmpid sc_cid bsft_clkid bsft_uid
    share_id share_token sharer shareid unique_k vd_source spm_id_from
    """.split()  # noqa: SIM905
)
_BEGINNINGS: Final = ("utm_", "at_campaign", "at_medium", "at_link", "at_format", "at_ptr", "pk_")

_AT: Final[dict[str, frozenset[str]]] = {
    "youtu.be": frozenset({"si", "feature", "pp"}),
    "youtube.com": frozenset({"si", "feature", "pp", "ab_channel"}),
    "spotify.com": frozenset({"si", "context", "nd"}),
    "soundcloud.com": frozenset({"si", "ref", "p"}),
    "x.com": frozenset({"s", "t", "cxt", "ref"}),
    "twitter.com": frozenset({"s", "t", "cxt", "ref"}),
    "threads.net": frozenset({"xmt", "slof"}),
    "threads.com": frozenset({"xmt", "slof"}),
    "instagram.com": frozenset({"igsh", "igshid", "ig_rid", "ig_mid", "hl"}),
    "facebook.com": frozenset(
        {"rdid", "sfnsn", "extid", "wtsid", "__tn__", "__cft__[0]", "__xts__[0]", "fref", "eav",
         "paipv", "_rdr", "share_url", "ref", "notif_id", "notif_t", "acontext"}
    ),
    "tiktok.com": frozenset(
        {"_r", "_t", "_d", "is_from_webapp", "sender_device", "sender_web_id", "share_app_id",
         "share_link_id", "share_item_id", "share_iid", "share_author_id", "u_code", "user_id",
         "sec_user_id", "sec_uid", "preview_pb", "source", "timestamp", "tt_from", "checksum",
         "ug_btm", "web_id", "is_copy_url", "refer", "social_share_type", "enter_method"}
    ),
    "douyin.com": frozenset({"share_sign", "did", "iid", "u_code", "ts", "share_version"}),
    "bilibili.com": frozenset(
        {"share_source", "share_medium", "share_session_id", "share_tag", "share_plat", "bbid",
         "ts", "timestamp", "from_spmid", "plat_id", "mid", "buvid"}
    ),
    "weibo.com": frozenset({"weibo_id", "sourcetype", "luicode", "lfid", "wm", "from"}),
    "weibo.cn": frozenset({"sourcetype", "luicode", "lfid", "wm", "from"}),
    "reddit.com": frozenset({"rdt", "ref", "ref_source", "correlation_id"}),
    "linkedin.com": frozenset({"trk", "trackingid", "lipi", "rcm", "midtoken", "midsig"}),
    "google.com": frozenset(
        {"ved", "ei", "sca_esv", "gs_lcp", "gs_lcrp", "sxsrf", "sei", "usg", "oq", "aqs",
         "sourceid", "rlz", "client", "g_st", "entry", "g_ep", "coh", "skid"}
    ),
    "goo.gl": frozenset({"g_st"}),
    "l.facebook.com": frozenset({"h", "s", "enc", "c[0]"}),
    "lm.facebook.com": frozenset({"h", "s", "enc", "c[0]"}),
    "l.instagram.com": frozenset({"e", "s"}),
    "vk.com": frozenset({"from", "ref", "trackcode"}),
    "medium.com": frozenset({"source", "sk"}),
    "substack.com": frozenset({"r", "triedredirect", "token"}),
    "nytimes.com": frozenset({"smid", "unlocked_article_code"}),
    "t.me": frozenset({"ref"}),
}  # fmt: skip
"""Of one site and what lies below it."""

_LINK: Final = re.compile(
    r"(?<![\w@.\-/])(?:https?://)?(?P<host>(?:[a-z0-9\-]{1,63}\.){1,8}[a-z]{2,24})(?::\d{1,5})?"
    r"(?:/[^\s?#<>\"]{0,2048})?(?P<query>\?[^\s#<>\"\u3000\u00a0]{1,4096})",
    re.IGNORECASE | re.ASCII,
)
"""A link with a query."""

_ENDS: Final = ".,;:!?'*)]"
"""What ends a sentence rather than a link."""


_NOT_OF_IT: Final = re.compile(r"[^!-~].*", re.DOTALL)
"""What stands right behind a link, in letters that no parameter of these has."""


def untracked(text: str) -> str:
    """The text, and of each link in it a query without such parameters. All else is as it was."""
    return _LINK.sub(_without, text) if "?" in text else text


def _without(link: re.Match[str]) -> str:
    whole = link["query"]
    query = whole.rstrip(_ENDS)
    if len(query) < 2 or not link["host"].isascii() or _goes_on(link):
        return link[0]
    names = _names_at(link["host"].lower())
    given = query[1:].split("&")
    kept = [one for one in given if not _tracks(one, names)]
    if len(kept) == len(given):
        return link[0]
    made = f"?{'&'.join(kept).removeprefix('amp;')}" if any(kept) else ""
    words = _NOT_OF_IT.search(given[-1]) if _tracks(given[-1], names) else None
    after = (words[0] if words else "") + whole[len(query) :]
    return link[0][: -len(whole)] + made + after


def _goes_on(link: re.Match[str]) -> bool:
    """Whether the host is but the end of one with other letters ("münchen.de": "nchen.de")."""
    before = link.string[: link.start("host")][-1:]
    return not before.isascii()


def _names_at(host: str) -> frozenset[str]:
    parts = host.split(".")
    found = [_AT.get(".".join(parts[at:]), frozenset()) for at in range(len(parts) - 1)]
    return frozenset().union(*found)


def _tracks(parameter: str, names: frozenset[str]) -> bool:
    name = parameter.partition("=")[0].lower().removeprefix("amp;")  # copied out of a page
    return name in _EVERYWHERE or name in names or name.startswith(_BEGINNINGS)

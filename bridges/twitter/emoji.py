"""Which signs X counts as one emoji, and so as two characters, however many code points they are.

By the published rule (docs.x.com, "Counting characters") each emoji sequence of Unicode's list
(UTS 51) weighs 2 in all. What is no sequence of that list weighs as its pieces do; of the lists
that UTS 51 makes by pattern (flags, keycaps, people) the patterns stand here.
"""

from __future__ import annotations

from typing import Final

import regex

_REGIONS: Final = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn "
    "bo bq br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cp cr cu cv cw cx cy cz "
    "de dg dj dk dm do dz ea ec ee eg eh er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh "
    "gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu ic id ie il im in io iq ir is it "
    "je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md "
    "me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np "
    "nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se "
    "sg sh si sj sk sl sm sn so sr ss st sv sx sy sz ta tc td tf tg th tj tk tl tm tn to tr "
    "tt tv tw tz ua ug um un us uy uz va vc ve vg vi vn vu wf ws xk ye yt za zm zw"
)
REGIONS: Final = frozenset(_REGIONS.split())
"""The regions that have a flag (ISO 3166-1, and those that UTS 51 adds)."""

_A: Final = ord("\U0001f1e6")
_TONE: Final = "[\U0001f3fb-\U0001f3ff]"
_ADULT: Final = "[👨👩🧑]"
_CHILD: Final = "[👦👧🧒]"
_HEART: Final = "❤\ufe0f?"
_JOBS: Final = "[⚕⚖✈🌾🍳🍼🎄🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦼🦽🦰🦱🦲🦳]\ufe0f?"
_PAIRS: Final = (
    "🏳\ufe0f?\u200d🌈|🏳\ufe0f?\u200d⚧\ufe0f?|🏴\u200d☠\ufe0f?|🐕\u200d🦺|🐈\u200d⬛|🐦\u200d⬛|🐦\u200d🔥"
    "|🐻\u200d❄\ufe0f?|👁\ufe0f?\u200d🗨\ufe0f?|😮\u200d💨|😵\u200d💫|😶\u200d🌫\ufe0f?|❤\ufe0f?\u200d🔥|❤\ufe0f?\u200d🩹"
    "|🍋\u200d🟩|🍄\u200d🟫|⛓\ufe0f?\u200d💥|🙂\u200d↔\ufe0f?|🙂\u200d↕\ufe0f?"
)


def _flag(region: str) -> str:
    return "".join(chr(_A + ord(letter) - ord("a")) for letter in region)


_FLAGS: Final = "|".join(sorted(map(_flag, REGIONS)))
_LANDS: Final = "|".join(
    "🏴" + "".join(chr(0xE0000 + ord(sign)) for sign in land) + "\U000e007f"
    for land in ("gbeng", "gbsct", "gbwls")
)

ONE: Final = regex.compile(
    rf"{_FLAGS}|{_LANDS}"
    r"|[0-9#*]\ufe0f\u20e3"
    rf"|{_PAIRS}"
    rf"|{_ADULT}{_TONE}?\u200d{_HEART}\u200d(?:💋\u200d)?{_ADULT}{_TONE}?"
    rf"|🧑{_TONE}?\u200d🤝\u200d🧑{_TONE}?|[👨👩]{_TONE}?\u200d🤝\u200d[👨👩]{_TONE}?"
    rf"|{_ADULT}(?:\u200d{_ADULT})?(?:\u200d{_CHILD}){{1,2}}"
    rf"|{_ADULT}{_TONE}?\u200d{_JOBS}"
    rf"|[\p{{Emoji_Modifier_Base}}👯🤼🧞🧟]{_TONE}?\ufe0f?\u200d[♀♂]\ufe0f?"
    rf"|\p{{Emoji_Modifier_Base}}{_TONE}"
    r"|[\p{Emoji}--[0-9#*]]\ufe0f?",
    regex.VERSION1,
)
"""One emoji. (Signs such as © are emoji only with U+FE0F; counted as one they count more.)"""

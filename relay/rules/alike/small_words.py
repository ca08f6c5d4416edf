"""Words that carry nothing, so that one for another is no other story, and words that say "not".

No speaker of these languages has checked them.
"""

from __future__ import annotations

from typing import Final

from relay.rules.alike.folding import folded

FILLERS: Final = frozenset(
    folded(
        """
        a an the is was are were be been being has have had of in at on to for by with and that this
        these those it its their his her they he she we as there also very then
        و در به از که را رو با این آن است هست بود شد شده شدند هم تو توی برای تا یک ها های بر ای
        في فی من على الى عن ان أن هذا هذه ذلك كان كانت قد التي الذي ثم
        в во на и с со из от к у за по что это этот был была было были же а
        el la los las un una de del en y que se es fue son al con por para su sus lo ha han
        le les des du et est a au aux dans sur sous par pour qui que ce cette il ont été sont l d
        ve ile bu şu o de da için bir olarak ki
        der die das ein eine und ist war in im am auf von zu mit den dem
        的 了 着 得 地 也 就 都 在 于 是 有
        """
    ).split()
)

NEGATIONS: Final = frozenset(
    folded(
        """
        not no never none don t doesn didn isn aren wasn weren won cannot cant dont didnt isnt wasnt
        نه نیست نبود نیستند هیچ لا ليس ليست لم لن ما غير
        не нет ни no ni nunca jamás ne pas jamais değil yok nicht kein keine nie
        不 没 沒 未 无 無 非 ไม่ မ
        """
    ).split()
)

"""Words of a person that look like what programs write: none is lost where nobody looks."""

from __future__ import annotations

import pytest

from relay.model import Command, Message
from relay.reader.mail import ASIDE
from relay.reader.quotes import QUOTED, REMOVED
from relay.reader.read import read
from relay.rules.policy import Policy, held_for

FREELY = Policy(review="none")


def mail(text: str, title: str = "") -> bytes:
    subject = f"Subject: {title}\r\n" if title else ""
    return f"{subject}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


def message(text: str, title: str = "") -> Message:
    found = read(mail(text, title), "mail")
    assert isinstance(found, Message), found
    return found


ORDER = "From: A Minister\nSent: Monday, January 5, 2026 9:00 AM\nTo: All\nSubject: x\n\nTake none."
KEPT = [
    ("", "On 12 January at 20:15 a man told us to leave. He wrote:\n> five minutes\nThen he shot."),
    ("", "On 5/1/2026 at 20:00 a doctor (Tehran) wrote:\n> 50 wounded\n> 7 dead"),
    ("", "On 3/1/2026 12:00 she wrote:\n\nWe are forty in a cell.\nNo water since Friday."),
    ("Re: x", "On 3/1/2026 12:00 she wrote:\n\nWe are forty in a cell."),
    ("", "در تاریخ ۱۳ دی ۱۴۰۴ برادرم روی دیوار نوشت:\n«ما زنده‌ایم»\nبعد او را بردند."),
    ("", "في 3 يناير 2026 كتب أخي على الحائط:\nنحن أحياء\nثم أخذوه."),
    ("", "2026年1月3日 12:00 他在微博写道：\n> 警察在打人\n然后帖子被删了。"),
    ("Re: x", "05/01/2026 21:00 they said:\n> leave or die\n22:00: silence"),
    ("", "They took him.\n-- \nHis name was on the list at the gate. We will not stop."),
    ("", "او را بردند.\n-- \nاسمش توی لیست دم در بود و ما تا آزاد نشود ول نمی‌کنیم"),
    ("", "他们抓了他。\n-- \n他的名字写在门口的名单上我们不会停止直到他自由为止大家都知道"),
    ("", "သူ့ကို ခေါ်သွားပြီ။\n-- \nတံခါးဝမှာ ရှိတဲ့ စာရင်းထဲမှာ သူ့နာမည် ပါတယ်။"),
    ("Re: x", "Yes.\n\nFrom: Sam Doe\nTo: Reza Doe\nSubject: the plan\n\nAre you safe?"),
    ("Re: x", "Yes.\n\nFrom: Sam Doe\nDate: Thu, Jan 1, 2026\n\nAre you safe?"),
    ("Re: x", "Yes.\n\nTo: Reza Doe\nSent: Thursday, 1 January 2026 12:00\n\nAre you safe?"),
]
"""Nothing of these goes, and a person looks at them."""


@pytest.mark.parametrize(("title", "text"), KEPT)
def test_what_a_person_may_have_written_stays_and_is_held(title: str, text: str) -> None:
    found = message(text, title)
    assert found.text == text.replace("-- \n", "--\n")
    assert (QUOTED in found.flags, found.media) == (True, ())
    assert held_for(found, FREELY)


GONE = [
    ("Re: a call", f"This came to the hospital:\n\n{ORDER}"),
    ("", f"This came to the hospital:\n\n-----Original Message-----\n{ORDER}"),
    ("RE: x", f"My answers are below, in red.\n\n{ORDER}\nNO, THEY ARE HERE"),
    ("Re: x", "Inside.\nOn 1 Jan 2026 at 12:00, N <n@example.org> wrote:\n\nSafe?\n*** No."),
    ("Re: roads", "Hello\nFrom: Karaj\nTo: Tehran\nDate: 2026-01-05\nThree roadblocks."),
    ("Re: راه", "سلام\nاز: کرج\nبه: تهران\nتاریخ: ۱۴۰۴/۱۰/۱۵\n\nسه ایست بازرسی هست."),
    ("رد: الطرق", "من: حمص\nإلى: دمشق\nالتاريخ: 2026/1/5\nثلاثة حواجز على الطريق."),
    ("Re: свет", "От: жителей\nКому: всем\nДата: 05.01.2026\nУ нас нет света."),
    ("回复: 停工", "发件人：工人\n收件人：大家\n日期：2026-01-05\n我们停工了。"),
    ("Re: agua", "De: los vecinos\nPara: todos\nFecha: 05/01/2026\nNo hay agua."),
    ("Re: eau", "De : les voisins\nÀ : tous\nDate : 05/01/2026\nPlus d'eau."),
    ("", "First.\n-- \nSecond report:\nthe bridge is closed.\n\nThird report:\nno water."),
    ("", "The dead:\n-- \nA\nB\nC\nD\nE\nF"),
    ("The dead", "-- \nA\nB\nC"),
    ("", "— ¿Quién eres?\n— Nadie.\n-- \n— Entonces vete."),
    (
        "",
        "Orders.\n--------------------------------\nWho did not unsubscribe was shot.",
    ),
    ("", "Names follow.\n____________________\nWe keep a mailing list of mothers.\nThey shot 5."),
    ("", "Arrests.\n\nThis message is confidential, for you, the recipient: I saw the order."),
    ("", "سه پرستار را گرفتند.\n\nتوجه: این پیام محرمانه است. گیرنده نباید نام مرا بگوید."),
    ("", "Взяли трёх.\n\nКонфиденциально: получатель приказа — полковник."),
    ("", "他们抓了三个护士。\n\n声明：我是医院的工作人员。收件人请公开。"),
    ("", "Arrestaron a tres.\n\nAviso legal: el destinatario de la orden es el coronel."),
    ("", "They closed it.\nUpgrade to the north road: https blocked, proton down, walk."),
    ("", "The guard took it.\nScanned by yahoo at the gate, they read everything"),
]
"""Something of these goes, since it is as programs write; and the whole is kept for a person."""


@pytest.mark.parametrize(("title", "text"), GONE)
def test_what_goes_and_may_be_the_persons_is_kept_aside_and_held(title: str, text: str) -> None:
    found = message(text, title)
    assert {ASIDE, REMOVED} <= set(found.flags)
    assert [one.content.decode() for one in found.media] == [text]
    assert "media" in held_for(found, FREELY)


SURE = [
    ("", "Closed.\n\n-- \nSam\nNurse\n+98 21 000"),
    ("", "Closed.\n\n-- \nSent from my Android device with K-9 Mail. Please excuse my brevity."),
    ("Re: x", "Closed.\n\nOn 1 Jan 2026 at 12:00, N <n@example.org> wrote:\n> Safe?"),
    ("Re: x", "Closed.\n\nOn 1/1/26 12:00, Sam wrote:\n> Safe?"),
    ("", "Closed.\n\nVirus-free. www.avast.com"),
]


@pytest.mark.parametrize(("title", "text"), SURE)
def test_what_only_programs_write_goes_and_holds_nothing(title: str, text: str) -> None:
    found = message(text, title)
    assert (found.text, found.media, held_for(found, FREELY)) == ("Closed.", (), ())


@pytest.mark.parametrize("command", ["STATUS 12345678", "?12345678", "TO family"])
def test_a_command_over_an_old_mail_is_one(command: str) -> None:
    found = read(mail(f"{command}\n\n-----Original Message-----\n{ORDER}", "RE: x"), "mail")
    if isinstance(found, Message):
        assert "perhaps_command" in found.flags and found.media == ()
    else:
        assert isinstance(found, Command)


CUT = "Read this.\n-----BEGIN PGP MESSAGE-----\n\nwWwGFQTv/ztzp4lsKuw6yYPT\n"


@pytest.mark.parametrize("kind", ["mail", "text"])
@pytest.mark.parametrize("begins", ["", "> "])
@pytest.mark.parametrize("what", ["PGP MESSAGE", "AGE ENCRYPTED FILE"])
def test_a_ciphertext_that_is_not_whole_is_not_published(kind: str, begins: str, what: str) -> None:
    text = CUT.replace("PGP MESSAGE", what).replace("-----BEGIN", begins + "-----BEGIN")
    found = read(mail(text) if kind == "mail" else text.encode(), kind)  # type: ignore[arg-type]
    assert isinstance(found, Message) and "not_opened" in found.flags
    assert "not opened" in held_for(found, FREELY)


HTML = [
    ('<blockquote style="border-left:2px solid">S: at the door</blockquote><p>The last.</p>',
     "> S: at the door\n\nThe last."),
    ('<p>My brother:</p><blockquote type="cite">They took us.</blockquote>',
     "My brother:\n\n> They took us."),
    ('<div class="moz-signature">They closed it</div>', "They closed it"),
    ('<p>First.</p><div class="gmail_signature">Second: they closed it and shot at us.</div>',
     "First.\n\nSecond: they closed it and shot at us."),
]  # fmt: skip


@pytest.mark.parametrize("title", ["", "Re: x"])
@pytest.mark.parametrize(("body", "text"), HTML)
def test_what_was_pasted_stays_whatever_stands_around_it(title: str, body: str, text: str) -> None:
    content = mail(body, title).replace(b"text/plain", b"text/html")
    found = read(content, "mail")
    assert isinstance(found, Message) and held_for(found, FREELY)
    if title and body.startswith("<div"):  # its title is all that is left
        assert ASIDE in found.flags and text in found.media[0].content.decode()
    else:
        assert (QUOTED in found.flags, found.text) == (True, text)

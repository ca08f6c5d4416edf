"""The same few stories, told again and again: what a desk meets in the days of a shutdown.

Made without a look at the code that groups. A story is an event with a place and a number; many
have a twin that differs from it in nothing but one of the two. A copy is the story as somebody
else sent it on: forwarded, shortened, or typed anew from a screen. Beside the copies there are
texts that fit two stories (shortened until neither place nor number is left): wherever these end
up, they must not bring the two together.

The places exist; the events are made up. No sentence is from a real message.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

PLACES = {
    "en": ["Mashhad", "Shiraz", "Tabriz", "Ahvaz", "Rasht", "Kerman", "Qom", "Sanandaj", "Zahedan"],
    "fa": ["مشهد", "شیراز", "تبریز", "اهواز", "رشت", "کرمان", "قم", "سنندج", "زاهدان", "اراک"],
    "ar": ["حمص", "حماة", "درعا", "حلب", "دمشق", "إدلب", "اللاذقية", "الرقة", "طرطوس"],
    "ru": ["Минске", "Гродно", "Бресте", "Гомеле", "Витебске", "Могилёве", "Пинске", "Орше"],
    "es": ["Caracas", "Maracaibo", "Valencia", "Barinas", "Mérida", "Cumaná", "Coro", "Guanare"],
    "fr": ["Bamako", "Conakry", "Lomé", "Cotonou", "Niamey", "Dakar", "Libreville", "Bouaké"],
    "my": ["ရန်ကုန်", "မန္တလေး", "ပဲခူး", "မော်လမြိုင်", "ပုသိမ်", "စစ်တွေ", "လားရှိုး", "တောင်ကြီး"],
    "zh": ["广州", "武汉", "成都", "西安", "南京", "昆明", "兰州", "郑州", "长沙"],
    "tr": ["Ankara", "İzmir", "Bursa", "Adana", "Konya", "Mersin", "Kayseri", "Trabzon"],
}
"""By language; of Russian in the case that follows "in"."""

EVENTS: dict[str, Sequence[tuple[str, ...]]] = {
    "en": (
        ("Police arrested {n} students at the gate of the university in {place} this morning.",
         "Their phones were taken and nobody knows where they were brought.",
         "Families wait in front of the court."),
        ("In {place} the water has been cut off in {n} streets since yesterday.",
         "People queue at the mosque with bottles and no tanker came."),
        ("{n} buses with guards drove into the bazaar of {place} and closed it.",
         "Shopkeepers who filmed were beaten.", "The shutters are down everywhere."),
        ("The hospital in {place} has no blood left for {n} wounded.",
         "Doctors ask everybody with O negative to come to the back door."),
        ("Workers of the {place} refinery are on strike, {n} of them were dismissed today.",
         "They ask for three months of unpaid wages."),
        ("A crowd of about {n} people walks towards the main square of {place} now.",
         "Women are in the first rows and the shops are closing."),
    ),
    "fa": (
        ("امروز صبح {n} دانشجو جلوی در دانشگاه {place} بازداشت شدند.",
         "گوشی‌هایشان را گرفتند و کسی نمی‌داند کجا برده شده‌اند.",
         "خانواده‌ها جلوی دادگاه ایستاده‌اند."),
        ("در {place} از دیروز آب {n} خیابان قطع شده است.",
         "مردم با بطری جلوی مسجد صف کشیده‌اند و تانکری نیامده."),
        ("{n} اتوبوس نیروی ویژه وارد بازار {place} شد و آن را بست.",
         "مغازه‌دارهایی که فیلم می‌گرفتند کتک خوردند.", "کرکره‌ها همه جا پایین است."),
        ("بیمارستان {place} برای {n} زخمی خون ندارد.",
         "پزشکان از همه با گروه خونی او منفی می‌خواهند از در پشتی بیایند."),
        ("کارگران پالایشگاه {place} در اعتصاب هستند و امروز {n} نفر اخراج شدند.",
         "آن‌ها سه ماه حقوق نگرفته‌اند."),
        ("حدود {n} نفر همین حالا به طرف میدان اصلی {place} می‌روند.",
         "زن‌ها در صف اول هستند و مغازه‌ها می‌بندند."),
    ),
    "ar": (
        ("اعتقلت الشرطة صباح اليوم {n} طلاب أمام باب الجامعة في {place}.",
         "أخذوا هواتفهم ولا أحد يعرف إلى أين نقلوا.", "الأهالي ينتظرون أمام المحكمة."),
        ("انقطعت المياه في {place} عن {n} شوارع منذ أمس.",
         "الناس يقفون بالقوارير أمام المسجد ولم يصل أي صهريج."),
        ("دخلت {n} حافلات من الحرس سوق {place} وأغلقته.",
         "ضرب أصحاب الدكاكين الذين صوروا.", "الأبواب مغلقة في كل مكان."),
        ("لا يوجد دم في مستشفى {place} من أجل {n} جريحا.",
         "الأطباء يطلبون من أصحاب الزمرة أو سلبي الحضور من الباب الخلفي."),
    ),
    "ru": (
        ("Сегодня утром у входа в университет в {place} задержали {n} студентов.",
         "Телефоны забрали, куда их увезли, никто не знает.", "Родители стоят у здания суда."),
        ("В {place} со вчерашнего дня нет воды на {n} улицах.",
         "Люди стоят с бутылками, ни одна цистерна не приехала."),
        ("На рынок в {place} въехали {n} автобусов с охраной и закрыли его.",
         "Торговцев, которые снимали, избили."),
        ("Рабочие завода в {place} бастуют, сегодня уволили {n} человек.",
         "Им не платили зарплату три месяца."),
    ),
    "es": (
        ("Esta mañana la policía detuvo a {n} estudiantes en la universidad de {place}.",
         "Les quitaron los teléfonos y nadie sabe adónde los llevaron."),
        ("En {place} cortaron el agua en {n} calles desde ayer.",
         "La gente hace cola con botellas y no llegó ningún camión."),
        ("El hospital de {place} no tiene sangre para {n} heridos.",
         "Los médicos piden donantes por la puerta de atrás."),
        ("Los obreros de la refinería de {place} están en huelga y hoy despidieron a {n}.",
         "Reclaman tres meses de sueldo."),
    ),
    "fr": (
        ("Ce matin la police a arrêté {n} étudiants devant l'université de {place}.",
         "Leurs téléphones ont été pris et personne ne sait où ils sont."),
        ("À {place} l'eau est coupée dans {n} rues depuis hier.",
         "Les gens font la queue avec des bouteilles, aucun camion n'est venu."),
        ("{n} cars de gardes sont entrés au marché de {place} et l'ont fermé.",
         "Des commerçants qui filmaient ont été battus."),
    ),
    "my": (
        ("ဒီမနက် {place} တက္ကသိုလ်ဂိတ်ရှေ့မှာ ကျောင်းသား {n} ဦး ဖမ်းဆီးခံရတယ်။",
         "ဖုန်းတွေ သိမ်းသွားပြီး ဘယ်ခေါ်သွားမှန်း မသိရဘူး။"),
        ("{place} မှာ မနေ့ကတည်းက လမ်း {n} ခု ရေပြတ်နေတယ်။",
         "လူတွေ ဘူးတွေနဲ့ တန်းစီနေပြီး ရေကား မလာသေးဘူး။"),
        ("{place} ဆေးရုံမှာ ဒဏ်ရာရသူ {n} ဦးအတွက် သွေးမရှိတော့ဘူး။",
         "ဆရာဝန်တွေက နောက်ဖေးတံခါးကနေ လာလှူပေးဖို့ တောင်းဆိုနေတယ်။"),
    ),
    "zh": (
        ("今天早上{place}大学门口有{n}名学生被警察带走。", "手机被没收，没有人知道他们被带到哪里。",
         "家长在法院门口等候。"),
        ("{place}从昨天起有{n}条街停水。", "居民拿着瓶子排队，没有一辆水车来。"),
        ("{place}医院没有血给{n}名伤者用。", "医生请求大家从后门进来献血。"),
    ),
    "tr": (
        ("Bu sabah {place} üniversitesinin kapısında {n} öğrenci gözaltına alındı.",
         "Telefonlarına el konuldu, nereye götürüldükleri bilinmiyor."),
        ("{place} şehrinde dünden beri {n} sokakta su yok.",
         "İnsanlar şişelerle kuyrukta bekliyor, tanker gelmedi."),
        ("{place} hastanesinde {n} yaralı için kan kalmadı.",
         "Doktorlar arka kapıdan gelinmesini istiyor."),
    ),
}  # fmt: skip
"""By language, each event as its sentences; the first one has both the place and the number."""

FORWARDED = {
    "en": ("Fwd: ", "Forwarded message\n", "PLEASE SHARE!! ", "from a friend there: "),
    "fa": ("ارسالی: ", "لطفا پخش کنید\n", "از یک دوست: ", "فوری‼️ "),
    "ar": ("عاجل: ", "منقول\n", "الرجاء النشر\n"),
    "ru": ("Переслано: ", "Срочно! ", "Распространите пожалуйста\n"),
    "es": ("Reenviado: ", "URGENTE ", "Por favor difundir\n"),
    "fr": ("Tr : ", "URGENT ", "Merci de partager\n"),
    "my": ("ထပ်ဆင့်ပို့ - ", "ဖြန့်ပေးကြပါ\n"),
    "zh": ("转发：", "请扩散！", "紧急："),
    "tr": ("İlet: ", "ACİL ", "Lütfen paylaşın\n"),
}
ENDINGS = ("", "", " 🙏🙏", "\n#shutdown", "\nhttps://example.org/v/81723", " !!!", "\n\n- sent on")

DIGITS = {"fa": "۰۱۲۳۴۵۶۷۸۹", "ar": "٠١٢٣٤٥٦٧٨٩", "my": "၀၁၂၃၄၅၆၇၈၉"}


@dataclass(frozen=True)
class Story:
    """One event: its language, its sentences with place and number in them."""

    n: int
    language: str
    sentences: tuple[str, ...]
    place: str
    number: int

    @property
    def text(self) -> str:
        """As it was first sent."""
        return _joined(self.language, self.sentences)


@dataclass(frozen=True)
class Told:
    """A text that came, and of which story it is; None where it fits two of them. ``how`` says what
    was done to it."""

    text: str
    story: int | None
    how: str


def stories(many: int, chance: random.Random) -> list[Story]:
    """So many stories, no two of which agree in event, place and number. Four of ten have a twin
    in another place, or with another number."""
    made: list[Story] = []
    seen: set[tuple[str, int, str, int]] = set()
    while len(made) < many:
        language = chance.choice(list(EVENTS))
        event = chance.randrange(len(EVENTS[language]))
        place, number = chance.choice(PLACES[language]), chance.randint(2, 400)
        these = [(place, number)]
        if chance.random() < 0.2:
            others = [one for one in PLACES[language] if one != place]
            these.append((chance.choice(others), number))
        elif chance.random() < 0.25:
            these.append((place, number + chance.choice([1, 2, 10, 30])))
        for at, n in these:
            key = (language, event, at, n)
            if key not in seen and len(made) < many:
                seen.add(key)
                told = tuple(one.format(place=at, n=n) for one in EVENTS[language][event])
                made.append(Story(len(made), language, told, at, n))
    return made


def retold(many: int, of: Sequence[Story], chance: random.Random) -> list[Told]:
    """So many texts: every story as it was first sent, then copies of them, in any order. A few of
    the stories are told far more often than the others, as it is."""
    often = [1 / (1 + at) ** 0.7 for at in range(len(of))]
    drawn = chance.choices(of, often, k=max(0, many - len(of)))
    told = [Told(story.text, story.n, "first") for story in of]
    told += [_copy(story, chance) for story in drawn]
    chance.shuffle(told)
    return told[:many]


def bridges(of: Sequence[Story], chance: random.Random) -> Iterator[Told]:
    """What fits more than one story: all but the first sentence, or a first one without number."""
    for story in of:
        if len(story.sentences) > 1 and chance.random() < 0.5:
            yield Told(_joined(story.language, story.sentences[1:]), None, "bridge")


def _copy(story: Story, chance: random.Random) -> Told:
    how, change = chance.choice(_WAYS)
    return Told(change(story, chance), story.n, how)


def _joined(language: str, sentences: Sequence[str]) -> str:
    return ("" if language == "zh" else " ").join(sentences)


# ---------------------------------------------------------------- how people send on


def _forwarded(story: Story, chance: random.Random) -> str:
    return chance.choice(FORWARDED[story.language]) + story.text + chance.choice(ENDINGS)


def _shortened(story: Story, chance: random.Random) -> str:
    """The first sentence, and perhaps one more."""
    keep = [story.sentences[0], *(one for one in story.sentences[1:] if chance.random() < 0.35)]
    return _joined(story.language, keep)


def _cut(story: Story, chance: random.Random) -> str:
    """Cut off in its last sentence, as by the length of an SMS."""
    *before, last = story.sentences
    if not before:
        return last
    return _joined(story.language, [*before, last[: chance.randint(1, len(last) - 1)]])


def _retyped(story: Story, chance: random.Random) -> str:
    """Typed from a screen: letters missing, doubled or exchanged; not in number or place."""
    kept = (story.place, str(story.number))
    words = story.text.split(" ")
    for _ in range(max(1, len(words) // 12)):
        at = chance.randrange(len(words))
        if len(words[at]) > 3 and not any(one in words[at] for one in kept):
            words[at] = _mistyped(words[at], chance)
    return " ".join(words)


def _mistyped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    match chance.randrange(3):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at] + word[at:]
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _other_letters(story: Story, chance: random.Random) -> str:
    """By another keyboard: Arabic letters for Persian ones, other digits, no marks, any case."""
    text = story.text
    if story.language == "fa":
        text = text.replace("ی", "ي").replace("ک", "ك").replace("\u200c", chance.choice(["", " "]))
    if story.language in DIGITS:
        text = text.translate(dict(zip("0123456789", DIGITS[story.language], strict=True)))
    if story.language in ("en", "es", "fr", "ru"):
        text = chance.choice([str.lower, str.upper])(text)
    return text.replace(".", chance.choice(["", "!", " ."])).replace("،", ",")


def _both(story: Story, chance: random.Random) -> str:
    """Forwarded with a word of one's own, and shortened."""
    short = _shortened(story, chance)
    return chance.choice(FORWARDED[story.language]) + short + chance.choice(ENDINGS)


_WAYS: list[tuple[str, Callable[[Story, random.Random], str]]] = [
    ("forwarded", _forwarded),
    ("forwarded", _forwarded),
    ("shortened", _shortened),
    ("cut", _cut),
    ("retyped", _retyped),
    ("other letters", _other_letters),
    ("forwarded and shortened", _both),
    ("same", lambda story, chance: story.text),
]

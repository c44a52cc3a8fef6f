"""Districts of the first municipality: who walks them, what is there, a passport frozen at the end of last quarter."""

from families.models import DistrictPassport, DistrictPlace, Settlement
from sopr.calendar import add_months
from sopr.demo.timeline import moment, workday

Kind = DistrictPlace.Kind
# boundaries; settlements (name, households, people); places (kind, name, street, telephone, what for)
DISTRICTS = (
    (
        "г. Приозёрск-на-Лугу: улицы от Набережной до Вокзальной, чётная и нечётная стороны.\nПосёлок Кирпичный.",
        (("г. Приозёрск-на-Лугу", 3120, 8460), ("п. Кирпичный", 214, 590)),
        (
            (Kind.SCHOOL, "Средняя школа № 2", "ул. Школьная, д. 4", "+7 800 200-10-02", "группа продлённого дня, логопед"),
            (Kind.KINDERGARTEN, "Детский сад «Ромашка»", "ул. Садовая, д. 11", "+7 800 200-10-11", "ясли с полутора лет"),
            (Kind.CLINIC, "Детская поликлиника, педиатрический участок № 3", "ул. Больничная, д. 1", "+7 800 200-10-03", ""),
            (Kind.CLUBS, "Дом детского творчества", "ул. Мира, д. 20", "+7 800 200-10-20", "бесплатные кружки с 5 лет"),
            (Kind.NGO, "АНО «Семья рядом»", "ул. Мира, д. 8", "+7 800 200-10-08", "продукты, одежда, юрист по средам"),
            (Kind.CRISIS_FLAT, "Кризисная квартира", "", "+7 800 200-10-99", "место для матери с детьми до трёх месяцев"),
            (Kind.RENTAL, "Пункт проката детских вещей", "ул. Садовая, д. 3", "", "коляски, кроватки, автокресла"),
        ),
    ),
    (
        "с. Берёзовка, д. Заболотье, д. Малые Луки.",
        (("с. Берёзовка", 186, 512), ("д. Заболотье", 41, 97), ("д. Малые Луки", 22, 40)),
        (
            (Kind.SCHOOL, "Берёзовская основная школа", "ул. Центральная, д. 15", "+7 800 200-11-15", "подвоз из деревень"),
            (Kind.CLINIC, "ФАП с. Берёзовка", "ул. Центральная, д. 9", "+7 800 200-11-09", "фельдшер ежедневно, педиатр по вторникам"),
            (Kind.CULTURE, "Сельский клуб и библиотека", "ул. Центральная, д. 7", "", "кружки по выходным"),
            (Kind.EMPLOYER, "Крестьянское хозяйство «Берёзка»", "", "+7 800 200-11-30", "сезонная работа, жильё на сезон"),
        ),
    ),
    (
        "с. Каменка и хутора вдоль Каменского тракта.",
        (("с. Каменка", 240, 655),),
        (
            (Kind.SCHOOL, "Каменская средняя школа", "ул. Тракторная, д. 2", "+7 800 200-12-02", ""),
            (Kind.KINDERGARTEN, "Детский сад «Колосок»", "ул. Тракторная, д. 6", "+7 800 200-12-06", "есть места с трёх лет"),
            (Kind.SPORT, "Спортивный зал школы", "ул. Тракторная, д. 2", "", "секции по вечерам"),
            (Kind.VOLUNTEERS, "Отряд добровольцев «Каменка»", "", "+7 800 200-12-77", "дрова, уборка, присмотр за детьми"),
        ),
    ),
    ("д. Ольховка.", (("д. Ольховка", 35, None),), ()),
)  # fmt: skip
CONCLUSIONS = (
    "На участке нет мест в яслях: семьям с детьми до полутора лет предлагать прокат вещей и приходящую няню АНО.\n"
    "Подросткам из семей на учёте СОП предложить кружки Дома детского творчества до конца четверти."
)
WITHOUT_DISTRICT = 8  # every eighth card is entered without a district: somebody has to sort them out


def district_of(place, settlement, number):
    """The district of a family that lives in `settlement`; None for those whom nobody has assigned yet."""
    return None if number % WITHOUT_DISTRICT == 0 else place.districts[place.settlements.index(settlement)]


def districts_are_known(scene):
    """The walks of every municipality and the knowledge of the first one, as of the first day; then the passport."""
    yield moment(workday(scene.day), 9)
    first = scene.region.places[0]
    for place in scene.region.places:
        for index, district in enumerate(place.districts):
            centre = place.centres[0 if place is first else index % len(place.centres)]
            curators = scene.region.curators[centre.pk]
            district.hand_to(centre, since=scene.day, specialist=curators[index % len(curators)])
    place.municipality.districts.create(name="Участок № 9, д. Покинутая").close(on=scene.day)
    for district, (boundaries, settlements, places) in zip(first.districts, DISTRICTS, strict=True):
        district.boundaries = boundaries
        district.save(update_fields=["boundaries"])
        for name, households, population in settlements:
            Settlement.objects.create(district=district, name=name, households=households, population=population)
        for kind, name, address, phone, note in places:
            DistrictPlace.objects.create(
                district=district, kind=kind, name=name, address=address, phone=phone, note=note
            )
    yield from _passports(scene, first)


def _passports(scene, place):
    """As of the first days of the last two quarters, so that there is something to compare with."""
    today = scene.timeline.today
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    author = scene.region.users["curator"]
    for on, districts in ((add_months(quarter, -3), place.districts[:1]), (quarter, place.districts[:2])):
        yield moment(workday(on), 15)
        for district in districts:
            DistrictPassport.draw_up(district, by=author, on=on, conclusions=CONCLUSIONS)

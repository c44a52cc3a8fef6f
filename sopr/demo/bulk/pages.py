"""What is timed on a generated register: pages as a head opens them, each time with another family's facts."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from families.categories import Category
from families.models import Family
from families.views.listing import FamilyList

DEEP = 1000  # the page of a list that nobody leafs to, but a link may lead to


@dataclass(frozen=True)
class TimedPage:
    title: str
    requests: Callable  # of the number of the repetition: (method, address, data)
    once: bool = False

    def ask(self, client, number):
        method, url, data = self.requests(number)
        answer = getattr(client, method)(url, data, secure=True, follow=method == "post")
        if answer.streaming:
            b"".join(answer.streaming_content)
        if answer.status_code != 200:
            raise RuntimeError(f"{self.title}: {answer.status_code}")


def pages_of(head, rng, repetitions) -> list[TimedPage]:
    """The pages, with families of the head's organisation drawn by `rng`."""
    own = Family.objects.visible_to(head)
    drawn = own.filter(pk__in=rng.sample(list(own.values_list("pk", flat=True)), repetitions))
    samples = [_Sample(family) for family in drawn]
    return [*_searches(samples), *_lists(head, own, samples), *_cards(samples)]


class _Sample:
    """A family and its representative, as somebody would ask for them."""

    def __init__(self, family):
        self.family = family
        self.person = family.memberships.filter(is_representative=True).first().person
        name = self.person.last_name
        self.slip = name[:2] + name[3] + name[2] + name[4:]  # two letters exchanged


def _searches(samples):
    search, suggest = reverse("families:family-search"), reverse("families:family-suggest")
    words = {
        "поиск: фамилия": lambda sample: sample.person.last_name,
        "поиск: фамилия с опиской": lambda sample: sample.slip,
        "поиск: фамилия, имя, отчество": lambda sample: sample.person.full_name,
        "поиск: СНИЛС": lambda sample: sample.person.snils or "112-233-445 95",
        "поиск: дата рождения": lambda sample: f"{sample.person.birth_on:%d.%m.%Y}",
        "поиск: номер семьи": lambda sample: sample.family.number,
        "поиск: адрес": lambda sample: sample.family.address,
    }
    for title, text in words.items():
        yield TimedPage(title, lambda n, text=text: ("post", search, {"q": text(samples[n])}))
    yield TimedPage("поиск по мере ввода, 3 буквы", lambda n: ("post", suggest, {"q": samples[n].person.last_name[:3]}))
    alike = reverse("families:family-duplicates")
    yield TimedPage("проверка на двойников", lambda n: ("post", alike, _new_family(samples[n])))


def _new_family(sample) -> dict:
    """The form of a new family filled in with people who are there already."""
    person = sample.person
    typed = {"last_name": sample.slip, "first_name": person.first_name, "patronymic": person.patronymic}
    return {
        "surname": sample.family.surname,
        "municipality": sample.family.municipality_id,
        "address": sample.family.address,
        "phone": person.phone,
        "people-TOTAL_FORMS": 1,
        "people-INITIAL_FORMS": 0,
        **{f"people-0-{name}": value for name, value in typed.items()},
        "people-0-birth_on": f"{person.birth_on:%d.%m.%Y}",
        "people-0-relation": "mother",
    }


def _lists(head, own, samples):
    families, cases = reverse("families:family-list"), reverse("cases:case-list")
    yield TimedPage("семьи: страница 1", lambda n: ("get", families, {}))
    page, after = _deep(own)
    yield TimedPage(
        "семьи: страница 1000 или последняя, по ключу", lambda n: ("get", families, {"page": page, "after": after})
    )
    yield TimedPage("семьи: она же по номеру", lambda n: ("get", families, {"page": page}))
    codes = list(Category.values)
    yield TimedPage("семьи: отбор по категории", lambda n: ("get", families, {"category": codes[n % len(codes)]}))
    curators = list(head.organisation.users.filter(role="curator").values_list("pk", flat=True))
    yield TimedPage("семьи: отбор по куратору", lambda n: ("get", families, {"curator": curators[n % len(curators)]}))
    yield TimedPage("семьи: отбор по учёту СОП", lambda n: ("get", families, {"sop": "yes"}))
    yield TimedPage("семьи: Excel этого отбора", lambda n: ("get", families, {"sop": "yes", "as": "xlsx"}), once=True)
    yield TimedPage("семьи: качество данных", lambda n: ("get", reverse("families:quality"), {}))
    yield TimedPage("случаи: страница 1", lambda n: ("get", cases, {}))


def _deep(own) -> tuple[int, int]:
    """Page DEEP of the list of families, or its last one, and the row before it."""
    size, order = FamilyList.page_size, [FamilyList.default_sort, "pk"]
    page = min(DEEP, -(-own.count() // size))
    before = own.order_by(*order).values_list("pk", flat=True)[(page - 1) * size - 1]
    return page, before


def _cards(samples):
    for title, tab in (("карточка: обзор", ""), ("карточка: состав", "members"), ("карточка: документы", "papers")):
        query = f"?{urlencode({'tab': tab})}" if tab else ""
        yield TimedPage(
            title,
            lambda n, query=query: (
                "get",
                reverse("families:family-detail", args=[samples[n].family.pk]) + query,
                None,
            ),
        )

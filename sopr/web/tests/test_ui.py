"""The tags and base templates of the interface: words, escaping, what a reader without sight hears."""

import datetime
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, engines
from django.test import RequestFactory
from django.utils import timezone

from sopr.web import marks, words
from sopr.web.icons import ICONS
from sopr.web.tables import Column, Head, Table, build_row
from sopr.web.templatetags import ui

TODAY = datetime.date(2026, 11, 17)
EVIL = '<script>alert("x")</script>'
NBSP, THIN = "\u00a0", "\u202f"


def render(source, **context):
    """Render a template from a string without a request, so that no context processor is asked."""
    template = engines["django"].from_string("{% load ui %}" + source)
    return template.template.render(Context(context))


def render_template(name, context):
    """Render a template file the same way."""
    return engines["django"].get_template(name).template.render(Context(context))


def text_of(html):
    """What is left for a reader when the tags are taken away."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        ("", "–"),
        (0, "0"),
        (7, "7"),
        (1283, f"1{THIN}283"),
        (1234567, f"1{THIN}234{THIN}567"),
        (-3, "\u22123"),
        (0.5, "0,5"),
        (Decimal("12.50"), "12,5"),
        (Decimal("100"), "100"),
        ("×", "×"),
    ],
)
def test_num_writes_numbers_as_russians_do(value, shown):
    assert words.num(value) == shown


def test_num_keeps_the_digits_asked_for():
    assert words.num(6, 1) == "6,0"
    assert words.num(Decimal("1234.56"), 1) == f"1{THIN}234,6"


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (0, "семей"),
        (1, "семья"),
        (2, "семьи"),
        (4, "семьи"),
        (5, "семей"),
        (11, "семей"),
        (12, "семей"),
        (14, "семей"),
        (21, "семья"),
        (22, "семьи"),
        (111, "семей"),
        (1001, "семья"),
        (-1, "семья"),
        (None, "семей"),
        (1.5, "семьи"),
    ],
)
def test_plural_agrees_with_the_number(number, word):
    assert words.plural(number, "семья,семьи,семей") == word


def test_counted_keeps_number_and_word_on_one_line():
    assert words.counted(1283, "семья,семьи,семей") == f"1{THIN}283{NBSP}семьи"


def test_dates_are_written_in_full():
    assert words.ru_date(TODAY) == "17.11.2026"
    assert words.ru_date(None) == "–"
    assert words.ru_month(TODAY) == "Ноябрь 2026"


def test_moments_are_shown_in_local_time():
    midnight = datetime.datetime(2026, 11, 16, 21, 30, tzinfo=datetime.UTC)
    local = timezone.localtime(midnight)
    assert words.ru_datetime(midnight) == f"{local:%d.%m.%Y}, {local:%H:%M}"
    assert words.ru_date(midnight) == f"{local:%d.%m.%Y}"
    assert words.ru_datetime(TODAY) == "17.11.2026"


@pytest.mark.parametrize(
    ("days", "state", "spoken"),
    [
        (-4, "overdue", f"Просрочено на{NBSP}4{NBSP}дня"),
        (-21, "overdue", f"Просрочено на{NBSP}21{NBSP}день"),
        (0, "today", "сегодня"),
        (1, "soon", "18.11.2026, завтра"),
        (7, "soon", f"24.11.2026, через{NBSP}7{NBSP}дней"),
        (8, "later", "25.11.2026"),
    ],
)
def test_a_term_says_how_near_it_is(days, state, spoken):
    assert words.describe_due(TODAY + datetime.timedelta(days), TODAY) == (state, spoken)


# --- Marks and blocks -------------------------------------------------------------------------------------------------


def test_a_level_is_colour_word_and_bars():
    html = render('{% level_badge "crisis" %}')
    assert "level--crisis" in html
    assert "кризисный" in html
    assert "level__mark" in html


def test_a_level_takes_the_title_of_the_region_and_knows_no_level():
    level = SimpleNamespace(code="emergency", title="экстренный уровень")
    assert "экстренный уровень" in render("{% level_badge level %}", level=level)
    assert render("{% level_badge level %}", level=None) == "–"
    assert "level--other" in render('{% level_badge "own" "свой" %}')


def test_a_due_chip_shows_words_given_and_keeps_the_date():
    html = render('{% due_chip day "today" "визит сегодня, 14:00" %}', day=TODAY)
    assert "due--today" in html
    assert "визит сегодня, 14:00" in html
    assert 'title="17.11.2026"' in html


SOURCES = [
    "{% level_badge text text %}",
    "{% due_chip day '' text %}",
    "{% state_label text text %}",
    "{% empty_state text text text text %}",
    "{% facts items %}",
    "{% timeline items %}",
    "{% steps items %}",
    "{% checks items %}",
    "{% todo_row item %}",
    "{% refusal text links text %}",
    "{% chips links text %}",
    "{% tabs items %}",
    "{% side_panel text note=text %}{{ text }}{% endside_panel %}",
    "{% progress 10 text text %}",
    "{% bar 1 2 text %}",
    "{% stack items %}{% stack_key items %}",
    "{% sparkline numbers text kind='columns' label=text %}",
    "{% level_band band %}",
    "{% saved_at text text %}",
    "{% icon 'search' 16 text %}",
    "{{ text|num }}{{ text|ru_date }}{{ text|ru_datetime }}",
]


@pytest.mark.parametrize("source", SOURCES)
def test_text_of_people_is_never_markup(source):
    names = "label title text note who url subject subject_note act_title act_url level_title due_text"
    item = dict.fromkeys(names.split(" "), EVIL)
    item |= {"value": 3, "at": TODAY, "due": TODAY, "tone": EVIL, "state": "current", "level": EVIL, "count": EVIL}
    item |= {"link": EVIL, "css": EVIL, "icon": EVIL, "due_note": EVIL}
    band = {
        "start": TODAY,
        "end": TODAY + datetime.timedelta(200),
        "today": TODAY + datetime.timedelta(20),
        "periods": [{"since": TODAY, "until": None, "code": EVIL, "title": EVIL}],
        "marks": [{"on": TODAY, "kind": kind, "title": EVIL} for kind in ("contact", "review", "council")],
    }
    html = render(
        source,
        text=EVIL,
        day=TODAY,
        item=item,
        items=[item],
        links=[(EVIL, EVIL, EVIL, True)],
        numbers=[1, 2],
        band=band,
    )
    assert "<script" not in html
    assert "&lt;script" in html or "alert" not in html


def test_nothing_is_styled_or_scripted_inline():
    files = [path for path in (settings.BASE_DIR / "templates").rglob("*.html") if "documents" not in path.parts]
    found = [
        path.name
        for path in files
        if re.search(r"<[^>]*\s(style|on[a-z]+)=|<script(?![^>]*\ssrc=)|<style", path.read_text())
    ]
    assert found == []


def test_every_icon_named_in_a_template_is_there():
    used = set()
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        used |= set(re.findall(r"""\{%\s*icon\s+["']([\w-]+)["']""", path.read_text()))
    assert used - set(ICONS) == set()
    assert used


def test_the_timeline_goes_back_in_time_by_month():
    events = [
        {"at": datetime.date(2026, 10, 29), "title": "Визит"},
        {"at": datetime.datetime(2026, 11, 16, 9, tzinfo=datetime.UTC), "title": "Отзыв"},
        {"at": datetime.date(2026, 11, 10), "title": "Мероприятие"},
    ]
    shown = text_of(render("{% timeline events %}", events=events))
    assert [word for word in shown.split() if word.isalpha()] == [
        "Ноябрь",
        "Отзыв",
        "Мероприятие",
        "Октябрь",
        "Визит",
    ]


def test_progress_can_be_heard():
    html = render('{% progress 54 "Шаг 3 из 5" "Расчёт отчёта" %}')
    assert 'role="progressbar"' in html
    assert 'aria-valuenow="54"' in html
    assert "Шаг 3 из 5" in html
    assert "aria-valuenow" not in render("{% progress None %}")
    assert 'aria-valuenow="100"' in render("{% progress 250 %}")


def test_a_bar_starts_at_zero_and_never_leaves_its_track():
    assert 'width="50.00%"' in render("{% bar 5 10 %}")
    assert 'width="100.00%"' in render("{% bar 15 10 %}")
    assert 'width="0.00%"' in render("{% bar 5 0 %}")
    assert 'x1="75.00%"' in render("{% bar 80 100 mark=75 %}")


def test_parts_of_a_stack_stand_one_after_another():
    items = [{"value": 1, "tone": "crisis", "title": "кризисный"}, {"value": 3, "tone": "basic", "title": "базовый"}]
    html = render("{% stack items %}", items=items)
    assert '<rect x="25.00%" width="75.00%"' in html
    assert 'aria-label="кризисный 1, базовый 3"' in html


def test_a_sparkline_leaves_a_gap_where_there_is_no_data():
    assert render("{% sparkline values %}", values=[1, None, 3]).count("<circle") == 2
    assert "нет данных" in render("{% sparkline values %}", values=[None, None])
    assert render("{% sparkline values kind='columns' %}", values=[0, 0]).count("<rect") == 2


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (3, 1, "было 3, стало 1, наибольшее 4"),
        (2, 2, "без изменений, 2 из 4"),
        (None, 4, "4 из 4"),
        (3, None, "3 из 4"),
        (None, None, "не оценивалось"),
    ],
)
def test_a_score_says_what_it_was_and_what_it_is(was, now, words):
    assert f'aria-label="{words}"' in render("{% score_scale was now 4 %}", was=was, now=now)


def test_the_band_tells_its_levels_in_words_and_stripes_what_is_ahead():
    band = {
        "start": datetime.date(2026, 5, 1),
        "end": datetime.date(2027, 3, 1),
        "today": TODAY,
        "periods": [
            {"since": datetime.date(2026, 5, 14), "until": datetime.date(2026, 8, 7), "code": "emergency"},
            {"since": datetime.date(2026, 8, 7), "until": datetime.date(2027, 2, 7), "code": "crisis"},
        ],
        "marks": [{"on": datetime.date(2026, 11, 5), "kind": "contact", "title": "звонок"}],
    }
    html = render("{% level_band band %}", band=band)
    assert "экстренный с 14.05.2026 до 07.08.2026, кризисный с 07.08.2026 до 07.02.2027" in html
    assert html.count("band__seg--future") == 1
    assert "05.11.2026 звонок" in html
    assert "сегодня" in html


def test_a_band_of_nothing_is_nothing():
    assert render("{% level_band band %}", band={"start": TODAY, "end": TODAY, "periods": [], "marks": []}) == ""


# --- Lists and forms --------------------------------------------------------------------------------------------------


def test_the_pager_keeps_what_was_asked():
    page = Paginator(range(100), 10).get_page(2)
    request = RequestFactory().get("/families/?level=crisis&page=2")
    html = render("{% pager page %}", page=page, request=request)
    assert 'href="?level=crisis&amp;page=3"' in html
    assert 'aria-current="page">2<' in html
    assert "11–20 из 100" in html


def test_one_page_needs_no_pager():
    assert text_of(render("{% pager page %}", page=Paginator(range(3), 10).get_page(1))) == ""


def make_table():
    columns = [
        Column("number", "№"),
        Column("name", "Семья", note=lambda obj: obj.note),
        Column("level", "Уровень", kind="level"),
        Column("count", "Детей", kind="number"),
        Column("due_on", "Срок", kind="due", tone=lambda obj: "overdue"),
        Column("since", "С", kind="date"),
    ]
    obj = SimpleNamespace(number="0318", name=EVIL, note=EVIL, level="crisis", count=1283, due_on=TODAY, since=None)
    heads = [Head(column, "?sort=name", "asc") if column.key == "name" else Head(column) for column in columns]
    return Table(heads, [build_row(columns, obj, "/families/1/")])


def test_a_table_names_its_cells_for_a_phone_and_escapes_them():
    html = render('{% include "components/table.html" %}', table=make_table(), page_title="Семьи")
    assert 'data-label="Семья"' in html
    assert 'aria-sort="ascending"' in html
    assert f"1{THIN}283" in html
    assert "кризисный" in html
    assert "<script" not in html
    assert html.count('href="/families/1/"') == 1


class Sample(forms.Form):
    last_name = forms.CharField(label="Фамилия")
    secret = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        self.add_error(None, "Такая семья уже есть.")


def test_the_error_summary_leads_to_the_fields():
    html = render("{% error_summary form %}", form=Sample({}))
    assert 'href="#id_last_name"' in html
    assert "Такая семья уже есть." in html
    assert "Исправьте 3" in html
    assert 'href="#id_secret"' not in html


def test_no_errors_no_summary():
    assert render("{% error_summary form %}", form=Sample()).strip() == ""


def test_the_summary_names_the_row_of_a_formset():
    formset = forms.formset_factory(Sample)({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1"})
    html = render("{% error_summary form formsets %}", form=Sample(), formsets={"members": formset})
    assert "Строка 1. Фамилия" in html
    assert 'href="#id_form-0-last_name"' in html


def make_page(**context):
    return {
        "request": RequestFactory().get("/"),
        "user": SimpleNamespace(is_authenticated=True, short_name="Лаптева С. И."),
        "frame": SimpleNamespace(
            system_title="СОПР",
            search_url="/families/search/",
            due_count=3,
            menu=[SimpleNamespace(title="Семьи", url="/families/", icon="people", active=True, count=1283)],
        ),
        "page_title": "Семьи",
        "csrf_token": "token",
    } | context


def test_the_frame_searches_by_post_so_that_no_name_lands_in_an_address():
    html = render_template("base_page.html", make_page())
    assert re.search(r'<form class="search"[^>]*method="post"', html)
    assert 'aria-current="page"' in html
    assert 'href="#main"' in html


@pytest.mark.parametrize(
    "frame",
    [
        {"system_title": "СОПР", "region_title": "Приморский край"},
        {"system_name": "СОПР · Приморский край"},
        SimpleNamespace(system_title="СОПР · Приморский край"),
    ],
)
def test_the_system_is_named_with_its_region(frame):
    assert marks.brand(frame) == {"name": "СОПР", "region": "Приморский край"}


def test_a_disabled_action_says_why():
    action = SimpleNamespace(title="Подписать", url="/sign/", icon="", disabled_reason="открыто 5 вопросов", tone="")
    html = render_template("base_page.html", make_page(main_action=action))
    assert "открыто 5 вопросов" in html
    assert 'aria-disabled="true"' in html
    assert 'href="/sign/"' not in html


def test_a_list_says_what_to_do_when_it_is_empty():
    empty = SimpleNamespace(title="Обращений нет", text="Внесите первое.", url="/new/", action="Новое обращение")
    nothing = make_page(table=Table([]), total=0, empty=empty)
    assert "Новое обращение" in render_template("base_list.html", nothing)
    found_nothing = render_template("base_list.html", nothing | {"applied": [("уровень: кризисный", "?")]})
    assert "Ничего не найдено" in found_nothing
    assert "Новое обращение" not in found_nothing


def test_a_form_carries_its_version_and_prints_form_wide_errors_once():
    html = render_template("base_form.html", make_page(form=Sample({}), version=7, submit_title="Записать"))
    assert 'name="version" value="7"' in html
    assert html.count("Такая семья уже есть.") == 1
    assert ">Записать</button>" in html


def test_formsets_come_by_name_with_a_template_row():
    formset = forms.formset_factory(Sample, extra=1, can_delete=True)()
    html = render_template("base_form.html", make_page(form=Sample(), formsets={"members": formset}))
    assert 'name="form-0-last_name"' in html
    assert 'name="form-__prefix__-last_name"' in html
    assert html.count('name="form-0-DELETE"') == 1


@pytest.mark.parametrize("code", ["400", "500"])
def test_a_failure_page_stands_alone(code):
    source = (settings.BASE_DIR / "templates" / f"{code}.html").read_text()
    assert "{%" not in source
    assert "{{" not in source
    assert Path(settings.BASE_DIR / "static/css/fault.css").exists()


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "409.html"])
def test_a_refusal_page_says_what_to_do(name):
    html = render_template(name, make_page(reason="Протокол подписан.", back_url="/councils/"))
    assert "fault__acts" in html
    assert 'class="btn btn-primary"' in html


def test_the_kit_shows_every_component():
    source = Path(__file__).with_name("kit.html").read_text()
    tags = set(ui.register.tags) - {"brand", "table_cell", "filter_field", "formset_list", "todo_row_due", "icon"}
    assert {tag for tag in tags if not re.search(r"\{%\s*" + tag + r"\b", source)} == set()


class SampleFilter(forms.Form):
    q = forms.CharField(label="Фамилия", required=False)
    level = forms.ChoiceField(label="Уровень", choices=[("", "любой"), ("crisis", "кризисный")], required=False)
    sop = forms.BooleanField(label="только СОП", required=False)


def test_a_filter_field_is_named_and_marked_when_it_is_set():
    form = SampleFilter({"level": "crisis", "q": EVIL})
    search = render("{% filter_field form.q %}", form=form)
    assert search.count("type=") == 1
    assert 'type="search"' in search
    assert 'for="id_q"' in search
    assert "<script" not in search
    assert "is-set" in render("{% filter_field form.level %}", form=form)
    assert "is-set" not in render("{% filter_field form.sop %}", form=form)

"""Typography of texts and tags of documents."""

import datetime
from decimal import Decimal

import pytest
from django.template import Context, Template

from sopr.documents.templatetags import doc
from sopr.documents.typo import NB, NNB, typo, typo_html


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ("протокол № 18", f"протокол №{NB}18"),
        ("26 140 ₽, 35 %", f"26{NNB}140{NNB}₽, 35{NNB}%"),
        ("Дорохова Е. В. и П. А. Мартынов", f"Дорохова{NB}Е.В. и П.А.{NB}Мартынов"),
        ("22 октября 2026 года", f"22{NB}октября 2026{NB}года"),
        ("в школе", f"в{NB}школе"),
        ("г.Заречинск, ул. Мира, д. 8", f"г.{NB}Заречинск, ул.{NB}Мира, д.{NB}8"),
        ("2014 г. р.", f"2014{NB}г.{NB}р."),
        ("8 (000) 221-40-15", f"8{NNB}(000){NNB}221-40-15"),
        ('центр "Росток" и "Ромашка №2"', f"центр «Росток» и «Ромашка №{NB}2»"),
        ("мать - повар", f"мать{NB}– повар"),
        ("школа-интернат", "школа-интернат"),
        ("пункт 1.3", f"пункт{NB}1.3"),
    ],
)
def test_typo(plain, printed):
    assert typo(plain) == printed
    assert typo(printed) == printed


def test_markup_and_escaped_text_survive():
    page = '<p title="№ 5 в">№ 5 &lt;b&gt; &amp; в доме</p><style>p { margin: 5 }</style><title>№ 5</title>'
    assert typo_html(page) == (
        f'<p title="№ 5 в">№{NB}5 &lt;b&gt; &amp; в{NB}доме</p><style>p {{ margin: 5 }}</style><title>№ 5</title>'
    )


def test_filters():
    assert doc.thousands(1500) == f"1{NNB}500"
    assert doc.thousands(Decimal("-6535.5")) == f"−6{NNB}535,5"
    assert doc.thousands(None) == "–"
    assert doc.thousands(0) == "0"
    assert doc.day(datetime.date(2026, 10, 5)) == "05.10.2026"
    assert doc.day(datetime.datetime(2026, 10, 5, 22, 30, tzinfo=datetime.UTC)) == "06.10.2026"  # Moscow time
    assert doc.day(None) == ""
    assert doc.clock(datetime.time(9, 5)) == "09:05"
    assert doc.day_in_words(datetime.date(2026, 10, 5)) == f"5{NB}октября 2026{NB}года"
    assert [doc.counted(n, "год,года,лет") for n in (1, 3, 5, 11, 12, 21)] == [
        f"{n}{NB}{word}" for n, word in ((1, "год"), (3, "года"), (5, "лет"), (11, "лет"), (12, "лет"), (21, "год"))
    ]
    assert doc.sentence("так.") == "так."
    assert doc.sentence("так ") == "так."
    assert [
        doc.cell(value) for value in ("1\u202f500", "–", "5 / 12", "да", "×", "постановление от 2010 года")
    ] == list("nnncct")


def test_tags_escape_what_people_typed():
    organisation = {"address": "<script>", "phone": "8", "inn": "1", "ogrn": "2"}
    page = Template("{% load doc %}{% requisites o %}{% signature p w %}{% checkbox True %}{% checkbox %}").render(
        Context({"o": organisation, "p": "Директор <b>", "w": "И.И. Иванов"})
    )
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "Директор &lt;b&gt;" in page and "ИНН 1, ОГРН 2" in page
    assert page.count('class="box on"') == 1 and page.count('class="box"') == 1

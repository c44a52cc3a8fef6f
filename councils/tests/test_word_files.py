"""Minutes, extracts and notices as Word files: the words of the PDF, heads of tables repeated, numbered sheets."""

import io
import re
import subprocess
from collections import Counter

import docx
import pytest
from django.urls import reverse
from docx.oxml.ns import qn

from councils.models import AgendaItem, Assignment
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting


@pytest.fixture
def signed(world):
    w = world
    council = make_council(w)
    w.items = []
    for surname in ("Ершовы", "Савиных"):
        case = open_case(w, family=make_family(w, surname=surname))
        add_pack(w, case)
        w.items.append(AgendaItem.propose(case, by=w.curator, council=council, question="recognise", level="basic"))
    w.meeting = start_meeting(w, council, *w.items, absent=1)
    for item, verdict in zip(w.items, ("granted", "refused"), strict=True):
        item.refresh_from_db()
        item.note_down(by=w.secretary, heard='<b>доход</b> & "льготы"\x07', spoke="Климов Р.С.: согласен", draft="")
        decide(w, item, verdict)
    item = w.items[0]
    item.refresh_from_db()
    Assignment.give(item, by=w.secretary, text="Записать к врачу", executor=w.clinic, due_on=w.meeting.held_on)
    w.minutes = w.meeting.sign_minutes(by=w.secretary)
    return w


def word(answer):
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    return docx.Document(io.BytesIO(answer.content))


def letters_of(text) -> Counter:
    """How many of each letter and mark: a table is read in another order, a line is broken with a hyphen."""
    return Counter(re.sub(r"[\s\u00a0\u202f\u00ad\x07-]+", "", text))


def text_of_word(file) -> str:
    return "".join(node.text or "" for node in file.element.body.iter(qn("w:t")))


def text_of_pdf(answer) -> str:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.content, capture_output=True, check=True)
    text = read.stdout.decode()
    text = re.sub(r"(?m)^.*содержит персональные данные.*$|^.*лист \d+ из \d+\s*$|^\f?\s*\d+\s*$", "", text)
    return text.replace("\f", "")


@pytest.mark.parametrize(("page", "row"), [("minutes-print", "meeting"), ("extract-print", "item")])
def test_the_words_are_those_of_the_pdf(client, signed, page, row):
    w = signed
    client.force_login(w.secretary if row == "meeting" else w.curator)
    address = reverse(f"councils:{page}", args=[w.meeting.pk if row == "meeting" else w.items[0].pk])
    file = word(client.get(f"{address}?as=docx"))
    assert letters_of(text_of_word(file)) == letters_of(text_of_pdf(client.get(address)))


def test_the_file_follows_the_standard(client, signed):
    w = signed
    client.force_login(w.secretary)
    answer = client.get(reverse("councils:minutes-print", args=[w.meeting.pk]) + "?as=docx")
    assert answer["Content-Disposition"] == f'attachment; filename="protokol-1-{w.meeting.held_on.year}.docx"'
    file = word(answer)
    sheet = file.sections[0]
    assert [round(side.mm) for side in (sheet.left_margin, sheet.right_margin, sheet.top_margin, sheet.bottom_margin)] == [
        30, 10, 20, 20,
    ]  # fmt: skip
    assert sheet.different_first_page_header_footer
    assert "PAGE" in sheet.header._element.xml and "PAGE" not in sheet.first_page_header._element.xml
    assert file.styles["Normal"].font.name == "Times New Roman"
    members = next(table for table in file.tables if table.cell(0, 0).text == "Член совета")
    assert members.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    text = text_of_word(file)
    assert "<b>доход</b> & «льготы»" in text and "\x07" not in text
    assert "Отсутствовали: Членова" in text.replace("\u00a0", " ")
    assert file.core_properties.author == ""


def test_the_notice_of_refusal_goes_to_word_too(client, signed):
    w = signed
    client.force_login(w.curator)
    text = text_of_word(word(client.get(reverse("councils:refusal-print", args=[w.items[1].pk]) + "?as=docx")))
    assert "КАК ОБЖАЛОВАТЬ РЕШЕНИЕ" in text and "Ершов" not in text


def test_a_draft_says_that_it_is_one(client, world):
    w = world
    meeting = start_meeting(w, make_council(w))
    client.force_login(w.secretary)
    file = word(client.get(reverse("councils:minutes-print", args=[meeting.pk]) + "?as=docx"))
    assert "ПРОЕКТ" in file.sections[0].first_page_header.paragraphs[0].text


def test_acts_of_correction_are_printed_with_the_minutes(client, signed):
    w = signed
    w.minutes.correct(by=w.secretary, stood="две комнаты", should="три комнаты", reason="описка", position=1)
    w.minutes.correct(by=w.secretary, stood="10:00", should="11:00", reason="описка")
    client.force_login(w.secretary)
    text = text_of_word(word(client.get(reverse("councils:minutes-print", args=[w.meeting.pk]) + "?as=docx")))
    assert "АКТ № 2" in text.replace("\u00a0", " ") and "три комнаты" in text and "11:00" in text
    client.force_login(w.curator)
    own, other = (
        text_of_word(word(client.get(reverse("councils:extract-print", args=[item.pk]) + "?as=docx")))
        for item in w.items
    )
    assert "три комнаты" in own and "11:00" not in own and "три комнаты" not in other

"""Documents as printed: text, faces, sheets, marks, what they may read, what the audit log keeps."""

import re
import subprocess
import tempfile

import pytest
from celery.signals import worker_process_shutdown

from sopr.audit.models import AuditRecord
from sopr.documents import pdf as printing
from sopr.documents.pdf import STATIC, StaticFiles, pdf_response, render_html, render_pdf
from sopr.documents.registry import Document, get, register, registered

from . import samples

FACES = {"Doc-Serif", "Doc-Serif-Bold", "Doc-Serif-Italic", "Doc-Serif-Bold-Italic", "Doc-Sans", "Doc-Sans-Bold"}
LONG = {"minutes", "minutes_extract", "programme", "report"}
# sample, template, sheets
PRINTS = [
    ("MINUTES", "minutes", 3),
    ("MINUTES_THIN", "minutes", 1),
    ("EXTRACT", "minutes_extract", 1),
    ("PROGRAMME", "programme", 4),
    ("PROGRAMME_THIN", "programme", 2),
    ("CONTRACT", "contract", 2),
    ("CONTRACT_THIN", "contract", 2),
    ("REPORT", "report", 6),
    ("REPORT_THIN", "report", 2),
    ("REPORT_WIDE", "report", 6),
    ("REFUSAL", "refusal_notice", 2),
    ("REFUSAL_THIN", "refusal_notice", 1),
]


def document(code, context, **fields):
    return Document(code, code, f"documents/{code}.html", lambda obj, **options: context, long=code in LONG, **fields)


def run(*command, data):
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


@pytest.fixture
def printed(db, tmp_path):
    """Prints a sample; gives its text with plain spaces, sheet by sheet."""

    def make(context, code):
        file = tmp_path / "document.pdf"
        file.write_bytes(render_pdf(document(code, context), None, by=None))
        make.path = file
        text = run("pdftotext", "-layout", file, "-", data=b"")
        return [re.sub(r"[\s\u00a0\u202f]+", " ", sheet) for sheet in text.split("\f")[:-1]]

    return make


@pytest.mark.parametrize(("sample", "code", "sheets"), PRINTS)
def test_every_document_prints_rich_and_thin(printed, sample, code, sheets):
    pages = printed(getattr(samples, sample), code)
    assert len(pages) == sheets
    fonts = {line.split()[0].split("+")[-1] for line in run("pdffonts", printed.path, data=b"").splitlines()[2:]}
    assert fonts and fonts <= FACES, "a fallback face slipped in"
    text = " ".join(pages)
    text = re.sub(r"\.{5,}", " ", text)  # the dots of a table of contents
    assert not re.search(r"None|\{\{|\{%|\(\)|, ,|\.\.(?!\.)|«»", text), "a missing part left a hole"
    information = run("pdfinfo", printed.path, data=b"")
    assert "Tagged:          yes" in information
    assert re.search(r"Title: +\S", information)
    # A thin context does not speak of its status: it must not look final.
    assert all(("ПРОЕКТ" in page) == ("status" not in getattr(samples, sample)) for page in pages)
    last = pages[-1]
    if code != "report" or sheets > 2:
        assert f"лист {sheets} из {sheets}" in last


def test_minutes_say_who_came_when_and_why_not(printed):
    text = " ".join(printed(samples.MINUTES, "minutes"))
    for part in (
        "Председательствовала – Дорохова Е.В., секретарь – Ким М.О.",
        "Черных Л.И. центр занятости населения, директор с 10:40",
        "до 11:20",
        "отпуск",
        "отзыв в деле",
        "замещает",
        "из 7 поручений протокола от 08.10.2026 № 17 исполнено 5, просрочено 1",
        "Участвуют 9 из 12 (75 %), обязательные ведомства представлены, кворум есть.",
        "Участвуют 10 из 12 (83 %), с 10:40 – Черных Л.И.; обязательные ведомства представлены, кворум есть.",
        "Тихонова А.С. – самоотвод (родство с заявителем)",
        "нет обязательных ведомств: управление образования, отдел МВД, кворума нет.",
        "доход на человека – 6 535 ₽ (35 % прожиточного минимума)",
        "Голосовали: за – 9, против – 0, воздержались – 1 (Юсупова Д.М.). Принято.",
        "Вопрос перенесён на следующее заседание.",
        "(05.11.2026, 10:00)",
    ):
        assert part in text, part


def test_the_whole_page_gets_its_typography():
    page = render_html(document("minutes", samples.MINUTES), None)
    assert "6\u202f535\u202f₽" in page
    assert "№\u00a018</p>" in page


def test_an_item_voted_down_says_so(printed):
    item = {**samples.ITEM, "adopted": False, "votes": {"for": 3, "against": 6, "abstained": 0}}
    text = " ".join(printed({**samples.MINUTES, "items": [item]}, "minutes"))
    assert "против – 6, воздержались – 0. Не принято." in text


def test_programme_binds_problems_goals_and_activities(printed):
    pages = printed(samples.PROGRAMME, "programme")
    assert "Ковалёвы, г. Заречинск, ул. Садовая, д. 14, кв. 27" in pages[0]
    assert "(сейчас 14 баллов из 32" in pages[0]
    assert "мнение Артёма (12 лет) выслушано и учтено" in pages[1]
    assert "согласна, экземпляр программы получила" in pages[1]
    assert all("Ведомство, исполнитель" in page for page in pages[2:]), "the head repeats on each sheet"
    assert "12.11.2026, выполнено" in pages[3]


def test_programme_of_one_member_names_the_member(printed):
    subject = samples.Name(samples.person("Ковалёв", "Артём", "Ильич", "m"))
    text = printed({**samples.PROGRAMME, "subject": subject}, "programme")[0]
    assert "СОЦИАЛЬНОГО СОПРОВОЖДЕНИЯ Ковалёва Артёма Ильича" in text
    assert "СОПРОВОЖДЕНИЯ СЕМЬИ" not in text


def test_a_hidden_address_is_not_printed(printed):
    assert "Садовая" not in " ".join(printed({**samples.PROGRAMME, "address": ""}, "programme"))


def test_contract_numbers_only_the_clauses_it_has(printed):
    rich = " ".join(printed(samples.CONTRACT, "contract"))
    assert "в лице директора Мартынова Павла Андреевича, действующего на основании устава" in rich
    assert "Ковалёва Артёма Ильича и Ковалёвой Полины Ильиничны (далее – Семья)" in rich
    assert "2.2. Посещать Семью не реже одного раза в две недели" in rich
    assert "5.1. Договор действует с 23.10.2026 по 22.04.2027." in rich
    thin = " ".join(printed(samples.CONTRACT_THIN, "contract"))
    assert "2.2. Не разглашать" in thin and "2.3. Незамедлительно" in thin
    assert "за пределы региона" in thin


def test_report_repeats_its_head_and_keeps_the_published_figures(printed):
    pages = printed(samples.REPORT, "report")
    for page in pages[1:3]:
        assert "Наименование показателя" in page and " 1 2 3 4 5 6 7 " in page
    assert "1 500 1 200 150 150" in pages[1]
    assert "Доля семей с детьми, преодолевших" in pages[2] and "20 70 90" in pages[2]
    assert "Рисунок 1." in pages[3] and "Казань 1 500" in pages[3]
    assert "Расхождений нет. Семьи по категориям" in pages[4] and "Семьи по уровням" in pages[5]
    assert "Л.Ш. Гарипова" in pages[5]
    assert "ea5b6fcf fb76a3d3" in pages[0] and "· ea5b 6fcf" in pages[1]


def test_a_report_that_does_not_balance_says_so(printed):
    rows = [{"title": "Все семьи", "values": ["1", "2"], "ok": False}]
    balance = {"ok": False, "tables": [{"title": "Семьи", "head": "Категория", "columns": ["а", "б"], "rows": rows}]}
    text = " ".join(printed({**samples.REPORT, "balance": balance}, "report"))
    assert "Есть расхождения, они отмечены в таблице." in text


def test_wide_report_lies_on_its_side(printed):
    printed(samples.REPORT_WIDE, "report")
    sizes = re.findall(r"Page +(\d+) size: +([\d.]+) x ([\d.]+)", run("pdfinfo", "-l", "9", printed.path, data=b""))
    assert [float(width) > float(height) for _, width, height in sizes] == [False, True, True, True, True, False]


def test_a_document_prints_the_same_whatever_was_printed_before_it(db):
    """The fonts are read once for all documents of a process: none of them leaves a trace in the next."""
    printing._fonts.cache_clear()
    alone = render_pdf(document("report", samples.REPORT_THIN), None, by=None)
    render_pdf(document("refusal_notice", samples.REFUSAL), None, by=None)
    assert render_pdf(document("report", samples.REPORT_THIN), None, by=None) == alone
    assert printing._fonts.cache_info().misses == 1


def test_a_process_of_the_pool_leaves_no_fonts_behind(db, tmp_path, monkeypatch):
    """Celery ends its processes without the interpreter's own farewell; the copies of the fonts go before that."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    printing._fonts.cache_clear()
    render_pdf(document("refusal_notice", samples.REFUSAL), None, by=None)
    assert list(tmp_path.glob("weasyprint-*"))
    worker_process_shutdown.send(sender=None)
    assert not list(tmp_path.glob("weasyprint-*"))


def test_typed_text_is_never_markup_and_never_reads_a_file(db):
    nasty = '<img src="file:///etc/passwd"><script>1</script>'
    page = render_html(document("minutes", {**samples.MINUTES, "place": nasty}), None)
    assert "<img" not in page and "<script>" not in page


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a.png",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        f"{STATIC.as_uri()}/../manage.py",
        f"{STATIC.as_uri()}/%2e%2e/manage.py",
        "data:text/css,p{}",
        "ftp://example.org/a",
    ],
)
def test_nothing_but_static_files_is_read(url):
    with pytest.raises(ValueError, match="only our static files"):
        StaticFiles().fetch(url)


def test_the_style_sheet_is_read():
    assert b"@page" in StaticFiles().fetch(f"{STATIC.as_uri()}/documents/document.css").read()


def test_a_print_is_recorded_without_personal_data(world):
    render_pdf(document("contract", samples.CONTRACT_THIN), world.centre, by=world.curator)
    entry = AuditRecord.objects.latest("seq")
    assert (entry.action, entry.actor, entry.subject_id) == ("print", world.curator, world.centre.pk)
    assert entry.detail == {"document": "contract"}


def test_the_answer_has_a_neutral_name_and_is_not_cached(world):
    kind = document("contract", samples.CONTRACT_THIN, file_name=lambda obj: "dogovor-12-2026")
    response = pdf_response(kind, world.centre, by=world.curator, attachment=True)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="dogovor-12-2026.pdf"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.content.startswith(b"%PDF")
    assert "inline" in pdf_response(kind, world.centre, by=world.curator)["Content-Disposition"]


def test_a_file_name_with_a_name_in_it_is_refused(world):
    kind = document("contract", samples.CONTRACT_THIN, file_name=lambda obj: "Ковалёва")
    with pytest.raises(ValueError, match="must match"):
        pdf_response(kind, world.centre, by=world.curator)
    assert not AuditRecord.objects.filter(action="print").exists()
    assert document("minutes_extract", {}).stem(world.centre) == f"minutes-extract-{world.centre.pk}"


def test_registry_keeps_one_document_per_code(monkeypatch):
    monkeypatch.setattr("sopr.documents.registry._documents", {})
    first = register(document("contract", {}))
    assert get("contract") is first and register(first) is first and registered() == [first]
    with pytest.raises(ValueError, match="already registered"):
        register(document("contract", {}))
    with pytest.raises(KeyError):
        get("unknown")


def test_draft_is_the_mark_the_contexts_use():
    assert printing.DRAFT == "ПРОЕКТ"

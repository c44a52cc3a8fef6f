"""A registered document and an object → DOCX: the page the PDF is made from, laid out anew by Word's own means.

Reads the same HTML as `pdf.py`, so the words are the same by construction. Knows paragraphs, headings, tables, rows of
requisites and signatures; drawings are left out. Margins and sizes: ГОСТ Р 7.0.97-2016, as in document.css.
"""

import io
import re

import tinyhtml5
from django.http import HttpResponse
from docx import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt

from sopr.audit.log import record

from .content import DOCX
from .pdf import render_html
from .registry import Document

FACE = "Times New Roman"  # what Word has everywhere; Tinos, which the PDF carries, has its widths
PAGE, MARGIN, LONG_MARGIN, RIGHT = Mm(210), Mm(20), Mm(30), Mm(10)
INDENT = Mm(12.5)
SIDE_BY_SIDE = ("reqs", "sign", "head", "encl", "parties")
CENTRED = ("sub", "hello", "period", "centre")
SIZES = {"small": 10, "executor": 10, "note": 11, "quorum": 12, "said": 12}
BOX, CROSSED = "☐", "☒"
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what XML cannot hold


def render_docx(document: Document, obj, *, by, organisation=None, **options) -> bytes:
    """The object as a Word file, recorded in the audit log as an act of `by`; arguments as of `render_pdf`."""
    page = tinyhtml5.parse(render_html(document, obj, **options), namespace_html_elements=False)
    file = io.BytesIO()
    _Writer(page, long=document.long).write().save(file)
    record(by, "print", obj, organisation=organisation, detail={"document": document.code, "kind": "docx"})
    return file.getvalue()


def docx_response(document: Document, obj, *, by, **options) -> HttpResponse:
    """The Word file as a download under the document's neutral name, kept in no cache."""
    name = f"{document.stem(obj)}.docx"  # first: a bad name must not leave a recorded print behind
    response = HttpResponse(render_docx(document, obj, by=by, **options), content_type=DOCX.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


class _Writer:
    """Walks the page once, writing into a Word file."""

    def __init__(self, page, long):
        self.body = page.find("body")
        self.left = LONG_MARGIN if long else MARGIN
        self.width = PAGE - self.left - RIGHT
        self.file = WordFile()
        self._set_up(page.findtext("head/title") or "")

    def write(self):
        self._blocks(self.body, self.file, frozenset())
        return self.file

    def _set_up(self, title):
        properties = self.file.core_properties
        properties.title, properties.author, properties.comments, properties.language = title, "", "", "ru-RU"
        style = self.file.styles["Normal"]
        style.font.name, style.font.size = FACE, Pt(13)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), FACE)
        style.paragraph_format.space_after, style.paragraph_format.line_spacing = Pt(0), 1.1
        sheet = self.file.sections[0]
        sheet.page_width, sheet.page_height = PAGE, Mm(297)
        sheet.left_margin, sheet.right_margin = self.left, RIGHT
        sheet.top_margin = sheet.bottom_margin = MARGIN
        sheet.header_distance = sheet.footer_distance = Mm(10)
        sheet.different_first_page_header_footer = True  # the first sheet bears no number
        self._head(sheet.first_page_header, numbered=False)
        self._head(sheet.header, numbered=True)
        for foot in (sheet.first_page_footer, sheet.footer):
            self._foot(foot)

    def _head(self, header, numbered):
        line = header.paragraphs[0]
        self._tabs(line, (self.width // 2, WD_TAB_ALIGNMENT.CENTER), (self.width, WD_TAB_ALIGNMENT.RIGHT))
        line.add_run("\t")
        if numbered:
            _field(line, "PAGE", 12)
        status = line.add_run("\t" + self.body.get("data-status", ""))
        status.bold, status.font.size = True, Pt(10)

    def _foot(self, footer):
        line = footer.paragraphs[0]
        self._tabs(line, (self.width, WD_TAB_ALIGNMENT.RIGHT))
        line.add_run(self.body.get("data-mark", "") + "\tлист ").font.size = Pt(8)
        _field(line, "PAGE", 8)
        line.add_run(" из ").font.size = Pt(8)
        _field(line, "NUMPAGES", 8)

    def _tabs(self, line, *stops):
        line.style = self.file.styles["Normal"]  # without the stops of Word's own header
        for place, kind in stops:
            line.paragraph_format.tab_stops.add_tab_stop(Emu(place), kind)

    def _blocks(self, element, into, inside):
        """Write what stands in `element`; `inside`: the classes of what stands around."""
        for child in element:
            classes = frozenset((child.get("class") or "").split())
            if not isinstance(child.tag, str) or child.tag in ("svg", "style", "script"):
                continue
            if child.tag in ("p", "h1", "h2", "h3"):
                self._paragraph(child, into, inside | classes)
            elif child.tag == "table":
                self._table(child, into, classes)
            elif classes & set(SIDE_BY_SIDE):
                self._row(child, into, inside | classes)
            else:
                if child.tag == "section" and classes & {"page", "memo", "wide", "annex"}:
                    self.file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
                self._blocks(child, into, inside | classes)

    def _paragraph(self, element, into, classes, fresh=None):
        runs = _runs(element)
        if not any(text for text, *_ in runs):
            return
        line = fresh if fresh is not None else into.add_paragraph()
        shape = line.paragraph_format
        heading = element.tag in ("h1", "h2", "h3")
        size = 15 if element.tag == "h1" and "subject" not in classes else 13
        size = next((SIZES[name] for name in SIZES if name in classes and name != "said"), size)
        for text, bold, italic, wide, smaller in runs:
            run = line.add_run(text)
            run.bold = bold or heading or bool(classes & {"own", "hello"}) or None
            run.italic = italic or "quorum" in classes or None
            run.font.size = Pt(smaller or size)
            if wide:
                _spaced(run)
        line.alignment = _alignment(element.tag, classes)
        if line.alignment is ALIGN.JUSTIFY or classes & {"vote", "quorum", "agenda"}:
            shape.first_line_indent = Mm(0) if "flush" in classes else INDENT
        if element.tag == "h2" and "centre" not in classes:
            shape.first_line_indent = INDENT
        shape.keep_with_next = heading or bool(classes & {"with-next", "quorum", "signs"}) or None
        shape.space_before = Mm(4 if heading else 2.5 if "gap" in classes else 1 if "gap1" in classes else 0)
        shape.space_after = Mm(1.5 if heading else 3 if classes & {"sub", "hello"} else 0)

    def _row(self, element, into, classes):
        """Blocks beside one another: requisites, a signature, the head of a letter."""
        cells = [child for child in element if isinstance(child.tag, str)]
        table = into.add_table(rows=1, cols=len(cells))
        widths = self._shares(classes, len(cells))
        table.autofit = False
        for number, (child, cell) in enumerate(zip(cells, table.rows[0].cells, strict=True)):
            cell.width = Emu(int(widths[number]))
            inner = classes | frozenset((child.get("class") or "").split())
            if child.tag == "p":
                if "line" in inner and "none" not in inner:
                    _underline(cell)
                    continue
                self._paragraph(child, cell, inner | {"flush"}, fresh=cell.paragraphs[0])
                if "reqs" in classes:
                    cell.paragraphs[0].alignment = (ALIGN.LEFT, ALIGN.CENTER, ALIGN.RIGHT)[min(number, 2)]
            else:
                self._blocks(child, cell, inner)
                if len(cell.paragraphs) > 1 and not cell.paragraphs[0].text:
                    cell.paragraphs[0]._element.getparent().remove(cell.paragraphs[0]._element)
        if "sign" in classes:
            for cell in table.rows[0].cells:
                cell.paragraphs[0].paragraph_format.space_before = Mm(4)
                cell.paragraphs[0].paragraph_format.keep_with_next = True
        _whole(table.rows[0])

    def _shares(self, classes, count):
        if "sign" in classes and count == 3:
            return [Mm(82), Mm(42), self.width - Mm(124)]
        if "encl" in classes and count == 2:
            return [Mm(30), self.width - Mm(30)]
        return [self.width // count] * count

    def _table(self, element, into, classes):
        caption = element.find("caption")
        if caption is not None:
            self._paragraph(caption, into, {"flush", "left", "with-next"})
        head = element.findall("thead/tr")
        rows = head + element.findall("tbody/tr")
        if not rows:
            return
        widths = self._widths(element, len(rows[0]))
        table = into.add_table(rows=len(rows), cols=len(rows[0]))
        table.autofit = False
        _border(table, horizontal_only="rules" in classes)
        for column, width in zip(table.columns, widths, strict=True):  # LibreOffice reads the grid, Word the cells
            column.width = Emu(int(width))
        for number, (row, written) in enumerate(zip(rows, table.rows, strict=True)):
            _whole(written)
            if number < len(head):
                _repeat(written)
            for place, (cell, into_cell) in enumerate(zip(row, written.cells, strict=True)):
                into_cell.width = Emu(int(widths[place]))
                self._cell(cell, into_cell, centred=number < len(head) and "rules" not in classes)
        into.add_paragraph().paragraph_format.line_spacing = Pt(4)

    def _cell(self, element, cell, centred):
        line = cell.paragraphs[0]
        for text, bold, italic, _wide, smaller in _runs(element):
            run = line.add_run(text)
            run.bold, run.italic = bold or None, italic or None
            run.font.size = Pt(smaller or 12)
        line.alignment = ALIGN.CENTER if centred or element.get("class") == "c" else ALIGN.LEFT

    def _widths(self, element, count):
        """Widths of the columns: those named in millimetres by their class, the others share what is left."""
        named = [re.search(r"\bw(\d+)\b", col.get("class") or "") for col in element.findall("colgroup/col")]
        known = [Mm(int(found[1])) if found else None for found in named][:count]
        known += [None] * (count - len(known))
        left = self.width - sum(width for width in known if width)
        free = sum(width is None for width in known) or 1
        return [width or left // free for width in known]


def _alignment(tag, classes):
    if (tag == "h1" and "subject" not in classes) or classes & set(CENTRED) or classes & {"org", "form"}:
        return ALIGN.CENTER
    left = {"left", "flush", "vote", "quorum", "agenda", "sign", "reqs", "encl", "to", "executor"}
    if tag in ("h2", "h3") or classes & left:
        return ALIGN.LEFT
    return ALIGN.JUSTIFY


def _runs(element) -> list[tuple]:
    """The words of a block as [(text, bold, italic, wide, size)], white space drawn together as a browser does."""
    found = []
    _gather(element, found, bold=False, italic=False, wide=False, size=None)
    runs, after_space = [], True
    for text, *look in found:
        text = ILLEGAL.sub("", text)
        if text != "\n":
            text = re.sub(r"[ \t\r\n]+", " ", text)
            text = text.lstrip(" ") if after_space else text
        if text:
            after_space = text[-1] in " \n"
            runs.append((text, *look))
    while runs and not runs[-1][0].rstrip(" \n"):
        runs.pop()
    if runs:
        runs[-1] = (runs[-1][0].rstrip(" \n"), *runs[-1][1:])
    return runs


def _gather(element, found, **look):
    classes = (element.get("class") or "").split()
    if "box" in classes:
        found.append((CROSSED if "on" in classes else BOX, *look.values()))
        return
    blank = next((name for name in classes if name.startswith("blank-")), None)
    if blank:
        found.append(("_" * max(int(blank[6:]) // 2, 3), *look.values()))
        return
    look |= {"bold": look["bold"] or element.tag in ("b", "strong"), "italic": look["italic"] or element.tag == "i"}
    if "said" in classes:
        look |= {"wide": True, "size": SIZES["said"]}
    if element.text:
        found.append((element.text, *look.values()))
    for child in element:
        if child.tag == "br":
            found.append(("\n", *look.values()))
        elif isinstance(child.tag, str) and child.tag != "svg":
            _gather(child, found, **look)
        if child.tail:
            found.append((child.tail, *look.values()))


def _field(line, code, size):
    """A number that Word counts itself."""
    for kind, text in (("begin", None), (None, code), ("end", None)):
        run = line.add_run()
        run.font.size = Pt(size)
        if kind:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        else:
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = text
        run._r.append(part)


def _spaced(run):
    part = OxmlElement("w:spacing")
    part.set(qn("w:val"), "12")  # twentieths of a point
    run._r.get_or_add_rPr().insert_element_before(part, "w:w", "w:kern", "w:position", "w:sz", "w:szCs")


def _repeat(row):
    """The head stands again on each sheet."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _whole(row):
    """A row is not torn between two sheets."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _border(table, horizontal_only):
    sides = (
        ("top", "bottom", "insideH") if horizontal_only else ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    borders = OxmlElement("w:tblBorders")
    for side in sides:
        borders.append(_line(side))
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")


def _underline(cell):
    """A line to sign on: the lower edge of an empty cell."""
    borders = OxmlElement("w:tcBorders")
    borders.append(_line("bottom"))
    cell._tc.get_or_add_tcPr().append(borders)


def _line(side):
    part = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "000000")):
        part.set(qn(f"w:{name}"), value)
    return part

"""What a file is, told by its content: the name and the type a browser sends are not believed.

Only kinds that people attach to a report are let in: PDF, a picture, a text of Word, a book of Excel. A document with
macros, a picture too large to be unpacked safely, or an archive that unpacks to a bomb is refused.
"""

import io
import zipfile
from dataclasses import dataclass

from PIL import Image, ImageOps

from sopr.errors import Refused

MOST_PIXELS = 60_000_000  # a telephone's largest photo; more is a bomb
MOST_UNPACKED = 200 * 1024**2  # bytes of a Word or Excel file unpacked
JPEG_QUALITY = 88
WORD = "word/document.xml"
EXCEL = "xl/workbook.xml"
TRAILER = 1024  # bytes at the end within which a whole PDF says that it has ended


@dataclass(frozen=True)
class FileKind:
    """One kind of file: its code and extension, what a person calls it, what a browser is told."""

    code: str
    title: str
    content_type: str


PDF = FileKind("pdf", "PDF", "application/pdf")
PNG = FileKind("png", "изображение PNG", "image/png")
JPEG = FileKind("jpg", "фото JPEG", "image/jpeg")
DOCX = FileKind("docx", "документ Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
XLSX = FileKind("xlsx", "книга Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
KINDS = {kind.code: kind for kind in (PDF, PNG, JPEG, DOCX, XLSX)}
ACCEPTED = ", ".join(f".{code}" for code in ("pdf", "jpg", "jpeg", "png", "docx", "xlsx"))
NOT_OURS = (
    "Такой файл приложить нельзя. Подойдут PDF, фото JPEG или PNG, документ Word (.docx), книга Excel (.xlsx), "
    "оба без макросов."
)


def read_content(content: bytes) -> tuple[FileKind, bytes]:
    """The kind of a file and its bytes as they are kept; raises Refused for what is not one of ours or is broken.

    A picture is kept without what a telephone writes into it beside the picture: the place and the time it was taken.
    """
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-TRAILER:]:
            raise Refused("Файл PDF обрывается. Сохраните его ещё раз и приложите снова.")
        return PDF, content
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG, _bare_picture(content, "PNG")
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG, _bare_picture(content, "JPEG")
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_archive(content), content
    raise Refused(NOT_OURS)


def _bare_picture(content, form) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("Изображение слишком большое. Уменьшите его и приложите снова.")
            upright = ImageOps.exif_transpose(picture)
            bare = Image.new(upright.mode, upright.size)
            bare.paste(upright)
            if upright.mode == "P":
                bare.putpalette(upright.getpalette())
            target = io.BytesIO()
            bare.save(target, form, **({"quality": JPEG_QUALITY} if form == "JPEG" else {"optimize": False}))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("Изображение повреждено. Сохраните его ещё раз и приложите снова.") from error
    return target.getvalue()


def _kind_of_archive(content) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused("Файл повреждён. Сохраните его ещё раз и приложите снова.") from error
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    if has_macros or sum(info.file_size for info in infos) > MOST_UNPACKED:
        raise Refused(NOT_OURS)
    if "[Content_Types].xml" in names and WORD in names:
        return DOCX
    if "[Content_Types].xml" in names and EXCEL in names:
        return XLSX
    raise Refused(NOT_OURS)

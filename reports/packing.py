"""Making a packet: figures of all reports in one pass, a part per report, then one zip."""

import hashlib
import os
import zipfile
from pathlib import Path

from django.conf import settings
from django.db import transaction

from reports import together
from reports.jobs import carry_out
from reports.models import Packet, PacketPart
from reports.models.packet import PREPARED, RENDERED
from reports.runs import write_files
from sopr.errors import Refused
from sopr.web import xlsx
from sopr.web.tables import Column

CONTENTS = "00-soderzhanie.xlsx"
CONTENTS_COLUMNS = [
    Column("folder", "Папка", lambda part: part.report.form, width=26),
    Column("files", "Файлы", lambda part: ", ".join(sorted(Path(path).name for path in part.files.values())), width=70),
    Column("form", "Форма", lambda part: part.report.definition.name, width=20),
    Column("period", "Период", lambda part: part.report.span.title, width=24),
    Column("whose", "Чей", lambda part: str(part.report.organisation or "Регион, сводный"), width=50),
    Column("number", "Номер", lambda part: part.report.number, width=10),
    Column("revision", "Редакция", lambda part: part.report.revision, kind="number", width=10),
    Column("state", "Состояние", lambda part: part.report.get_state_display(), width=16),
    Column("checksum", "Контрольная сумма SHA-256", lambda part: part.report.checksum, width=66),
]


def work(packet_id: int) -> bool:
    """Do what a waiting packet waits for: count its figures, or pack its files."""
    return carry_out(Packet, packet_id, lambda packet: _pack(packet) if packet.prepared else _prepare(packet))


def work_part(part_id: int) -> bool:
    """Write the files of one report of a packet."""
    return carry_out(PacketPart, part_id, _write_part)


def _prepare(packet):
    """Snapshots of all reports are stored; whatever a killed worker stored already comes out the same."""
    forms, reports = packet.forms, []
    for number, form in enumerate(forms):
        before = PREPARED * number // len(forms)
        packet.progress(f"Считаем показатели: форма {form.name}", before)
        of_form = together.open_all(form, packet.span)
        together.refresh(form, packet.span, of_form, lambda done: packet.beat())
        reports += of_form
    with transaction.atomic():
        PacketPart.objects.bulk_create(
            [PacketPart(packet=packet, report_id=report.pk, step="") for report in reports], ignore_conflicts=True
        )
        packet.hand_to_parts()


def _write_part(part):
    if not part.report.snapshot:
        raise Refused("Отчёт не рассчитан. Сделайте пакет снова.")
    part.finish(files=write_files(part, part.report, 0))


def _pack(packet):
    parts = packet.parts.select_related("report__organisation", "report__own_version")
    parts = list(parts.defer("report__snapshot", "report__changes"))
    failed = [part for part in parts if part.state != PacketPart.State.DONE]
    if failed:
        raise Refused(
            f"Не сделаны файлы отчётов: {len(failed)} из {len(parts)}, причины в списке ниже. "
            "Нажмите «Сделать снова»: готовые файлы останутся."
        )
    packet.progress("Складываем архив", RENDERED)
    path = packet.folder / packet.file_name
    size, checksum = _write_zip(path, parts, packet)
    packet.finish(path=str(path.relative_to(settings.SOPR_VAR)), size=size, checksum=checksum)
    drop_packed(packet)


def drop_packed(packet):
    """Delete what is in the zip already; a worker killed just before leaves it to the night."""
    for path in packet.folder.iterdir():
        if path.name != packet.file_name:
            path.unlink(missing_ok=True)


def _write_zip(path: Path, parts, packet) -> tuple[int, str]:
    """A neighbour, then a rename: the name never shows half of it. Returns its size in bytes and its SHA-256."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
            contents, _rows = xlsx.write_list(CONTENTS_COLUMNS, parts, title=f"Пакет отчётов за {packet.span.title}")
            with contents:
                packed.writestr(CONTENTS, contents.read())
            for part in parts:
                packet.beat()
                for file in sorted(part.files.values()):
                    packed.write(settings.SOPR_VAR / file, f"{part.report.form}/{Path(file).name}")
        with temporary.open("rb+") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        packet.beat()
        temporary.chmod(0o640)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path.stat().st_size, checksum

"""CSV for spreadsheets and scripts: UTF-8 with BOM, semicolons, one line for each cell of the report."""

import csv
import io

from reports.renderers import passport

HEAD = ("Строка", "Графа", "Вид", "Значение", "Числитель", "Знаменатель", "Единица", "Показатель", "Примечание")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def render(report) -> bytes:
    """The snapshot's cells; the last line is the passport of the file."""
    snapshot = report.snapshot
    rows = {row["code"]: row for row in snapshot["rows"]}
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEAD)
    for cell in snapshot["cells"]:
        row = rows[cell["row"]]
        writer.writerow(
            [
                harmless(cell["row"]),
                harmless(cell["column"]),
                cell["kind"],
                value_text(cell),
                plain(cell["numerator"]),
                plain(cell["denominator"]),
                harmless(row["unit"]),
                harmless(row["title"]),
                harmless(cell["note"]),
            ]
        )
    writer.writerow([passport.line(report)])
    return target.getvalue().encode("utf-8-sig")


def value_text(cell) -> str:
    """How a cell's value stands in the file; read back by the page that verifies files."""
    match cell["kind"]:
        case "none":
            return ""
        case "hidden":
            return cell["text"]
        case "flag":
            return "да" if cell["value"] else "нет"
        case "pair":
            return "/".join(plain(number) for number in cell["value"])
        case "text":
            return harmless(str(cell["value"]))
    return plain(cell["value"])


def plain(number) -> str:
    """A number with a decimal comma, without spaces; nothing for none."""
    return "" if number is None else str(number).replace(".", ",")


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text

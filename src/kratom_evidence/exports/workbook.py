"""All tables as one XLSX workbook: a sheet each, before them `read me` and `codebook`.

Numbers are numbers. Texts are written as texts, never as formulas, and those that would run if somebody edited the
cell carry the format's own quote mark, so that the value itself is unchanged. Documents and archive entries carry a
fixed time, since the same data must give the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.properties import PageSetupProperties

from kratom_evidence.exports.about import About
from kratom_evidence.exports.csv_files import DICTIONARY_COLUMNS, dictionary_rows
from kratom_evidence.exports.spreadsheet_text import would_run
from kratom_evidence.exports.tables import ExportTable, Scalar, rows

LONGEST_CELL = 32_767
_CUT = " … (cut: a cell of a workbook holds 32,767 characters; the CSV file has the whole text)"
_REPLACEMENT = "\ufffd"
_WIDEST = 60
_NARROWEST = 8
# Height of a line in points, and how many characters surely fit into one of the widest column.
_LINE_HEIGHT = 15
_IN_A_LINE = 50
_ROWS_MEASURED = 200
# With more columns than these, a sheet that is fitted to the width of the paper cannot be read.
_COLUMNS_ON_A_PAGE = 6
_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def workbook_bytes(tables: Sequence[ExportTable], about: About) -> bytes:
    """The content of the XLSX file."""
    workbook = Workbook(write_only=True)
    workbook.properties.creator = "kratom-evidence"
    workbook.properties.title = about.title
    workbook.properties.created = _EPOCH.replace(tzinfo=None)
    _sheet(workbook, "read me", ("what", "says"), _read_me(tables, about), wrap=True)
    _sheet(workbook, "codebook", DICTIONARY_COLUMNS, dictionary_rows(tables))
    for table in tables:
        _sheet(workbook, table.name, [field.name for field in table.fields], list(rows(table)))
    stream = io.BytesIO()
    workbook.save(stream)
    return _with_fixed_times(stream.getvalue())


def safe_text(text: str) -> str:
    """The text as a cell can hold it: characters that XLSX forbids replaced by U+FFFD, and not too long."""
    text = ILLEGAL_CHARACTERS_RE.sub(_REPLACEMENT, text)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(_CUT)] + _CUT


def _read_me(tables: Iterable[ExportTable], about: About) -> list[tuple[Scalar, ...]]:
    said: list[tuple[Scalar, ...]] = [
        ("title", about.title),
        ("data version", about.data_version),
        ("fingerprint of the data", about.fingerprint),
        ("version of the programs", about.package_version),
        ("licence of the data", about.licence),
        ("how to cite", about.citation),
        ("an empty cell", "Not stated in what was read. It never means absent."),
        ("the word none in a list", "The publication says that there were none."),
        ("unknown, undetermined", "What is known cannot decide the question. It is neither yes nor no."),
        ("limits", "Published case reports have no denominator: they cannot say how often anything happens."),
        ("not advice", "This is not medical advice."),
        ("long texts", f"A cell holds at most {LONGEST_CELL:,} characters; a longer text is cut and says so."),
        ("characters that cannot be stored", f"They are shown as {_REPLACEMENT}."),
    ]
    said += [(f"sheet {table.name}", f"{table.description} ({table.origin})") for table in tables]
    return said


def _sheet(
    workbook: Workbook,
    name: str,
    header: Sequence[str],
    records: Sequence[Sequence[Scalar]],
    *,
    wrap: bool = False,
) -> None:
    sheet = workbook.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    if len(header) <= _COLUMNS_ON_A_PAGE:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 0
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(records) + 1}"
    for position, title in enumerate(header):
        lengths = (len(str(record[position])) for record in records[:_ROWS_MEASURED] if record[position] is not None)
        longest = max((len(title) + 3, *lengths))
        sheet.column_dimensions[get_column_letter(position + 1)].width = min(_WIDEST, max(_NARROWEST, longest + 1))
    sheet.append([_heading(sheet, title) for title in header])
    for number, record in enumerate(records, start=2):
        if wrap:
            # Programs do not all grow a row to its text by themselves.
            lines = max(-(-len(str(value)) // _IN_A_LINE) for value in record)
            sheet.row_dimensions[number].height = lines * _LINE_HEIGHT
        sheet.append([_cell(sheet, value, wrap=wrap) for value in record])


def _heading(sheet: WriteOnlyWorksheet, title: str) -> Cell:
    cell = WriteOnlyCell(sheet, title)
    cell.font = Font(name="Calibri", size=11, bold=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Scalar, *, wrap: bool) -> Cell | Scalar:
    """Numbers as they are. A text that looks like a formula or an error value needs a cell of its own to stay text."""
    if not isinstance(value, str):
        return value
    text = safe_text(value)
    if not (wrap or would_run(text) or text.startswith("#")):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = would_run(text)
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _with_fixed_times(content: bytes) -> bytes:
    """The archive with the same time on every entry and in the document's properties."""
    stream = io.BytesIO()
    stamp = _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name in made.namelist():
            part = made.read(name)
            if name == "docProps/core.xml":
                part = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", part)
            entry = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(entry, part)
    return stream.getvalue()

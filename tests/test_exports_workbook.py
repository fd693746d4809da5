"""The workbook: typed cells, no formulas, the same bytes every time, and readable by other programs."""

import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from kratom_evidence.codebook import Field
from kratom_evidence.dataset import Dataset
from kratom_evidence.exports.about import About, about
from kratom_evidence.exports.tables import ExportTable, data_tables
from kratom_evidence.exports.workbook import LONGEST_CELL, safe_text, workbook_bytes
from kratom_evidence.project import Project

HOSTILE = [
    "=1+1",
    '=HYPERLINK("https://example.org","x")',
    "@SUM(A1:A2)",
    "+1",
    "-1",
    "#N/A",
    "'quoted",
    "1.50",
    "TRUE",
]
ABOUT = About(
    title="Title",
    data_version="2026.1.0",
    fingerprint="0123456789ab",
    package_version="0.0.0",
    licence="CC-BY-4.0",
    hpo_release=None,
)


def text_table(texts: list[str]) -> ExportTable:
    fields = (
        Field(name="text", title="Text", description="A text."),
        Field(name="number", title="Number", description="A number.", type="number"),
    )
    frame = pd.DataFrame({"text": texts, "number": [-1.5 - place for place in range(len(texts))]})
    return ExportTable(name="t", title="T", description="D", origin="data", fields=fields, frame=frame)


@pytest.fixture(scope="module")
def content(dataset: Dataset, project_root: Path) -> bytes:
    # The two longest tables hold nothing but words of the vocabularies.
    tables = [table for table in data_tables(dataset) if table.name not in {"findings", "reporting"}]
    return workbook_bytes(tables, about(Project(root=project_root), dataset))


@pytest.fixture(scope="module")
def workbook(content: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_hostile_texts_are_texts_and_unchanged() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes([text_table(HOSTILE)], ABOUT)))["t"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} == {"s"}
    # The quote mark is a format: it keeps the text a text when somebody edits the cell.
    assert [bool(cell.quotePrefix) for cell in cells] == [text[0] in "=@+-" for text in HOSTILE]


def test_no_cell_of_the_data_is_a_formula_or_an_error(workbook: Workbook) -> None:
    kinds = {cell.data_type for sheet in workbook for row in sheet.iter_rows() for cell in row}
    assert kinds == {"s", "n"}


def test_columns_have_the_types_of_the_codebook(workbook: Workbook, dataset: Dataset) -> None:
    sheet = workbook["cases"]
    header = [cell.value for cell in sheet[1]]
    wanted: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float)}
    for field in dataset.codebook.table("case_reports").fields:
        column = [row[header.index(field.name)].value for row in sheet.iter_rows(min_row=2)]
        stated = [value for value in column if value is not None]
        assert all(isinstance(value, wanted[field.type]) for value in stated), field.name


def test_a_sheet_is_ready_to_be_filtered(workbook: Workbook, dataset: Dataset) -> None:
    sheet = workbook["cases"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(sheet.max_column)}{len(dataset.cases) + 1}"


def test_the_first_sheets_say_what_it_is(workbook: Workbook, dataset: Dataset) -> None:
    assert workbook.sheetnames[:2] == ["read me", "codebook"]
    said = {row[0].value: row[1].value for row in workbook["read me"].iter_rows(min_row=2)}
    assert said["data version"] == dataset.version
    assert said["fingerprint of the data"] == dataset.fingerprint
    assert "Not stated" in str(said["an empty cell"])
    assert "CC-BY-4.0" in str(said["licence of the data"])


def test_forbidden_and_overlong_texts_are_made_to_fit() -> None:
    assert safe_text("a\x00b\x1fc") == "a\ufffdb\ufffdc"
    assert safe_text("x" * LONGEST_CELL) == "x" * LONGEST_CELL
    cut = safe_text("x" * (LONGEST_CELL + 1))
    assert len(cut) == LONGEST_CELL and cut.endswith("whole text)")


def test_the_same_data_give_the_same_bytes_without_a_time_of_today() -> None:
    first = workbook_bytes([text_table(HOSTILE)], ABOUT)
    assert workbook_bytes([text_table(HOSTILE)], ABOUT) == first
    properties = openpyxl.load_workbook(io.BytesIO(first)).properties
    assert properties.modified.year == properties.created.year == 1980
    assert {entry.date_time[0] for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {1980}


def test_pandas_reads_it(content: bytes, dataset: Dataset) -> None:
    frame = pd.read_excel(io.BytesIO(content), sheet_name="cases", keep_default_na=False, na_values=[""])
    assert list(frame["case_id"]) == list(dataset.cases.index)
    silent = dataset.cases["co_exposures"].isna().to_numpy()
    assert (frame["co_exposures"].isna().to_numpy() == silent).all()
    assert set(frame.loc[[items == () for items in dataset.cases["co_exposures"]], "co_exposures"]) == {"none"}
    ages = dataset.cases["age_years"]
    assert frame["age_years"].sum() == ages.sum() and frame["age_years"].notna().sum() == ages.notna().sum()


@pytest.mark.slow
def test_libreoffice_reads_the_same_texts_and_numbers(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is missing: install the Debian package libreoffice-calc-nogui")
    table = text_table([text for text in HOSTILE if text])
    (tmp_path / "book.xlsx").write_bytes(workbook_bytes([table], ABOUT))
    # Comma, quotation mark, UTF-8, from line 1, quote all texts, as stored and not as shown, every sheet.
    options = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [office, "--headless", profile, "--convert-to", options, "--outdir", str(tmp_path), "book.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    with (tmp_path / "book-t.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    assert [row[0] for row in rows] == HOSTILE
    assert [float(row[1]) for row in rows] == list(table.frame["number"])

"""Generative: a table in any harmless other form is read as before and repaired to its own bytes; nothing else is."""

import codecs
import csv
import io
import json
import random
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kratom_evidence.codebook import Field, Value, Vocabulary, cell_reader
from kratom_evidence.curation import propose_repairs, repair_diff, validate
from kratom_evidence.curation.cell_repairs import CellColumn, repaired_cell
from kratom_evidence.dataset import read_tables
from tests.editing import Csv

CASES = "case_reports.csv"
ROWS = 6


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    """A data folder with a few cases and the tables that they refer to."""
    data = tmp_path_factory.mktemp("small") / "data"
    shutil.copytree(project_root / "data", data)
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    vocabularies = {f"vocabulary/{name}.csv" for name in ("findings", "confounders", "events", "substances")}
    needed = {CASES, "sources.json", "context/sources.json", *vocabularies}
    package["resources"] = [resource for resource in package["resources"] if resource["path"] in needed]
    (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    table = Csv(data / CASES)
    table.rows = [row for row in table.rows if "[" in row[table.column("co_exposures")]][:ROWS]
    table.set(2, "temp_max_c", "38.5")
    table.set(3, "notes", "Müller wrote: “40 g a day”, then nothing.")
    table.save()
    return data


def typed(data: Path, content: bytes) -> tuple[dict[tuple[str, str], Value], set[tuple[str, str]]]:
    """(case_id, column) -> value, and the cells with a fault."""
    reading = read_tables(data, {CASES: content}).tables[CASES.removesuffix(".csv")]
    keys = [str(key) for key in reading.columns["case_id"]]
    by_row = dict(zip(reading.row_numbers, keys, strict=True))
    values = {
        (key, name): value for name, column in reading.columns.items() for key, value in zip(keys, column, strict=True)
    }
    return values, {(by_row.get(row or 0, ""), column or "") for row, column in reading.faulty}


def repaired(data: Path, content: bytes, folder: Path) -> bytes:
    """The bytes after all repairs of a case file."""
    if not (folder / "datapackage.json").exists():
        shutil.copytree(data, folder, dirs_exist_ok=True)
    (folder / CASES).write_bytes(content)
    return propose_repairs(folder).replaced.get(CASES, content)


@dataclass
class Sheet:
    """A table that is being mangled: its lines, and how it is written."""

    lines: list[list[str]]
    separator: str = ","
    line_end: str = "\n"
    quoting: int = csv.QUOTE_MINIMAL
    encoding: str = "utf-8"
    first_line: str = ""

    def written(self) -> bytes:
        buffer = io.StringIO(newline="")
        writer = csv.writer(
            buffer,
            delimiter=self.separator,
            lineterminator=self.line_end,
            quoting=csv.QUOTE_ALL if self.quoting == csv.QUOTE_ALL else csv.QUOTE_MINIMAL,
        )
        writer.writerows(self.lines)
        return (self.first_line + buffer.getvalue()).encode(self.encoding)

    def cells(self, column: str, change: Callable[[str], str]) -> None:
        position = [name.casefold() for name in self.lines[0]].index(column)
        for line in self.lines[1:]:
            if line[position]:
                line[position] = change(line[position])


Change: TypeAlias = Callable[[Sheet, random.Random], None]


def _other_separator(sheet: Sheet, chance: random.Random) -> None:
    sheet.separator = chance.choice(";\t|")
    sheet.first_line = chance.choice(["", f"sep={sheet.separator}{sheet.line_end}"])


def _line_ends(sheet: Sheet, chance: random.Random) -> None:
    sheet.line_end = chance.choice(["\r\n", "\r"])
    sheet.first_line = ""


def _quote_all(sheet: Sheet, _: random.Random) -> None:
    sheet.quoting = csv.QUOTE_ALL


def _byte_order_mark(sheet: Sheet, _: random.Random) -> None:
    sheet.encoding = "utf-8-sig"


def _utf16(sheet: Sheet, _: random.Random) -> None:
    sheet.encoding = "utf-16"


def _blank_ends(sheet: Sheet, chance: random.Random) -> None:
    header, *rows = sheet.lines
    sheet.lines = [[*header, "", ""], *([*row, chance.choice(["", " ", "\u00a0"]), ""] for row in rows)]
    sheet.lines += [[""] * len(sheet.lines[0])] * 3


def _blanks_around(sheet: Sheet, chance: random.Random) -> None:
    for line in sheet.lines[1:]:
        position = chance.randrange(len(line))
        line[position] = f"{chance.choice([' ', chr(0xA0), chr(0x200B), chr(9), chr(0xAD)])}{line[position]} "


def _decomposed(sheet: Sheet, _: random.Random) -> None:
    sheet.lines = [[unicodedata.normalize("NFD", cell) for cell in line] for line in sheet.lines]


def _shuffled_rows(sheet: Sheet, chance: random.Random) -> None:
    rows = sheet.lines[1:]
    chance.shuffle(rows)
    sheet.lines = [sheet.lines[0], *rows]


def _shuffled_columns(sheet: Sheet, chance: random.Random) -> None:
    width = len(sheet.lines[0])
    order = list(range(width))
    chance.shuffle(order)
    sheet.lines = [[line[position] for position in order] for line in sheet.lines]


def _capital_header(sheet: Sheet, _: random.Random) -> None:
    sheet.lines[0] = [name.upper() for name in sheet.lines[0]]


def _capital_terms(sheet: Sheet, _: random.Random) -> None:
    sheet.cells("sex", str.capitalize)
    sheet.cells("primary_event", str.upper)


def _decimal_commas(sheet: Sheet, _: random.Random) -> None:
    sheet.cells("temp_max_c", lambda text: text.replace(".", ","))


def _added_decimals(sheet: Sheet, _: random.Random) -> None:
    sheet.cells("age_years", lambda text: f"{text.strip()}.0")


def _tight_lists(sheet: Sheet, _: random.Random) -> None:
    sheet.cells("findings_present", lambda text: text.replace("; ", ";"))


def _index_column(sheet: Sheet, _: random.Random) -> None:
    sheet.lines = [["", *sheet.lines[0]], *([str(number), *line] for number, line in enumerate(sheet.lines[1:]))]


HARMLESS = (
    _other_separator, _line_ends, _quote_all, _byte_order_mark, _utf16, _blanks_around, _decomposed, _shuffled_rows,
    _shuffled_columns, _capital_header, _capital_terms, _decimal_commas, _added_decimals, _tight_lists,
)  # fmt: skip
# Two more add columns, so they come first and last.
COMPOSITIONS = st.builds(
    lambda start, changes, end: [*start, *changes, *end],
    st.sampled_from([[], [_index_column]]),
    st.lists(st.sampled_from(HARMLESS), unique=True, max_size=7),
    st.sampled_from([[], [_blank_ends]]),
)


@given(COMPOSITIONS, st.integers(0, 10_000))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([_index_column, _other_separator, _blanks_around], 3894)
def test_any_composition_of_harmless_changes_is_undone_to_the_byte(
    small: Path,
    tmp_path: Path,
    changes: list[Change],
    seed: int,
) -> None:
    original = (small / CASES).read_bytes()
    sheet = Sheet(list(csv.reader(io.StringIO(original.decode(), newline=""))))
    for change in changes:
        change(sheet, random.Random(seed))
    mangled = sheet.written()
    assert repaired(small, mangled, tmp_path) == original
    if _capital_header not in changes:
        # What is read without a fault has its old value already before the repair.
        before, _ = typed(small, original)
        values, faulty = typed(small, mangled)
        assert {place: value for place, value in values.items() if place not in faulty and place in before} == {
            place: value for place, value in before.items() if place not in faulty
        }


def test_sound_data_have_nothing_to_repair(project_root: Path) -> None:
    """So repairing a second time changes nothing: the first time gives the sound file to the byte."""
    assert propose_repairs(project_root / "data").tables == ()


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("age_years", "20-30"),
        ("age_years", "30 months"),
        ("age_years", "3O"),
        ("age_years", "1.000"),
        ("kratom_dose_g_per_day", "1,710"),
        ("ck_max_u_l", "1.5E+03"),
        ("age_text", "01. Mrz"),
        ("notes", "MÃ¼ller"),
        ("notes", "TRUE"),
        ("conditions", "None"),
        ("conditions", "NONE"),
        ("conditions", "none; asthma"),
        ("conditions", "n/a"),
        ("conditions", "asthma|allergy"),
        ("findings_present", "none, tremor"),
        ("findings_present", "tremor; Tremor"),
        ("findings_present", "tremorr"),
        ("findings_present", "tremor\nseizure"),
        ("co_exposures", "Zoloft [prescribed, past]"),
        ("country", "USA"),
        ("sex", "m"),
    ],
)
def test_what_can_mean_two_things_is_left_as_it_is(small: Path, tmp_path: Path, column: str, text: str) -> None:
    shutil.copytree(small, tmp_path / "data")
    table = Csv(tmp_path / "data" / CASES)
    table.set(4, column, text)
    table.save()
    faults = {fault.code for fault in validate(tmp_path / "data").faults if fault.row == 4 and fault.column == column}
    assert faults
    assert propose_repairs(tmp_path / "data").tables == ()


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        ("age_years", "37.0", "37"),
        ("age_years", "37 years", "37"),
        ("ck_max_u_l", "1,710", "1710"),
        ("ck_max_u_l", "1\u202f710", "1710"),
        ("temp_max_c", "38,5", "38.5"),
        ("temp_max_c", "38·5 °C", "38.5"),
        ("notes", "first line\r\nsecond line", "first line second line"),
        ("notes", "soft\u00adware", "software"),
        ("findings_present", "Tremor,seizure", "tremor; seizure"),
        ("findings_present", "tremor; ; seizure;", "tremor; seizure"),
        ("country", "us", "US"),
        (
            "co_exposures",
            "Sertraline [Prescribed,concurrent:50–100 mg], quetiapine [reported, past]",
            "sertraline [prescribed, concurrent: 50–100 mg]; quetiapine [reported, past]",
        ),
    ],
)
def test_what_can_mean_one_thing_is_repaired(small: Path, tmp_path: Path, column: str, text: str, meant: str) -> None:
    data = shutil.copytree(small, tmp_path / "data")
    table = Csv(data / CASES)
    table.set(4, column, meant)
    table.save()
    original = (data / CASES).read_bytes()
    assert not [fault for fault in read_tables(data).faults if fault.row == 4]
    table.set(4, column, text)
    table.save()
    assert propose_repairs(data).replaced == {CASES: original}


def test_a_name_that_looks_like_two_listed_ones_is_left_alone() -> None:
    names = frozenset({"ALA", "ala", "tremor"})
    field = Field(name="term", title="Term", description="A term.", vocabulary=("terms", "term"))
    column = CellColumn(field=field, read=cell_reader(field, Vocabulary(names=names)), allowed=names)
    assert repaired_cell("Ala", column) == ("Ala", ())
    assert repaired_cell("Tremor", column) == ("tremor", ("C105",))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.decode().encode("cp1252"),
        lambda content: content.replace(b",abstract,", b',"abstract,', 1),
        lambda content: content.replace(b",abstract,", b",abstract,x,y,", 1),
        lambda content: content.replace(b"citekey", b"case_id", 1),
        lambda content: codecs.BOM_UTF8 + content.replace(b"source_access", b"", 1),
    ],
    ids=["cp1252", "quotation mark", "width", "column twice", "column without a name"],
)
def test_a_file_that_had_to_be_guessed_is_left_alone_with_the_reason(
    small: Path, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    data = shutil.copytree(small, tmp_path / "data")
    spoilt = spoil((data / CASES).read_bytes())
    assert spoilt != (data / CASES).read_bytes()
    (data / CASES).write_bytes(spoilt + b"\r\n")
    proposal = propose_repairs(data)
    assert proposal.tables == ()
    assert proposal.blocked[CASES]


def test_a_point_that_may_stand_between_thousands_keeps_its_file_as_it_is(small: Path, tmp_path: Path) -> None:
    """With commas between the columns, 1.710 would be read as less than two."""
    data = shutil.copytree(small, tmp_path / "data")
    table = Csv(data / CASES)
    table.set(4, "mitragynine_blood_ng_ml", "1.710")
    sheet = Sheet([table.header, *table.rows], separator=";")
    (data / CASES).write_bytes(sheet.written())
    assert ("C102", 4) in {(fault.code, fault.row) for fault in validate(data).faults}
    proposal = propose_repairs(data)
    assert proposal.tables == ()
    assert "mitragynine_blood_ng_ml" in proposal.blocked[CASES]


def test_a_repaired_vocabulary_makes_its_terms_known(small: Path, tmp_path: Path) -> None:
    data = shutil.copytree(small, tmp_path / "data")
    original = (data / CASES).read_bytes()
    vocabulary = Csv(data / "vocabulary" / "findings.csv")
    before = vocabulary.path.read_bytes()
    vocabulary.rows = [[cell.upper() if cell == "tremor" else cell for cell in row] for row in vocabulary.rows]
    vocabulary.save()
    replaced = propose_repairs(data).replaced
    assert replaced["vocabulary/findings.csv"] == before
    assert replaced.get(CASES, original) == original


def test_the_diff_can_be_applied(small: Path, tmp_path: Path) -> None:
    data = shutil.copytree(small, tmp_path / "data")
    original = (data / CASES).read_bytes()
    table = Csv(data / CASES)
    table.set(3, "sex", f"{table.get(3, 'sex')} ")
    table.rows[3], table.rows[4] = table.rows[4], table.rows[3]
    table.save()
    (repair,) = propose_repairs(data).tables
    diff = repair_diff(repair)
    assert "# C109  No cell begins or ends with a blank." in diff
    assert "# X210  Rows stand in the order of their key." in diff
    subprocess.run(["git", "init", "--quiet"], cwd=data, check=True)
    subprocess.run(["git", "apply", "-p0"], cwd=data, check=True, input=diff.encode())
    assert (data / CASES).read_bytes() == original

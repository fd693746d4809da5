"""The exported tables: nothing lost, nothing added, nothing that a spreadsheet would run."""

import csv
import io
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from kratom_evidence.claims import read_claims
from kratom_evidence.codebook import Field
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.exports.csv_files import csv_text, dictionary_text
from kratom_evidence.exports.result_tables import result_tables
from kratom_evidence.exports.spreadsheet_text import neutralised, restored
from kratom_evidence.exports.tables import ExportTable, data_tables, only_cases


@pytest.fixture(scope="module")
def tables(dataset: Dataset, project_root: Path) -> dict[str, ExportTable]:
    made = data_tables(dataset) + result_tables(dataset, read_claims(project_root / "data"))
    return {table.name: table for table in made}


def records(table: ExportTable) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(table))))


def raw_cases(project_root: Path) -> list[dict[str, str]]:
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as stream:
        return sorted(csv.DictReader(stream), key=lambda row: row["case_id"])


def one_column(kind: str, values: list[object]) -> ExportTable:
    field = Field(name="cell", title="Cell", description="A cell.", type=kind)  # type: ignore[arg-type]
    frame = pd.DataFrame({"cell": pd.Series(values, dtype=object)})
    return ExportTable(name="t", title="T", description="D", origin="data", fields=(field,), frame=frame)


HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    "  =1",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_would_run_gets_an_apostrophe_and_loses_it_again(text: str) -> None:
    assert neutralised(text) == "'" + text
    assert restored(neutralised(text)) == text


@given(st.text())
def test_every_text_comes_back_and_none_begins_like_a_formula(text: str) -> None:
    assert restored(neutralised(text)) == text
    assert neutralised(text).lstrip(" ")[:1] not in set("=+-@\t\r\n")


def test_ordinary_text_is_left_alone() -> None:
    for text in ("venlafaxine", "none", "", "5-HT", "a=b", "12 mg"):
        assert neutralised(text) == text


def test_numbers_stay_numbers_and_texts_like_numbers_are_marked() -> None:
    assert csv_text(one_column("number", [-1.5, None, 3.0])) == 'cell\n-1.5\n""\n3.0\n'
    assert csv_text(one_column("string", ["-1.5"])) == "cell\n'-1.5\n"


def test_cases_come_back_from_the_exported_file_as_they_were(
    tables: dict[str, ExportTable], dataset: Dataset, project_root: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(project_root / "data", tmp_path / "data")
    rows = list(csv.reader(io.StringIO(csv_text(tables["cases"]))))
    with (data / "case_reports.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([[restored(cell) for cell in row] for row in rows])
    assert_frame_equal(load(data).cases, dataset.cases)


def test_every_cell_of_the_cases_is_that_of_the_file(
    tables: dict[str, ExportTable], dataset: Dataset, project_root: Path
) -> None:
    numbers = {field.name for field in dataset.codebook.table("case_reports").fields if field.type != "string"}
    for exported, raw in zip(records(tables["cases"]), raw_cases(project_root), strict=True):
        for name, text in raw.items():
            same = float(exported[name]) == float(text) if name in numbers and text else exported[name] == text
            assert same, (raw["case_id"], name)


def test_findings_write_out_all_three_states(tables: dict[str, ExportTable], project_root: Path) -> None:
    expected = {}
    with (project_root / "data" / "vocabulary" / "findings.csv").open(encoding="utf-8", newline="") as stream:
        vocabulary = [row["finding"] for row in csv.DictReader(stream)]
    for raw in raw_cases(project_root):
        for name in vocabulary:
            expected[raw["case_id"], name] = "not_stated"
        for state in ("present", "absent"):
            for name in raw[f"findings_{state}"].split("; "):
                if name not in {"", "none"}:
                    expected[raw["case_id"], name] = state
    found = {(row["case_id"], row["finding"]): row["state"] for row in records(tables["findings"])}
    assert found == expected


def test_none_and_not_stated_are_told_apart_in_the_results(tables: dict[str, ExportTable], project_root: Path) -> None:
    raw = {row["case_id"]: row["co_exposures"] for row in raw_cases(project_root)}
    reported = {row["case_id"]: row["state"] for row in records(tables["reporting"]) if row["field"] == "co_exposures"}
    states = {
        row["case_id"]: row["state"] for row in records(tables["serotonergic_exposure"]) if row["grade"] == "disputed"
    }
    silent = {case for case, text in raw.items() if text == ""}
    without = {case for case, text in raw.items() if text == "none"}
    assert silent and without
    assert {reported[case] for case in silent} == {"not_stated"} and {reported[case] for case in without} == {"none"}
    assert {states[case] for case in silent} == {"unknown"} and {states[case] for case in without} == {"no"}


def test_the_counts_of_a_statement_account_for_every_case_they_speak_of(tables: dict[str, ExportTable]) -> None:
    count = next(
        row
        for row in records(tables["statement_counts"])
        if row["claim"] == "C13" and row["cases"] == "of serotonin syndrome"
    )
    assert int(count["yes"]) + int(count["no"]) + int(count["not_stated"]) == len(tables["cases"].frame)


def test_the_dictionary_describes_every_column(tables: dict[str, ExportTable]) -> None:
    described = {
        (row["table"], row["column"]): row["description"]
        for row in csv.DictReader(io.StringIO(dictionary_text(tables.values())))
    }
    headers = {
        (name, column) for name, table in tables.items() for column in next(csv.reader(io.StringIO(csv_text(table))))
    }
    assert set(described) == headers
    assert all(described.values())


def test_chosen_cases_are_alone_in_the_tables_about_cases(tables: dict[str, ExportTable]) -> None:
    chosen = {table.name: table for table in only_cases(tables.values(), ["brooks2023"], ["brooks2023"])}
    for name, table in chosen.items():
        if "case_id" in table.frame:
            assert set(table.frame["case_id"]) <= {"brooks2023"}, name
    assert list(chosen["sources"].frame["citekey"]) == ["brooks2023"]
    assert len(chosen["substances"].frame) == len(tables["substances"].frame)

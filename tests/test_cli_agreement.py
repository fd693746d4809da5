"""Functional: `kratom-evidence agreement`, and what `validate` says about cases that were extracted once."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from kratom_evidence import cli
from kratom_evidence.cli import agreement, main
from kratom_evidence.dataset import Dataset
from tests.editing import Csv

FIELD_KEYS = {
    "field", "title", "group", "kind", "compared", "agreed", "share", "low", "high", "stated", "stated_agreed",
    "stated_share", "stated_low", "stated_high", "compares", "kappa", "kappa_low", "kappa_high", "ac1", "ac1_low",
    "ac1_high", "remark", "written_agreed", "written_share", "dose_text_only",
}  # fmt: skip
ITEM_KEYS = {
    "field", "title", "item", "compared", "named", "both", "first_only", "second_only", "share", "low", "high", "kappa",
    "kappa_low", "kappa_high", "ac1", "ac1_low", "ac1_high", "remark",
}  # fmt: skip
DIFFERENCE_KEYS = {
    "case_id", "field", "title", "difference", "first", "second", "adjudicated", "decision", "who_was_right", "reason",
}  # fmt: skip


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    others = tuple(known for known in cli.SUBCOMMANDS if known is not agreement)
    monkeypatch.setattr(cli, "SUBCOMMANDS", (*others, agreement))


@pytest.fixture
def data(project_root: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> str:
    """The committed data, which are read once for all tests. Tests that change data use `data_copy`."""
    monkeypatch.setattr("kratom_evidence.dataset.load", lambda _: dataset, raising=False)
    return str(project_root / "data")


@pytest.fixture
def once(data_copy: Path) -> tuple[Path, str]:
    """Data in which one case, about which nothing was adjudicated, stands in neither extraction."""
    decided = {cells[0] for cells in Csv(data_copy / "extraction" / "adjudication.csv").rows}
    for name in ("first", "second"):
        file = Csv(data_copy / "extraction" / f"{name}.csv")
        case_id = next(cells[0] for cells in file.rows if cells[0] not in decided)
        file.rows = [cells for cells in file.rows if cells[0] != case_id]
        file.save()
    return data_copy, case_id


def extracted_once(data: Path) -> list[str]:
    """The cases that stand in no extraction, in order: the one of `once`, and those that were added since."""
    twice = {cells[0] for cells in Csv(data / "extraction" / "second.csv").rows}
    return sorted(cells[0] for cells in Csv(data / "case_reports.csv").rows if cells[0] not in twice)


def json_of(capsys: pytest.CaptureFixture[str]) -> Any:
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def test_text_has_a_paragraph_for_each_field(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "--data", data]) == 0
    text = capsys.readouterr().out
    assert main(["agreement", "--data", data, "--format", "json"]) == 0
    for row in json_of(capsys)["fields"]:
        lines = [line for line in text.splitlines() if line.startswith(f"  {row['title']}  ")]
        assert len(lines) == 1
        assert f"{row['agreed']} of {row['compared']}, {row['share']:.0%}" in lines[0]
    assert max(map(len, text.splitlines())) <= 110
    assert "not stated" not in text.replace("state of a list is: not stated", "")


def test_json_has_the_documented_form(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "--data", data, "--format", "json"]) == 0
    assert set(json_of(capsys)) == {"data_version", "extracted_twice", "extracted_once", "fields"}
    assert main(["agreement", "--data", data, "--format", "json", "--disagreements", "--field", "outcome"]) == 0
    report = json_of(capsys)
    assert [set(row) for row in report["fields"]] == [FIELD_KEYS]
    assert all(set(row) == DIFFERENCE_KEYS for row in report["disagreements"])
    (outcome,) = report["fields"]
    assert len(report["disagreements"]) == outcome["compared"] - outcome["agreed"] > 0
    assert main(["agreement", "--data", data, "--format", "json", "--items", "--field", "kratom_forms", "sex"]) == 0
    report = json_of(capsys)
    assert all(set(row) == ITEM_KEYS and row["field"] == "kratom_forms" for row in report["items"])
    assert [row["field"] for row in report["fields"]] == ["sex", "kratom_forms"]


@pytest.mark.parametrize(
    ("options", "name"), [([], "fields"), (["--items"], "items"), (["--disagreements"], "disagreements")]
)
def test_csv_holds_the_same_as_json(
    data: str, options: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["agreement", "--data", data, *options, "--field", "co_exposures", "primary_event", "--format"]
    assert main([*arguments, "json"]) == 0
    rows = json_of(capsys)[name]
    assert main([*arguments, "csv"]) == 0
    read = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert read == [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]


def test_disagreements_show_what_was_decided_or_that_nothing_was(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "--data", data, "--disagreements", "--field", "co_exposures", "--format", "json"]) == 0
    rows = json_of(capsys)["disagreements"]
    assert main(["agreement", "--data", data, "--disagreements", "--field", "co_exposures"]) == 0
    paragraphs = capsys.readouterr().out
    assert paragraphs.count("decision: not adjudicated") == sum(not row["adjudicated"] for row in rows) > 0
    assert paragraphs.count("  right:") == sum(row["adjudicated"] for row in rows) > 0


def test_a_formula_in_a_cell_is_made_harmless_in_csv(data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Csv(data_copy / "extraction" / "adjudication.csv")
    file.set(2, "reason", "-1+cmd|calc")
    file.save()
    arguments = ["agreement", "--data", str(data_copy), "--disagreements", "--format", "csv"]
    assert main(arguments) == 0
    reasons = {row["reason"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert "'-1+cmd|calc" in reasons
    assert "-1+cmd|calc" not in reasons


class TestExtractedOnce:
    def test_agreement_leaves_it_out_and_names_it(
        self, once: tuple[Path, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        data, case_id = once
        assert main(["agreement", "--data", str(data), "--field", "sex", "--format", "json"]) == 0
        report = json_of(capsys)
        assert case_id in report["extracted_once"]
        assert report["extracted_once"] == extracted_once(data)
        assert report["fields"][0]["compared"] == report["extracted_twice"]
        assert main(["agreement", "--data", str(data), "--field", "sex"]) == 0
        named = ", ".join(extracted_once(data))
        assert f"Extracted once, which is no fault: {named}." in capsys.readouterr().out

    def test_validate_counts_it_as_no_fault(self, once: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
        data, case_id = once
        assert main(["validate", "--data", str(data), "--format", "json"]) == 0
        extraction = json_of(capsys)["extraction"]
        assert case_id in extraction["extracted_once"]
        assert extraction["extracted_once"] == extracted_once(data)
        assert extraction["cases"] == extraction["extracted_twice"] + len(extraction["extracted_once"])
        assert main(["validate", "--data", str(data)]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert (
            f"{extraction['extracted_twice']} of {extraction['cases']} cases were extracted twice. "
            f"{len(extraction['extracted_once'])} case" in text
        )

    def test_validate_does_not_guess_where_a_file_cannot_be_read(
        self, data_copy: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (data_copy / "extraction" / "second.csv").unlink()
        assert main(["validate", "--data", str(data_copy), "--format", "json"]) == 1
        assert json_of(capsys)["extraction"] is None
        assert main(["validate", "--data", str(data_copy)]) == 1
        assert "extracted twice" not in capsys.readouterr().out


class TestWrongUse:
    def test_an_unknown_field_names_the_nearest(self, data: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["agreement", "--data", data, "--field", "dechalenge"]) == 2
        assert "Did you mean 'dechallenge'?" in capsys.readouterr().err

    def test_a_folder_that_is_missing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["agreement", "--data", str(tmp_path / "dta")]) == 2
        assert "does not exist" in capsys.readouterr().err

    def test_data_with_faults_are_explained(self, data_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = Csv(data_copy / "extraction" / "second.csv")
        file.set(2, "sex", "mail")
        file.save()
        assert main(["agreement", "--data", str(data_copy)]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "extraction/second.csv, row 2, column sex" in printed.err

    def test_two_lists_at_once(self, data: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match="2"):
            main(["agreement", "--data", data, "--items", "--disagreements"])
        assert "not allowed with" in capsys.readouterr().err

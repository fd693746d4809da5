"""`kratom-evidence export` as a user meets it."""

import argparse
import json
import shutil
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import BooleanObject, DictionaryObject

from kratom_evidence.cli import export
from kratom_evidence.exports import pdf
from kratom_evidence.faults import ExplainedError, UsageError
from kratom_evidence.project import ROOT_VARIABLE

PAGE = """<!doctype html><html lang="en">
<head><meta charset="utf-8"><title>C99: A title · kratom-evidence</title></head>
<body><h1>C99: A title</h1><p>Not stated is not absent: naïve → ≥ 3.</p></body></html>"""


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    export.add_parser(parser.add_subparsers())
    options = parser.parse_args(["export", *arguments])
    status: int = options.run(options)
    return status


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_one_case_in_every_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--case", "brooks2023", "--out", str(tmp_path)) == 0
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "csv/cases.csv", "csv/statements.csv", "csv/dictionary.csv", "kratom-evidence.xlsx", "publications.bib",
        "publications.ris", "publications.json", "phenopackets/brooks2023.json", "phenopackets/left_out.csv",
    } <= files  # fmt: skip
    assert not any(name.startswith((".", "pdf")) for name in files)
    assert [entry["id"] for entry in json.loads((tmp_path / "publications.json").read_text("utf-8"))] == ["brooks2023"]
    assert len((tmp_path / "csv" / "cases.csv").read_text("utf-8").splitlines()) == 2
    said = capsys.readouterr().out
    for name in ("csv", "xlsx", "bibtex", "ris", "csl-json", "phenopackets"):
        assert f"{name}: " in said
    assert str(tmp_path / "kratom-evidence.xlsx") in said


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    """Of the formats that take no time; the workbook has a test of its own."""
    for folder in ("one", "two"):
        run("bibtex", "ris", "csl-json", "phenopackets", "--case", "dodulik2024", "--out", str(tmp_path / folder))
    first, second = (
        {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()}
        for top in (tmp_path / "one", tmp_path / "two")
    )
    assert first and first == second


def test_only_what_was_asked_for_and_what_lies_there_from_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("phenopackets", "--case", "brooks2023", "--out", str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"phenopackets"}
    run("phenopackets", "--case", "dodulik2024", "--out", str(tmp_path))
    assert "1 files of earlier exports, such as brooks2023.json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["bibtx"], "Did you mean 'bibtex'?"),
        (["csv", "--case", "broks2023"], "Did you mean 'brooks2023'?"),
        (["pdf"], "--all-pages"),
        (["csv", "--page", "x.html"], "export pdf --page"),
        (["pdf", "--page", "x.html", "--case", "brooks2023"], "--case chooses"),
    ],
)
def test_wrong_usage_is_explained(arguments: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        run(*arguments, "--out", str(tmp_path))
    assert says in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_without_rendered_pages_there_is_nothing_to_print(
    data_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(data_copy.parent))
    with pytest.raises(ExplainedError, match="holds no pages"):
        run("pdf", "--all-pages", "--out", str(tmp_path / "out"))


def test_a_page_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ExplainedError, match=r"C99\.html does not exist"):
        pdf.pdf_bytes(tmp_path / "C99.html", Path(sys.executable))


def test_without_a_browser_it_says_which_it_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(pdf.BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExplainedError, match=r"No browser was found.*chromium"):
        pdf.find_browser()
    monkeypatch.setenv(pdf.BROWSER_VARIABLE, "/nowhere/chrome")
    with pytest.raises(ExplainedError, match="names /nowhere/chrome"):
        pdf.find_browser()


@pytest.mark.parametrize(
    ("body", "time_out", "says"),
    [("echo trouble >&2; exit 3", 60, r"status 3\): trouble"), ("exec sleep 30", 1, "did not end within")],
)
def test_a_browser_that_fails_is_explained(body: str, time_out: int, says: str, page: Path, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    browser.chmod(0o755)
    with pytest.raises(ExplainedError, match=says):
        pdf.pdf_bytes(page, browser, time_out=time_out)


@pytest.mark.browser
def test_a_printed_page_holds_its_text_and_no_date(
    chromium: Path, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(pdf.BROWSER_VARIABLE, str(chromium))
    assert run("pdf", "--page", str(page), "--out", str(tmp_path)) == 0
    target = tmp_path / "pdf" / "page.pdf"
    assert f"pdf: {target}" in capsys.readouterr().out
    printed = PdfReader(target)
    text = printed.pages[0].extract_text()
    assert len(printed.pages) == 1
    assert "C99: A title" in text and "naïve" in text
    # No header or footer of the browser's own.
    assert "page.html" not in text and "1/1" not in text
    mark_info = printed.root_object["/MarkInfo"]
    assert isinstance(mark_info, DictionaryObject) and mark_info["/Marked"] == BooleanObject(True)
    assert printed.metadata is not None and printed.metadata.title == "C99: A title · kratom-evidence"
    assert printed.metadata.creation_date is not None and printed.metadata.creation_date.year == 1980


@pytest.mark.browser
def test_pages_of_the_site_keep_their_folders(
    chromium: Path, page: Path, data_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(pdf.BROWSER_VARIABLE, str(chromium))
    monkeypatch.setenv(ROOT_VARIABLE, str(data_copy.parent))
    claims = data_copy.parent / "reports" / "claims"
    claims.mkdir(parents=True)
    shutil.copy(page, claims / "C99.html")
    run("pdf", "--all-pages", "--out", str(tmp_path / "out"))
    assert [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.pdf")] == [
        "pdf/claims/C99.pdf"
    ]

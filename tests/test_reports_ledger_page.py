"""The ledger page as a file: complete without scripts, safe, and beside it the same for programs."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.claims.records import StatementResult, statement_results, verdicts_document
from kratom_evidence.claims.records_schema import VERDICTS_SCHEMA
from kratom_evidence.cli import main
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import ExplainedError
from kratom_evidence.reports.found_pages import FoundPage
from kratom_evidence.reports.index import index_html
from kratom_evidence.reports.ledger_page import COLUMNS, json_text, ledger_html, write_ledger
from kratom_evidence.reports.listing import listing_script
from kratom_evidence.reports.page import Provenance
from tests.made_notebooks import code, written

PROVENANCE = Provenance(
    data_version="2026.11.0", data_fingerprint="0123456789ab", package_version="1.2.3", command="kratom-evidence report"
)
HOSTILE = "<script>alert(1)</script>\"' onfocus=x data-sort=&"
CONTROLS = ["button", "select", "input", "form", "textarea"]


@pytest.fixture(scope="module")
def results(dataset: Dataset, project_root: Path) -> tuple[StatementResult, ...]:
    return statement_results(dataset, judge_all(dataset, read_claims(project_root / "data")))


@pytest.fixture(scope="module")
def page(results: tuple[StatementResult, ...]) -> BeautifulSoup:
    """The ledger page when only two statements have a page, one of them with other definitions only."""
    pages = {
        "C01": (FoundPage(address="claims/C01.html", variant=""),),
        "C02": (FoundPage(address="claims/C02--timing=unclear.html", variant="timing=unclear"),),
    }
    return BeautifulSoup(ledger_html(results, pages, PROVENANCE), features="html.parser")


def policy(page: BeautifulSoup) -> str:
    (tag,) = page.select("meta[http-equiv=Content-Security-Policy]")
    return str(tag["content"])


def rows(page: BeautifulSoup) -> list[Tag]:
    return list(page.select("table.ledger tbody tr"))


# --- the page


def test_the_table_holds_everything_about_every_statement(
    page: BeautifulSoup, results: tuple[StatementResult, ...]
) -> None:
    assert [heading.get_text() for heading in page.select("table.ledger thead th")] == [
        column.heading for column in COLUMNS
    ]
    for row, result in zip(rows(page), results, strict=True):
        cells = {str(cell["data-label"]): cell.get_text() for cell in row.find_all(["th", "td"])}
        judgement = result.judgement
        assert (cells["Id"], cells["Statement"]) == (judgement.claim.id, judgement.claim.statement)
        assert judgement.verdict.label in cells["Verdict"]
        assert cells["Deciding numbers"] == judgement.summary
        assert (cells["Fragility"], cells["Influence"]) == (result.fragility.sentence, result.influence.sentence)
        if result.world is None:
            assert cells["Robustness"] == cells["Decided by"] == "not tested"
        elif judgement.claim.kind == "context_studies":
            assert cells["Robustness"] == "does not depend on how the cases are defined"
        else:
            total = len(result.world.specifications)
            assert cells["Robustness"].startswith(f"{result.world.holding} of {total} combinations")


def test_a_statement_links_to_its_page_where_there_is_one(page: BeautifulSoup) -> None:
    assert [(link.get_text(), link["href"]) for link in page.select("table.ledger a")] == [("C01", "C01.html")]


def test_without_scripts_there_is_no_dead_control(page: BeautifulSoup) -> None:
    assert page.find_all(CONTROLS) == []
    assert page.select("[aria-sort], [role=status]") == []


def test_only_the_scripts_whose_hashes_the_policy_names_may_run(page: BeautifulSoup) -> None:
    scripts = page.find_all("script")
    assert listing_script() in [str(script.string) for script in scripts]
    digests = [base64.b64encode(hashlib.sha256(str(script.string).encode()).digest()).decode() for script in scripts]
    assert all(script.attrs == {} for script in scripts)
    (sources,) = re.findall(r"script-src ([^;]*)", policy(page))
    assert sources.split() == [f"'sha256-{digest}'" for digest in digests]
    assert "default-src 'none'" in policy(page)


def test_the_script_asks_for_nothing_and_keeps_nothing() -> None:
    assert not re.search(r"fetch|XMLHttp|import|https?:|Storage|cookie|HTML|eval|Function\(", listing_script())


def test_hostile_words_stay_words(results: tuple[StatementResult, ...]) -> None:
    judgement = results[0].judgement
    hostile = replace(judgement, claim=replace(judgement.claim, statement=HOSTILE), summary=HOSTILE)
    page = BeautifulSoup(ledger_html([replace(results[0], judgement=hostile)], {}, PROVENANCE), features="html.parser")
    (row,) = rows(page)
    cells = {str(cell["data-label"]): cell for cell in row.find_all(["th", "td"])}
    assert cells["Statement"].get_text() == cells["Deciding numbers"].get_text() == HOSTILE
    assert set(cells["Statement"].attrs) == {"role", "data-label"}
    assert not [script for script in page.find_all("script") if "alert" in str(script.string)]


def test_the_index_leads_to_the_ledger_where_there_is_one(
    dataset: Dataset, results: tuple[StatementResult, ...]
) -> None:
    judgements = [result.judgement for result in results]
    with_ledger = {"index": (FoundPage(address="claims/index.html", variant=""),)}
    link = '<a href="claims/index.html">the ledger of statements</a>'
    assert link in index_html(dataset, judgements, with_ledger, PROVENANCE)
    assert link not in index_html(dataset, judgements, {}, PROVENANCE)


# --- the files


def test_page_verdicts_and_schema_are_written_whole(
    dataset: Dataset, results: tuple[StatementResult, ...], tmp_path: Path
) -> None:
    write_ledger(tmp_path, dataset, results, {}, PROVENANCE)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["claims/index.html", "verdicts.json", "verdicts.schema.json"]
    verdicts = json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))
    assert verdicts == verdicts_document(dataset, results, package_version="1.2.3")
    assert (tmp_path / verdicts["$schema"]).is_file()
    assert json.loads((tmp_path / "verdicts.schema.json").read_text(encoding="utf-8")) == VERDICTS_SCHEMA


def test_a_folder_that_cannot_be_written_is_explained(
    dataset: Dataset, results: tuple[StatementResult, ...], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(ExplainedError, match="cannot be written"):
        write_ledger(tmp_path / "taken", dataset, results, {}, PROVENANCE)


AFRESH = """
import sys
from pathlib import Path
from kratom_evidence.claims import judge_all, read_claims
from kratom_evidence.claims.records import statement_results
from kratom_evidence.dataset import load
from kratom_evidence.reports.ledger_page import write_ledger
from kratom_evidence.reports.page import Provenance
data, out = map(Path, sys.argv[1:])
dataset = load(data)
results = statement_results(dataset, judge_all(dataset, read_claims(data)))
provenance = Provenance(
    data_version="2026.11.0", data_fingerprint="0123456789ab", package_version="1.2.3", command="kratom-evidence report"
)
write_ledger(out, dataset, results, {}, provenance)
"""


@pytest.mark.slow
def test_the_same_data_give_the_same_bytes_in_another_process(
    dataset: Dataset, results: tuple[StatementResult, ...], project_root: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    write_ledger(here, dataset, results, {}, PROVENANCE)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", AFRESH, str(project_root / "data"), str(there)]
    subprocess.run(command, env=environment, check=True)
    for path in here.rglob("*.*"):
        assert (there / path.relative_to(here)).read_bytes() == path.read_bytes(), path.name


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"share": float("nan")})


@pytest.mark.slow
@pytest.mark.notebook
def test_the_report_command_writes_the_ledger_with_the_pages_of_statements(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = data_copy.parent
    shown = "from kratom_evidence.presentation import show_heading\nshow_heading(claim_id, level=1)"
    written(root / "notebooks" / "reports" / "claim.ipynb", code('claim_id = "C01"', tags=("parameters",)), code(shown))
    monkeypatch.chdir(root)
    assert main(["report", "--claim", "C05", "--jobs", "1"]) == 0
    reports = root / "reports"
    ledger = BeautifulSoup((reports / "claims" / "index.html").read_text(encoding="utf-8"), features="html.parser")
    assert [link["href"] for link in ledger.select("table.ledger a")] == ["C05.html"]
    assert 'href="claims/index.html"' in (reports / "index.html").read_text(encoding="utf-8")
    assert (reports / "verdicts.json").is_file() and (reports / "verdicts.schema.json").is_file()

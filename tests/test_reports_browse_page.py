"""The browse page as a file: every cell as in the data, the three states apart, complete without scripts, safe."""

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup

from kratom_evidence.appraisal import criteria_table
from kratom_evidence.codebook import CoExposure
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import ExplainedError
from kratom_evidence.reports.browse_page import BROWSE_PAGE, browse_html, write_browse
from kratom_evidence.reports.found_pages import FoundPage
from kratom_evidence.reports.listing import Listing, ListingCell, ListingColumn, ListingFilter, ListingRow
from kratom_evidence.reports.page import Provenance
from tests.made_up import dataset_of

PROVENANCE = Provenance(
    data_version="2026.11.0", data_fingerprint="0123456789ab", package_version="1.2.3", command="kratom-evidence report"
)
HOSTILE = "</table><script>alert(1)</script>\"' onfocus=x &amp; \\u0027"
CASE_PAGE = {"brooks2023": (FoundPage(address="cases/brooks2023.html", variant=""),)}
DRUG_PAGE = {"venlafaxine": (FoundPage(address="substances/venlafaxine.html", variant=""),)}
# What a case may say of other substances: "name [evidence, timing: detail]".
NAMED = re.compile(r"(?:^|; )([^\[\]]+?) \[")


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, features="html.parser")


@pytest.fixture(scope="module")
def page(dataset: Dataset) -> BeautifulSoup:
    """The page when one case and one substance have pages."""
    return parsed(browse_html(dataset, {"cases": CASE_PAGE, "substances": DRUG_PAGE}, PROVENANCE))


@pytest.fixture(scope="module")
def records(project_root: Path) -> list[dict[str, str]]:
    """The rows of the file, as text."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def sources(project_root: Path) -> dict[str, Any]:
    entries = json.loads((project_root / "data" / "sources.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in entries}


def table(page: BeautifulSoup) -> Tag:
    (found,) = page.select("table.listing")
    return found


def cells(page: BeautifulSoup) -> dict[str, dict[str, Tag]]:
    """Case -> heading -> cell, in the order of the page."""
    rows = [{str(cell["data-label"]): cell for cell in row.find_all(["th", "td"])} for row in page.select("tbody tr")]
    return {row["Case"].get_text(): row for row in rows if "Case" in row}


def values(page: BeautifulSoup) -> dict[str, dict[str, list[str]]]:
    """Case -> filter -> the values that it is found under, as the script reads them."""
    filters = json.loads(str(table(page)["data-filters"]))
    found = {}
    for case_id, row in cells(page).items():
        parent = row["Case"].parent
        assert parent is not None
        places = json.loads(str(parent["data-values"]))
        found[case_id] = {
            offered["name"]: [offered["options"][place] for place in chosen]
            for offered, chosen in zip(filters, places, strict=True)
        }
    return found


# --- what is in the cells


def test_every_case_of_the_file_is_a_row_in_its_order(page: BeautifulSoup, records: list[dict[str, str]]) -> None:
    assert list(cells(page)) == sorted(record["case_id"] for record in records)


def test_plain_columns_are_those_of_the_file(
    page: BeautifulSoup, records: list[dict[str, str]], sources: dict[str, Any], project_root: Path
) -> None:
    with (project_root / "data" / "vocabulary" / "events.csv").open(encoding="utf-8", newline="") as stream:
        events = {row["primary_event"]: row["label"] for row in csv.DictReader(stream)}
    shown = cells(page)
    for record in records:
        row = {heading: cell.get_text() for heading, cell in shown[record["case_id"]].items()}
        source = sources[record["citekey"]]
        year = source.get("issued", {}).get("date-parts", [[None]])[0][0]
        assert row["Year"] == (str(year) if year else "not stated")
        assert row["Age in years"] == (record["age_years"] or record["age_text"] or "not stated")
        assert row["Sex"] == (record["sex"] or "not stated")
        assert row["Event"] == events[record["primary_event"]]
        assert row["Serotonin syndrome (authors)"] == record["ss_assessment"].replace("_", " ")
        assert row["What was read"] == record["source_access"].replace("_", " ")
        assert row["Type of source"] == source["genre"].replace("_", " ")


def test_not_stated_none_and_named_substances_stay_apart(page: BeautifulSoup, records: list[dict[str, str]]) -> None:
    shown, found = cells(page), values(page)
    states = set()
    for record in records:
        cell, taken = shown[record["case_id"]]["Taken besides kratom"], found[record["case_id"]]["taken"]
        classes = found[record["case_id"]]["class"]
        match record["co_exposures"]:
            case "":
                assert cell.get_text() == "not stated" and taken == classes == ["not stated"]
                assert cell["data-sort"] == ""
            case "none":
                assert cell.get_text() == "none" and taken == classes == ["none"]
                assert cell["data-sort"] != ""
            case text:
                names = NAMED.findall(text)
                assert set(taken) == set(names) and len(taken) == len(set(names))
                assert all(name in cell.get_text() for name in names)
                assert not {"none", "not stated"} & {*taken, *classes}
        states.add(cell.get_text() if cell.get_text() in {"none", "not stated"} else "named")
    assert states == {"none", "not stated", "named"}


def test_when_a_substance_was_taken_is_said_unless_it_was_at_the_time(dataset: Dataset) -> None:
    made = {
        "substance": "venlafaxine",
        "evidence": "prescribed",
    }
    entries = (
        CoExposure(**made, timing="concurrent", dose_text="75 mg"),
        CoExposure(**{**made, "substance": "ethanol"}, timing="past", dose_text="stopped a year before"),
        CoExposure(**{**made, "substance": "tramadol"}, timing="past", dose_text="stopped two days before"),
    )
    page = parsed(
        browse_html(dataset_of(dataset, made={"co_exposures": entries}), {"cases": {}, "substances": {}}, PROVENANCE)
    )
    words = cells(page)["made"]["Taken besides kratom"].get_text()
    assert words == "venlafaxine; ethanol (past); tramadol (recently stopped)"


def test_criteria_are_those_of_the_appraisal(page: BeautifulSoup, dataset: Dataset) -> None:
    judged = criteria_table(dataset)
    shown, found = cells(page), values(page)
    for case_id, row in judged.iterrows():
        for system in ("hunter", "sternbach", "radomski"):
            status = row[f"{system}_strict"].replace("_", " ")
            lenient = row.get(f"{system}_lenient", row[f"{system}_strict"]).replace("_", " ")
            words = status if lenient == status else f"{status} (lenient: {lenient})"
            assert shown[str(case_id)][system.capitalize()].get_text() == words
            assert found[str(case_id)][system] == [status]


def test_both_labels_of_the_authors_are_found_together_and_apart(
    page: BeautifulSoup, records: list[dict[str, str]]
) -> None:
    found = values(page)
    for record in records:
        label = record["ss_assessment"].replace("_", " ")
        together = ["diagnosed or suspected"] if label in {"diagnosed", "suspected"} else []
        assert found[record["case_id"]]["ss"] == [label, *together]


# --- links


def test_links_lead_to_the_pages_that_are_there_and_to_the_publications(
    page: BeautifulSoup, records: list[dict[str, str]], sources: dict[str, Any]
) -> None:
    shown = cells(page)
    sheets = {case_id: row["Case"].select("a") for case_id, row in shown.items()}
    assert [case_id for case_id, links in sheets.items() if links] == ["brooks2023"]
    assert sheets["brooks2023"][0]["href"] == "cases/brooks2023.html"
    drugs = {link["href"] for row in shown.values() for link in row["Taken besides kratom"].select("a")}
    assert drugs == {"substances/venlafaxine.html"}
    with_doi = [record for record in records if "DOI" in sources[record["citekey"]]]
    assert with_doi
    for record in with_doi:
        (link,) = shown[record["case_id"]]["Publication"].select("a")
        assert link["href"] == f"https://doi.org/{sources[record['citekey']]['DOI']}"


def test_pages_that_lie_in_the_folder_are_linked(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "afzal2020.html").write_text("", encoding="utf-8")
    path = write_browse(tmp_path, dataset, PROVENANCE)
    assert path == tmp_path / BROWSE_PAGE
    html = path.read_text(encoding="utf-8")
    assert re.findall(r'href="(cases/[^"]*)"', html) == ["cases/afzal2020.html"]
    assert "cases/" not in write_browse(tmp_path, dataset, PROVENANCE, addresses=()).read_text(encoding="utf-8")


# --- safety and form


def test_without_scripts_there_is_no_dead_control(page: BeautifulSoup) -> None:
    main = page.select("main")[0]
    assert main.find_all(["button", "select", "input", "form", "textarea"]) == []
    assert page.select("[aria-sort], [role=status]") == []


def test_hostile_words_stay_words(dataset: Dataset) -> None:
    made = dataset_of(dataset, made={"age_text": HOSTILE, "co_exposures": None})
    sources = made.sources.assign(short_reference=HOSTILE, link="javascript:alert(1)", genre=HOSTILE)
    events = made.event_terms.assign(label=HOSTILE)
    hostile = replace(made, sources=sources, event_terms=events)
    page = parsed(browse_html(hostile, {"cases": {}, "substances": {}}, PROVENANCE))
    row = cells(page)["made"]
    for heading in ("Age in years", "Publication", "Event"):
        assert row[heading].get_text() == HOSTILE
        assert set(row[heading].attrs) <= {"role", "data-label", "data-sort"}
        assert row[heading].find_all(True) == []
    assert values(page)["made"]["event"] == [HOSTILE]
    assert not [script for script in page.find_all("script") if "alert" in str(script.string)]
    assert set(table(page).attrs) == {"class", "role", "data-noun", "data-filters"}


def test_the_page_is_no_larger_than_it_should_be(dataset: Dataset) -> None:
    assert len(browse_html(dataset, {"cases": {}, "substances": {}}, PROVENANCE).encode()) <= 250_000


def test_a_folder_that_cannot_be_written_is_explained(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(ExplainedError, match="cannot be written"):
        write_browse(tmp_path / "taken", dataset, PROVENANCE)


AFRESH = """
import sys
from pathlib import Path
from kratom_evidence.dataset import load
from kratom_evidence.reports.browse_page import write_browse
from kratom_evidence.reports.page import Provenance
data, out = map(Path, sys.argv[1:])
provenance = Provenance(
    data_version="2026.11.0", data_fingerprint="0123456789ab", package_version="1.2.3", command="kratom-evidence report"
)
write_browse(out, load(data), provenance)
"""


@pytest.mark.slow
def test_the_same_data_give_the_same_bytes_in_another_process(
    dataset: Dataset, project_root: Path, tmp_path: Path
) -> None:
    here = write_browse(tmp_path / "here", dataset, PROVENANCE)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", AFRESH, str(project_root / "data"), str(tmp_path / "there")]
    subprocess.run(command, env=environment, check=True)
    assert (tmp_path / "there" / BROWSE_PAGE).read_bytes() == here.read_bytes()


# --- the listing itself


def listing(row: ListingRow) -> Listing:
    return Listing(
        noun="cases",
        caption="Cases",
        css_class="browse",
        columns=(ListingColumn(name="case", heading="Case"),),
        filters=(ListingFilter(name="sex", label="Sex", options=("male", "female")),),
        rows=[row],
    )


def cell(words: str) -> ListingCell:
    return ListingCell(html=Markup.escape(words))


def test_a_value_that_no_filter_offers_is_refused() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        listing(ListingRow(cells=(cell("one"),), values={"sex": ("unknown",)})).html()


def test_a_row_with_another_number_of_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        listing(ListingRow(cells=(cell("one"), cell("two")), values={"sex": ("male",)})).html()

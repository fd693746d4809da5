"""The page about screening, and what a case sheet says about retractions."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from kratom_evidence.dataset import Dataset
from kratom_evidence.presentation import Link
from kratom_evidence.reports.case_notices import notices_in_words
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.screening_page import SCREENING_PAGE, screening_html, write_screening
from kratom_evidence.screening.prisma import flow_frame, prisma_flow

PROVENANCE = Provenance(data_version="1", data_fingerprint="f", package_version="1", command="kratom-evidence report")


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def page(dataset: Dataset, project_root: Path) -> str:
    return screening_html(dataset, project_root / "data", PROVENANCE)


def test_page_has_one_title_a_described_drawing_and_the_counts_of_the_flow(page: str, dataset: Dataset) -> None:
    tags = Tags(page).found
    assert [tag for tag, _ in tags].count("h1") == 1
    (drawing,) = [attributes for tag, attributes in tags if tag == "img"]
    assert drawing["alt"]
    for number in flow_frame(prisma_flow(dataset))["records"]:
        assert f">{number}<" in page


def test_page_counts_what_the_tables_hold(page: str, dataset: Dataset) -> None:
    """The excluded records, the patients and the publications, counted from the files of the data."""
    cells = {text for text in page.replace("<", ">").split(">") if text.strip().isdigit()}
    assert {str(len(dataset.excluded)), str(len(dataset.cases)), str(len(dataset.sources))} <= cells


def test_page_is_written_where_the_navigation_leads(dataset: Dataset, project_root: Path, tmp_path: Path) -> None:
    path = write_screening(tmp_path, dataset, project_root / "data", PROVENANCE)
    assert path == tmp_path / SCREENING_PAGE
    links = [attributes["href"] for tag, attributes in Tags(path.read_text(encoding="utf-8")).found if tag == "a"]
    assert links.count(SCREENING_PAGE) == 1


def noticed(dataset: Dataset, **row: str | None) -> Dataset:
    """The data with one row about a publication among the notices."""
    full = {"citekey": "x2020", "source": "crossref", "kind": "retraction", "direction": "about_it"}
    full |= {"notice_doi": None, "notice_pmid": None, "notice_date": None, "checked_on": "2026-11-20"}  # type: ignore[dict-item]
    return replace(dataset, notices=pd.DataFrame([{**full, **row}], dtype=object))


class TestNotices:
    def test_a_publication_that_nobody_asked_about_is_not_one_without_a_notice(self, dataset: Dataset) -> None:
        assert notices_in_words(noticed(dataset), "other2021") == ["Retractions and corrections: not checked."]

    def test_who_knows_of_none_is_named_with_the_day(self, dataset: Dataset) -> None:
        made = noticed(dataset, kind="none_found", direction="not_applicable")
        assert notices_in_words(made, "x2020") == ["Retractions and corrections: none known to Crossref on 2026-11-20."]

    def test_a_retraction_is_told_with_its_address(self, dataset: Dataset) -> None:
        made = noticed(dataset, notice_doi="10.1000/r1", notice_date="2026-07")
        ((text, link, end),) = notices_in_words(made, "x2020")
        assert text == "Retracted. Notice, 2026-07, says Crossref on 2026-11-20: "
        assert link == Link(text="doi.org/10.1000/r1", href="https://doi.org/10.1000/r1")
        assert end == "."

    def test_a_publication_that_is_itself_a_notice_is_not_called_retracted(self, dataset: Dataset) -> None:
        made = noticed(dataset, direction="issued_by_it", kind="correction", source="pubmed")
        assert notices_in_words(made, "x2020") == [
            ["Corrected. This publication is itself such a notice, says PubMed on 2026-11-20."]
        ]

"""The report of a statement: complete for every statement, under every definition, with what it promises."""

from pathlib import Path

import pytest

from kratom_evidence.claims import read_claims
from kratom_evidence.claims.tables import counts_table
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.definitions import OPTIONS, Definitions
from kratom_evidence.faults import UsageError
from kratom_evidence.presentation import ReportTable, ReportText
from kratom_evidence.reports.claim_page import ClaimPage, claim_page
from tests.drawings import box_widths

CLAIM_IDS = [claim.id for claim in read_claims(Path(__file__).resolve().parents[1] / "data")]


def texts(page: ClaimPage) -> str:
    """Everything that the page shows, as plain text."""
    parts: list[ReportText | ReportTable | None] = [
        page.heading(), page.banner(), page.why(), page.tests(), page.counts_table(), page.studies(), page.cases(),
        page.rules(), page.revisions(), page.definitions(), page.limits(), page.would_change(),
    ]  # fmt: skip
    return "\n".join(part._repr_mimebundle_()["text/plain"] for part in parts if part is not None)


@pytest.mark.parametrize("claim_id", CLAIM_IDS)
def test_every_page_is_complete_and_shows_cases_and_counts(dataset: Dataset, claim_id: str) -> None:
    page = claim_page(claim_id, dataset=dataset)
    assert page.check().startswith("Complete")
    assert len(page.case_ids) >= 1 and len(page.counts) >= 1
    shown = texts(page)
    assert page.claim.statement in shown and page.judgement.verdict.label in shown
    for case_id in page.case_ids:
        assert case_id in shown


def test_a_rule_that_was_changed_after_its_results_says_so(dataset: Dataset) -> None:
    for claim_id in CLAIM_IDS:
        page = claim_page(claim_id, dataset=dataset)
        shown = texts(page)
        assert ("after the first results had been seen" in shown) == bool(page.claim.revised)
        assert ("No change of this rule" in shown) == bool(page.claim.tests and not page.claim.revised)
    assert "The verdict before it was “Supported, with limits”." in texts(claim_page("C17", dataset=dataset))


@pytest.mark.parametrize("claim_id", ["C19", "C20"])
def test_the_three_published_cases_appear_with_their_co_exposures(dataset: Dataset, claim_id: str) -> None:
    shown = texts(claim_page(claim_id, dataset=dataset))
    for case_id, drugs in {
        "brooks2023": ["bupropion", "buspirone", "desvenlafaxine", "trazodone", "ziprasidone"],
        "brogdon2022": ["venlafaxine", "quetiapine"],
        "anonchest2020": ["phenethylamine", "amitriptyline"],
    }.items():
        line = next(line for line in shown.splitlines() if line.startswith(case_id))
        assert all(drug in line for drug in drugs)


def test_counts_add_up_to_the_cases_that_were_let_in(dataset: Dataset) -> None:
    for option in OPTIONS["source_access"]:
        page = claim_page("C19", Definitions(source_access=option), dataset)
        counts = counts_table(page.judgement)
        assert (counts["yes"] + counts["no"] + counts["not_stated"] == len(page.evidence.cases)).all()


def test_drawn_bars_are_as_long_as_the_counts(dataset: Dataset) -> None:
    from kratom_evidence.claims.figures import counts_figure

    counts = claim_page("C11", dataset=dataset).counts
    figure = counts_figure(counts)
    for name, style in (("yes", "present"), ("no", "absent"), ("not_stated", "not_stated")):
        assert box_widths(figure, "counts", style, rows=len(counts)) == counts[name].tolist()


def test_an_unknown_statement_is_refused_with_the_nearest(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="C13"):
        claim_page("C133", dataset=dataset)


def test_every_symptom_of_the_article_is_counted_among_the_labelled_cases(dataset: Dataset) -> None:
    """Against the CSV's own lists: 1 symptom, 1 row; present + absent + not stated are the labelled cases."""
    table = claim_page("C08", dataset=dataset).signs()
    assert table is not None
    labelled = dataset.cases[dataset.cases["ss_assessment"].isin(["diagnosed", "suspected"])]
    assert len(table.frame) == 11
    sweating = table.frame.set_index("sign").loc["sweating"]
    present = [case for case, items in labelled["findings_present"].items() if "diaphoresis" in (items or ())]
    absent = [case for case, items in labelled["findings_absent"].items() if "diaphoresis" in (items or ())]
    assert list(sweating["present_ids"]) == present and sweating["absent"] == len(absent)
    assert sweating["not_stated"] == len(labelled) - len(present) - len(absent)
    assert "werneke2016" in " ".join(sweating["published"])
    assert claim_page("C13", dataset=dataset).signs() is None


@pytest.mark.parametrize(
    ("claim_id", "level"), [("C13", "very low"), ("C14", "very low"), ("C02", "low"), ("C06", "very low")]
)
def test_the_certainty_is_that_of_the_deciding_evidence(dataset: Dataset, claim_id: str, level: str) -> None:
    shown = claim_page(claim_id, dataset=dataset).why()._repr_mimebundle_()["text/plain"]
    assert f"Certainty of this evidence: {level}." in shown


def test_a_statement_that_is_not_testable_has_no_grade(dataset: Dataset) -> None:
    assert "Certainty" not in claim_page("C03", dataset=dataset).why()._repr_mimebundle_()["text/plain"]

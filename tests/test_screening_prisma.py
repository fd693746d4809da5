"""Spec: every number of the PRISMA flow is a count of rows, and what is not known is not a zero."""

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kratom_evidence.curation import validate
from kratom_evidence.dataset import Dataset, load
from kratom_evidence.faults import ExplainedError
from kratom_evidence.presentation import ReportTable
from kratom_evidence.screening import pages, prisma
from kratom_evidence.screening.flow import Box
from kratom_evidence.screening.prisma_figure import box_text, prisma_figure
from tests.editing import Csv

LOG = [
    ("2026-11-01T08:00:00Z", "crossref", "0" * 12, "", "20", "12", "0", "8"),
    ("2026-11-01T08:00:00Z", "pubmed", "0" * 12, "", "15", "9", "5", "1"),
    ("2026-11-20T08:00:00Z", "pubmed", "0" * 12, "2026-11-01", "3", "2", "0", "1"),
]
DECISIONS = [
    ("a2026", "exclude", "survey"),
    ("b2026", "exclude", "survey"),
    ("c2026", "exclude", "animal work"),
    ("d2026", "exclude", ""),
    ("e2026", "unread", ""),
    ("f2026", "include", ""),
    ("g2026", "include", ""),
    ("h2026", "", ""),
    ("i2026", "", ""),
    ("j2026", "", ""),
]


@pytest.fixture
def screened(data_copy: Path) -> Path:
    """Data after two runs, in which most records have been decided on."""
    log = Csv(data_copy / "screening" / "search_log.csv")
    log.rows = [list(row) for row in LOG]
    log.save()
    table = Csv(data_copy / "screening" / "candidates.csv")
    for key, decision, reason in DECISIONS:
        cells = dict.fromkeys(table.header, "") | {
            "candidate_id": key,
            "title": f"A made-up title for the record {key}",
            "services": "pubmed",
            "score": "1",
            "found_on": "2026-11-01",
            "decision": decision,
            "decision_reason": reason,
        }
        table.rows.append([cells[name] for name in table.header])
    table.save()
    return data_copy


def row_count(project_root: Path, name: str) -> int:
    with (project_root / "data" / "screening" / name).open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.DictReader(stream))


def test_the_committed_data_say_what_was_not_recorded(dataset: Dataset, project_root: Path) -> None:
    flow = prisma.prisma_flow(dataset)
    assert flow.box("original_identified").number == flow.box("original_removed").number == "not recorded"
    assert flow.box("original_excluded").count == row_count(project_root, "excluded.csv")
    assert flow.box("original_unread").count == row_count(project_root, "unread.csv")
    publications = json.loads((project_root / "data" / "sources.json").read_text(encoding="utf-8"))
    assert flow.box("total_included").count == len(publications)
    assert flow.remarks == ()


def test_a_search_that_was_never_run_found_not_zero_but_nothing_known(dataset: Dataset) -> None:
    assert dataset.search_log.empty, "the saved search has been run: count from the log instead"
    flow = prisma.prisma_flow(dataset)
    boxes = [box for box in flow.boxes if box.part == "saved search"]
    assert {box.number for box in boxes} == {"search not run yet"}
    assert "has not been run yet" in prisma.flow_words(flow).plain


def test_each_number_is_a_count(screened: Path) -> None:
    flow = prisma.prisma_flow(load(screened))
    decided = Counter(decision for _, decision, _ in DECISIONS)
    assert flow.box("search_identified").count == sum(int(row[4]) for row in LOG)
    assert dict(flow.box("search_identified").details) == {"Crossref": 20, "PubMed": 18}
    assert flow.box("search_removed").count == sum(int(row[5]) + int(row[6]) for row in LOG)
    assert flow.box("search_candidates").count == len(DECISIONS)
    assert dict(flow.box("search_candidates").details) == {
        "screened": len(DECISIONS) - decided[""],
        "waiting": decided[""],
    }
    assert flow.box("search_excluded").count == decided["exclude"]
    assert flow.box("search_excluded").details == (("survey", 2), ("animal work", 1), ("no reason recorded", 1))
    assert flow.box("search_unread").count == decided["unread"]
    assert flow.box("search_included").count == decided["include"]


def test_the_boxes_add_up(screened: Path) -> None:
    flow = prisma.prisma_flow(load(screened))
    count = {box.name: box.count or 0 for box in flow.boxes}
    assert count["search_identified"] - count["search_removed"] == count["search_candidates"]
    left = count["search_excluded"] + count["search_unread"] + count["search_included"]
    assert left + dict(flow.box("search_candidates").details)["waiting"] == count["search_candidates"]
    assert (
        count["original_excluded"] + count["original_unread"] + count["original_included"] == count["original_screened"]
    )
    assert sum(number for name, number in flow.box("total_included").details[:2]) == count["total_included"]


def test_boxes_that_do_not_add_up_fail_the_notebook(screened: Path) -> None:
    flow = prisma.prisma_flow(load(screened))
    assert "add up" in prisma.check(flow)
    wrong = [replace(box, count=99) if box.name == "search_excluded" else box for box in flow.boxes]
    with pytest.raises(ExplainedError, match=r"Records to screen \(saved search\) are 10, but 105"):
        prisma.check(replace(flow, boxes=tuple(wrong)))


def test_what_does_not_agree_is_said(screened: Path) -> None:
    remarks = " ".join(prisma.prisma_flow(load(screened)).remarks)
    assert "2 candidates are to be included; 0 publications of the data stem from the saved search" in remarks
    assert "1 candidates were excluded without a reason" in remarks
    log = Csv(screened / "screening" / "search_log.csv")
    log.set(2, "new", "7")
    log.save()
    assert "counts 9 new records, candidates.csv has 10" in " ".join(prisma.prisma_flow(load(screened)).remarks)


def test_a_candidate_that_became_a_publication_moves_to_its_side(screened: Path) -> None:
    """A publication of the data that the saved search found is not counted in the original collection."""
    before = prisma.prisma_flow(load(screened))
    table = Csv(screened / "screening" / "candidates.csv")
    table.set(7, "doi", "10.1136/BCR-2019-229778")
    table.save()
    after = prisma.prisma_flow(load(screened))
    assert (before.box("original_included").count or 0) - (after.box("original_included").count or 0) == 1
    assert after.box("total_included").count == before.box("total_included").count
    assert dict(after.box("total_included").details)["saved search"] == 1


def test_figure_table_and_alternative_text_have_every_number(screened: Path) -> None:
    flow = prisma.prisma_flow(load(screened))
    figure = prisma_figure(flow)
    assert figure.data is not None
    shown = prisma.flow_table(flow).plain()
    for box in flow.boxes:
        assert f"{box.heading.lower()} {box.number}" in figure.alt
        assert box.heading in shown and box.number in box_text(box)
    assert figure.data.frame.equals(prisma.flow_frame(flow))
    assert figure.svg.startswith("<svg")


def test_a_box_with_many_reasons_says_that_there_are_more() -> None:
    details = tuple((f"reason {number}", 1) for number in range(9))
    box = Box(
        name="search_excluded", part="saved search", stage="screening", heading="Excluded", count=9, details=details
    )
    assert "and 5 more" in box_text(box)


def test_pages_say_when_nobody_was_asked(dataset: Dataset, screened: Path, project_root: Path) -> None:
    assert "has been checked" in repr(pages.notices(dataset))
    assert "kratom" in pages.strategies(project_root / "data").plain()
    assert pages.waiting(load(screened), 2).row_count == 2
    assert pages.searches(load(screened)).row_count == len(LOG)
    table = Csv(screened / "screening" / "notices.csv")
    cells = dict.fromkeys(table.header, "") | {
        "citekey": "abdullah2019", "source": "pubmed", "kind": "retraction", "direction": "about_it",
        "notice_pmid": "1", "checked_on": "2026-11-20",
    }  # fmt: skip
    table.rows = [[cells[name] for name in table.header]]
    table.save()
    shown = pages.notices(load(screened))
    assert isinstance(shown, ReportTable)
    assert "Retracted" in shown.plain() and "the 1 of" in shown.caption


class TestCountedHonestly:
    """Candidates that no search of the log found, and a key given by hand, are counted as what they are."""

    def test_candidates_without_any_search_in_the_log_are_not_out_of_zero(self, screened: Path) -> None:
        log = Csv(screened / "screening" / "search_log.csv")
        log.rows = []
        log.save()
        flow = prisma.prisma_flow(load(screened))
        assert flow.box("search_identified").number == flow.box("search_removed").number == "no search in the log"
        assert dict(flow.box("search_candidates").details)["not from a search in the log"] == len(DECISIONS)
        assert "nobody can tell how many" in prisma.flow_words(flow).plain
        assert "add up" in prisma.check(flow)
        assert {fault.code for fault in validate(screened).faults} == {"X225"}

    def test_more_candidates_than_the_log_counts_are_shown_as_such(self, screened: Path) -> None:
        log = Csv(screened / "screening" / "search_log.csv")
        log.rows.pop(0)
        log.save()
        flow = prisma.prisma_flow(load(screened))
        assert dict(flow.box("search_candidates").details)["not from a search in the log"] == 8
        assert "add up" in prisma.check(flow)

    def test_a_candidate_that_was_removed_is_missed(self, screened: Path) -> None:
        table = Csv(screened / "screening" / "candidates.csv")
        table.rows.pop()
        table.save()
        flow = prisma.prisma_flow(load(screened))
        assert dict(flow.box("search_candidates").details)["in the log, but no row here"] == 1
        assert "add up" in prisma.check(flow)
        assert {fault.code for fault in validate(screened).faults} == {"X225"}

    def test_the_key_alone_credits_no_publication_to_the_search(self, screened: Path) -> None:
        before = prisma.prisma_flow(load(screened))
        table = Csv(screened / "screening" / "candidates.csv")
        table.set(11, "candidate_id", "abdullah2019")
        table.save()
        after = prisma.prisma_flow(load(screened))
        assert after.box("original_included").count == before.box("original_included").count
        assert dict(after.box("total_included").details)["saved search"] == 0
        named = [(fault.file, fault.row) for fault in validate(screened).faults if fault.code == "X226"]
        assert named == [("screening/candidates.csv", 11)]

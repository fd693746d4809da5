"""All judgements together: what notebook 5 shows."""

from collections.abc import Sequence

import pandas as pd

from kratom_evidence.claims import Claim, EvidenceKind, Judgement, Verdict, judge_all
from kratom_evidence.claims.figures import verdict_counts, verdicts_figure
from kratom_evidence.claims.records import statement_results
from kratom_evidence.claims.tables import case_table, ledger_table
from kratom_evidence.claims.what_if_figures import robustness_in_words
from kratom_evidence.claims.wording import listed
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.definitions import TITLES, Definitions
from kratom_evidence.faults import ExplainedError
from kratom_evidence.presentation import (
    Link,
    ReportFigure,
    ReportTable,
    ReportText,
    VerdictBadge,
    show_figure,
    show_list,
    show_table,
)
from kratom_evidence.reports.claim_page import CASE_HEADINGS, linked

# From notebooks/ to the rendered reports.
REPORTS_FROM_NOTEBOOKS = "../reports/claims"


def definitions(chosen: Definitions) -> ReportText:
    """The definitions in words."""
    return show_list(*(f"{TITLES[name]}: {words}." for name, words in chosen.in_words().items()))


def table(judgements: Sequence[Judgement]) -> ReportTable:
    """All statements with verdict, deciding numbers and a link to each report."""
    frame = ledger_table(judgements).reset_index()
    frame["claim"] = pd.Series(
        [Link(text=claim, href=f"{REPORTS_FROM_NOTEBOOKS}/{claim}.html") for claim in frame["claim"]], dtype=object
    )
    frame["verdict"] = pd.Series(
        [VerdictBadge(verdict=judgement.verdict.value, label=judgement.verdict.label) for judgement in judgements],
        dtype=object,
    )
    return show_table(
        frame,
        caption="The article's statements and what the evidence says about them",
        headings={"claim": "Report", "cases": "Deciding cases"},
        row_header="claim",
    )


def figure(judgements: Sequence[Judgement]) -> ReportFigure:
    """How many statements got each verdict, with the ids in the data table beside it."""
    counts = verdict_counts(judgements)
    words = listed([f"{row['verdict'].lower()}: {row['statements']}" for row in counts.to_dict("records")])
    return show_figure(
        verdicts_figure(judgements),
        alt=f"Horizontal bars, one for each verdict, as long as the number of statements. {words}.",
        caption="Statements by verdict",
        data=counts,
    )


def meanings() -> ReportText:
    """What each verdict means."""
    return show_list(*(f"{verdict.label}: {verdict.meaning}" for verdict in Verdict))


def disagreements(judgements: Sequence[Judgement]) -> ReportTable:
    """The statements for which the two kinds of evidence differ."""
    rows = [
        {"claim": judgement.claim.id, "statement": judgement.claim.statement, "difference": judgement.disagreement}
        for judgement in judgements
        if judgement.disagreement
    ]
    return show_table(
        pd.DataFrame(rows, columns=["claim", "statement", "difference"]),
        caption="Statements for which case reports and context studies point in different directions",
        row_header="claim",
        empty="None.",
    )


def cases_of(judgements: Sequence[Judgement], dataset: Dataset, claim_ids: Sequence[str]) -> ReportTable:
    """The cases behind the named statements, with the statements that each of them bears on."""
    used: dict[str, list[str]] = {}
    for judgement in judgements:
        if judgement.claim.id in claim_ids:
            for case in judgement.cases:
                used.setdefault(case, []).append(judgement.claim.id)
    frame = linked(case_table(dataset, sorted(used)))
    frame = frame.assign(claims=pd.Series({case: tuple(ids) for case, ids in used.items()}, dtype=object))
    caption = f"The cases behind the statements {listed(list(claim_ids))}"
    return show_table(frame, caption=caption, headings={**CASE_HEADINGS, "claims": "Statements"}, empty="No case.")


def what_if(dataset: Dataset, claims: Sequence[Claim]) -> ReportTable:
    """For each testable statement: robustness, fragility and influence, under the primary definitions."""
    found = [result for result in statement_results(dataset, judge_all(dataset, claims)) if result.world is not None]
    rows = [
        {
            "claim": result.judgement.claim.id,
            "verdict": result.judgement.verdict.label,
            "robustness": robustness_in_words(result.world)
            if result.world is not None and result.judgement.decided_by is EvidenceKind.CASE_REPORTS
            else "It does not depend on how the cases are defined.",
            "fragility": result.fragility.sentence,
            "influence": result.influence.sentence,
        }
        for result in found
    ]
    caption = "How sure each verdict is: other definitions, further cases, one publication less"
    return show_table(pd.DataFrame(rows), caption=caption, row_header="claim")


def would_change(judgements: Sequence[Judgement]) -> ReportTable:
    """What would change each verdict."""
    rows = [{"claim": judgement.claim.id, "would_change": judgement.claim.would_change} for judgement in judgements]
    return show_table(
        pd.DataFrame(rows), caption="What would change a verdict", headings={"would_change": "What would change it"},
        row_header="claim",
    )  # fmt: skip


def check(judgements: Sequence[Judgement], claims: Sequence[Claim]) -> str:
    """Says that every statement has a verdict and every testable one a deciding test.

    Raises:
        ExplainedError: one has not.
    """
    judged = [judgement.claim.id for judgement in judgements]
    if judged != [claim.id for claim in claims]:
        raise ExplainedError("The judgements do not cover the statements of the ledger in their order.")
    undecided = [
        j.claim.id for j in judgements if j.claim.tests and j.deciding is None and j.claim.kind != "not_testable"
    ]
    if undecided:
        raise ExplainedError(f"Testable statements without a deciding test: {listed(undecided)}.")
    counted = sum(verdict_counts(judgements)["statements"])
    if counted != len(claims):
        raise ExplainedError(f"{counted} verdicts were counted for {len(claims)} statements.")
    return f"Complete: {len(claims)} statements, {len(judged)} verdicts."

"""What the notebook about screening shows besides the flow: the strategies, the searches, what waits, the notices."""

from pathlib import Path

import pandas as pd

from kratom_evidence.dataset import Dataset
from kratom_evidence.literature import CHECKED_WITHOUT_NOTICE, NOTICE_KINDS, SERVICE_NAMES
from kratom_evidence.presentation import ReportTable, ReportText, show_table, show_text
from kratom_evidence.screening.ranking import RANKING
from kratom_evidence.screening.strategy import read_search


def strategies(data: Path) -> ReportTable:
    """The saved search, one row for each service."""
    saved = read_search(data)
    rows = [
        (SERVICE_NAMES[name], strategy.query, strategy.fields, strategy.limits, strategy.date_field)
        for name, strategy in saved.strategies.items()
    ]
    columns = ["service", "query", "fields", "limits", "date"]
    return show_table(pd.DataFrame(rows, columns=columns), caption="The saved search", row_header="service")


def searches(dataset: Dataset) -> ReportTable:
    """The log, newest first."""
    log = dataset.search_log.sort_values(["searched_at", "service"], ascending=[False, True])
    return show_table(
        log[["searched_at", "service", "since", "found", "known", "duplicates", "new"]],
        caption="Searches that were run",
        headings={"searched_at": "When (UTC)"},
        formats={"service": lambda name: SERVICE_NAMES[name], "since": str},
        empty="The saved search has not been run yet.",
    )


def waiting(dataset: Dataset, shown: int) -> ReportTable:
    """The candidates without a decision that have most points."""
    undecided = dataset.candidates[dataset.candidates["decision"].isna()]
    ordered = undecided.sort_values(["score", "title"], ascending=[False, True])
    return show_table(
        ordered.head(shown)[["title", "authors", "year", "score", "score_reasons"]],
        caption=f"Candidates that wait for a decision: {min(shown, len(ordered))} of {len(ordered)}",
        headings={"candidate_id": "Candidate"},
        empty="No candidate waits.",
    )


def ranking() -> ReportTable:
    """What points are given for."""
    rows = [(rule.reason, rule.points) for rule in RANKING]
    return show_table(pd.DataFrame(rows, columns=["reason", "points"]), caption="Points of the ranking")


def notices(dataset: Dataset) -> ReportTable | ReportText:
    """The notices found, and about how many publications somebody was asked."""
    rows = dataset.notices
    if rows.empty:
        return show_text(
            f"None of the {len(dataset.sources)} publications has been checked for retractions and corrections yet."
        )
    found = rows[rows["kind"] != CHECKED_WITHOUT_NOTICE]
    checked = rows["citekey"].nunique()
    return show_table(
        found[["citekey", "kind", "source", "notice_doi", "notice_pmid", "notice_date", "checked_on"]],
        caption=f"Notices about the {checked} of {len(dataset.sources)} publications that were checked",
        headings={"citekey": "Publication", "source": "Said by"},
        formats={"kind": lambda kind: NOTICE_KINDS[kind], "source": lambda name: SERVICE_NAMES[name]},
        row_header="citekey",
        empty="None of them has a notice.",
    )

"""The tables of the results as they are exported.

    criteria               case: Hunter, Sternbach and Radomski, met, not_met or undetermined, and what would settle it
    serotonergic_exposure  case x grade: was a serotonergic agent of that grade or a stronger one on board
    explanations           case x rival explanation: present, absent, not stated, and from which columns
    explanation_classes    case: summary over the rival explanations
    causality              case: Naranjo, WHO-UMC, and what the authors wrote
    naranjo_items          case x item of Naranjo
    interactions           claimed drug interaction (DIPS)
    quality                case: items of Murad 2018
    completeness           case: how many fields are reported
    statements             statement of the article: its verdict and how firm it is
    statement_counts       statement x test x count: yes, no and not stated

Answers that were numbers inside (1, -1, 0) are written as yes, no and unknown.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from kratom_evidence.appraisal import (
    MURAD_ITEMS,
    causality_table,
    completeness,
    criteria_table,
    dips_table,
    explanation_classes,
    explanation_table,
    murad_items,
    naranjo_items,
    serotonergic_exposure,
)
from kratom_evidence.appraisal.exposure import Grade
from kratom_evidence.claims import Claim, judge_all
from kratom_evidence.claims.records import StatementResult, statement_record, statement_results
from kratom_evidence.dataset import Dataset
from kratom_evidence.exports.tables import ExportTable, made_table

TRUTH_WORDS = {1: "yes", -1: "no", 0: "unknown"}
GRADES: tuple[Grade, ...] = ("established", "possible", "disputed")


def result_tables(dataset: Dataset, claims: Sequence[Claim]) -> tuple[ExportTable, ...]:
    """The tables of the results; see the module's docstring for their names. Takes some seconds.

    Raises:
        ExplainedError: the claims do not fit the data.
    """
    results = statement_results(dataset, judge_all(dataset, claims))
    frames = (
        ("criteria", "One row per case: the criteria of serotonin toxicity.", criteria_table(dataset).reset_index()),
        (
            "serotonergic_exposure",
            "One row per case and grade: was a serotonergic agent of that grade or a stronger one taken with kratom?",
            _exposures(dataset),
        ),
        ("explanations", "One row per case and rival explanation.", explanation_table(dataset)),
        ("explanation_classes", "One row per case: all rival explanations together.", _classes(dataset)),
        (
            "causality",
            "One row per case: causality for kratom by the published systems, and as the authors wrote.",
            _in_words(causality_table(dataset).reset_index(), ["ceiling"]),
        ),
        ("naranjo_items", "One row per case and item of Naranjo.", _in_words(naranjo_items(dataset), ["answer"])),
        ("interactions", "One row per claimed drug interaction, scored by DIPS.", dips_table(dataset)),
        (
            "quality",
            "One row per case: the items of Murad 2018 that the data can answer.",
            _in_words(murad_items(dataset).reset_index(), list(MURAD_ITEMS)),
        ),
        ("completeness", "One row per case: how many fields it reports.", completeness(dataset).reset_index()),
        ("statements", "One row per statement of the article.", _statements(results)),
        ("statement_counts", "One row per statement, test and count of cases.", _counts(results)),
    )
    return tuple(made_table(name, description, frame, dataset.codebook) for name, description, frame in frames)


def _in_words(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    return frame.assign(**{column: frame[column].map(TRUTH_WORDS) for column in columns})


def _exposures(dataset: Dataset) -> pd.DataFrame:
    parts = [serotonergic_exposure(dataset, grade=grade).reset_index().assign(grade=grade) for grade in GRADES]
    columns = ["case_id", "grade", "state", "count", "agents", "uncertain"]
    return _in_words(pd.concat(parts, ignore_index=True)[columns], ["state"])


def _classes(dataset: Dataset) -> pd.DataFrame:
    frame = explanation_classes(dataset).reset_index()
    frame = frame.rename(columns={"present": "present_explanations", "not_stated": "not_stated_explanations"})
    return _in_words(frame, ["confirmed", "alternative", "kratom_alone"])


def _statements(results: Iterable[StatementResult]) -> pd.DataFrame:
    return pd.DataFrame([_statement(result) for result in results]).astype(
        {"combinations": "Int64", "holding": "Int64", "further_cases": "Int64"}
    )


def _statement(result: StatementResult) -> dict[str, Any]:
    record = statement_record(result)
    robustness = record["robustness"] or {}
    return {
        "claim": record["id"],
        "section": record["section"],
        "statement": record["statement"],
        "verdict": record["verdict"],
        "verdict_label": record["verdict_label"],
        "decided_by": record["decided_by"],
        "deciding_numbers": result.judgement.summary,
        "evidence_grade": record["evidence_grade"],
        "evidence_grade_reason": record["evidence_grade_reason"],
        "combinations": robustness.get("combinations"),
        "holding": robustness.get("holding"),
        "further_cases": record["fragility"]["further_cases"],
        "new_verdict": record["fragility"]["new_verdict"],
    }


def _counts(results: Iterable[StatementResult]) -> pd.DataFrame:
    rows = [
        {
            "claim": result.judgement.claim.id,
            "test": found.planned.name,
            "evidence_kind": found.planned.test.evidence_kind.value,
            "role": "decides" if found.planned.decides else "shown beside",
            "cases": name,
            "yes": count.yes,
            "no": count.no,
            "not_stated": count.unknown,
        }
        for result in results
        for found in result.judgement.results
        for name, count in found.outcome.tallies.items()
    ]
    columns = ["claim", "test", "evidence_kind", "role", "cases", "yes", "no", "not_stated"]
    return pd.DataFrame(rows, columns=columns)

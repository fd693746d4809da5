"""The results on the committed data as small sorted tables of text, to be pinned in tests/reference/.

claims.csv          claim_id, quantity, value: verdict, what decided it, counts, figures, and how firm it is
claim_cases.csv     claim_id, count, case_id, answer: the cases behind each deciding count; yes, no or silent
cases.csv           one row per case: criteria, Naranjo, WHO-UMC
case_exposures.csv  case_id, substance, timing, grade: what was taken besides kratom
totals.csv          notebook, table, row, column, value: the main tables of the notebooks
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from kratom_evidence.appraisal import causality_table, criteria_table, graded_exposures
from kratom_evidence.appraisal.three_valued import States, Truth
from kratom_evidence.claims import judge_all
from kratom_evidence.claims.case_tests import CompareGroups
from kratom_evidence.claims.denial_tests import NoCleanCase, NoCounterExample, ZeroEvents
from kratom_evidence.claims.ledger import Claim
from kratom_evidence.claims.records import StatementResult, statement_results
from kratom_evidence.claims.verdict import EvidenceKind
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import (
    case_set,
    causality,
    co_exposures,
    confounding,
    criteria_met,
    extraction_agreement,
    quality,
)
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from kratom_evidence.screening import prisma

Row: TypeAlias = tuple[str, ...]
# File -> its rows, the header first.
Tables: TypeAlias = Mapping[str, Sequence[Row]]

ANSWERS = {Truth.YES: "yes", Truth.NO: "no", Truth.UNKNOWN: "silent"}
_CRITERIA = ("hunter_strict", "hunter_lenient", "sternbach_strict", "sternbach_lenient", "radomski_strict")
_CAUSALITY = ("naranjo_total", "naranjo_lowest", "naranjo_highest", "who_umc")


def reference_tables(dataset: Dataset, claims: Sequence[Claim]) -> dict[str, list[Row]]:
    """All tables of the primary analysis. Takes some seconds."""
    results = statement_results(dataset, judge_all(dataset, claims))
    evidence = gather(dataset)
    exposures = graded_exposures(dataset)[["case_id", "substance", "timing_class", "grade"]]
    return {
        "claims.csv": [
            ("claim_id", "quantity", "value"),
            *((r.judgement.claim.id, name, value) for r in results for name, value in _quantities(r)),
        ],
        "claim_cases.csv": [("claim_id", "count", "case_id", "answer"), *sorted(_case_rows(results, evidence))],
        "cases.csv": [("case_id", *_CRITERIA, *_CAUSALITY), *_cases(dataset)],
        "case_exposures.csv": [("case_id", "substance", "timing", "grade"), *sorted(_texts(exposures))],
        "totals.csv": [("notebook", "table", "row", "column", "value"), *_totals(dataset)],
    }


def csv_text(rows: Iterable[Row]) -> str:
    """The rows as CSV with line feeds."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def csv_rows(text: str) -> list[Row]:
    """What `csv_text` wrote."""
    return [tuple(row) for row in csv.reader(io.StringIO(text))]


def counted_cases(result: StatementResult, evidence: CaseEvidence) -> dict[str, dict[str, str]]:
    """Count (by its words in the deciding test) -> case -> yes, no or silent; empty for context studies.

    Written anew from the docstrings of the tests, beside the counting in them: the two must have the same numbers.
    """
    deciding = result.judgement.deciding
    if deciding is None or deciding.planned.test.evidence_kind is not EvidenceKind.CASE_REPORTS:
        return {}
    groups = _groups(deciding.planned.test, evidence.states)
    return {
        words: {
            str(case): ANSWERS[Truth(int(state))]
            for case, state, inside in zip(evidence.index, states, group, strict=True)
            if inside
        }
        for words, (states, group) in zip(deciding.outcome.tallies, groups, strict=True)
    }


def _groups(test: Any, states: Callable[[str], States]) -> list[tuple[States, Any]]:
    """For each count of a test: the states that are counted, and the cases among which."""
    everyone = states("all_cases") == Truth.YES
    if isinstance(test, NoCounterExample):
        return [(states(test.of), everyone), (states(test.stratum), states(test.of) == Truth.YES)]
    if isinstance(test, NoCleanCase):
        return [(states(test.clean), states(test.of) == Truth.YES)]
    if isinstance(test, CompareGroups):
        return [(states(test.of), states(test.exposed) == truth) for truth in (Truth.YES, Truth.NO)]
    if isinstance(test, ZeroEvents):
        return [(states(test.of), states(test.among) == Truth.YES)]
    among = getattr(test, "among", "all_cases")
    return [(states(test.of), states(among) == Truth.YES)]


def _quantities(result: StatementResult) -> Iterator[tuple[str, str]]:
    judgement = result.judgement
    yield "verdict", judgement.verdict.value
    yield "decided by", judgement.decided_by.value if judgement.decided_by else "nothing"
    deciding = judgement.deciding
    if deciding is not None:
        yield "in one sentence", deciding.outcome.sentence
        for words, count in deciding.outcome.tallies.items():
            yield f"count: {words}", f"yes {count.yes}, no {count.no}, silent {count.unknown}"
        for figure in sorted(map(str, deciding.outcome.figures)):
            yield "figure", figure
    if result.world is not None:
        yield "robustness", f"{result.world.holding} of {len(result.world.specifications)}"
    fragility = result.fragility
    if fragility.rests_on_cases:
        yield "further cases that change it", "none found" if fragility.number is None else str(fragility.number)
        for kind, number in fragility.kinds:
            yield "of the kind", f"{number} {kind}"
        if fragility.new_verdict is not None:
            yield "to", fragility.new_verdict.value
    for key, verdict in sorted(result.influence.changes.items()):
        yield f"without {key}", verdict.value


def _case_rows(results: Iterable[StatementResult], evidence: CaseEvidence) -> Iterator[Row]:
    for result in results:
        for words, answers in counted_cases(result, evidence).items():
            yield from ((result.judgement.claim.id, words, case, answer) for case, answer in answers.items())


def _cases(dataset: Dataset) -> list[Row]:
    joined = criteria_table(dataset)[list(_CRITERIA)].join(causality_table(dataset)[list(_CAUSALITY)])
    return sorted(_texts(joined.rename_axis("case_id").reset_index()))


def _totals(dataset: Dataset) -> list[Row]:
    return [(notebook, table, *row) for notebook, table, frame in _notebook_tables(dataset) for row in _cells(frame)]


def _notebook_tables(dataset: Dataset) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for column in ("source_access", "country", "outcome"):
        yield "01", f"cases by {column}", case_set.cases_by(dataset, column)
    yield "01", "primary events", case_set.primary_events(dataset)
    graded = graded_exposures(dataset)
    yield "02", "by class", co_exposures.by_class(dataset, graded)
    matrix = confounding.explanation_matrix(dataset)
    table = causality_table(dataset)
    yield "03", "explanations", confounding.explanation_counts(matrix)
    yield "03", "classes", confounding.class_counts(dataset)
    yield "03", "Naranjo bands", causality.naranjo_bands(causality.naranjo_ranges(dataset, table))
    yield "03", "WHO-UMC", causality.who_umc_counts(dataset, table)
    yield "03", "Murad", quality.murad_counts(dataset)
    yield "04", "criteria", criteria_met.met_counts(dataset, criteria_met.all_results(dataset))
    pairs = criteria_met.agreement(dataset)
    yield "04", "agreement", pairs.set_index(pairs["first"] + " and " + pairs["second"])
    yield "06", "agreement", extraction_agreement.field_agreement(dataset)[["compared", "agreed", "stated_agreed"]]
    flow = prisma.flow_frame(prisma.prisma_flow(dataset))
    yield "07", "PRISMA", flow.set_index(flow.columns[:-1].tolist())


def _cells(frame: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Row, column and value of every whole number, and of every tuple of case ids."""
    labels = [" / ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in frame.index]
    for label, row in zip(labels, frame.to_dict("records"), strict=True):
        for column, value in row.items():
            if isinstance(value, tuple):
                yield label, str(column), " ".join(sorted(map(str, value)))
            elif pd.api.types.is_integer(value) or (isinstance(value, str) and value.isdecimal()):
                yield label, str(column), str(value)


def _texts(frame: pd.DataFrame) -> list[Row]:
    """The rows as text; what is missing is empty."""
    rows = frame.astype(object).where(frame.notna(), "")
    return [tuple(map(str, row)) for row in rows.itertuples(index=False)]

"""How far the criteria agree with each other and with the authors' own label, and how far they could.

Agreement between the systems is known to be poor (Werneke 2016, doi:10.1186/s12883-016-0616-1), so that all three are
reported. The bounds let every undetermined answer fall either way, each on its own: as the systems share signs, the
truth may be confined more closely than they say.
"""

from itertools import combinations, product

import pandas as pd

from kratom_evidence.appraisal.criteria.result import STATUS
from kratom_evidence.appraisal.criteria.table import criterion_states
from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.dataset import Dataset

_LABELS = {"diagnosed": Truth.YES, "excluded": Truth.NO, "not_mentioned": Truth.UNKNOWN}
AUTHORS = "authors"


def authors_states(dataset: Dataset, *, count_suspected: bool = True) -> "pd.Series[int]":
    """The authors' own label per case, int8: 1 serotonin syndrome, -1 rejected by them, 0 not mentioned.

    `suspected` counts as the label by default, else as undetermined. Not mentioned is not rejected.
    """
    labels = _LABELS | {"suspected": Truth.YES if count_suspected else Truth.UNKNOWN}
    return dataset.cases["ss_assessment"].map(labels).astype("int8").rename(AUTHORS)


def judged_and_labelled(dataset: Dataset, *, count_suspected: bool = True) -> pd.DataFrame:
    """Case x judgement with the authors' label as last column, int8; select rows or columns before comparing."""
    return criterion_states(dataset).join(authors_states(dataset, count_suspected=count_suspected))


def agreement_cells(states: pd.DataFrame) -> pd.DataFrame:
    """The cross-tables of all pairs of columns, one row per pair and cell, nine cells a pair.

    Columns: first, second (names of the columns compared), first_status, second_status (met, not_met, undetermined),
    cases (count), case_ids (tuple).
    """
    records = []
    for first, second in combinations(states.columns, 2):
        for (one, one_words), (other, other_words) in product(STATUS.items(), repeat=2):
            rows = states.index[(states[first] == one) & (states[second] == other)]
            records.append((first, second, one_words, other_words, len(rows), tuple(rows)))
    names = ["first", "second", "first_status", "second_status", "cases", "case_ids"]
    return pd.DataFrame(records, columns=names)


def agreement_table(states: pd.DataFrame) -> pd.DataFrame:
    """Agreement of all pairs of columns, one row per pair; every number is a count of cases.

    Columns: first, second, cases; both_met, both_not_met, first_only_met, second_only_met (both settled), unsettled
    (one of the two undetermined, or both); agree_at_least (worst case: every unsettled pair differs) and
    agree_at_most (best case: every unsettled pair agrees).
    """
    return pd.DataFrame([_pair(states[[first, second]]) for first, second in combinations(states.columns, 2)])


def _pair(states: pd.DataFrame) -> dict[str, str | int]:
    first, second = (states.iloc[:, position] for position in (0, 1))
    settled = (first != Truth.UNKNOWN) & (second != Truth.UNKNOWN)
    agree = int((settled & (first == second)).sum())
    unsettled = int((~settled).sum())
    return {
        "first": str(states.columns[0]),
        "second": str(states.columns[1]),
        "cases": len(states),
        "both_met": int((settled & (first == Truth.YES) & (second == Truth.YES)).sum()),
        "both_not_met": int((settled & (first == Truth.NO) & (second == Truth.NO)).sum()),
        "first_only_met": int((settled & (first == Truth.YES) & (second == Truth.NO)).sum()),
        "second_only_met": int((settled & (first == Truth.NO) & (second == Truth.YES)).sum()),
        "unsettled": unsettled,
        "agree_at_least": agree,
        "agree_at_most": agree + unsettled,
    }


def met_bounds(states: pd.DataFrame) -> pd.DataFrame:
    """How many cases meet each column's criteria, and how many could; one row per column of `states`.

    Columns: met, not_met, undetermined, cases, met_at_least (no undetermined case meets them), met_at_most (all do).
    """
    counts = pd.DataFrame({word: (states == truth).sum() for truth, word in STATUS.items()})
    return counts.assign(
        cases=len(states), met_at_least=counts["met"], met_at_most=counts["met"] + counts["undetermined"]
    )

"""How good each report is: the items of Murad 2018 that the data can answer, and how complete the reporting is.

Source: Murad MH and others, BMJ Evid Based Med 2018;23(2):60-63, doi 10.1136/bmjebm-2017-110853 (four domains, eight
questions). There is no official summary score, so none is made.

Item 1 (is this the whole experience of the centre?) is not in the data and has no column. Item 6 (dose-response) is
not recorded for any case; it stays in the table, because it matters most for adverse events, and says "not stated".
What is not stated in the part that was read is never a "no": an item can be "no" only where a field says so.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kratom_evidence.appraisal.confounding import explanation_classes
from kratom_evidence.appraisal.exposure import kratom_confirmed
from kratom_evidence.appraisal.three_valued import States, Truth, disjunction, negation
from kratom_evidence.computed_once import computed_by_case
from kratom_evidence.dataset import REPORTED, Dataset, reporting_states

MURAD_ITEMS: Mapping[str, str] = {
    "exposure_ascertained": "Exposure ascertained: mitragynine was measured in a body fluid",
    "outcome_ascertained": "Outcome ascertained: signs or results are described, not only the label",
    "alternatives_ruled_out": "Alternative causes ruled out",
    "challenge_rechallenge": "Challenge and rechallenge: better after stopping or back after re-use",
    "dose_response": "Dose-response",
    "follow_up": "Follow-up: the outcome is stated",
    "detail": "Detail: age, sex, dose, time course and co-exposures are all stated",
}
# What a reader needs to judge a case: who, how much, in what order, and what else.
_DETAIL = ("age_years", "sex", "kratom_dose_text", "co_exposures")
_TIME_COURSE = ("onset_hours", "kratom_duration_days")
_NEUROLOGICAL = frozenset(
    {"spontaneous_clonus", "inducible_clonus", "ocular_clonus", "clonus_unspecified", "hyperreflexia", "tremor"}
    | {"hypertonia"}
)


@computed_by_case
def murad_items(dataset: Dataset) -> pd.DataFrame:
    """Case x item of `MURAD_ITEMS`: 1 yes, -1 no, 0 not stated (int8), index case_id.

    Outcome: in a case labelled serotonin syndrome, yes when at least one neurological sign of the Hunter criteria is
    reported present or absent; in the others, yes when at least one finding besides the event's own name, or one
    measured value, is reported.
    """
    cases = dataset.cases
    alternatives = explanation_classes(dataset)["alternative"].to_numpy(dtype=np.int8)
    items: dict[str, States] = {
        "exposure_ascertained": kratom_confirmed(dataset).to_numpy(dtype=np.int8),
        "outcome_ascertained": _outcome_ascertained(dataset),
        "alternatives_ruled_out": negation(alternatives),
        "challenge_rechallenge": disjunction([_course(cases["dechallenge"]), _course(cases["rechallenge"])]),
        "dose_response": np.full(len(cases), Truth.UNKNOWN, dtype=np.int8),
        "follow_up": _yes_where(cases["outcome"].notna()),
        "detail": _yes_where(cases[list(_DETAIL)].notna().all(axis=1) & cases[list(_TIME_COURSE)].notna().any(axis=1)),
    }
    return pd.DataFrame({name: items[name] for name in MURAD_ITEMS}, index=cases.index)


@computed_by_case
def completeness(dataset: Dataset) -> pd.DataFrame:
    """How many fields of the codebook each case reports (index case_id): reported, fields, share (0-1).

    A field counts as reported when it holds a value or the publication says that there was none. Not every field suits
    every case (a newborn has no route), so a share of 1 is not the aim; it compares reports, it does not grade them.
    """
    states = reporting_states(dataset.cases, dataset.codebook)
    reported = states.isin([state.value for state in REPORTED]).sum(axis=1)
    return pd.DataFrame({"reported": reported, "fields": states.shape[1], "share": reported / states.shape[1]})


def completeness_by_year(dataset: Dataset) -> pd.DataFrame:
    """One row per publication year, in order, the unknown year last.

    Columns: year (Int64, missing for the unknown year), cases, reported, fields (both summed over the cases), share
    (reported / fields), lowest and highest share of a single case.
    """
    years = dataset.cases["citekey"].map(dataset.sources["year"]).astype("Int64")
    grouped = completeness(dataset).assign(year=years).groupby("year", dropna=False)
    table = grouped.agg(
        cases=("share", "size"),
        reported=("reported", "sum"),
        fields=("fields", "sum"),
        lowest=("share", "min"),
        highest=("share", "max"),
    ).reset_index()
    table = table.sort_values("year", na_position="last", ignore_index=True)
    return table.assign(share=table["reported"] / table["fields"])


def _outcome_ascertained(dataset: Dataset) -> States:
    cases = dataset.cases
    terms = dataset.finding_terms
    neurological = set(terms.index[terms["hunter"].isin(_NEUROLOGICAL)])
    labelled = cases["ss_assessment"].isin(["diagnosed", "suspected"]) | (
        cases["primary_event"] == "serotonin_syndrome"
    )
    findings = dataset.findings.assign(event=dataset.findings["case_id"].map(cases["primary_event"]))
    signs = findings.loc[findings["finding"].isin(neurological), "case_id"]
    others = findings.loc[findings["finding"] != findings["event"], "case_id"]
    measured = cases[_measured_columns(dataset)].notna().any(axis=1)
    described = pd.Series(cases.index.isin(others), index=cases.index) | measured
    return _yes_where(described.mask(labelled, pd.Series(cases.index.isin(signs), index=cases.index)))


def _measured_columns(dataset: Dataset) -> list[str]:
    fields = dataset.codebook.table("case_reports").fields
    return [field.name for field in fields if field.group == "Vital signs and laboratory values"]


def _course(column: "pd.Series[str]") -> States:
    return np.where(column == "positive", Truth.YES, np.where(column == "negative", Truth.NO, Truth.UNKNOWN)).astype(
        "int8"
    )


def _yes_where(stated: "pd.Series[bool]") -> States:
    return np.where(stated, Truth.YES, Truth.UNKNOWN).astype(np.int8)

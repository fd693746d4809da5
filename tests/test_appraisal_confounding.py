"""Confounding: worked cases by hand, the class "nothing else" only from plain statements, and silence kept silent."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.appraisal import (
    EXPLANATIONS,
    ExplanationClass,
    explanation_classes,
    explanation_states,
    explanation_table,
)
from kratom_evidence.codebook import CoExposure, Value
from kratom_evidence.dataset import Dataset
from tests.made_up import dataset_of

NOTHING_ELSE: Mapping[str, Value] = {
    "mitragynine_detected_in": ("blood",),
    "co_exposures": (),
    "conditions": (),
    "confounders": (),
    "kratom_pattern": "daily",
}
SOUGHT_IN_VAIN = "mitragynine_detected_in; confounders"


@pytest.fixture(scope="module")
def table(dataset: Dataset) -> pd.DataFrame:
    return explanation_table(dataset).set_index(["case_id", "explanation"])


def with_co_exposure(substance: str, timing: str, evidence: str = "reported", dose: str | None = None) -> Value:
    return (CoExposure(substance=substance, evidence=evidence, timing=timing, dose_text=dose),)


def test_every_term_of_the_vocabulary_belongs_to_one_explanation(dataset: Dataset) -> None:
    assigned = [term for explanation in EXPLANATIONS for term in explanation.terms]
    assert len(assigned) == len(set(assigned))
    assert set(assigned) == set(dataset.confounder_terms.index)


def test_a_term_added_to_the_vocabulary_is_not_lost(dataset: Dataset) -> None:
    terms = dataset.confounder_terms
    added = pd.concat([terms, terms.loc[["infection"]].rename(index={"infection": "new_term"})])
    made = replace(dataset_of(dataset, one={"confounders": ("new_term",)}), confounder_terms=added)
    assert explanation_states(made).loc["one", "other_explanation"] == 1


def test_the_table_is_complete_and_names_real_columns(dataset: Dataset, table: pd.DataFrame) -> None:
    assert len(table) == len(dataset.cases) * len(EXPLANATIONS)
    assert not table.index.duplicated().any()
    fields = {field for entry in table["from_fields"] for field in entry.split("; ")}
    assert fields <= set(dataset.codebook.table("case_reports").by_name)
    curated_only = table["from_fields"] == "confounders"
    assert ((table["provenance"] == "curated") == curated_only).all()


@pytest.mark.parametrize(
    "expected",
    [
        ("brooks2023", "serotonergic_co_exposure", "present", "derived", "co_exposures"),
        ("brooks2023", "psychiatric_illness", "present", "derived", "conditions; confounders"),
        ("brooks2023", "raised_co_drug_level", "present", "derived", "co_exposures"),
        ("brooks2023", "no_toxicological_confirmation", "not stated", "derived", SOUGHT_IN_VAIN),
        ("labryer2018", "serotonergic_co_exposure", "absent", "derived", "co_exposures"),
        ("liangnd", "withdrawal_of_another_drug", "present", "derived", "co_exposures; confounders"),
        ("liangnd", "infection", "absent", "derived", "findings_absent"),
        ("liangnd", "kratom_withdrawal", "present", "derived", "kratom_pattern"),
        ("anonprovidence", "withdrawal_of_another_drug", "present", "curated", "confounders"),
        ("jarka2023", "withdrawal_of_another_drug", "present", "derived", "co_exposures"),
        ("feinnd", "infection", "present", "derived", "findings_present; confounders"),
        ("feinnd", "other_co_exposure", "not stated", "derived", "co_exposures"),
        ("bourgine2019", "other_co_exposure", "present", "derived", "co_exposures; confounders"),
        ("dodulik2024", "surgery_injury_or_strain", "present", "curated", "confounders"),
        ("huter2024", "seizure_or_brain_disease", "present", "derived", "conditions; confounders"),
        ("huter2024", "no_toxicological_confirmation", "absent", "derived", "mitragynine_detected_in"),
        ("boyer2008", "no_toxicological_confirmation", "not stated", "derived", SOUGHT_IN_VAIN),
        ("behonick2022-1", "other_co_exposure", "absent", "derived", "co_exposures"),
        ("behonick2022-1", "psychiatric_illness", "not stated", "derived", "conditions; confounders"),
    ],
)
def test_worked_cases(table: pd.DataFrame, expected: tuple[str, ...]) -> None:
    case_id, explanation, *answer = expected
    index = table.index
    rows = table[(index.get_level_values(0) == case_id) & (index.get_level_values(1) == explanation)]
    assert rows[["state", "provenance", "from_fields"]].to_numpy().tolist() == [answer]


def test_delivery_is_no_liver_disease(table: pd.DataFrame) -> None:
    assert table.loc[("anonnas2019", "organ_disease"), "state"] == "not stated"


def test_a_seizure_that_is_the_event_is_no_earlier_disease(table: pd.DataFrame) -> None:
    assert table.loc[("bazer2021-1", "seizure_or_brain_disease"), "state"] == "not stated"


def test_nothing_else_needs_plain_statements(dataset: Dataset) -> None:
    silent = {
        field: {**NOTHING_ELSE, field: None} for field in ("mitragynine_detected_in", "co_exposures", "confounders")
    }
    sought = {**NOTHING_ELSE, "mitragynine_detected_in": ()}
    made = dataset_of(dataset, stated=NOTHING_ELSE, sought=sought, **silent)
    classes = explanation_classes(made)["explanation_class"]
    assert classes["stated"] == ExplanationClass.KRATOM_ALONE
    assert classes.drop("stated").tolist() == [ExplanationClass.CANNOT_TELL] * 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("co_exposures", with_co_exposure("sertraline", "concurrent")),
        ("co_exposures", with_co_exposure("diazepam", "concurrent")),
        ("co_exposures", with_co_exposure("oxazepam", "past", dose="stopped four days before")),
        ("co_exposures", with_co_exposure("caffeine", "concurrent", evidence="adulterant")),
        ("conditions", ("bipolar disorder",)),
        ("conditions", ("epilepsy",)),
        ("conditions", ("liver cirrhosis",)),
        ("conditions", ("alcohol withdrawal",)),
        ("findings_present", ("sepsis",)),
        ("confounders", ("pregnancy",)),
        ("confounders", ("other",)),
    ],
)
def test_one_stated_circumstance_is_another_explanation(dataset: Dataset, field: str, value: Value) -> None:
    made = dataset_of(dataset, one={**NOTHING_ELSE, field: value})
    assert explanation_classes(made)["explanation_class"].tolist() == [ExplanationClass.ANOTHER]


@pytest.mark.parametrize(
    "co_exposures",
    [
        with_co_exposure("sertraline", "unclear"),
        with_co_exposure("sertraline", "past"),
        with_co_exposure("omeprazole", "concurrent"),
    ],
)
def test_a_doubtful_circumstance_leaves_the_class_open(dataset: Dataset, co_exposures: Value) -> None:
    made = dataset_of(dataset, one={**NOTHING_ELSE, "co_exposures": co_exposures})
    assert explanation_classes(made)["explanation_class"].tolist() == [ExplanationClass.CANNOT_TELL]


def test_a_drug_stopped_long_ago_is_no_explanation(dataset: Dataset) -> None:
    stopped = with_co_exposure("sertraline", "past", dose="stopped two years before")
    states = explanation_states(dataset_of(dataset, one={**NOTHING_ELSE, "co_exposures": stopped}))
    assert states.loc["one", "serotonergic_co_exposure"] == -1
    assert states.loc["one", "other_co_exposure"] == -1
    assert states.loc["one", "withdrawal_of_another_drug"] == -1


def test_kratom_withdrawal_is_an_alternative_on_request_only(dataset: Dataset) -> None:
    made = dataset_of(dataset, one={**NOTHING_ELSE, "kratom_pattern": "withdrawal"})
    usual, strict = explanation_classes(made), explanation_classes(made, kratom_withdrawal_counts=True)
    assert usual["explanation_class"].tolist() == [ExplanationClass.KRATOM_ALONE]
    assert strict["explanation_class"].tolist() == [ExplanationClass.ANOTHER]
    assert strict.loc["one", "present"] == ("kratom_withdrawal",)


def test_no_committed_case_is_called_kratom_alone_without_saying_so(dataset: Dataset) -> None:
    classes = explanation_classes(dataset)
    alone = classes["kratom_alone"] == 1
    assert (classes["explanation_class"].eq(ExplanationClass.KRATOM_ALONE) == alone).all()
    assert not (alone & dataset.cases["confounders"].isna()).any()
    another = classes["explanation_class"] == ExplanationClass.ANOTHER
    assert (classes["present"].map(len).gt(0) == another).all()


@pytest.mark.parametrize("field", ["co_exposures", "conditions", "confounders", "findings", "mitragynine_detected_in"])
def test_making_a_field_silent_never_makes_an_explanation_surer(dataset: Dataset, field: str) -> None:
    before = explanation_states(dataset)
    if field == "findings":
        silenced = replace(dataset, findings=dataset.findings.iloc[:0])
    else:
        cases = dataset.cases.assign(**{field: pd.Series([None] * len(dataset.cases), dataset.cases.index, object)})
        rows = dataset.co_exposures.iloc[:0] if field == "co_exposures" else dataset.co_exposures
        silenced = replace(dataset, cases=cases, co_exposures=rows)
    after = explanation_states(silenced)
    changed = after != before
    assert changed.to_numpy().any()
    assert (after.where(changed, 0) == 0).all(axis=None)


terms = st.sets(st.sampled_from(sorted({term for e in EXPLANATIONS for term in e.terms})), min_size=1, max_size=3)


@given(named=terms)
def test_a_curated_term_is_always_shown_as_present(dataset: Dataset, named: set[str]) -> None:
    made = dataset_of(dataset, one={"confounders": tuple(sorted(named))})
    states = explanation_states(made).loc["one"].to_dict()
    assert states == {e.name: int(bool(e.terms & named)) for e in EXPLANATIONS}

"""Causality: published scores, exhaustive tables of bands and categories, and what an unknown may never do."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.appraisal import (
    Truth,
    WhoUmc,
    causality_table,
    naranjo_items,
    naranjo_score,
    naranjo_table,
    who_umc,
)
from kratom_evidence.appraisal.causality.naranjo import naranjo_band
from kratom_evidence.appraisal.causality.objective import OBJECTIVE, objective_evidence
from kratom_evidence.codebook import Value
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import UsageError
from tests.made_up import dataset_of

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN

# Item scores and totals as printed in the tables of four case reports; a printed 0 for "yes or unknown" items is
# entered as printed where the answer is printed, and as unknown otherwise.
PUBLISHED = {
    "Korean J Clin Pharm 2019;29:56-60, Table 1": ({1: YES, 2: YES, 3: YES, 9: NO}, 4, "possible"),
    "World J Transl Med 2013;2:13-21, Table 3": (
        {2: YES, 3: YES, 4: YES, 5: NO, 6: NO, 7: NO, 8: NO, 9: YES, 10: YES},
        10,
        "definite",
    ),
    "J Med Cases 2013;4:262-265, Table 1": ({2: YES, 5: NO}, 4, "possible"),
    "PMC6136411, Table 1": ({2: YES, 3: YES, 5: NO, 10: YES}, 6, "probable"),
}
BANDS = {"doubtful": range(-4, 1), "possible": range(1, 5), "probable": range(5, 9), "definite": range(9, 14)}
# Yes, no; copied from the table of the method page by hand, apart from the code.
POINTS = "1:+1 0|2:+2 -1|3:+1 0|4:+2 -1|5:-1 +2|6:-1 +1|7:+1 0|8:+1 0|9:+1 0|10:+1 0"


def points() -> Mapping[int, tuple[int, int]]:
    pairs = [entry.split(":") for entry in POINTS.split("|")]
    return {int(number): (int(text.split()[0]), int(text.split()[1])) for number, text in pairs}


answers = st.dictionaries(st.integers(1, 10), st.sampled_from(list(Truth)))


@pytest.mark.parametrize("source", PUBLISHED)
def test_naranjo_gives_the_published_totals(source: str) -> None:
    given_answers, total, band = PUBLISHED[source]
    score = naranjo_score(given_answers)
    assert (score.total, score.band) == (total, band)


def test_naranjo_bands_for_every_attainable_total() -> None:
    assert {total: naranjo_band(total) for total in range(-4, 14)} == {
        total: band for band, totals in BANDS.items() for total in totals
    }


def test_naranjo_range_without_any_answer_is_that_of_the_scale() -> None:
    score = naranjo_score({})
    assert (score.lowest, score.total, score.highest, score.answered) == (-4, 0, 13, 0)


@given(stated=answers)
def test_naranjo_equals_all_ways_of_answering_the_open_items(stated: dict[int, Truth]) -> None:
    options = [
        {Truth.YES: points()[n][:1], Truth.NO: points()[n][1:], Truth.UNKNOWN: points()[n]}[stated.get(n, UNKNOWN)]
        for n in range(1, 11)
    ]
    totals = [sum(choice) for choice in product(*options)]
    score = naranjo_score(stated)
    assert (score.lowest, score.highest) == (min(totals), max(totals))
    assert score.lowest <= score.total <= score.highest
    assert score.total == sum(option[0] for option in options if len(option) == 1)


@given(stated=answers, forgotten=st.integers(1, 10))
def test_naranjo_forgetting_an_answer_never_narrows_the_range(stated: dict[int, Truth], forgotten: int) -> None:
    before, after = naranjo_score(stated), naranjo_score({**stated, forgotten: UNKNOWN})
    assert after.lowest <= before.lowest <= before.highest <= after.highest


def test_naranjo_refuses_an_item_that_it_does_not_have() -> None:
    with pytest.raises(UsageError, match=r"items 1 to 10, not \[11\]"):
        naranjo_score({11: YES})


@pytest.mark.parametrize(
    ("case_id", "scores", "band"),
    [
        # Abstract: back within 2 days on re-use, better after stopping, liver enzymes raised; nothing else is stated.
        ("anondili2019", {2: 2, 3: 1, 4: 2, 10: 1}, "probable"),
        # Four months of use, better after stopping, ALT stated.
        ("kaur2019", {2: 2, 3: 1, 10: 1}, "possible"),
        # Post-mortem level, nothing else found; history not stated.
        ("behonick2022-1", {2: 2, 10: 1}, "possible"),
        # The flare came back on re-use; an infection is stated as a rival cause.
        ("feinnd", {2: 2, 3: 1, 4: 2, 5: -1}, "possible"),
        # Five psychotropics; order of kratom and event not stated; the syndrome has no test of its own.
        ("brooks2023", {5: -1}, "doubtful"),
        ("anonchest2020", {5: -1}, "doubtful"),
        ("brogdon2022", {5: -1}, "doubtful"),
    ],
)
def test_naranjo_of_cases_scored_by_hand(dataset: Dataset, case_id: str, scores: dict[int, int], band: str) -> None:
    items = naranjo_items(dataset).query("case_id == @case_id").set_index("item")["score"]
    assert items[items != 0].to_dict() == scores
    row = naranjo_table(dataset).loc[case_id]
    assert (row["total"], row["band"]) == (sum(scores.values()), band)


def test_naranjo_says_where_each_answer_comes_from(dataset: Dataset) -> None:
    items = naranjo_items(dataset)
    assert len(items) == 10 * len(dataset.cases)
    assert ((items["provenance"] == "unknown") == (items["answer"] == 0)).all()
    assert set(items.loc[items["item"].isin([3, 4]), "provenance"]) == {"recorded", "unknown"}
    assert (items["reason"].str.len() > 0).all()
    assert (items.loc[items["item"].isin([1, 6, 8, 9]), "answer"] == 0).all()


def test_naranjo_of_a_silent_case_is_all_unknown(dataset: Dataset) -> None:
    made = dataset_of(dataset, silent={})
    assert naranjo_items(made)["answer"].eq(0).all()
    row = naranjo_table(made).loc["silent"]
    assert (row["lowest"], row["total"], row["highest"], row["answered"]) == (-4, 0, 13, 0)


def test_naranjo_negative_answers_need_a_statement(dataset: Dataset) -> None:
    stated: Mapping[str, Value] = {
        "dechallenge": "negative",
        "rechallenge": "negative",
        "mitragynine_detected_in": (),
        "co_exposures": (),
        "conditions": (),
        "confounders": (),
    }
    made = dataset_of(dataset, stated=stated)
    answered = naranjo_items(made).set_index("item")["answer"]
    assert answered[answered != 0].to_dict() == {3: -1, 4: -1, 5: -1, 7: -1}
    assert naranjo_table(made).loc["stated", "total"] == 0 - 1 + 2 + 0


def test_a_level_in_a_survivor_does_not_show_the_order(dataset: Dataset) -> None:
    level: Mapping[str, Value] = {"mitragynine_detected_in": ("blood",)}
    made = dataset_of(dataset, dead={**level, "primary_event": "death"}, alive={**level, "primary_event": "coma"})
    order = naranjo_items(made).query("item == 2").set_index("case_id")["answer"]
    assert order.to_dict() == {"alive": 0, "dead": 1}


@pytest.mark.parametrize(
    "field", ["dechallenge", "rechallenge", "kratom_pattern", "kratom_duration_days", "confounders"]
)
def test_making_a_field_silent_never_narrows_any_range(dataset: Dataset, field: str) -> None:
    before = naranjo_table(dataset)
    silent = pd.Series([None] * len(dataset.cases), dataset.cases.index, dataset.cases[field].dtype)
    after = naranjo_table(replace(dataset, cases=dataset.cases.assign(**{field: silent})))
    assert (after["lowest"] <= before["lowest"]).all()
    assert (after["highest"] >= before["highest"]).all()
    assert (after["answered"] < before["answered"]).any()


def test_objective_evidence_uses_known_events_and_findings(dataset: Dataset) -> None:
    assert set(OBJECTIVE) <= set(dataset.event_terms.index)
    assert {name for e in OBJECTIVE.values() for name in e.findings} <= set(dataset.finding_terms.index)
    assert {name for e in OBJECTIVE.values() for name in e.columns} <= set(dataset.cases.columns)
    states = objective_evidence(dataset)["state"]
    assert set(states) == {0, 1}
    assert states[dataset.cases["primary_event"].isin(["serotonin_syndrome", "withdrawal"])].eq(0).all()


def test_objective_evidence_needs_a_test_of_the_event_itself(dataset: Dataset) -> None:
    """Item 10 by its rule: a stated value or a finding of the event's own list; silence and other findings are none."""
    made = dataset_of(
        dataset,
        both={"primary_event": "liver_injury", "findings_present": ("cholestasis",), "alt_max_u_l": 400},
        denied={"primary_event": "liver_injury", "findings_absent": ("elevated_transaminases",)},
        elsewhere={"primary_event": "kidney_injury", "findings_present": ("cholestasis",), "alt_max_u_l": 400},
        clinical={"primary_event": "serotonin_syndrome", "findings_present": ("elevated_ck",), "ck_max_u_l": 9000},
        dead={"primary_event": "death"},
    )
    shown = objective_evidence(made)
    assert shown["state"].to_dict() == {"both": 1, "clinical": 0, "dead": 1, "denied": 0, "elsewhere": 0}
    assert shown["reason"].to_dict() == {
        "both": "stated: cholestasis, alt_max_u_l",
        "denied": "no test of the event is stated",
        "elsewhere": "no test of the event is stated",
        "clinical": "the event has no test of its own",
        "dead": "a death is certain",
    }


Arguments = Mapping[str, Truth]
NAMES = ("time", "other_causes", "dechallenge", "rechallenge", "serotonergic_co_exposure", "definitive")
# What each category asks for, from strong to weak; the first whose demands are all met is the category.
DEMANDS: tuple[tuple[WhoUmc, Mapping[str, set[Truth]]], ...] = (
    (
        WhoUmc.CERTAIN,
        {
            "time": {YES},
            "other_causes": {NO},
            "serotonergic_co_exposure": {NO},
            "dechallenge": {YES},
            "rechallenge": {YES},
            "definitive": {YES},
        },
    ),
    (
        WhoUmc.PROBABLE,
        {
            "time": {YES},
            "other_causes": {NO},
            "serotonergic_co_exposure": {NO},
            "dechallenge": {YES},
            "rechallenge": {YES, UNKNOWN},
        },
    ),
    (WhoUmc.POSSIBLE, {"time": {YES}}),
    (WhoUmc.UNLIKELY, {"time": {NO}, "other_causes": {YES}}),
    (WhoUmc.UNASSESSABLE, {"time": {NO}, "other_causes": {NO}}),
    (WhoUmc.CONDITIONAL, {}),
)
EVERY_INPUT = [dict(zip(NAMES, values, strict=True)) for values in product(Truth, repeat=len(NAMES))]


def judged(arguments: Arguments) -> WhoUmc:
    function: Callable[..., WhoUmc] = who_umc
    return function(**arguments)


def test_who_umc_equals_the_table_of_demands_on_every_input() -> None:
    for arguments in EVERY_INPUT:
        expected = next(c for c, asked in DEMANDS if all(arguments[name] in allowed for name, allowed in asked.items()))
        assert judged(arguments) is expected, arguments


def test_who_umc_ceiling_holds_unless_the_co_exposure_is_known_to_be_absent() -> None:
    capped = {judged(a) for a in EVERY_INPUT if a["serotonergic_co_exposure"] is not NO}
    assert capped == set(WhoUmc) - {WhoUmc.CERTAIN, WhoUmc.PROBABLE}


def test_who_umc_an_unknown_is_never_surer_than_its_best_completion() -> None:
    # Conditional and unassessable are no judgement of strength: more data are needed.
    strength = dict.fromkeys((WhoUmc.CONDITIONAL, WhoUmc.UNASSESSABLE), -1)
    strength |= {WhoUmc.UNLIKELY: 0, WhoUmc.POSSIBLE: 1, WhoUmc.PROBABLE: 2, WhoUmc.CERTAIN: 3}
    for arguments in EVERY_INPUT:
        for name in (name for name, value in arguments.items() if value is UNKNOWN):
            best = max(strength[judged({**arguments, name: truth})] for truth in (YES, NO))
            assert strength[judged(arguments)] <= best, (arguments, name)


def test_causality_table_keeps_the_ceiling_and_the_authors_words(dataset: Dataset) -> None:
    table = causality_table(dataset)
    assert table.index.equals(dataset.cases.index)
    assert set(table.loc[table["ceiling"] == 1, "who_umc"]) <= {"possible", "conditional"}
    assert table["author_causality"].equals(dataset.cases["author_causality"])
    assert table["rucam_score_reported"].equals(dataset.cases["rucam_score_reported"])
    assert (table["naranjo_total"] >= table["naranjo_lowest"]).all()
    assert (table["naranjo_total"] <= table["naranjo_highest"]).all()


def test_causality_of_a_case_with_nothing_else_and_dechallenge_is_probable(dataset: Dataset) -> None:
    stated: Mapping[str, Value] = {
        "primary_event": "liver_injury",
        "mitragynine_detected_in": ("blood",),
        "co_exposures": (),
        "conditions": (),
        "confounders": (),
        "onset_hours": 24.0,
        "dechallenge": "positive",
        "alt_max_u_l": 400,
    }
    table = causality_table(dataset_of(dataset, alone=stated, silent={})).drop(columns="author_causality")
    assert table.loc["alone", "who_umc"] == "probable"
    assert (table.loc["alone", "naranjo_total"], table.loc["alone", "naranjo_band"]) == (2 + 1 + 2 + 1, "probable")
    assert table.loc["silent", "who_umc"] == "conditional"


NOTHING_ELSE: Mapping[str, Value] = {"co_exposures": (), "conditions": (), "confounders": ()}


def test_the_reason_names_what_the_answer_rests_on(dataset: Dataset) -> None:
    made = dataset_of(
        dataset,
        two={"onset_hours": 24.0, "rechallenge": "positive", "dechallenge": "negative"},
        rivals={"confounders": ("infection", "pregnancy")},
        nothing={**NOTHING_ELSE, "mitragynine_detected_in": ()},
        measured={"primary_event": "liver_injury", "alt_max_u_l": 400, "mitragynine_detected_in": ("blood",)},
        dead={"primary_event": "death", "mitragynine_detected_in": ("blood",)},
    )
    items = naranjo_items(made).set_index(["case_id", "item"])
    assert items["reason"].map(lambda reason: isinstance(reason, str) and reason != "").all()
    order = str(items.loc[("two", 2), "reason"]).split("; ")
    assert order == ["time from kratom to the event is stated", "the event came back on re-use"]
    assert items.loc[("two", 3), "reason"] == "dechallenge negative"
    assert items.loc[("two", 4), "reason"] == "rechallenge positive"
    assert items.loc[("rivals", 5), "reason"] == "stated: infection, pregnancy"
    in_full = {
        ("dead", 2): "mitragynine was found after death",
        ("rivals", 2): "the order of kratom and event is not stated",
        ("nothing", 5): "every other explanation is reported absent",
        ("two", 5): "none is stated, but not all are reported absent",
        ("nothing", 7): "mitragynine was sought and not found",
        ("measured", 7): "mitragynine was found; no concentration is known to be toxic",
        ("two", 7): "no assay in a body fluid is stated",
    }
    assert {row: items.loc[row, "reason"] for row in in_full} == in_full
    derived = [("two", 2), ("rivals", 5), ("nothing", 5), ("nothing", 7), ("measured", 10)]
    assert all(items.loc[row, "answer"] != 0 and items.loc[row, "provenance"] == "derived" for row in derived)
    assert set(items["provenance"]) == {"derived", "recorded", "unknown"}


def test_tables_have_the_columns_that_they_document(dataset: Dataset) -> None:
    made = dataset_of(dataset, silent={})
    described = "case_id item question answer score provenance reason"
    assert naranjo_items(made).columns.tolist() == described.split()
    assert naranjo_items(made)["answer"].dtype == "int8"
    scores = "total band lowest highest lowest_band highest_band answered"
    assert naranjo_table(made).columns.tolist() == scores.split()
    reported = ["primary_event", "author_causality", "naranjo_score_reported", "rucam_score_reported"]
    computed = [f"naranjo_{name}" for name in scores.split()]
    expected = [*reported, *computed, "who_umc", "ceiling", "explanation_class"]
    assert causality_table(made).columns.tolist() == expected


def test_who_umc_of_made_up_cases_worked_from_its_demands(dataset: Dataset) -> None:
    """Time alone makes an event possible; a negative rechallenge keeps one with all other demands met from probable."""
    probable = {**NOTHING_ELSE, "onset_hours": 24.0, "mitragynine_detected_in": ("blood",), "dechallenge": "positive"}
    made = dataset_of(
        dataset,
        denied={**probable, "rechallenge": "negative"},
        probable=probable,
        time_only={"onset_hours": 24.0},
        dechallenge_only={"dechallenge": "positive"},
    )
    assert causality_table(made)["who_umc"].to_dict() == {
        "denied": "possible",
        "probable": "probable",
        "time_only": "possible",
        "dechallenge_only": "conditional",
    }


def test_causality_does_not_depend_on_the_order_of_the_cases(dataset: Dataset) -> None:
    backwards = causality_table(replace(dataset, cases=dataset.cases.iloc[::-1]))
    pd.testing.assert_frame_equal(backwards.iloc[::-1], causality_table(dataset))

"""The criteria on the real cases, worked by hand from the publications' findings, and the tables made of them."""

import re

import pandas as pd
import pytest

from kratom_evidence.appraisal import (
    CRITERIA,
    JUDGEMENTS,
    CriterionResult,
    Reading,
    System,
    Truth,
    agreement_cells,
    agreement_table,
    authors_states,
    criteria_table,
    criterion_results,
    criterion_states,
    describe,
    item_states,
    judge,
    judged_and_labelled,
    met_bounds,
    sets_in_words,
    settling_in_words,
    sign_counts,
    signs_overlap,
)
from kratom_evidence.appraisal.criteria.words import join_words
from kratom_evidence.dataset import Dataset
from tests.oracles.serotonin_criteria import RADOMSKI_MAJOR, RADOMSKI_MINOR

CLONUS_KINDS = {"spontaneous_clonus", "inducible_clonus", "ocular_clonus"}


def result(dataset: Dataset, case_id: str, system: System, reading: Reading = "strict") -> CriterionResult:
    return criterion_results(dataset, system, reading)[case_id]


@pytest.mark.parametrize("case_id", ["anonchest2020", "brooks2023"])
def test_two_labelled_cases_meet_hunter_through_tremor_and_hyperreflexia(dataset: Dataset, case_id: str) -> None:
    strict = result(dataset, case_id, "hunter")
    assert strict.status == "met"
    assert strict.decided_by == ("arm 4: tremor + hyperreflexia",)
    assert not result(dataset, case_id, "hunter", "lenient").met_only_by_leniency


def test_leniency_is_named_where_it_opens_a_further_arm(dataset: Dataset) -> None:
    lenient = result(dataset, "brooks2023", "hunter", "lenient")
    assert lenient.decided_by == (
        "arm 2: inducible clonus (lenient: clonus of unstated type) + diaphoresis",
        "arm 4: tremor + hyperreflexia",
    )
    assert "which does not decide" in describe(lenient)


@pytest.mark.parametrize("reading", ["strict", "lenient"])
def test_the_case_known_from_a_lay_summary_says_what_would_settle_it(dataset: Dataset, reading: Reading) -> None:
    case = result(dataset, "brogdon2022", "hunter", reading)
    assert case.status == "undetermined"
    assert case.present_items == case.absent_items == ()
    assert case.settled_by.met_if_present == (("spontaneous_clonus",),)
    assert {frozenset(items) for items in case.settled_by.not_met_if_absent} == {
        frozenset(CLONUS_KINDS | {"tremor"}),
        frozenset(CLONUS_KINDS | {"hyperreflexia"}),
    }
    assert "met if present: spontaneous clonus;" in describe(case)


@pytest.mark.parametrize("reading", ["strict", "lenient"])
def test_the_newborn_with_tremor_is_undetermined(dataset: Dataset, reading: Reading) -> None:
    case = result(dataset, "nellhaus2018", "hunter", reading)
    assert (case.status, case.present_items) == ("undetermined", ("tremor",))
    assert set(case.settled_by.met_if_present) == {("spontaneous_clonus",), ("hyperreflexia",)}
    assert case.stand_ins == {}


def test_the_man_with_rigidity_is_not_met_by_leniency_and_the_leniency_is_said(dataset: Dataset) -> None:
    strict, lenient = (result(dataset, "liangnd", "hunter", reading) for reading in ("strict", "lenient"))
    assert strict.status == lenient.status == "undetermined"
    assert "hyperreflexia" in strict.absent_items
    assert set(strict.present_items) == {"diaphoresis", "temperature"}
    assert set(lenient.present_items) == {"diaphoresis", "temperature", "hypertonia"}
    assert lenient.stand_ins == {"hypertonia": ("muscle_rigidity",)}
    assert "Leniency adds hypertonia (lenient: muscle rigidity), which does not decide." in describe(lenient)
    for case in (strict, lenient):
        assert {frozenset(items) for items in case.settled_by.met_if_present} == {
            frozenset({kind}) for kind in CLONUS_KINDS
        }


def test_with_clonus_of_unstated_type_the_rigid_man_would_be_met_by_leniency_only_and_it_says_so() -> None:
    items = {
        "inducible_clonus": Truth.YES,
        "hypertonia": Truth.YES,
        "temperature": Truth.YES,
        "hyperreflexia": Truth.NO,
    }
    used = {"inducible_clonus": ("clonus",), "hypertonia": ("muscle_rigidity",)}
    case = judge("hunter", items, reading="lenient", stand_ins=used)
    assert case.met_only_by_leniency
    assert "Met only because of the lenient reading." in describe(case)
    assert "hypertonia (lenient: muscle rigidity)" in case.decided_by[0]


@pytest.mark.parametrize(
    ("system", "present", "absent", "stand_ins", "told"),
    [
        ("hunter", ("inducible_clonus", "agitation", "tremor", "hyperreflexia"), (), {},
         ("Hunter (strict reading, signs only): met. "
         "arm 2: inducible clonus + agitation; arm 4: tremor + hyperreflexia.")),
        ("sternbach", ("agitation", "diaphoresis", "tremor"), (), {"agitation": ("restlessness",), "tremor": ()},
         ("Sternbach (lenient reading, signs only): met. "
         "at least 3 of 10 signs: agitation (lenient: restlessness) + diaphoresis + tremor. "
         "Met only because of the lenient reading.")),
        ("hunter", (), ("spontaneous_clonus", "inducible_clonus", "ocular_clonus", "tremor"), {},
         ("Hunter (strict reading, signs only): not met. "
         "arm 1: no spontaneous clonus; arm 2: no inducible clonus; arm 3: no ocular clonus; arm 4: no tremor; "
         "arm 5: no ocular clonus and inducible clonus.")),
        ("hunter", ("hypertonia", "inducible_clonus"), ("spontaneous_clonus", "agitation", "diaphoresis", "tremor"),
         {"hypertonia": ("muscle_rigidity",), "inducible_clonus": ("clonus",)},
         ("Hunter (lenient reading, signs only): undetermined. "
         "Leniency adds hypertonia (lenient: muscle rigidity) and inducible clonus (lenient: clonus of unstated type), "
         "which does not decide. "
         "What would settle it: met if present: temperature above 38 °C; not met if absent: temperature above 38 °C.")),
    ],
)  # fmt: skip
def test_an_answer_is_told_in_one_paragraph(
    system: System,
    present: tuple[str, ...],
    absent: tuple[str, ...],
    stand_ins: dict[str, tuple[str, ...]],
    told: str,
) -> None:
    items = dict.fromkeys(present, Truth.YES) | dict.fromkeys(absent, Truth.NO)
    case = judge(system, items, reading="lenient", stand_ins=stand_ins) if stand_ins else judge(system, items)
    assert describe(case) == told
    assert case.reading == ("lenient" if stand_ins else "strict")


def test_an_item_of_a_case_that_is_unknown_is_neither_present_nor_absent() -> None:
    case = judge("hunter", {"tremor": Truth.YES, "agitation": Truth.NO, "diaphoresis": Truth.UNKNOWN})
    assert (case.present_items, case.absent_items) == (("tremor",), ("agitation",))


def test_restlessness_as_agitation_is_what_meets_sternbach_in_one_case(dataset: Dataset) -> None:
    assert result(dataset, "mcwhirter2010", "sternbach").status == "undetermined"
    lenient = result(dataset, "mcwhirter2010", "sternbach", "lenient")
    assert lenient.met_only_by_leniency
    assert lenient.decided_by == ("at least 3 of 10 signs: agitation (lenient: restlessness) + diaphoresis + tremor",)


def test_a_denied_fever_counts_as_absent_in_the_chest_case(dataset: Dataset) -> None:
    case = result(dataset, "anonchest2020", "sternbach")
    assert (case.status, case.absent_items) == ("undetermined", ("fever",))
    assert case.present_counts == {"signs": 2}
    assert case.attainable_counts == {"signs": 9}
    assert settling_in_words(case).startswith("met if present: one of mental status change, agitation,")


def test_table_has_one_row_a_case_and_the_statuses_of_the_array(dataset: Dataset) -> None:
    table = criteria_table(dataset)
    states = criterion_states(dataset)
    assert table.index.equals(dataset.cases.index)
    assert list(states) == [f"{system}_{reading}" for system, reading in JUDGEMENTS]
    for name in states:
        assert table[name].map({"met": 1, "not_met": -1, "undetermined": 0}).tolist() == states[name].tolist()
        settled = states[name] != 0
        assert table[f"{name}_decided_by"].notna().equals(settled)
        assert table[f"{name}_to_settle"].notna().equals(~settled)


def test_radomski_needs_no_lenient_column(dataset: Dataset) -> None:
    strict, lenient = (item_states(dataset, "radomski", reading) for reading in ("strict", "lenient"))
    pd.testing.assert_frame_equal(strict, lenient)


def test_words_name_no_identifier(dataset: Dataset) -> None:
    table = criteria_table(dataset).drop(columns=[f"{system}_{reading}" for system, reading in JUDGEMENTS])
    words = [text for _, column in table.items() for text in column.dropna()]
    assert len(words) == len(dataset.cases) * len(JUDGEMENTS)
    assert [text for text in words if "_" in text] == []


def test_long_lists_of_settling_sets_are_told_as_choices() -> None:
    words = settling_in_words(judge("sternbach", {"fever": Truth.YES, "tremor": Truth.NO}))
    assert re.match(
        r"met if present: any 2 of mental status change, .*, incoordination; not met if absent: any 7 of", words
    )
    silent = settling_in_words(judge("radomski", {}))
    assert silent.startswith("met if present: any 4 of the major signs confusion or impaired consciousness or coma")
    mixed = judge("radomski", dict.fromkeys(("fever", "tremor", "diarrhea"), Truth.YES))
    assert re.search(
        r"any 2 of the major signs .*; or one of the major signs .* and one of the minor signs",
        settling_in_words(mixed),
    )


def test_settling_sets_that_are_no_free_choice_are_named_one_by_one() -> None:
    case = judge("hunter", {"spontaneous_clonus": Truth.NO})
    named = [
        "inducible clonus + agitation",
        "inducible clonus + diaphoresis",
        "ocular clonus + agitation",
        "ocular clonus + diaphoresis",
        "tremor + hyperreflexia",
    ]
    words = sets_in_words(case.settled_by.met_if_present, CRITERIA["hunter"])
    assert words == "; or ".join(named)
    for most, more in ((5, []), (4, ["one more set of 2 items"]), (2, ["one of 3 more sets of 2 items"])):
        short = sets_in_words(case.settled_by.met_if_present, CRITERIA["hunter"], most=most)
        assert short == "; or ".join([*named[:most], *more])


def test_eight_settling_sets_are_named_and_the_ninth_is_counted() -> None:
    """Nine pairs with agitation or tremor are no free choice among eight items."""
    items = ("inducible_clonus", "ocular_clonus", "diaphoresis", "hyperreflexia", "hypertonia")
    pairs = (*((item, "agitation") for item in items), *((item, "tremor") for item in items[:4]))
    words = sets_in_words(pairs, CRITERIA["hunter"]).split("; or ")
    assert words[0] == "inducible clonus + agitation" and words[7] == "diaphoresis + tremor"
    assert words[8:] == ["one more set of 2 items"]


@pytest.mark.parametrize(
    ("words", "told"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_words_stand_in_a_row(words: list[str], told: str) -> None:
    assert join_words(words, "or") == told
    assert join_words(words) == told.replace(" or ", " and ")


def test_two_sets_are_a_choice_too(dataset: Dataset) -> None:
    case = result(dataset, "nellhaus2018", "hunter")
    assert settling_in_words(case).startswith("met if present: one of spontaneous clonus, hyperreflexia; not met")


@pytest.mark.parametrize(
    ("present", "told"),
    [
        (("tremor",), "all of the major signs fever, rigidity"),
        (("tremor", "rigidity"), "one of the major signs fever"),
        ((), "all of the major signs fever, tremor, rigidity"),
    ],
)
def test_a_choice_without_choice_says_all(present: tuple[str, ...], told: str) -> None:
    """Three major signs can be had of fever, tremor and rigidity alone, and two minor ones, of which one is there."""
    possible = {"fever", "tremor", "rigidity"}
    items = {item: Truth.NO for item in RADOMSKI_MAJOR if item not in possible}
    items |= dict.fromkeys(RADOMSKI_MINOR[3:], Truth.NO) | dict.fromkeys((*present, "agitation"), Truth.YES)
    met, _ = settling_in_words(judge("radomski", items)).split("; not met if absent: ")
    assert met == f"met if present: {told} and one of the minor signs insomnia, tachycardia"


def test_counts_of_signs_are_worked_by_hand_for_one_case(dataset: Dataset) -> None:
    """brooks2023: clonus, confusion, diaphoresis, hyperreflexia, hyperthermia (41.1 C) and tremor; nothing denied."""
    counts = sign_counts(dataset).loc["brooks2023"].to_dict()
    assert counts == {
        "hunter_signs_present": 5,
        "hunter_signs_attainable": 7,
        "sternbach_signs_present": 5,
        "sternbach_signs_attainable": 10,
        "radomski_major_present": 5,
        "radomski_major_attainable": 9,
        "radomski_minor_present": 0,
        "radomski_minor_attainable": 9,
    }
    assert signs_overlap(dataset).loc["brooks2023"].to_dict() == {"hunter": 5, "sternbach": 5, "radomski": 5}
    assert signs_overlap(dataset).loc["brogdon2022"].to_dict() == {"hunter": 0, "sternbach": 0, "radomski": 1}


def test_results_and_counts_agree(dataset: Dataset) -> None:
    counts = sign_counts(dataset)
    for system, criterion in CRITERIA.items():
        for case_id, case in criterion_results(dataset, system, "strict").items():
            for group in criterion.counted:
                assert counts.loc[case_id, f"{system}_{group}_present"] == case.present_counts[group]
                assert counts.loc[case_id, f"{system}_{group}_attainable"] == case.attainable_counts[group]


def test_not_mentioned_is_no_rejection_by_the_authors(dataset: Dataset) -> None:
    labels = authors_states(dataset)
    assert labels.dtype == "int8"
    assert set(labels.index[labels == 1]) == {"anonchest2020", "brogdon2022", "brooks2023"}
    assert (labels[dataset.cases["ss_assessment"] == "not_mentioned"] == 0).all()
    assert authors_states(dataset, count_suspected=False)["brooks2023"] == 0


def test_agreement_of_six_hand_worked_cases() -> None:
    states = pd.DataFrame(
        {"one": [1, 1, -1, 0, 1, 0], "other": [1, -1, -1, 1, 0, 0]}, index=list("abcdef"), dtype="int8"
    )
    assert agreement_table(states).to_dict(orient="records") == [
        {
            "first": "one",
            "second": "other",
            "cases": 6,
            "both_met": 1,
            "both_not_met": 1,
            "first_only_met": 1,
            "second_only_met": 0,
            "unsettled": 3,
            "agree_at_least": 2,
            "agree_at_most": 5,
        }
    ]
    cells = agreement_cells(states).set_index(["first_status", "second_status"])["case_ids"]
    assert cells["undetermined", "met"] == ("d",)
    assert cells["undetermined", "undetermined"] == ("f",)
    assert cells["met", "not_met"] == ("b",)
    assert met_bounds(states).loc["one"].to_dict() == {
        "met": 3,
        "not_met": 1,
        "undetermined": 2,
        "cases": 6,
        "met_at_least": 3,
        "met_at_most": 5,
    }


def test_agreement_counts_every_case_once_in_every_pair(dataset: Dataset) -> None:
    states = judged_and_labelled(dataset)
    cells = agreement_cells(states)
    assert cells["cases"].tolist() == cells["case_ids"].map(len).tolist()
    for _, pair in cells.groupby(["first", "second"]):
        assert sorted(case for cases in pair["case_ids"] for case in cases) == dataset.cases.index.tolist()
    table = agreement_table(states)
    assert len(table) == 15
    parts = ["both_met", "both_not_met", "first_only_met", "second_only_met", "unsettled"]
    assert (table[parts].sum(axis=1) == len(dataset.cases)).all()
    assert (table["agree_at_most"] - table["agree_at_least"] == table["unsettled"]).all()


def test_agreement_tells_its_five_cells_apart() -> None:
    """One case met by both, two by neither, three by the first only, four by the second only, five unsettled."""
    pairs = [(1, 1), *[(-1, -1)] * 2, *[(1, -1)] * 3, *[(-1, 1)] * 4, (0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]
    row = agreement_table(pd.DataFrame(pairs, columns=["one", "other"], dtype="int8")).iloc[0]
    cells = ["both_met", "both_not_met", "first_only_met", "second_only_met", "unsettled"]
    assert row[cells].tolist() == [1, 2, 3, 4, 5]
    assert (row["agree_at_least"], row["agree_at_most"]) == (3, 8)


def test_the_suspected_case_counts_as_labelled_unless_asked_otherwise(dataset: Dataset) -> None:
    assert dataset.cases.loc["brooks2023", "ss_assessment"] == "suspected"
    assert judged_and_labelled(dataset).loc["brooks2023", "authors"] == 1
    assert judged_and_labelled(dataset, count_suspected=False).loc["brooks2023", "authors"] == 0


def test_a_lenient_count_adds_the_restlessness_that_stands_in_for_agitation(dataset: Dataset) -> None:
    """mcwhirter2010: anxiety, craving, diaphoresis, restlessness and tremor."""
    strict, lenient = (signs_overlap(dataset, reading).loc["mcwhirter2010"] for reading in ("strict", "lenient"))
    assert (strict["hunter"], strict["sternbach"]) == (2, 2)
    assert (lenient["hunter"], lenient["sternbach"]) == (3, 3)
    assert strict["radomski"] == lenient["radomski"]

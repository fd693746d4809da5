"""DIPS: only claimed interactions with a recorded enzyme route, both directions, scored as by hand."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.appraisal import Truth, dips_items, dips_table, interaction_cases
from kratom_evidence.appraisal.causality.dips import dips_band, dips_score, kratom_enzyme_roles
from kratom_evidence.codebook import CoExposure, Value
from kratom_evidence.dataset import Dataset
from kratom_evidence.faults import UsageError
from tests.made_up import dataset_of

# Yes, no; copied from the table of the method page by hand, apart from the code.
POINTS = "1:+1 -1|2:+1 -1|3:+1 -1|4:+1 -1|5:+1 -2|6:+2 -1|7:-1 +1|8:+1 0|9:+1 0|10:+1 -1"
CLAIMED: Mapping[str, Value] = {"author_causality": "interaction"}


def points() -> Mapping[int, tuple[int, int]]:
    pairs = [entry.split(":") for entry in POINTS.split("|")]
    return {int(number): (int(text.split()[0]), int(text.split()[1])) for number, text in pairs}


def taking(*substances: str) -> Value:
    return tuple(CoExposure(substance=name, evidence="reported", timing="concurrent") for name in substances)


@pytest.mark.parametrize(
    ("band", "totals"),
    [
        ("doubtful", range(-9, 2)),
        ("possible", range(2, 5)),
        ("probable", range(5, 9)),
        ("highly probable", range(9, 12)),
    ],
)
def test_bands_for_every_attainable_total(band: str, totals: range) -> None:
    assert {dips_band(total) for total in totals} == {band}


@given(stated=st.dictionaries(st.integers(1, 10), st.sampled_from(list(Truth))))
def test_score_equals_all_ways_of_answering_the_open_items(stated: dict[int, Truth]) -> None:
    options = [
        {Truth.YES: points()[n][:1], Truth.NO: points()[n][1:], Truth.UNKNOWN: points()[n]}[
            stated.get(n, Truth.UNKNOWN)
        ]
        for n in range(1, 11)
    ]
    totals = [sum(choice) for choice in product(*options)]
    score = dips_score(stated)
    assert (score.lowest, score.highest) == (min(totals), max(totals))
    assert score.total == sum(option[0] for option in options if len(option) == 1)
    assert score.lowest <= score.total <= score.highest


def test_the_range_without_any_answer_is_that_of_the_scale() -> None:
    assert (dips_score({}).lowest, dips_score({}).highest) == (-9, 11)
    with pytest.raises(UsageError, match=r"items 1 to 10, not \[0\]"):
        dips_score({0: Truth.YES})


def test_kratom_and_the_enzymes_as_read_in_the_pharmacology_table(dataset: Dataset) -> None:
    roles = kratom_enzyme_roles(dataset.pharmacology)
    assert roles.loc["CYP2D6"].to_dict() == {"in_vitro": 1, "in_people": -1, "substrate": 0}
    assert roles.loc["CYP3A"].to_dict() == {"in_vitro": 1, "in_people": 1, "substrate": 0}


@pytest.mark.parametrize(
    ("case_id", "substance", "enzymes", "total"),
    [
        # Known property (CYP3A in people) +1, substrate +1, another cause stated -1.
        ("brogdon2022", "venlafaxine", "CYP2D6; CYP3A", 1),
        ("brooks2023", "desvenlafaxine", "CYP3A", 1),
        # CYP2D6 only: inhibited in the test tube, not in people, so item 2 stays unknown.
        ("anonchest2020", "perphenazine", "CYP2D6", 0),
    ],
)
def test_pairs_scored_by_hand(dataset: Dataset, case_id: str, substance: str, enzymes: str, total: int) -> None:
    table = dips_table(dataset)
    row = table[(table["case_id"] == case_id) & (table["precipitant"] == "kratom") & (table["object"] == substance)]
    assert row[["enzymes", "total", "band"]].to_numpy().tolist() == [[enzymes, total, "doubtful"]]


def test_only_claimed_interactions_with_a_route_are_scored(dataset: Dataset) -> None:
    table = dips_table(dataset)
    assert set(table["case_id"]) <= set(interaction_cases(dataset))
    assert "jarka2023" not in set(table["case_id"]), "no enzyme is recorded for naltrexone"
    assert "castillond" not in set(table["case_id"]), "its authors claim no interaction"
    assert ("anonchest2020", "sertraline") not in set(zip(table["case_id"], table["object"], strict=True)), "stopped"
    assert table["band_note"].str.contains("not verified").all()


def test_the_pair_alone_is_no_rival_of_itself(dataset: Dataset) -> None:
    made = dataset_of(
        dataset,
        alone={**CLAIMED, "co_exposures": taking("quetiapine")},
        rival={**CLAIMED, "co_exposures": taking("quetiapine", "diazepam")},
    )
    totals = dips_table(made).query("object == 'quetiapine'").set_index("case_id")["total"]
    assert totals.to_dict() == {"alone": 2, "rival": 1}
    items = dips_items(made).query("object == 'quetiapine' and item == 7").set_index("case_id")
    assert items["answer"].to_dict() == {"alone": 0, "rival": 1}
    assert items["provenance"].to_dict() == {"alone": "unknown", "rival": "derived"}


def test_a_name_of_two_words_is_one_substance(dataset: Dataset) -> None:
    items = dips_items(dataset_of(dataset, one={**CLAIMED, "co_exposures": taking("synthetic cathinones")}))
    assert set(items["enzymes"]) == {"CYP2D6"}
    assert items.loc[items["item"] == 7, "answer"].tolist() == [0]


def test_the_other_direction_is_scored_once_the_data_name_an_enzyme(dataset: Dataset) -> None:
    row = dataset.pharmacology.iloc[[0]].assign(compound="mitragynine", target="CYP2D6", effect="substrate")
    known = replace(dataset, pharmacology=pd.concat([dataset.pharmacology, row], ignore_index=True))
    made = dataset_of(known, one={**CLAIMED, "co_exposures": taking("bupropion")})
    table = dips_table(made)
    assert table[["precipitant", "object", "enzymes"]].to_numpy().tolist() == [["bupropion", "kratom", "CYP2D6"]]
    assert dips_table(dataset_of(dataset, one={**CLAIMED, "co_exposures": taking("bupropion")})).empty
    one_of_them = dips_table(made).iloc[0]
    # The drug's known property +1, kratom's substrate +1; bupropion itself is no other cause.
    assert (one_of_them["case_id"], one_of_them["total"]) == ("one", 2)


def test_a_prediction_or_a_half_life_is_no_measured_effect_on_an_enzyme(dataset: Dataset) -> None:
    table = dataset.pharmacology
    for measure in ("predicted_AUC_ratio", "half_life_ratio"):
        rows = table[table["measure"] == measure]
        assert not rows.empty
        assert (kratom_enzyme_roles(rows) == 0).all(axis=None)
    assert (kratom_enzyme_roles(table).dtypes == "int8").all()


def test_items_of_a_pair_scored_by_hand(dataset: Dataset) -> None:
    items = dips_items(dataset).query("case_id == 'brogdon2022' and object == 'venlafaxine'").set_index("item")
    assert items["score"].to_dict() == {1: 0, 2: 1, 3: 1, 4: 0, 5: 0, 6: 0, 7: -1, 8: 0, 9: 0, 10: 0}
    assert items["answer"].to_dict() == {n: 1 if n in (2, 3, 7) else 0 for n in range(1, 11)}


@pytest.mark.parametrize(
    ("confounder", "answer"),
    [("infection", 1), ("kratom_withdrawal", 0), ("no_toxicology_confirmation", 0), ("pharmacokinetic_interaction", 0)],
)
def test_only_another_cause_of_the_event_is_a_rival(dataset: Dataset, confounder: str, answer: int) -> None:
    stated: Mapping[str, Value] = {"co_exposures": taking("quetiapine"), "confounders": (confounder,)}
    items = dips_items(dataset_of(dataset, one={**CLAIMED, **stated}))
    assert items.loc[items["item"] == 7, "answer"].tolist() == [answer]


def test_tables_have_the_columns_that_they_document(dataset: Dataset) -> None:
    pair = ["case_id", "precipitant", "object", "enzymes"]
    assert dips_items(dataset).columns.tolist() == [*pair, "item", "answer", "score", "provenance"]
    assert dips_table(dataset).columns.tolist() == [*pair, "total", "band", "lowest", "highest", "band_note"]

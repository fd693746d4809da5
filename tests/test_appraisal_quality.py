"""Quality of reports: worked cases by hand, silence never a "no", completeness counted again from the file itself."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from kratom_evidence.appraisal import MURAD_ITEMS, completeness, completeness_by_year, murad_items
from kratom_evidence.codebook import Value
from kratom_evidence.dataset import Dataset
from tests.made_up import dataset_of

RECORD = {"case_id", "citekey", "source_access", "also_reported_in", "notes", "age_text"}


@pytest.mark.parametrize(
    ("case_id", "expected"),
    [
        ("brooks2023", {"outcome_ascertained": 1, "alternatives_ruled_out": -1, "follow_up": 1}),
        ("anonchest2020", {"outcome_ascertained": 1, "alternatives_ruled_out": -1}),
        # Known from a lay summary: rhythm, dizziness and pulse, but no neurological sign.
        ("brogdon2022", {"alternatives_ruled_out": -1, "follow_up": 1}),
        ("behonick2022-1", {"exposure_ascertained": 1, "follow_up": 1}),
        ("anondili2019", {"outcome_ascertained": 1, "challenge_rechallenge": 1, "follow_up": 1}),
        # Dechallenge negative, rechallenge not stated: nobody knows whether it would have come back.
        (
            "patel2024",
            {"outcome_ascertained": 1, "alternatives_ruled_out": -1, "follow_up": 1, "detail": 1},
        ),
    ],
)
def test_worked_cases(dataset: Dataset, case_id: str, expected: dict[str, int]) -> None:
    row = murad_items(dataset).loc[case_id]
    assert {name: value for name, value in row.to_dict().items() if value} == expected


def test_a_silent_case_is_not_stated_in_every_item(dataset: Dataset) -> None:
    assert murad_items(dataset_of(dataset, silent={})).loc["silent"].to_dict() == dict.fromkeys(MURAD_ITEMS, 0)


def test_a_no_needs_a_statement(dataset: Dataset) -> None:
    stated: Mapping[str, Value] = {
        "mitragynine_detected_in": (),
        "dechallenge": "negative",
        "rechallenge": "negative",
        "confounders": ("infection",),
    }
    row = murad_items(dataset_of(dataset, stated=stated)).loc["stated"].to_dict()
    denied = ("exposure_ascertained", "alternatives_ruled_out", "challenge_rechallenge")
    assert row == {name: -1 if name in denied else 0 for name in MURAD_ITEMS}


def test_every_item_that_can_be_yes_is_yes_for_a_full_report(dataset: Dataset) -> None:
    stated: Mapping[str, Value] = {
        "age_years": 30,
        "sex": "male",
        "kratom_dose_text": "5 g",
        "onset_hours": 2.0,
        "mitragynine_detected_in": ("urine",),
        "co_exposures": (),
        "conditions": (),
        "confounders": (),
        "ss_assessment": "suspected",
        "findings_absent": ("hyperreflexia",),
        "dechallenge": "positive",
        "outcome": "recovered",
    }
    row = murad_items(dataset_of(dataset, full=stated)).loc["full"].to_dict()
    assert row == {name: 0 if name == "dose_response" else 1 for name in MURAD_ITEMS}


@pytest.mark.parametrize("missing", ["age_years", "sex", "kratom_dose_text", "onset_hours", "co_exposures"])
def test_detail_needs_all_of_its_fields(dataset: Dataset, missing: str) -> None:
    stated: dict[str, Value] = {"age_years": 30, "sex": "male", "kratom_dose_text": "5 g", "onset_hours": 2.0}
    full: dict[str, Value] = {**stated, "co_exposures": ()}
    made = dataset_of(dataset, full=full, less={**full, missing: None})
    assert murad_items(made)["detail"].to_dict() == {"full": 1, "less": 0}


def test_the_label_alone_does_not_ascertain_serotonin_syndrome(dataset: Dataset) -> None:
    label: dict[str, Value] = {"primary_event": "serotonin_syndrome", "ss_assessment": "diagnosed"}
    made = dataset_of(
        dataset,
        label={**label, "findings_present": ("tachycardia", "confusion"), "temp_max_c": 39.0},
        signs={**label, "findings_present": ("clonus",)},
        other={"primary_event": "liver_injury", "findings_present": ("liver_injury",)},
        results={"primary_event": "liver_injury", "alt_max_u_l": 900},
    )
    assert murad_items(made)["outcome_ascertained"].to_dict() == {"label": 0, "signs": 1, "other": 0, "results": 1}


def test_completeness_equals_a_count_of_filled_cells_of_the_file(dataset: Dataset, project_root: Path) -> None:
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    filled = {
        row["case_id"]: sum(
            cell != "" and (name, cell) != ("ss_assessment", "not_mentioned")
            for name, cell in row.items()
            if name not in RECORD
        )
        for row in rows
    }
    result = completeness(dataset)
    assert result["reported"].to_dict() == filled
    assert set(result["fields"]) == {len(rows[0]) - len(RECORD)}
    assert (result["share"] == result["reported"] / result["fields"]).all()


def test_years_are_in_order_and_the_unknown_year_is_a_group_of_its_own(dataset: Dataset) -> None:
    table = completeness_by_year(dataset)
    known = table["year"].dropna().tolist()
    assert known == sorted(set(known))
    assert table["year"].isna().tolist() == [False] * len(known) + [True]
    undated = set(dataset.sources.index[dataset.sources["year"].isna()])
    assert table["cases"].iloc[-1] == dataset.cases["citekey"].isin(undated).sum()
    assert table["cases"].sum() == len(dataset.cases)
    assert table["reported"].sum() == completeness(dataset)["reported"].sum()
    assert ((table["lowest"] <= table["share"]) & (table["share"] <= table["highest"])).all()

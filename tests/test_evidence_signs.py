"""Signs and criteria as counted for notebook 4, against counts made from the CSV files alone."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PatchCollection
from scipy import stats  # type: ignore[import-untyped]  # scipy ships no types

from kratom_evidence.appraisal import CRITERIA
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import criteria_met, signs
from kratom_evidence.evidence.case_set import restrict
from kratom_evidence.evidence.figures import signs as figures
from kratom_evidence.evidence.named_signs import (
    ARTICLE_SEVERE,
    ARTICLE_SYMPTOMS,
    REFERENCE_SIGNS,
    NamedSign,
    named_states,
)
from tests.labelled import labelled_cases

Rows = Mapping[str, Mapping[str, str]]
SS_CASES = labelled_cases()
# Those of which the signs were counted by hand.
BY_HAND = ["anonchest2020", "brogdon2022", "brooks2023"]
# Clonus of every kind is one sign of Hunter's.
CLONUS = {"spontaneous_clonus", "inducible_clonus", "ocular_clonus", "clonus_unspecified"}


def read(path: Path, key: str) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def rows(project_root: Path) -> Rows:
    return read(project_root / "data" / "case_reports.csv", "case_id")


@pytest.fixture(scope="module")
def terms(project_root: Path) -> Rows:
    return read(project_root / "data" / "vocabulary" / "findings.csv", "finding")


@pytest.fixture(scope="module")
def studies(project_root: Path) -> Rows:
    return read(project_root / "data" / "context" / "studies.csv", "context_id")


@pytest.fixture(scope="module")
def results(dataset: Dataset) -> criteria_met.Results:
    return criteria_met.all_results(dataset)


def cell(table: pd.DataFrame, row: object, column: str) -> Any:
    """One value of a table."""
    return table[column].to_dict()[row]


def listed(row: Mapping[str, str], column: str) -> set[str]:
    return set(row[column].split("; ")) - {"", "none"}


def counted_signs(row: Mapping[str, str], terms: Rows, system: str) -> int:
    """Signs of Hunter or Sternbach by hand: the items that the present findings serve, clonus once."""
    present = listed(row, "findings_present")
    hot = row["temp_max_c"] and float(row["temp_max_c"]) > 38
    items = {terms[finding][system] for finding in present | ({"hyperthermia"} if hot else set())} - {""}
    if row["temp_max_c"] and not hot and "fever" not in present:
        items -= {"temperature", "fever"}
    return len(items - CLONUS) + bool(items & CLONUS)


# Cases that are shown


@pytest.mark.parametrize("least", [1, 2, 3])
def test_overlapping_cases_are_the_labelled_ones_and_those_with_enough_signs(
    dataset: Dataset, rows: Rows, terms: Rows, least: int
) -> None:
    table = signs.overlapping_cases(dataset, least)
    counts = {c: [counted_signs(row, terms, name) for name in ("hunter", "sternbach")] for c, row in rows.items()}
    assert set(table.index) == {c for c, both in counts.items() if max(both) >= least} | set(SS_CASES)
    assert {c: [r["hunter"], r["sternbach"]] for c, r in table.to_dict("index").items()} == {
        c: counts[c] for c in table.index
    }
    assert set(table.index[: len(SS_CASES)]) == set(SS_CASES)


def test_numbers_of_signs_add_up_to_all_cases(dataset: Dataset, rows: Rows, terms: Rows) -> None:
    table = signs.overlap_counts(dataset)
    assert (table.sum() == len(rows)).all()
    by_hand = [counted_signs(row, terms, "sternbach") for row in rows.values()]
    assert table["sternbach"].to_dict() == {number: by_hand.count(number) for number in table.index}


# The grid


def test_every_item_of_the_three_sets_has_one_row(dataset: Dataset) -> None:
    named = [(system, item) for sign in signs.criteria_signs(dataset) for system, item in sign.items.items()]
    assert sorted(named) == sorted((s, item) for s, criterion in CRITERIA.items() for item in criterion.items)
    labels = [sign.label for sign in signs.criteria_signs(dataset)]
    assert len(labels) == len(set(labels))


def test_grid_shows_what_the_csv_states(dataset: Dataset, rows: Rows) -> None:
    grid = signs.sign_grid(dataset, list(rows))
    for label, finding in (("tremor", "tremor"), ("hyperreflexia", "hyperreflexia"), ("mydriasis", "mydriasis")):
        present = {c for c, row in rows.items() if finding in listed(row, "findings_present")}
        absent = {c for c, row in rows.items() if finding in listed(row, "findings_absent")}
        assert set(grid.states.index[grid.states[label] == 1]) == present
        assert set(grid.states.index[grid.states[label] == -1]) == absent
    fever_absent = cell(grid.states, "anonchest2020", "fever")
    assert fever_absent == -1


def test_lenient_cells_are_gaps_that_a_stand_in_fills(dataset: Dataset, rows: Rows) -> None:
    grid = signs.sign_grid(dataset, list(rows))
    filled = grid.lenient.to_numpy()
    assert (grid.states.to_numpy()[filled] == 0).all()
    rigid = {c for c, row in rows.items() if "muscle_rigidity" in listed(row, "findings_present")}
    assert set(grid.lenient.index[grid.lenient["hypertonia"]]) == rigid
    assert cell(signs.signs_table(grid), "hypertonia", "liangnd") == "present, lenient reading only"


def test_the_table_of_signs_says_in_words_what_the_csv_states(dataset: Dataset) -> None:
    table = signs.signs_table(signs.sign_grid(dataset, BY_HAND))
    systems = ["hunter", "sternbach", "radomski"]
    assert [cell(table, "fever", case_id) for case_id in BY_HAND] == ["absent", "not stated", "present"]
    assert [cell(table, "tremor", case_id) for case_id in BY_HAND] == ["present", "not stated", "present"]
    assert [cell(table, "tremor", system) for system in systems] == ["tremor"] * 3
    assert [cell(table, "insomnia", system) for system in systems] == ["–", "–", "insomnia"]


# Criteria


def test_the_worked_cases(results: criteria_met.Results, dataset: Dataset) -> None:
    judged = criteria_met.judgements_of(results, SS_CASES)
    hunter = judged[judged["judgement"] == "Hunter, strict"]
    for case_id in ("anonchest2020", "brooks2023"):
        assert cell(hunter, case_id, "status") == "met"
        assert cell(hunter, case_id, "decided_by") == "arm 4: tremor + hyperreflexia"
    assert cell(hunter, "brogdon2022", "status") == "undetermined"
    assert cell(hunter, "brogdon2022", "met_if_present") == "spontaneous clonus"
    assert cell(hunter, "brogdon2022", "not_met_if_absent") != "–"
    met = criteria_met.met_counts(dataset, results)
    for case_id in ("liangnd", "nellhaus2018", "eldridge2018"):
        assert case_id not in cell(met, "Hunter, lenient", "met_ids")


def test_settling_findings_do_settle(dataset: Dataset) -> None:
    """Spontaneous clonus, reported present for the undetermined case, makes it met."""
    extra = pd.DataFrame([{"case_id": "brogdon2022", "finding": "spontaneous_clonus", "state": "present"}])
    changed = replace(dataset, findings=pd.concat([dataset.findings, extra], ignore_index=True))
    states = criteria_met.statuses(changed, ["brogdon2022"])
    assert cell(states, "brogdon2022", "Hunter, strict") == 1
    assert cell(criteria_met.statuses(dataset, ["brogdon2022"]), "brogdon2022", "Hunter, strict") == 0


def test_counts_of_met_cases_carry_their_ids_and_bounds(dataset: Dataset, results: criteria_met.Results) -> None:
    met = criteria_met.met_counts(dataset, results)
    assert met["met_ids"].map(len).tolist() == met["met"].tolist()
    assert (met[["met", "not_met", "undetermined"]].sum(axis=1) == len(dataset.cases)).all()
    assert (met["met_at_most"] - met["met_at_least"] == met["undetermined"]).all()
    assert set(cell(met, "authors' label", "met_ids")) == set(SS_CASES)
    for system in ("Hunter", "Sternbach"):
        strict, lenient = (set(cell(met, f"{system}, {reading}", "met_ids")) for reading in ("strict", "lenient"))
        assert set(cell(met, f"{system}, lenient", "lenient_ids")) >= lenient - strict


def test_agreement_is_bounded_by_what_is_settled(dataset: Dataset) -> None:
    pairs = criteria_met.agreement(dataset)
    assert len(pairs) == 6
    for pair in pairs.to_dict("records"):
        agree, differ = pair["both_met"] + pair["both_not_met"], pair["first_only_met"] + pair["second_only_met"]
        assert agree + differ + pair["unsettled"] == pair["cases"] == len(dataset.cases)
        assert pair["lowest"] == pytest.approx(agree / pair["cases"])
        assert pair["highest"] == pytest.approx((agree + pair["unsettled"]) / pair["cases"])
        assert len(pair["met_ids"]) == pair["both_met"]


def test_labelled_cases_stand_beside_those_of_evans(dataset: Dataset, studies: Rows) -> None:
    table = criteria_met.label_against_criteria(dataset)
    assert set(table["labelled"]) == {len(SS_CASES)}
    for judgement, key in (("Hunter, strict", "hunter"), ("Sternbach, strict", "sternbach")):
        study = studies[f"evans2010_fda_triptan_{key}"]
        assert cell(table, judgement, "reference") == f"{study['value']} of {study['n']}"
    assert cell(table, "Radomski", "reference") == "–"
    met = [case_id for case_id in cell(table, "Hunter, strict", "met_ids") if case_id in BY_HAND]
    assert met == ["anonchest2020", "brooks2023"]


def test_exposure_and_exclusions_never_turn_silence_into_an_answer(dataset: Dataset) -> None:
    every_case = list(dataset.cases.index)
    table = criteria_met.with_exposure(dataset, every_case)
    hunter = criteria_met.statuses(dataset, every_case)["Hunter, strict"].map(
        {1: "met", -1: "not met", 0: "undetermined"}
    )
    assert (table["hunter_with_kratom"] == hunter).all()
    silent = table[table["agent_on_board"] == "not stated"]
    assert len(silent)
    assert (silent["hunter_without_kratom"] == silent["hunter_with_kratom"].replace("met", "undetermined")).all()
    none = table["agent_on_board"] == "no"
    assert (table.loc[none, "hunter_without_kratom"] == "not met").all()
    assert (table[["sternbach_full", "radomski_full"]] != "met").all().all()
    assert cell(table, "brooks2023", "agents") == ("desvenlafaxine",)
    assert cell(table, "brooks2023", "sternbach_full") == "undetermined"


# Frequencies


@pytest.mark.parametrize("named", [REFERENCE_SIGNS, ARTICLE_SYMPTOMS, ARTICLE_SEVERE])
def test_named_signs_use_only_what_exists_and_count_every_labelled_case(
    dataset: Dataset, terms: Rows, studies: Rows, named: Sequence[NamedSign]
) -> None:
    for sign in named:
        assert set(sign.findings) <= set(terms)
        assert set(sign.figures) <= set(studies)
        assert bool(sign.findings) != bool(sign.item)
    table = signs.sign_frequencies(dataset, named)
    assert (table[["present", "absent", "not_stated"]].sum(axis=1) == len(SS_CASES)).all()


def test_every_sign_that_the_three_series_tabulate_is_used(studies: Rows) -> None:
    """All figures of sign frequencies but those by intensive care and by a higher temperature."""
    tabulated = {key for key, row in studies.items() if row["topic"] == "ss_symptom_frequency"}
    left_out = {key for key in tabulated if "_icu_" in key or "over_41" in key}
    assert {key for sign in REFERENCE_SIGNS for key in sign.figures} == tabulated - left_out


def test_the_article_symptoms_are_those_of_the_vocabulary(terms: Rows) -> None:
    used = {finding for sign in (*ARTICLE_SYMPTOMS, *ARTICLE_SEVERE) for finding in sign.findings}
    assert used == {finding for finding, row in terms.items() if row["article_symptom"] == "yes"}
    assert len(ARTICLE_SYMPTOMS) == 11


def test_frequencies_are_those_of_the_csv(dataset: Dataset, rows: Rows) -> None:
    table = signs.sign_frequencies(dataset, REFERENCE_SIGNS)
    for label, findings in (
        ("sweating", {"diaphoresis"}),
        ("rapid or slow heart rate", {"tachycardia", "bradycardia"}),
        ("seizure", {"seizure"}),
        ("insomnia", {"insomnia"}),
    ):
        with_it = {c for c, row in rows.items() if findings & listed(row, "findings_present")}
        assert set(cell(table, label, "present_ids")) == with_it & set(SS_CASES)
        assert set(cell(table, label, "rest_ids")) == with_it - set(SS_CASES)
    assert [case_id for case_id in cell(table, "fever", "absent_ids") if case_id in BY_HAND] == ["anonchest2020"]


def test_a_sign_that_is_not_stated_changes_no_count_of_absent(dataset: Dataset) -> None:
    states = named_states(dataset, REFERENCE_SIGNS)
    stripped = replace(dataset, findings=dataset.findings[dataset.findings["state"] == "present"])
    without = named_states(stripped, REFERENCE_SIGNS)
    for label, before in states.items():
        gone = (before == -1) & (without[label] != -1)
        assert (without[label][gone] == 0).all()
        assert (without[label][before == 0] == 0).all()


def test_reference_intervals_are_those_of_scipy(dataset: Dataset, studies: Rows) -> None:
    table = signs.reference_frequencies(dataset, REFERENCE_SIGNS)
    assert len(table) == sum(len(sign.figures) for sign in REFERENCE_SIGNS)
    keys = [key for sign in REFERENCE_SIGNS for key in sign.figures]
    for key, row in zip(keys, table.to_dict("records"), strict=True):
        value, n = float(studies[key]["value"]), studies[key]["n"]
        assert row["share"] == pytest.approx(value / 100)
        if not n:
            assert pd.isna(row["low"])
            continue
        interval = stats.binomtest(round(value / 100 * int(n)), int(n)).proportion_ci(method="wilson")
        assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


# Figures, by their data


def test_signs_figure_draws_a_cell_for_each_statement_and_each_settled_judgement(dataset: Dataset) -> None:
    shown = list(signs.overlapping_cases(dataset, 2).index)
    grid, statuses = signs.sign_grid(dataset, shown), criteria_met.statuses(dataset, shown)
    figure = figures.signs_figure(grid, statuses, ss_labelled=SS_CASES)
    met, cells = (
        sum(len(part.get_paths()) for part in axes.collections if isinstance(part, PatchCollection))
        for axes in figure.axes
    )
    assert met == int((statuses != 0).to_numpy().sum())
    assert cells == int((grid.states != 0).to_numpy().sum() + grid.lenient.to_numpy().sum())
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == shown


def test_frequencies_figure_draws_every_published_figure(dataset: Dataset) -> None:
    references = signs.reference_frequencies(dataset, REFERENCE_SIGNS)
    figure = figures.frequencies_figure(
        signs.labelled_states(dataset, REFERENCE_SIGNS), references, signs.series_in_words(references)
    )
    shares = figure.axes[1]
    drawn = sorted(x for line in shares.lines for x in np.asarray(line.get_xdata(), dtype=float))
    assert drawn == pytest.approx(sorted(references["share"]))
    segments = [s for part in shares.collections if isinstance(part, LineCollection) for s in part.get_segments()]
    known = references.dropna(subset=["low"])
    ends = sorted(float(segment[0, 0]) for segment in segments if len(segment) and segment[0, 0] == segment[0, 0])
    assert ends == pytest.approx(sorted(known["low"]))


def test_figures_can_be_drawn_without_a_labelled_case(dataset: Dataset) -> None:
    few = restrict(dataset, "full_text")
    shown = list(signs.overlapping_cases(few, 9).index)
    assert not shown
    figure = figures.signs_figure(signs.sign_grid(few, shown), criteria_met.statuses(few, shown), ss_labelled=[])
    assert len(figure.axes[1].get_yticklabels()) == len(signs.criteria_signs(few))

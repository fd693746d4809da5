"""Co-exposures: tables counted again from the text of the CSV, three answers kept apart, and figures read back."""

import csv
import re
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kratom_evidence.appraisal.exposure import AcceptedTiming, graded_exposures
from kratom_evidence.codebook import CoExposure
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import case_set, co_exposures, combinations, serotonergic_agents
from kratom_evidence.evidence.figures import co_exposures as figures
from kratom_evidence.evidence.figures.intersections import intersection_figure
from kratom_evidence.faults import UsageError
from kratom_evidence.presentation import Link
from tests.drawings import assert_legible, bar_lengths, legend_words, written
from tests.labelled import labelled_cases
from tests.made_up import dataset_of

TIMINGS: tuple[AcceptedTiming, ...] = get_args(AcceptedTiming)
NUMBERS = ["none", "one", "two", "three_or_more", "uncertain", "silent"]
ENTRY = re.compile(r"([^\[\];]+) \[(\w+), (\w+)(?:: ([^\]]*))?\]")
# Read by hand from the publications' descriptions of the three cases labelled serotonin syndrome.
LABELLED = {
    "anonchest2020": {
        ("amitriptyline", "established"),
        ("phenethylamine", "possible"),
        ("sertraline", "established"),
        ("bupropion", "disputed"),
        ("perphenazine", "none"),
    },
    "brogdon2022": {("venlafaxine", "established"), ("quetiapine", "disputed")},
    "brooks2023": {
        ("desvenlafaxine", "established"),
        ("trazodone", "possible"),
        ("bupropion", "disputed"),
        ("buspirone", "disputed"),
        ("ziprasidone", "disputed"),
    },
}


def taken(substance: str, timing: str = "concurrent", detail: str | None = None) -> CoExposure:
    return CoExposure(substance=substance, evidence="reported", timing=timing, dose_text=detail)


@pytest.fixture(scope="module")
def entries(project_root: Path) -> dict[str, list[tuple[str, str, str, str]] | None]:
    """Case id -> (substance, evidence, timing, detail) as the CSV has them; None when the cell is empty."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as file:
        cells = {row["case_id"]: row["co_exposures"] for row in csv.DictReader(file)}
    return {
        case_id: None
        if not cell
        else []
        if cell == "none"
        else [(a.strip(), b, c, d) for a, b, c, d in ENTRY.findall(cell)]
        for case_id, cell in cells.items()
    }


@pytest.fixture(scope="module")
def grade_of(project_root: Path) -> dict[str, str]:
    with (project_root / "data" / "vocabulary" / "substances.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row["serotonergic"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(dataset: Dataset) -> pd.DataFrame:
    return graded_exposures(dataset)


def ids_of(table: pd.DataFrame) -> dict[Any, set[str]]:
    return {key: set(ids) for key, ids in table["case_ids"].items()}


def row_of(table: pd.DataFrame, key: Any) -> list[Any]:
    return [table[column][key] for column in table.columns]


def test_statements_are_those_of_the_csv(
    dataset: Dataset, entries: dict[str, list[tuple[str, str, str, str]] | None]
) -> None:
    table = co_exposures.statements(dataset)
    assert ids_of(table) == {
        "lists other substances": {case_id for case_id, items in entries.items() if items},
        "says there were none": {case_id for case_id, items in entries.items() if items == []},
        "not stated": {case_id for case_id, items in entries.items() if items is None},
    }
    assert (table["ss_labelled"] + table["rest"]).tolist() == table["cases"].tolist()
    labelled = set(labelled_cases())
    assert table["ss_labelled"].tolist() == [len(labelled & set(ids)) for ids in table["case_ids"]]


def test_substances_are_those_of_the_csv(
    dataset: Dataset,
    graded: pd.DataFrame,
    entries: dict[str, list[tuple[str, str, str, str]] | None],
    grade_of: dict[str, str],
) -> None:
    expected: dict[str, set[str]] = defaultdict(set)
    concurrent: Counter[str] = Counter()
    for case_id, items in entries.items():
        for substance, _, timing, _ in items or []:
            expected[substance].add(case_id)
            concurrent[substance] += timing == "concurrent"
    table = co_exposures.by_substance(dataset, graded)
    assert ids_of(table) == expected
    assert table["concurrent"].to_dict() == {substance: concurrent[substance] for substance in table.index}
    assert table["grade"].to_dict() == {substance: grade_of[substance] for substance in table.index}
    # One row a case and substance, so that the timings add up to the cases.
    assert table[list(co_exposures.TIMING_WORDS)].sum(axis=1).tolist() == table["cases"].tolist()


def test_a_case_counts_once_in_its_class_and_grade(dataset: Dataset) -> None:
    small = dataset_of(
        dataset,
        a={"co_exposures": (taken("sertraline"), taken("citalopram", "past"), taken("oxycodone"), taken("morphine"))},
        b={"co_exposures": (taken("sertraline", "past", "stopped four days before"),)},
        c={"co_exposures": ()},
        d={},
    )
    exposures = graded_exposures(small)
    classes = co_exposures.by_class(small, exposures)
    assert classes.loc["SSRI", ["cases", "established", "concurrent", "past", "recently_stopped"]].to_dict() == {
        "cases": 2,
        "established": 2,
        "concurrent": 1,
        "past": 1,
        "recently_stopped": 1,
    }
    assert classes.loc["Opioid", ["cases", "disputed", "none", "concurrent"]].to_dict() == {
        "cases": 1,
        "disputed": 1,
        "none": 1,
        "concurrent": 1,
    }
    grades = co_exposures.by_grade(exposures)
    assert grades.index.tolist() == ["established", "possible", "disputed", "none"]
    assert grades["cases"].tolist() == [2, 0, 1, 1]
    assert grades["substances"].tolist() == [2, 0, 1, 1]
    assert grades["case_ids"].tolist() == [("a", "b"), (), ("a",), ("a",)]


def test_the_labelled_cases_appear_with_everything_reported(
    dataset: Dataset, graded: pd.DataFrame, entries: dict[str, list[tuple[str, str, str, str]] | None]
) -> None:
    table = co_exposures.ss_case_co_exposures(dataset, graded)
    found = defaultdict(set)
    for case_id, row in table.iterrows():
        found[case_id].add((row["substance"], row["grade"]))
    assert {case_id: found[case_id] for case_id in LABELLED} == LABELLED
    assert set(found) == {case_id for case_id in labelled_cases() if entries[case_id]}
    details = {
        (case_id, row["substance"]): row["dose_text"] for case_id, row in table.iterrows() if pd.notna(row["dose_text"])
    }
    assert details == {
        (case_id, substance): detail
        for case_id in labelled_cases()
        for substance, _, _, detail in entries[case_id] or []
        if detail
    }
    assert set(table.loc[["brooks2023"], "patient"]) == {"63 years, male"}
    assert set(table.loc[["anonchest2020"], "patient"]) == {"20 years, male"}
    timing = table.set_index("substance", append=True)["timing_class"]
    assert timing["anonchest2020", "sertraline"] == "recently stopped"
    assert timing["brooks2023", "trazodone"] == "at the same time"


def test_a_labelled_case_without_any_statement_keeps_its_row(dataset: Dataset) -> None:
    small = dataset_of(dataset, a={"ss_assessment": "diagnosed"}, b={"ss_assessment": "excluded"})
    table = co_exposures.ss_case_co_exposures(small, graded_exposures(small))
    assert table.index.tolist() == ["a"]
    assert table["patient"].tolist() == ["age not stated, sex not stated"]
    assert table["substance"].isna().all()


def test_enzymes_not_recorded_are_not_a_no(dataset: Dataset) -> None:
    small = dataset_of(
        dataset, a={"co_exposures": tuple(map(taken, ("venlafaxine", "bupropion", "ethanol", "opioid (unspecified)")))}
    )
    exposures = graded_exposures(small)
    routes = co_exposures.enzyme_routes(small, exposures)
    assert list(routes.loc["venlafaxine", ["cyp2d6_substrate", "cyp3a_substrate"]]) == ["yes", "yes"]
    assert list(routes.loc["bupropion", ["cyp2d6_substrate", "cyp_inhibitor"]]) == ["no", "2D6(strong)"]
    assert list(routes.loc["opioid (unspecified)", ["cyp2d6_substrate", "cyp_inhibitor"]]) == ["not recorded"] * 2
    summary = co_exposures.route_summary(exposures)
    assert row_of(summary, ("established", "2D6")) == [1, 0, 0, 1]
    assert row_of(summary, ("possible", "3A")) == [0, 0, 1, 1]
    assert (summary[["yes", "no", "not_recorded"]].sum(axis=1) == summary["co_exposures"]).all()


def test_measurements_in_people_are_those_of_the_pharmacology_table(dataset: Dataset, project_root: Path) -> None:
    with (project_root / "data" / "context" / "pharmacology.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["assay"] == "human_pk"]
    table = co_exposures.measured_inhibition(dataset, in_people=True)
    assert [float(value) for value in table["value"]] == [float(row["value"]) for row in rows]
    assert table["interval"].tolist() == [f"{float(row['ci_low']):g} to {float(row['ci_high']):g}" for row in rows]
    assert all(isinstance(source, Link) for source in table["source"])
    in_vitro = co_exposures.measured_inhibition(dataset, in_people=False)
    assert not in_vitro["measure"].str.contains("predicted").any()
    assert set(in_vitro["target"]) == {"CYP2D6", "CYP3A4"}
    assert in_vitro["interval"].isna().all()


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "d", "e", "f"]),
        st.lists(st.sampled_from(["u", "v", "w", "x"]), min_size=1, max_size=5),
        max_size=6,
    )
)
def test_combinations_part_the_cases(taken_by: dict[str, list[str]]) -> None:
    pairs = [(case_id, name) for case_id, names in taken_by.items() for name in names]
    table = combinations.combinations(pd.DataFrame(pairs, columns=["case_id", "substance"]), "substance")
    found = {
        case_id: members for members, ids in zip(table["members"], table["case_ids"], strict=True) for case_id in ids
    }
    assert found == {case_id: tuple(sorted(set(names))) for case_id, names in taken_by.items()}
    assert table["cases"].sum() == len(taken_by)
    assert table["members"].is_unique
    assert table["cases"].is_monotonic_decreasing
    counts = Counter(name for names in taken_by.values() for name in set(names))
    sizes = combinations.set_sizes(table)
    assert sizes.to_dict() == dict(counts)
    assert sizes.is_monotonic_decreasing


def test_a_class_of_several_grades_is_split(dataset: Dataset) -> None:
    small = dataset_of(dataset, a={"co_exposures": tuple(map(taken, ("oxycodone", "morphine", "sertraline")))})
    exposures = graded_exposures(small)
    labels = dataset.codebook.table("substances").field("drug_class").labels
    with pytest.raises(ValueError, match="mixes serotonergic grades in opioid"):
        combinations.grades_of(exposures, "drug_class")
    assert combinations.grades_of(combinations.split_by_grade(exposures, labels), "graded_class") == {
        "Opioid (disputed)": "disputed",
        "Opioid (not serotonergic)": "none",
        "SSRI": "established",
    }


def test_only_what_was_surely_on_board_is_combined(dataset: Dataset) -> None:
    small = dataset_of(
        dataset,
        a={
            "co_exposures": (
                taken("sertraline"),
                taken("tramadol", "given_in_hospital_before_event"),
                taken("citalopram", "past", "recently stopped"),
                taken("fluoxetine", "unclear"),
                taken("venlafaxine", "past"),
            )
        },
    )
    on_board = {timing: set(combinations.taken_at(small, timing)["substance"]) for timing in TIMINGS}
    assert on_board == {
        "concurrent": {"sertraline", "tramadol"},
        "recently_stopped": {"sertraline", "tramadol", "citalopram"},
        "unclear": {"sertraline", "tramadol", "citalopram", "fluoxetine"},
    }


def test_an_unknown_timing_is_refused_with_the_nearest(dataset: Dataset) -> None:
    wrong: Any = "concurent"
    with pytest.raises(UsageError, match="Did you mean 'concurrent'"):
        combinations.taken_at(dataset, wrong)


def test_agents_per_case_by_hand(dataset: Dataset) -> None:
    small = dataset_of(
        dataset,
        a={"co_exposures": (taken("amitriptyline"),)},
        b={"co_exposures": (taken("sertraline"), taken("trazodone"), taken("bupropion"))},
        c={"co_exposures": (taken("sertraline", "unclear"),)},
        d={"co_exposures": (taken("ethanol"),)},
        e={"co_exposures": ()},
        f={},
    )
    table = serotonergic_agents.agents_per_case(small, "concurrent")[[*NUMBERS, "cases"]]
    assert table.to_numpy().tolist() == [
        [3, 1, 0, 0, 1, 1, 6],  # established, amitriptyline only possible: b has one
        [2, 2, 0, 0, 1, 1, 6],  # established: a and b have one
        [2, 1, 1, 0, 1, 1, 6],  # or possible: b has two
        [2, 1, 0, 1, 1, 1, 6],  # or disputed: b has three
    ]
    assert serotonergic_agents.agents_per_case(small, "unclear").loc["established", "case_ids"] == ("a", "b", "c")


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("access", ["all", "abstract_or_full_text", "full_text"])
def test_every_case_has_one_number_of_agents(dataset: Dataset, access: str, timing: AcceptedTiming) -> None:
    chosen = case_set.restrict(dataset, access)
    table = serotonergic_agents.agents_per_case(chosen, timing)
    assert (table[NUMBERS].sum(axis=1) == len(chosen.cases)).all()
    assert (table[["one", "two", "three_or_more"]].sum(axis=1) == table["case_ids"].map(len)).all()
    assert (table["silent"] == chosen.cases["co_exposures"].isna().sum()).all()
    widening = table["case_ids"].map(set).tolist()
    assert all(narrow <= wide for narrow, wide in pairwise(widening))


def test_agents_stand_under_their_own_grade(dataset: Dataset, grade_of: dict[str, str]) -> None:
    table = serotonergic_agents.serotonergic_cases(dataset, "concurrent")
    for grade in ("established", "possible", "disputed"):
        assert {grade_of[name] for names in table[grade] for name in names} == {grade}
    assert table.index[:3].tolist() == ["anonchest2020", "brogdon2022", "brooks2023"]
    assert table.loc["anonchest2020", "uncertain"] == ("bupropion", "sertraline")
    assert table.loc["brooks2023", "blocks_5ht2a"] == ("trazodone", "ziprasidone")


def test_beside_the_rest_by_hand(dataset: Dataset) -> None:
    small = dataset_of(
        dataset,
        a={"ss_assessment": "diagnosed", "co_exposures": (taken("sertraline"), taken("quetiapine"))},
        b={"co_exposures": (taken("sertraline"), taken("citalopram", "unclear"))},
        c={"co_exposures": (taken("ethanol"),)},
        d={"co_exposures": ()},
        e={},
    )
    table = serotonergic_agents.ss_beside_rest(small, "concurrent").set_index(["property", "group"])
    counted = table[["yes", "no", "uncertain", "silent"]]
    rest = serotonergic_agents.REST_GROUP
    assert row_of(counted, ("any other substance, at any time", rest)) == [2, 1, 0, 1]
    assert row_of(counted, ("an established agent", rest)) == [1, 2, 0, 1]
    assert row_of(counted, ("two or more established agents", rest)) == [0, 2, 1, 1]
    assert table.loc[("two or more established agents", rest), "says"] == "0 of 2 that say; 1 uncertain; 1 silent"
    assert table.loc[("an established agent", rest), "share"] == pytest.approx(1 / 3)
    assert table.loc[("an established agent", rest), "lowest"] == pytest.approx(1 / 4)
    assert table.loc[("an established agent", rest), "highest"] == pytest.approx(2 / 4)
    assert table.loc[("an established agent", rest), "case_ids"] == ("b",)
    labelled = serotonergic_agents.SS_GROUP
    assert row_of(counted, ("two or more agents of any grade", labelled)) == [1, 0, 0, 0]
    assert row_of(counted, ("a 5-HT2A blocker", labelled)) == [1, 0, 0, 0]


def test_a_group_that_says_nothing_has_no_share(dataset: Dataset) -> None:
    table = serotonergic_agents.ss_beside_rest(dataset_of(dataset, a={"ss_assessment": "diagnosed"}), "concurrent")
    assert table["share"].isna().all()
    labelled = table[table["group"] == serotonergic_agents.SS_GROUP]
    assert labelled["silent"].tolist() == [1] * len(labelled)
    assert labelled[["yes", "no", "uncertain"]].to_numpy().sum() == 0


def test_reference_shares_are_those_of_the_studies(dataset: Dataset) -> None:
    table = serotonergic_agents.reference_shares(dataset).set_index("property")
    assert row_of(table[["yes", "n"]], "any other substance, at any time") == [633, 1807]
    # 59.2 % of 125 cases.
    assert row_of(table[["yes", "n"]], "two or more established agents") == [74, 125]
    assert set(table.index) <= set(serotonergic_agents.ss_beside_rest(dataset, "concurrent")["property"])


def serotonergic_substances(dataset: Dataset) -> pd.DataFrame:
    table = co_exposures.by_substance(dataset, graded_exposures(dataset))
    return table[table["grade"] != "none"]


def test_the_substances_figure_draws_the_table(dataset: Dataset) -> None:
    table = serotonergic_substances(dataset)
    axes = figures.substances_figure(table).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == table.index.tolist()
    for timing, words in co_exposures.TIMING_WORDS.items():
        assert bar_lengths(axes, words, horizontal=True) == table[timing].tolist()
    grades = ["established", "possible", "disputed"]
    assert [words for words in written(axes) if words in grades] == grades
    assert [words for words in written(axes) if words not in grades] == [str(total) for total in table["cases"]]


def test_the_agents_figure_draws_the_table(dataset: Dataset) -> None:
    table = serotonergic_agents.agents_per_case(dataset, "concurrent")
    axes = figures.agents_figure(table).axes[0]
    expected = {
        "two or more": (table["two"] + table["three_or_more"]).tolist(),
        "one": table["one"].tolist(),
        "none": table["none"].tolist(),
        "listed, but uncertain": table["uncertain"].tolist(),
        "publication silent": table["silent"].tolist(),
    }
    assert {label: bar_lengths(axes, label, horizontal=True) for label in expected} == expected
    numbers = Counter(str(count) for counts in expected.values() for count in counts if count)
    assert Counter(written(axes)) == numbers


def test_the_intersection_figure_draws_the_combinations(dataset: Dataset) -> None:
    agents = combinations.taken_at(dataset, "concurrent").query("grade != 'none'")
    table = combinations.combinations(agents, "substance")
    grades = combinations.grades_of(agents, "substance")
    figure = intersection_figure(table, grades=grades, ss_labelled=set(LABELLED))
    _, tops, sizes, matrix = figure.axes
    members = [label.get_text() for label in matrix.get_yticklabels()]
    drawn: dict[int, set[str]] = defaultdict(set)
    for dots in matrix.collections:
        if dots.get_label() in set(grades.values()):
            for column, row in np.asarray(dots.get_offsets()).astype(int).tolist():
                drawn[column].add(members[row])
                assert grades[members[row]] == dots.get_label()
    assert [drawn[column] for column in range(len(table))] == [set(chosen) for chosen in table["members"]]
    marked = bar_lengths(tops, "labelled serotonin syndrome")
    others = bar_lengths(tops, "other cases")
    assert [one + other for one, other in zip(marked, others, strict=True)] == table["cases"].tolist()
    assert marked == [len(set(ids) & set(LABELLED)) for ids in table["case_ids"]]
    assert sum(marked) == len(LABELLED)
    totals = combinations.set_sizes(table)
    assert written(sizes) == [str(totals[member]) for member in members]
    assert [label.get_text() for label in matrix.get_xticklabels()] == [ids[0] for ids in table["case_ids"]]
    assert "established serotonergic agent" in legend_words(figure)


def test_the_comparison_figure_draws_shares_and_intervals(dataset: Dataset) -> None:
    beside = serotonergic_agents.ss_beside_rest(dataset, "concurrent")
    references = serotonergic_agents.reference_shares(dataset)
    axes = figures.beside_rest_figure(beside, references).axes[0]
    lines = [(line, np.asarray(line.get_xdata(), dtype=float).tolist()) for line in axes.lines]
    shares = [places[0] for line, places in lines if line.get_marker() in {"o", "v", "D"} and places]
    assert sorted(shares) == pytest.approx(sorted([*beside["share"], *references["share"]]))
    thick = [tuple(places) for line, places in lines if line.get_linewidth() > 2]
    expected = [
        *zip(beside["low"], beside["high"], strict=True),
        *zip(references["low"], references["high"], strict=True),
    ]
    assert sorted(thick) == sorted(expected)
    assert "633 of 1807" in written(axes)


@pytest.mark.parametrize(("access", "timing"), [("all", "concurrent"), ("all", "unclear"), ("full_text", "concurrent")])
def test_every_figure_can_be_read(dataset: Dataset, access: str, timing: AcceptedTiming) -> None:
    chosen = case_set.restrict(dataset, access)
    labels = dataset.codebook.table("substances").field("drug_class").labels
    classes = combinations.split_by_grade(combinations.taken_at(chosen, timing), labels)
    for figure in (
        figures.substances_figure(serotonergic_substances(chosen)),
        figures.agents_figure(serotonergic_agents.agents_per_case(chosen, timing)),
        figures.beside_rest_figure(
            serotonergic_agents.ss_beside_rest(chosen, timing), serotonergic_agents.reference_shares(chosen)
        ),
        intersection_figure(
            combinations.combinations(classes, "graded_class"),
            grades=combinations.grades_of(classes, "graded_class"),
            ss_labelled=set(LABELLED),
        ),
    ):
        assert_legible(figure)

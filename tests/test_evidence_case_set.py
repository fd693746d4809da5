"""The case set and its completeness: counted a second time from the text of the CSV, and by hand on made-up cases."""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import case_set, completeness
from kratom_evidence.evidence.figures import case_set as figures
from kratom_evidence.evidence.figures.completeness import completeness_figure
from kratom_evidence.evidence.figures.labels import folded
from kratom_evidence.faults import UsageError
from kratom_evidence.presentation import Link
from tests.drawings import assert_legible, bar_lengths, bar_tops, legend_words, written
from tests.made_up import dataset_of

# Columns about the record, not about the patient; "age_text" repeats "age_years" in words.
ABOUT_THE_RECORD = {"case_id", "citekey", "source_access", "also_reported_in", "notes", "age_text"}


@pytest.fixture(scope="module")
def rows(project_root: Path) -> list[dict[str, str]]:
    """The case reports as text, read without the project's own reader."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_tables(dataset: Dataset) -> Mapping[str, pd.DataFrame]:
    return {
        "year": case_set.cases_per_year(dataset),
        "access": case_set.cases_by(dataset, "source_access"),
        "country": case_set.cases_by(dataset, "country"),
        "sex": case_set.cases_by(dataset, "sex"),
        "age": case_set.age_by_sex(dataset),
        "event": case_set.primary_events(dataset),
    }


@pytest.mark.parametrize("access", ["all", "abstract_or_full_text", "full_text"])
def test_every_table_holds_every_case_once(dataset: Dataset, rows: list[dict[str, str]], access: str) -> None:
    kept = {"all": {"full_text", "abstract", "secondary"}, "abstract_or_full_text": {"full_text", "abstract"}}
    expected = sorted(row["case_id"] for row in rows if row["source_access"] in kept.get(access, {"full_text"}))
    for name, table in of_tables(case_set.restrict(dataset, access)).items():
        ids = [case_id for entries in table["case_ids"] for case_id in entries]
        assert sorted(ids) == expected, name
        assert [len(entries) for entries in table["case_ids"]] == table["cases"].tolist(), name


def test_restricting_keeps_no_row_of_a_dropped_case(dataset: Dataset, rows: list[dict[str, str]]) -> None:
    full = {row["case_id"] for row in rows if row["source_access"] == "full_text"}
    restricted = case_set.restrict(dataset, "full_text")
    for table in (restricted.co_exposures, restricted.findings, restricted.confounders):
        assert set(table["case_id"]) <= full
    listed = {row["case_id"] for row in rows if row["case_id"] in full and row["co_exposures"] not in {"", "none"}}
    assert set(restricted.co_exposures["case_id"]) == listed
    assert len(restricted.excluded) == len(dataset.excluded)


def test_an_unknown_source_access_is_refused_with_the_nearest(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="Did you mean 'full_text'"):
        case_set.restrict(dataset, "fulltext")


def test_years_without_a_case_and_the_unknown_year_have_rows(dataset: Dataset) -> None:
    small = dataset_of(
        dataset,
        a={"citekey": "brooks2023", "source_access": "full_text"},
        b={"citekey": "brooks2023", "source_access": "secondary"},
        c={"citekey": "kucharik2019"},
        d={"citekey": "anonanesthesia"},
    )
    table = case_set.cases_per_year(small)
    assert table.index.tolist() == ["2019", "2020", "2021", "2022", "2023", "year not seen"]
    assert table["cases"].tolist() == [1, 0, 0, 0, 2, 1]
    assert table["publications"].tolist() == [1, 0, 0, 0, 1, 1]
    assert list(table[["full_text", "abstract", "secondary"]].loc["2023"]) == [1, 0, 1]
    assert table["case_ids"].tolist() == [("c",), (), (), (), ("a", "b"), ("d",)]
    size = case_set.case_set_size(small)
    assert size == case_set.CaseSetSize(
        patients=4, publications=3, first_year=2019, last_year=2023, patients_without_year=1
    )


def test_a_set_in_which_no_year_was_seen_has_only_the_unknown_year(dataset: Dataset) -> None:
    small = dataset_of(dataset, a={"citekey": "anonanesthesia"})
    assert case_set.cases_per_year(small)["cases"].to_dict() == {"year not seen": 1}
    assert case_set.case_set_size(small).first_year is None


@pytest.mark.parametrize(
    ("age", "words", "band"),
    [
        (0, None, "under 1"),
        (1, None, "1–17"),
        (17, None, "1–17"),
        (18, None, "18–29"),
        (29, None, "18–29"),
        (30, None, "30–39"),
        (60, None, "60 and over"),
        (120, "very old", "60 and over"),
        (None, "middle-aged", "in words only"),
        (None, None, "not stated"),
    ],
)
def test_age_bands(dataset: Dataset, age: int | None, words: str | None, band: str) -> None:
    table = case_set.age_by_sex(dataset_of(dataset, a={"age_years": age, "age_text": words, "sex": "female"}))
    assert table.index[table["cases"] == 1].tolist() == [band]
    assert list(table[["male", "female", "not_stated"]].loc[band]) == [0, 1, 0]


def test_a_sex_that_is_not_stated_is_counted_as_such(dataset: Dataset) -> None:
    table = case_set.age_by_sex(dataset_of(dataset, a={"age_years": 40, "sex": "male"}, b={"age_years": 40}))
    assert list(table[["male", "female", "not_stated", "cases"]].loc["40–49"]) == [1, 0, 1, 2]


def test_what_is_not_stated_changes_no_other_count(dataset: Dataset) -> None:
    stated: dict[str, Any] = {"country": "US", "sex": "male", "age_years": 40, "ss_assessment": "excluded"}
    without = of_tables(dataset_of(dataset, a=stated))
    with_silent = of_tables(dataset_of(dataset, a=stated, b={}))
    for name, label in (("country", "US"), ("sex", "Male"), ("age", "40–49")):
        assert with_silent[name].loc[[label]].equals(without[name].loc[[label]])
        assert with_silent[name].loc["not stated", "case_ids"] == ("b",)
    events = with_silent["event"].iloc[0]
    assert (events["ss_labelled"], events["ss_excluded"], events["ss_not_mentioned"]) == (0, 1, 1)
    assert case_set.is_ss_labelled(dataset_of(dataset, a=stated, b={})).tolist() == [False, False]


def test_primary_events_are_those_of_the_csv(dataset: Dataset, rows: list[dict[str, str]]) -> None:
    events = case_set.primary_events(dataset)
    terms = dataset.event_terms["label"]
    assert events["cases"].to_dict() == {
        terms[event]: count for event, count in Counter(row["primary_event"] for row in rows).items()
    }
    assert events["cases"].is_monotonic_decreasing
    labelled = {row["case_id"] for row in rows if row["ss_assessment"] in {"diagnosed", "suspected"}}
    assert events["ss_labelled"].sum() == len(labelled)
    for_it = {row["case_id"] for row in rows if row["primary_event"] == "serotonin_syndrome"}
    assert for_it == set(events["case_ids"]["Serotonin syndrome"])
    assert {"anonchest2020", "brogdon2022", "brooks2023"} <= labelled & for_it


def test_the_case_list_leads_to_the_publication(dataset: Dataset) -> None:
    cases = case_set.case_list(dataset)
    brooks = cases.loc["brooks2023"]
    assert (brooks["age"], brooks["sex"], brooks["ss_assessment"]) == (63, "Male", "suspected")
    assert isinstance(brooks["publication"], Link)
    linked = {case_id for case_id, entry in cases["publication"].items() if isinstance(entry, Link)}
    addressed = dataset.cases["citekey"].map(dataset.sources["link"]).notna()
    assert linked == set(addressed.index[addressed])
    assert cases.loc["bazer2021-1", "age"] == "thirties"


def expected_state(column: str, text: str, three_state: set[str]) -> str:
    if column == "ss_assessment" and text == "not_mentioned":
        return "not_stated"
    if column in three_state and text == "none":
        return "none"
    return "reported" if text else "not_stated"


def test_the_completeness_grid_is_that_of_the_csv(dataset: Dataset, rows: list[dict[str, str]]) -> None:
    three_state = {field.name for field in dataset.codebook.table("case_reports").fields if field.list_kind}
    grid = completeness.completeness_grid(dataset)
    assert set(grid.states.columns) == set(rows[0]) - ABOUT_THE_RECORD
    for row in rows:
        expected = {name: expected_state(name, row[name], three_state) for name in grid.states.columns}
        assert grid.states.loc[row["case_id"]].to_dict() == expected


def test_the_grid_is_ordered_by_group_and_by_completeness(dataset: Dataset) -> None:
    grid = completeness.completeness_grid(dataset)
    assert [name for names in grid.groups.values() for name in names] == list(grid.states.columns)
    fields = dataset.codebook.table("case_reports")
    for group, names in grid.groups.items():
        assert {fields.field(name).group for name in names} == {group}
    said = (grid.states != "not_stated").sum(axis=1)
    assert said.is_monotonic_decreasing
    assert len(grid.states) == len(dataset.cases)


def test_reported_none_and_not_stated_stay_apart(dataset: Dataset) -> None:
    small = dataset_of(dataset, a={"conditions": ("asthma",)}, b={"conditions": ()}, c={})
    grid = completeness.completeness_grid(small)
    conditions = completeness.field_completeness(grid).loc["Conditions"]
    assert list(conditions[["reported", "none", "not_stated", "said", "cases"]]) == [1, 1, 1, 2, 3]
    assert conditions["share"] == pytest.approx(2 / 3)
    per_case = completeness.case_completeness(grid)
    # "Primary event" is required, so that every case states it.
    assert per_case["reported"].to_dict() == {
        "a": ("Conditions", "Primary event"),
        "b": ("Primary event",),
        "c": ("Primary event",),
    }
    assert per_case["none"].to_dict() == {"a": (), "b": ("Conditions",), "c": ()}
    assert per_case["said"].to_dict() == {"a": 2, "b": 2, "c": 1}
    assert per_case["number"].to_dict() == {"a": 1, "b": 2, "c": 3}


def test_fields_and_cases_count_the_same_cells(dataset: Dataset) -> None:
    grid = completeness.completeness_grid(dataset)
    fields, cases = completeness.field_completeness(grid), completeness.case_completeness(grid)
    titles = Counter(title for column in ("reported", "none") for entries in cases[column] for title in entries)
    assert {title: count for title, count in fields["said"].items() if count} == dict(titles)


def test_the_years_figure_draws_the_table(dataset: Dataset) -> None:
    table = case_set.cases_per_year(dataset)
    figure = figures.years_figure(table)
    axes = figure.axes[0]
    for column, label in (
        ("full_text", "full text"),
        ("abstract", "abstract only"),
        ("secondary", "another publication's description"),
    ):
        assert bar_lengths(axes, label) == table[column].tolist()
    assert written(axes) == [str(total) for total in table["cases"]]
    assert bar_tops(axes) == table["cases"].tolist()
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[:-1] == table.index[:-1].tolist()
    assert labels[-1].split() == ["year", "not", "seen"]
    places = axes.get_xticks()
    assert places[-1] - places[-2] > places[-2] - places[-3], "the unknown year stands among the years"


def test_the_age_figure_draws_the_table(dataset: Dataset) -> None:
    table = case_set.age_by_sex(dataset)
    axes = figures.age_figure(table).axes[0]
    for column, label in (("male", "male"), ("female", "female"), ("not_stated", "sex not stated")):
        assert bar_lengths(axes, label) == table[column].tolist()
    assert written(axes) == [str(total) for total in table["cases"]]


def test_the_events_figure_marks_the_labelled_cases(dataset: Dataset) -> None:
    table = case_set.primary_events(dataset)
    figure = figures.events_figure(table)
    axes = figure.axes[0]
    marked = bar_lengths(axes, "authors diagnose or suspect serotonin syndrome", horizontal=True)
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert dict(zip(names, marked, strict=True)) == table["ss_labelled"].to_dict()
    assert written(axes) == [str(total) for total in table["cases"]]
    assert not any("reject" in words for words in legend_words(figure)), "a series without a case"


def test_the_grid_figure_draws_the_states(dataset: Dataset) -> None:
    grid = completeness.completeness_grid(dataset)
    cells, bars = completeness_figure(grid).axes
    number = {"not_stated": 0, "none": 1, "reported": 2}
    drawn = pd.DataFrame(cells.images[0].get_array(), index=grid.states.columns, columns=grid.states.index)
    assert drawn.T.equals(grid.states.map(number.__getitem__).astype("int8"))
    places = np.concatenate([line.get_xydata() for line in cells.lines if line.get_marker() == "o"]).astype(int)
    dots = {(grid.states.index[x], grid.states.columns[y]) for x, y in places}
    assert dots == {
        (case_id, field) for case_id, row in grid.states.iterrows() for field, state in row.items() if state == "none"
    }
    assert [label.get_text() for label in cells.get_yticklabels()] == list(grid.titles.values())
    said = [str(count) for count in completeness.field_completeness(grid)["said"]]
    assert written(bars)[: len(said)] == said
    assert [words.replace("\n", " ") for words in written(bars)[len(said) :]] == list(grid.groups)


@pytest.mark.parametrize("access", ["all", "full_text"])
def test_every_figure_can_be_read(dataset: Dataset, access: str) -> None:
    chosen = case_set.restrict(dataset, access)
    for figure in (
        figures.years_figure(case_set.cases_per_year(chosen)),
        figures.age_figure(case_set.age_by_sex(chosen)),
        figures.events_figure(case_set.primary_events(chosen)),
        completeness_figure(completeness.completeness_grid(chosen)),
    ):
        assert_legible(figure)


def test_folding_keeps_every_word() -> None:
    label = "Encephalopathy or posterior reversible encephalopathy syndrome"
    assert folded(label).replace("\n", " ") == label
    assert folded(label).count("\n") == 1
    assert folded("short") == "short"
    assert folded("x" * 60) == "x" * 60

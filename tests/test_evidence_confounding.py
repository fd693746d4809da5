"""Other explanations, causality and quality as counted for notebook 3, against counts made from the CSV alone."""

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kratom_evidence.appraisal import EXPLANATIONS, MURAD_ITEMS, causality_table
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence import causality, confounding, quality
from kratom_evidence.evidence.case_set import YEAR_NOT_SEEN, restrict
from kratom_evidence.evidence.figures import causality as causality_figures
from kratom_evidence.evidence.figures import confounding as confounding_figures
from kratom_evidence.evidence.figures import quality as quality_figures
from kratom_evidence.evidence.figures.state_grid import Row, in_panels, laid_out
from tests.labelled import labelled_cases

SS_CASES = set(labelled_cases())
BY_HAND = {"anonchest2020", "brogdon2022", "brooks2023"}


@pytest.fixture(scope="module")
def rows(project_root: Path) -> Mapping[str, Mapping[str, str]]:
    """The cases as the CSV has them, read without the project."""
    with (project_root / "data" / "case_reports.csv").open(encoding="utf-8", newline="") as file:
        return {row["case_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def matrix(dataset: Dataset) -> confounding.ExplanationMatrix:
    return confounding.explanation_matrix(dataset)


@pytest.fixture(scope="module")
def judged(dataset: Dataset) -> pd.DataFrame:
    return causality_table(dataset)


def cell(table: pd.DataFrame, row: object, column: str) -> Any:
    """One value of a table."""
    return table[column].to_dict()[row]


def drawn_rectangles(figure: Figure) -> int:
    """Coloured cells of all grids in a figure."""
    collections = [part for axes in figure.axes for part in axes.collections if isinstance(part, PatchCollection)]
    return sum(len(part.get_paths()) for part in collections)


# The matrix and the classes


def test_every_case_stands_once_in_the_matrix_and_under_its_own_event(
    matrix: confounding.ExplanationMatrix, rows: Mapping[str, Mapping[str, str]], dataset: Dataset
) -> None:
    assert sorted(matrix.states.index) == sorted(rows)
    labels = dataset.event_terms["label"]
    by_event = {case_id: label for label, ids in matrix.groups.items() for case_id in ids}
    assert by_event == {case_id: labels[row["primary_event"]] for case_id, row in rows.items()}
    sizes = [len(ids) for ids in list(matrix.groups.values())[1:]]
    assert sizes == sorted(sizes, reverse=True)
    assert next(iter(matrix.groups)) == "Serotonin syndrome"
    present = (matrix.states.iloc[:, : matrix.deciding] == 1).sum(axis=1)
    for ids in matrix.groups.values():
        assert list(ids) == sorted(ids, key=lambda case_id: (-present[case_id], case_id))


def test_labelled_cases_are_those_that_the_csv_labels(
    matrix: confounding.ExplanationMatrix, rows: Mapping[str, Mapping[str, str]]
) -> None:
    labelled = {case_id for case_id, row in rows.items() if row["ss_assessment"] in {"diagnosed", "suspected"}}
    assert matrix.ss_labelled == labelled == SS_CASES


def test_confirmed_cases_are_those_with_mitragynine_in_blood_urine_or_tissue(
    dataset: Dataset, rows: Mapping[str, Mapping[str, str]]
) -> None:
    found = {
        case_id
        for case_id, row in rows.items()
        if {"blood", "urine", "other_tissue"} & set(row["mitragynine_detected_in"].split("; "))
    }
    sought_in_vain = {case_id for case_id, row in rows.items() if row["mitragynine_detected_in"] == "none"}
    table = confounding.confirmation(dataset)
    everyone = table.to_dict("index")["all cases"]
    assert set(everyone["case_ids"]) == found
    assert everyone["not_found"] == len(sought_in_vain)
    assert everyone["lowest"] == pytest.approx(len(found) / len(rows))
    assert everyone["highest"] == pytest.approx((len(rows) - len(sought_in_vain)) / len(rows))
    counts = table[["found", "not_found", "not_stated"]]
    assert (counts.iloc[0] + counts.iloc[1] == counts.iloc[2]).all()


def test_a_curated_term_is_counted_under_its_explanation(
    matrix: confounding.ExplanationMatrix, rows: Mapping[str, Mapping[str, str]]
) -> None:
    """For explanations that only the column `confounders` can show, the count is that of the terms in the CSV."""
    counts = confounding.explanation_counts(matrix)
    curated_only = {"substance_use_history": "History of substance use", "pregnancy": "Pregnancy or childbirth"}
    for term, label in curated_only.items():
        named = {case_id for case_id, row in rows.items() if term in row["confounders"].split("; ")}
        assert set(cell(counts, label, "case_ids")) == named


def test_counts_of_an_explanation_add_up_and_tell_silence_from_absence(
    matrix: confounding.ExplanationMatrix, rows: Mapping[str, Mapping[str, str]]
) -> None:
    counts = confounding.explanation_counts(matrix)
    assert (counts[["present", "absent", "not_stated"]].sum(axis=1) == len(rows)).all()
    # Infection can be absent only by the finding or by the word none; every other case is silent.
    said_absent = {
        case_id
        for case_id, row in rows.items()
        if "infection" in row["findings_absent"].split("; ") or row["confounders"] == "none"
    }
    assert cell(counts, "Infection", "absent") == len(said_absent)


def test_the_classes_follow_from_the_deciding_columns(dataset: Dataset, matrix: confounding.ExplanationMatrix) -> None:
    classes = confounding.class_counts(dataset)
    grid = matrix.states.iloc[:, : matrix.deciding].to_numpy()
    explained = set(matrix.states.index[(grid == 1).any(axis=1)])
    assert set(cell(classes, "another explanation", "case_ids")) == explained
    cleared = set(matrix.states.index[(grid == -1).all(axis=1)])
    confirmed = set(cell(confounding.confirmation(dataset), "all cases", "case_ids"))
    assert set(cell(classes, "kratom alone, confirmed, nothing else", "case_ids")) == cleared & confirmed
    assert classes["cases"].sum() == len(dataset.cases)
    assert classes["ss_labelled"].sum() == len(SS_CASES)


def test_counting_kratom_withdrawal_moves_only_cases_that_have_it(dataset: Dataset) -> None:
    without = confounding.class_counts(dataset)
    with_it = confounding.class_counts(dataset, kratom_withdrawal_counts=True)
    moved = set(cell(with_it, "another explanation", "case_ids")) - set(
        cell(without, "another explanation", "case_ids")
    )
    assert moved
    states = confounding.explanation_matrix(dataset).states["kratom_withdrawal"]
    assert (states.loc[sorted(moved)] == 1).all()
    assert (
        "kratom_withdrawal"
        in confounding.explanation_matrix(dataset, kratom_withdrawal_counts=True).states.columns[
            : len(confounding.alternatives(kratom_withdrawal_counts=True))
        ]
    )


def test_a_case_that_says_nothing_more_changes_no_count_of_absent(dataset: Dataset) -> None:
    """Emptying a case moves it from whatever it was to not stated, and no other number."""
    silent = dataset.cases.copy()
    emptied = ["co_exposures", "conditions", "confounders", "mitragynine_detected_in", "kratom_pattern"]
    added = silent.loc[["aggarwal2018"]].rename(index={"aggarwal2018": "zz_silent"})
    for column in emptied:
        added[column] = pd.Series([None], index=added.index, dtype=silent[column].dtype)
    more = replace(dataset, cases=pd.concat([silent, added]))
    before = confounding.explanation_counts(confounding.explanation_matrix(dataset))
    after = confounding.explanation_counts(confounding.explanation_matrix(more))
    pd.testing.assert_frame_equal(after[["present", "absent"]], before[["present", "absent"]])
    assert (after["not_stated"] - before["not_stated"] == 1).all()


def test_each_case_names_the_words_and_the_column_behind_what_is_present(
    dataset: Dataset, matrix: confounding.ExplanationMatrix
) -> None:
    table = confounding.explanations_by_case(dataset, matrix, confounding.class_counts(dataset))
    assert list(table.index) == list(matrix.states.index)
    assert table["present"].map(len).tolist() == (matrix.states == 1).sum(axis=1).tolist()
    assert table["absent"].map(len).tolist() == (matrix.states == -1).sum(axis=1).tolist()
    told = cell(table, "brooks2023", "present")
    assert isinstance(told, tuple)
    assert "Serotonergic co-exposure: desvenlafaxine [co_exposures]" in told


def test_the_reference_figures_are_those_of_the_studies_file(dataset: Dataset, project_root: Path) -> None:
    with (project_root / "data" / "context" / "studies.csv").open(encoding="utf-8", newline="") as file:
        studies = {row["context_id"]: row for row in csv.DictReader(file)}
    table = confounding.beside_reference(dataset).set_index("measure")
    for key in confounding.REFERENCE_FIGURES.values():
        measure = studies[key]["measure"]
        assert cell(table, measure, "share") == pytest.approx(float(studies[key]["value"]) / 100)
        assert cell(table, measure, "n") == int(studies[key]["n"])


def with_the_three(dataset: Dataset) -> Dataset:
    """The data in which only the three cases that were looked at by hand are labelled serotonin syndrome."""
    cases = dataset.cases.copy()
    cases.loc[[*(SS_CASES - BY_HAND)], "ss_assessment"] = "not_mentioned"
    return replace(dataset, cases=cases)


def test_a_recent_change_is_counted_where_it_is_named_and_absent_only_where_nothing_is(dataset: Dataset) -> None:
    cases = dataset.cases.copy()
    named = {"anonchest2020": ("recent_serotonergic_drug_change",), "brogdon2022": (), "brooks2023": ("infection",)}
    cases["confounders"] = [named.get(str(case_id), terms) for case_id, terms in cases["confounders"].items()]
    table = confounding.beside_reference(with_the_three(replace(dataset, cases=cases)))
    assert table["says"][0] == "1 of 2 that say; 1 silent"
    assert table["case_ids"][0] == ("anonchest2020",)


def test_a_serotonergic_drug_recently_stopped_is_a_recent_change(dataset: Dataset) -> None:
    """anonchest2020: sertraline was recently discontinued; the other two labelled cases do not say."""
    table = confounding.beside_reference(with_the_three(dataset))
    assert table["says"][0] == "1 of 1 that say; 2 silent"
    assert table["case_ids"][0] == ("anonchest2020",)


# Causality


def test_bands_are_counted_by_total_and_by_both_ends_of_the_range(dataset: Dataset, judged: pd.DataFrame) -> None:
    ranges = causality.naranjo_ranges(dataset, judged)
    bands = causality.naranjo_bands(ranges)

    def band(total: int) -> str:
        return "doubtful" if total <= 0 else "possible" if total <= 4 else "probable" if total <= 8 else "definite"

    for column, counted in (("total", "by_total"), ("lowest", "by_lowest"), ("highest", "by_highest")):
        expected = Counter(band(int(total)) for total in ranges[column])
        assert bands[counted].to_dict() == {name: expected[name] for name in bands.index}
    assert list(ranges["total"]) == sorted(ranges["total"], reverse=True)
    assert set(ranges.index[ranges["ss_labelled"]]) == SS_CASES


def test_item_counts_cover_every_case_and_add_up_to_the_totals(dataset: Dataset, judged: pd.DataFrame) -> None:
    items = causality.naranjo_item_counts(dataset)
    assert list(items.index) == list(range(1, 11))
    assert (items[["yes", "no", "unknown"]].sum(axis=1) == len(dataset.cases)).all()
    points = {1: (1, 0), 2: (2, -1), 3: (1, 0), 4: (2, -1), 5: (-1, 2), 6: (-1, 1), 7: (1, 0), 8: (1, 0), 9: (1, 0)}
    points[10] = (1, 0)
    summed = sum(cell(items, n, "yes") * yes + cell(items, n, "no") * no for n, (yes, no) in points.items())
    assert summed == judged["naranjo_total"].sum()


def test_dechallenge_item_is_that_of_the_csv(dataset: Dataset, rows: Mapping[str, Mapping[str, str]]) -> None:
    items = causality.naranjo_item_counts(dataset)
    for truth in ("yes", "no"):
        word = {"yes": "positive", "no": "negative"}[truth]
        assert set(cell(items, 3, f"{truth}_ids")) == {c for c, row in rows.items() if row["dechallenge"] == word}


def test_no_case_with_a_possible_ceiling_stands_above_possible(dataset: Dataset, judged: pd.DataFrame) -> None:
    categories = causality.who_umc_counts(dataset, judged)
    assert not categories.loc[["certain", "probable"], ["ceiling_applies", "ceiling_may_apply"]].to_numpy().any()
    assert categories["cases"].sum() == len(dataset.cases)
    assert {case_id for ids in categories["ss_ids"] for case_id in ids} == SS_CASES


@pytest.mark.parametrize("system", ["naranjo_band", "who_umc"])
def test_authors_words_are_counted_as_the_csv_has_them(
    dataset: Dataset,
    judged: pd.DataFrame,
    rows: Mapping[str, Mapping[str, str]],
    system: Literal["naranjo_band", "who_umc"],
) -> None:
    table = causality.authors_beside(dataset, judged, system)
    labels = dataset.codebook.table("case_reports").field("author_causality").labels
    expected = Counter(labels.get(row["author_causality"], "not stated") for row in rows.values())
    assert table["cases"].to_dict() == {name: expected[name] for name in table.index}
    numbers = table.drop(columns=["cases", "case_ids"])
    for column in numbers.columns:
        assert numbers[column].sum() == (judged[system] == column).sum()


def test_claimed_interactions_are_scored_or_named_as_without_a_route(
    dataset: Dataset, rows: Mapping[str, Mapping[str, str]]
) -> None:
    claimed = {case_id for case_id, row in rows.items() if row["author_causality"] == "interaction"}
    scored = set(causality.scored_pairs(dataset).index)
    silent = set(causality.claims_without_route(dataset))
    assert scored | silent == claimed
    assert not scored & silent
    assert set(causality.scored_pairs(dataset).index[:1]) <= SS_CASES


# Quality


def test_murad_counts_are_those_of_the_grid(dataset: Dataset, rows: Mapping[str, Mapping[str, str]]) -> None:
    grid, counts = quality.murad_grid(dataset), quality.murad_counts(dataset)
    for name, words in MURAD_ITEMS.items():
        assert cell(counts, words, "yes") == (grid[name] == 1).sum()
        assert cell(counts, words, "no") == (grid[name] == -1).sum()
    followed = {case_id for case_id, row in rows.items() if row["outcome"]}
    assert set(cell(counts, MURAD_ITEMS["follow_up"], "yes_ids")) == followed
    number_of_yes = (grid == 1).sum(axis=1).tolist()
    assert number_of_yes == sorted(number_of_yes, reverse=True)


def test_years_hold_every_case_and_the_share_lies_within_its_cases(
    dataset: Dataset, rows: Mapping[str, Mapping[str, str]]
) -> None:
    years = quality.completeness_years(dataset)
    assert sorted(case_id for ids in years["case_ids"] for case_id in ids) == sorted(rows)
    assert years["case_ids"].map(len).tolist() == years["cases"].tolist()
    assert years["share"].between(years["lowest"], years["highest"]).all()
    assert years.index[-1] == YEAR_NOT_SEEN


# Figures, by their data


def test_panels_hold_every_case_once_and_no_heading_without_a_case() -> None:
    groups = {"A": ["a1", "a2", "a3"], "B": ["b1"], "C": ["c1", "c2"]}
    for panels in (1, 2, 3, 4):
        columns = laid_out(groups, panels)
        assert [row.text for column in columns for row in column if not row.is_heading] == list(chain(*groups.values()))
        for column in columns:
            assert not column[-1].is_heading
            assert column[0].is_heading
    assert Row(text="A (continued)", is_heading=True) in laid_out(groups, 4)[1]
    assert [[row.text for row in column] for column in in_panels(["a", "b", "c"], 2)] == [["a", "b"], ["c"]]


def test_matrix_figure_draws_one_cell_for_each_statement(matrix: confounding.ExplanationMatrix) -> None:
    figure = confounding_figures.matrix_figure(matrix)
    assert drawn_rectangles(figure) == int((matrix.states != 0).to_numpy().sum())
    named = [tick.get_text() for axes in figure.axes for tick in axes.get_yticklabels() if tick.get_text()]
    assert named == list(matrix.states.index)
    bold = {
        tick.get_text() for axes in figure.axes for tick in axes.get_yticklabels() if tick.get_fontweight() == "bold"
    }
    assert bold >= SS_CASES
    assert not bold & (set(matrix.states.index) - SS_CASES)


def test_explanations_figure_draws_the_counts_of_the_rest(matrix: confounding.ExplanationMatrix) -> None:
    rest = confounding.rest_counts(matrix)
    figure = confounding_figures.explanations_figure(confounding.labelled_states(matrix), rest)
    bars = figure.axes[1]
    drawn = [patch.get_width() for patch in bars.patches if isinstance(patch, Rectangle)]
    widths = np.array(drawn).reshape(3, len(EXPLANATIONS))
    assert widths.tolist() == rest.T.to_numpy().tolist()
    assert (rest.sum(axis=1) == len(matrix.states) - len(SS_CASES)).all()


def test_naranjo_figure_draws_total_and_range_of_every_case(dataset: Dataset, judged: pd.DataFrame) -> None:
    ranges = causality.naranjo_ranges(dataset, judged)
    figure = causality_figures.naranjo_figure(ranges)
    dots, lines = 0, []
    for axes in figure.axes:
        dots += sum(np.size(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "None")
        for part in axes.collections:
            if isinstance(part, LineCollection):
                lines += [tuple(segment[:, 0]) for segment in part.get_segments()]
    assert dots == len(ranges)
    assert lines == list(zip(ranges["lowest"], ranges["highest"], strict=True))


def test_quality_figures_draw_every_answer_and_every_year(dataset: Dataset) -> None:
    grid, counts = quality.murad_grid(dataset), quality.murad_counts(dataset)
    figure = quality_figures.murad_figure(grid, counts, ss_labelled=frozenset(SS_CASES))
    assert drawn_rectangles(figure) == int((grid != 0).to_numpy().sum())
    years = quality.completeness_years(dataset)
    axes = quality_figures.completeness_years_figure(years).axes[0]
    assert np.asarray(axes.lines[0].get_ydata()).tolist() == years["share"].tolist()


def test_figures_can_be_drawn_without_a_labelled_case(dataset: Dataset) -> None:
    few = restrict(dataset, "full_text")
    matrix = confounding.explanation_matrix(few)
    assert not matrix.ss_labelled
    assert drawn_rectangles(confounding_figures.matrix_figure(matrix)) == int((matrix.states != 0).to_numpy().sum())
    figure = confounding_figures.explanations_figure(
        confounding.labelled_states(matrix), confounding.rest_counts(matrix)
    )
    assert drawn_rectangles(figure) == 0

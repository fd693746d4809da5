"""Agreement of the extractions: counted again from the text of the files, and against statsmodels and published values.

The bootstrap intervals are checked against intervals from variance formulas, which they share nothing with: kappa's in
statsmodels, and AC1's of Gwet 2008, written below and checked first against what the manual of irrCAC prints.
"""

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from statsmodels.stats.inter_rater import cohens_kappa  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from kratom_evidence.codebook import CoExposure, Value
from kratom_evidence.dataset import Dataset
from kratom_evidence.dataset.tidy import typed_frame
from kratom_evidence.evidence import extraction_words
from kratom_evidence.evidence.extraction_agreement import (
    NO_CASE,
    NO_DISAGREEMENT,
    NUMBER,
    ONE_CATEGORY,
    ONE_SIDED,
    ONLY_CATEGORY,
    extracted_once,
    extracted_twice,
    field_agreement,
    item_agreement,
)
from kratom_evidence.evidence.extraction_differences import decision_counts, disagreements
from kratom_evidence.evidence.figures.extraction_agreement import agreement_figure
from kratom_evidence.evidence.statistics import cohen_kappa, gwet_ac1
from kratom_evidence.faults import UsageError
from tests.drawings import assert_legible, legend_words

# The table `cont3x3abstractors` of the R package irrCAC, two abstractors of 100 records, and what its manual prints.
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
PUBLISHED_KAPPA, PUBLISHED_KAPPA_LIMITS = 0.7964094, (0.680, 0.913)
PUBLISHED_AC1, PUBLISHED_AC1_ERROR, PUBLISHED_AC1_LIMITS = 0.8493305, 0.04321747, (0.764, 0.935)
TYPES = {"list": "list", "integer": "number", "number": "number", "string": "category"}
Rows = Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def texts(project_root: Path) -> Mapping[str, Rows]:
    """Both extractions as text, read without the project's own reader."""
    return {name: _rows(project_root / "data" / "extraction" / f"{name}.csv") for name in ("first", "second")}


@pytest.fixture(scope="module")
def adjudicated(project_root: Path) -> Mapping[tuple[str, str], Mapping[str, str]]:
    with (project_root / "data" / "extraction" / "adjudication.csv").open(encoding="utf-8", newline="") as file:
        return {(row["case_id"], row["field"]): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def measures(dataset: Dataset) -> pd.DataFrame:
    return field_agreement(dataset)


@pytest.fixture(scope="module")
def items(dataset: Dataset) -> pd.DataFrame:
    return item_agreement(dataset)


@pytest.fixture(scope="module")
def differences(dataset: Dataset) -> pd.DataFrame:
    return disagreements(dataset)


def _rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["case_id"]: row for row in csv.DictReader(file)}


def entries(text: str, *, whole: bool = False) -> frozenset[str]:
    """The entries of a list's text; without the dose texts of co-exposures unless `whole`."""
    plain = text if whole else re.sub(r"\[([^\[\]:]*):[^\[\]]*\]", r"[\1]", text)
    return frozenset(entry.strip() for entry in re.split(r";(?![^\[]*\])", plain))


def limits(coefficient: float, error: float) -> tuple[float, float]:
    half = 1.959963984540054 * error
    return max(-1.0, coefficient - half), min(1.0, coefficient + half)


def ac1_error(table: npt.NDArray[np.int64]) -> tuple[float, float]:
    """AC1 and its standard error for two raters by the formulas of Gwet 2008 (British J Math Stat Psychol 61:29)."""
    total, size = table.sum(), len(table)
    share = table / total
    pi = (share.sum(axis=0) + share.sum(axis=1)) / 2
    observed, chance = np.trace(share), (pi * (1 - pi)).sum() / (size - 1)
    ac1 = (observed - chance) / (1 - chance)
    on_diagonal = (np.diag(share) * (1 - pi)).sum() / (size - 1)
    everywhere = (share * (1 - (pi[:, None] + pi[None, :]) / 2) ** 2).sum() / (size - 1) ** 2
    inner = (
        observed * (1 - observed)
        - 4 * (1 - ac1) * (on_diagonal - observed * chance)
        + 4 * (1 - ac1) ** 2 * (everywhere - chance**2)
    )
    return float(ac1), math.sqrt(inner / total) / (1 - chance)


def crossed(first: Sequence[Any], second: Sequence[Any], categories: Sequence[Any]) -> npt.NDArray[np.int64]:
    table = np.zeros((len(categories), len(categories)), dtype=np.int64)
    for one, other in zip(first, second, strict=True):
        table[categories.index(one), categories.index(other)] += 1
    return table


class TestIntervals:
    def test_the_formula_of_the_oracle_gives_the_published_error(self) -> None:
        ac1, error = ac1_error(np.array(ABSTRACTORS))
        assert (ac1, error) == pytest.approx((PUBLISHED_AC1, PUBLISHED_AC1_ERROR), abs=5e-8)

    def test_published_values(self) -> None:
        kappa, ac1 = cohen_kappa(ABSTRACTORS), gwet_ac1(ABSTRACTORS)
        assert kappa.coefficient == pytest.approx(PUBLISHED_KAPPA, abs=5e-8)
        assert ac1.coefficient == pytest.approx(PUBLISHED_AC1, abs=5e-8)
        assert kappa.interval == pytest.approx(PUBLISHED_KAPPA_LIMITS, abs=0.015)
        assert ac1.interval == pytest.approx(PUBLISHED_AC1_LIMITS, abs=0.015)

    def test_ac1_against_its_variance_on_large_tables(self) -> None:
        draw = np.random.default_rng(7)
        for size in (2, 3, 5):
            table = np.diag(draw.integers(150, 300, size=size)) + draw.integers(5, 40, size=(size, size))
            interval = gwet_ac1(table, resamples=20_000).interval
            assert interval == pytest.approx(limits(*ac1_error(table)), abs=0.0025)

    def test_each_category_field_against_the_formulas(
        self, dataset: Dataset, texts: Mapping[str, Rows], measures: pd.DataFrame
    ) -> None:
        checked = 0
        for name, row in measures[measures["kind"] == "category"].iterrows():
            field = dataset.codebook.table("second_extraction").field(str(name))
            first, second = ([texts[reader][case][field.name] for case in sorted(texts["first"])] for reader in texts)
            seen = {*first, *second, *field.labels}
            table = crossed(first, second, sorted(seen if field.required else seen | {""}))
            used = table[np.ix_(*[np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))] * 2)]
            expected = cohens_kappa(used)
            assert row["kappa"] == pytest.approx(expected.kappa)
            ac1, error = ac1_error(table)
            assert row["ac1"] == pytest.approx(ac1)
            if row["remark"] is None or pd.isna(row["remark"]):
                near = limits(expected.kappa, expected.std_kappa)
                assert (row["kappa_low"], row["kappa_high"]) == pytest.approx(near, abs=0.07), name
                assert (row["ac1_low"], row["ac1_high"]) == pytest.approx(limits(ac1, error), abs=0.02), name
                checked += 1
        assert checked >= 5

    def test_shares_have_the_intervals_of_statsmodels(self, measures: pd.DataFrame) -> None:
        for prefix, total in (("", "compared"), ("stated_", "stated")):
            for row in measures.to_dict("records"):
                low, high = proportion_confint(row[f"{prefix}agreed"], row[total], method="wilson")
                assert (row[f"{prefix}low"], row[f"{prefix}high"]) == pytest.approx((low, high))
                assert row[f"{prefix}share"] == row[f"{prefix}agreed"] / row[total]


class TestCommittedData:
    def test_every_field_counted_again_from_the_text(
        self,
        dataset: Dataset,
        texts: Mapping[str, Rows],
        adjudicated: Mapping[tuple[str, str], Any],
        measures: pd.DataFrame,
    ) -> None:
        first, second = texts["first"], texts["second"]
        cases = sorted(first.keys() & second.keys())
        assert list(measures.index) == [name for name in next(iter(first.values())) if name != "case_id"]
        for name, row in measures.iterrows():
            field = dataset.codebook.table("second_extraction").field(str(name))
            assert row["kind"] == TYPES["list" if field.list_kind else field.type]
            pairs = [(case, first[case][field.name], second[case][field.name]) for case in cases]
            same = {case for case, one, other in pairs if entries(one) == entries(other)}
            silent = {"", "not_mentioned"} if name == "ss_assessment" else {""}
            said = {case for case, one, other in pairs if not {one, other} <= silent}
            dose_only = {case for case, one, other in pairs if entries(one, whole=True) != entries(other, whole=True)}
            counted = (row["compared"], row["agreed"], row["stated"], row["stated_agreed"])
            assert counted == (len(cases), len(same), len(said), len(same & said)), name
            assert row["written_agreed"] == sum((case, name) not in adjudicated for case in same), name
            assert row["dose_text_only"] == len(dose_only & same), name

    def test_lists_are_compared_by_state_against_statsmodels(
        self, texts: Mapping[str, Rows], measures: pd.DataFrame
    ) -> None:
        for name, row in measures[measures["kind"] == "list"].iterrows():
            states = [
                [{"": "silent", "none": "none"}.get(cells[str(name)], "entries") for _, cells in sorted(rows.items())]
                for rows in texts.values()
            ]
            used = sorted({*states[0], *states[1]})
            expected = cohens_kappa(crossed(states[0], states[1], used), return_results=False)
            assert row["kappa"] == pytest.approx(expected), name

    def test_each_entry_counted_again_from_the_text(self, texts: Mapping[str, Rows], items: pd.DataFrame) -> None:
        for row in items.to_dict("records"):
            named = [
                {
                    case
                    for case, cells in rows.items()
                    if row["item"] in {entry.partition(" [")[0] for entry in entries(cells[row["field"]])}
                }
                for rows in texts.values()
            ]
            both, either = named[0] & named[1], named[0] | named[1]
            assert (row["both"], row["named"]) == (len(both), len(either)), row
            assert (row["first_only"], row["second_only"]) == (len(named[0] - named[1]), len(named[1] - named[0]))
            assert row["compared"] == len(texts["first"].keys() & texts["second"].keys())
            assert either, "an entry that nobody named"

    def test_every_difference_of_the_text_is_listed(
        self,
        texts: Mapping[str, Rows],
        adjudicated: Mapping[tuple[str, str], Mapping[str, str]],
        differences: pd.DataFrame,
    ) -> None:
        first, second = texts["first"], texts["second"]
        differing = {
            (case, name)
            for case, cells in first.items()
            for name, text in cells.items()
            if entries(text, whole=True) != entries(second[case][name], whole=True)
        }
        assert list(zip(differences["case_id"], differences["field"], strict=True)) == sorted(
            differing | adjudicated.keys(), key=lambda key: (key[0], list(next(iter(first.values()))).index(key[1]))
        )
        for row in differences.to_dict("records"):
            key = (row["case_id"], row["field"])
            assert row["adjudicated"] == (key in adjudicated)
            cells = [first[key[0]][key[1]], second[key[0]][key[1]]]
            kind = "value" if entries(cells[0]) != entries(cells[1]) else "dose text only"
            assert row["difference"] == (kind if key in differing else "as written only")
            if key in adjudicated:
                written = adjudicated[key]
                names = ("first", "second", "decision", "who_was_right", "reason")
                assert all("" if pd.isna(row[name]) else row[name] == written[name] for name in names if written[name])
            else:
                assert ["" if pd.isna(row[name]) else row[name] for name in ("first", "second")] == cells
                assert pd.isna(row["decision"])

    def test_the_decisions_are_counted_by_field(
        self, adjudicated: Mapping[tuple[str, str], Mapping[str, str]], differences: pd.DataFrame
    ) -> None:
        counts = decision_counts(differences)
        for reader in ("first", "second", "both_partly", "neither"):
            assert counts[reader].sum() == sum(row["who_was_right"] == reader for row in adjudicated.values())
        assert counts["adjudicated"].sum() == len(adjudicated)
        kinds = counts[["value", "dose_text", "as_written"]].sum(axis=1)
        assert (kinds == counts["differences"]).all()
        assert (counts["adjudicated"] + counts["not_adjudicated"] == counts["differences"]).all()


def made_up(dataset: Dataset, cells: Mapping[str, tuple[Mapping[str, Value], Mapping[str, Value]]]) -> Dataset:
    """The dataset with made-up pairs of extractions (real case_id -> both readers' stated fields)."""
    frames = []
    for reader, name in enumerate(("first_extraction", "second_extraction")):
        table = dataset.codebook.table(name)
        default: Mapping[str, Value] = {"primary_event": "seizure", "ss_assessment": "not_mentioned"}
        rows = [{"case_id": case, **default, **pair[reader]} for case, pair in cells.items()]
        columns = {field.name: [row.get(field.name) for row in rows] for field in table.fields}
        frames.append(typed_frame(table, columns).set_index("case_id"))
    return replace(
        dataset, first_extraction=frames[0], second_extraction=frames[1], adjudication=dataset.adjudication.head(0)
    )


@pytest.fixture(scope="module")
def ids(dataset: Dataset) -> list[str]:
    return [str(case_id) for case_id in dataset.cases.index]


class TestHandWorked:
    @pytest.mark.parametrize(
        ("field", "first", "second", "agrees"),
        [
            ("conditions", (), None, False),
            ("conditions", (), (), True),
            ("conditions", None, None, True),
            ("conditions", ("asthma",), (), False),
            ("kratom_forms", ("tea", "powder"), ("powder", "tea"), True),
            ("kratom_forms", ("tea", "powder"), ("powder",), False),
            ("kratom_duration_days", 547.0, 547.5, False),
            ("kratom_duration_days", None, 547.5, False),
            ("age_years", 35, 35, True),
            ("sex", "male", None, False),
        ],
    )
    def test_what_counts_as_agreement(
        self, dataset: Dataset, ids: list[str], field: str, first: Value, second: Value, *, agrees: bool
    ) -> None:
        one_case = made_up(dataset, {ids[0]: ({field: first}, {field: second})})
        (row,) = field_agreement(one_case, [field]).to_dict("records")
        silent = first is None and second is None
        assert (row["compared"], row["agreed"], row["stated"]) == (1, int(agrees), int(not silent))
        assert len(disagreements(one_case, [field])) == int(not agrees)

    def test_a_dose_text_alone_is_listed_and_not_counted(self, dataset: Dataset, ids: list[str]) -> None:
        taken = CoExposure(substance="ethanol", evidence="reported", timing="concurrent", dose_text="two beers")
        bare, past = replace(taken, dose_text=None), replace(taken, timing="past")
        pairs = {ids[0]: ({"co_exposures": (taken,)}, {"co_exposures": (bare,)})}
        pairs[ids[1]] = ({"co_exposures": (taken,)}, {"co_exposures": (past,)})
        two = made_up(dataset, pairs)
        (row,) = field_agreement(two, ["co_exposures"]).to_dict("records")
        assert (row["compared"], row["agreed"], row["dose_text_only"]) == (2, 1, 1)
        table = disagreements(two)
        assert table["difference"].tolist() == ["dose text only", "value"]
        assert not table["adjudicated"].any()
        sentence = extraction_words.dose_text_sentence(two, field_agreement(two))
        assert sentence is not None
        assert "first extraction holds 2, the second 1. 1 case differs" in sentence

    def test_entries_against_a_table_worked_by_hand(self, dataset: Dataset, ids: list[str]) -> None:
        # tea: both, both, first only, second only, nobody: observed 3/5; both readers name it in 3/5.
        # kappa = (3/5 - (9 + 4)/25) / (1 - 13/25) = 1/6; AC1: chance 2 x 3/5 x 2/5 = 12/25, so (15 - 12)/13 = 3/13.
        tea, other, silent = ("tea",), ("powder",), None
        readings = [(tea, tea), (tea, tea), (tea, other), ((), tea), (silent, ())]
        pairs = {case: ({"kratom_forms": a}, {"kratom_forms": b}) for case, (a, b) in zip(ids, readings, strict=False)}
        table = item_agreement(made_up(dataset, pairs), ["kratom_forms", "age_years"]).set_index("item")
        row = table.to_dict("index")["tea"]
        assert (row["both"], row["first_only"], row["second_only"], row["named"]) == (2, 1, 1, 4)
        assert (row["kappa"], row["ac1"]) == pytest.approx((1 / 6, 3 / 13))
        assert row["kappa_low"] < row["kappa"] < row["kappa_high"]
        # powder: the first reader never named it, so that kappa is 0 whatever the second did.
        powder = table.to_dict("index")["powder"]
        assert powder["kappa"] == 0
        assert powder["remark"] == ONE_SIDED
        assert [pd.isna(powder[name]) for name in ("kappa_low", "ac1_low")] == [True, False]

    def test_why_a_coefficient_is_missing(self, dataset: Dataset, ids: list[str]) -> None:
        agree = made_up(
            dataset,
            {case: ({"outcome": o}, {"outcome": o}) for case, o in zip(ids, ("died", "recovered"), strict=False)},
        )
        table = field_agreement(agree)
        rows = table.to_dict("index")
        outcome, sex = rows["outcome"], rows["sex"]
        assert (outcome["kappa"], outcome["ac1"], outcome["remark"]) == (1, 1, NO_DISAGREEMENT)
        assert pd.isna(outcome["ac1_low"])
        assert (sex["ac1"], sex["remark"]) == (1, f"{ONE_CATEGORY} {NO_DISAGREEMENT}")
        assert pd.isna(sex["kappa"])
        assert rows["country"]["remark"] == ONLY_CATEGORY
        assert rows["age_years"]["remark"] == NUMBER

    def test_nothing_was_extracted_twice(self, dataset: Dataset) -> None:
        empty = made_up(dataset, {})
        table = field_agreement(empty)
        assert set(table["compared"]) == {0}
        assert table["share"].isna().all()
        assert set(table["remark"]) == {NO_CASE, NUMBER}
        words = extraction_words.measure_rows(table)
        assert set(words["agreed"]) == {extraction_words.NOBODY}
        assert [len(disagreements(empty)), len(decision_counts(disagreements(empty)))] == [0, 0]
        assert len(item_agreement(empty)) == 0
        assert extracted_once(empty) == tuple(sorted(dataset.cases.index))
        assert "no case" in extraction_words.total_sentence(table)


def test_a_case_that_was_extracted_once_is_left_out_and_named(dataset: Dataset) -> None:
    left_out = str(dataset.cases.index[3])
    second = dataset.second_extraction.drop(index=left_out)
    fewer = replace(dataset, second_extraction=second)
    assert extracted_once(fewer) == (left_out,)
    assert set(extracted_twice(fewer)) == set(dataset.cases.index) - {left_out}
    assert set(field_agreement(fewer)["compared"]) == {len(second)}
    assert left_out not in set(disagreements(fewer)["case_id"])
    assert left_out in extraction_words.coverage_sentence(fewer)


def test_an_unknown_field_names_the_nearest(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match=r"no column 'outcom'.*Did you mean 'outcome'"):
        field_agreement(dataset, ["outcom"])


class TestWords:
    def test_what_was_not_adjudicated_does_not_read_as_not_stated(
        self, dataset: Dataset, differences: pd.DataFrame
    ) -> None:
        labels = dataset.codebook.table("adjudication").field("who_was_right").labels
        words = extraction_words.difference_rows(differences, labels)
        without = words[~differences["adjudicated"]]
        assert set(without[["decision", "who_was_right", "reason"]].to_numpy().ravel()) == {"not adjudicated"}
        silent = differences["adjudicated"] & differences["decision"].isna()
        assert silent.any()
        assert words.loc[silent, "decision"].isna().all()

    def test_a_coefficient_that_is_missing_does_not_read_as_not_stated(self, measures: pd.DataFrame) -> None:
        words = extraction_words.measure_rows(measures)
        assert set(words.loc[(measures["kind"] == "number").to_numpy(), "kappa"]) == {"not computed"}
        assert not words.isna().any(axis=None)
        assert not extraction_words.difference_notes(pd.DataFrame({"difference": []}))


@pytest.fixture(scope="module")
def figure(measures: pd.DataFrame) -> Figure:
    return agreement_figure(measures)


def test_marks_of_the_figure_stand_at_the_values(figure: Figure, measures: pd.DataFrame) -> None:
    shares, coefficients = figure.axes
    drawn = [sorted(np.asarray(line.get_xdata(), dtype=float)) for line in shares.lines]
    for column in ("share", "stated_share", "written_share"):
        assert sorted(measures[column]) in [pytest.approx(values) for values in drawn], column
    marks = np.concatenate([np.asarray(line.get_xdata(), dtype=float) for line in coefficients.lines[1:]])
    expected = pd.concat([measures["kappa"], measures["ac1"]]).dropna().astype(float)
    assert sorted(marks) == pytest.approx(sorted(expected))


def test_the_figure_can_be_read(figure: Figure, measures: pd.DataFrame) -> None:
    assert_legible(figure)
    assert "Cohen's kappa" in legend_words(figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(measures["title"])

"""What the tests on context studies say they found: verdict, reason, figures and sentence of hand-worked examples."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kratom_evidence.claims.context_tests import (
    ClassesSerotonergic,
    EffectMeasured,
    FiguresAgree,
    FrequentSigns,
    NoIncreaseMeasured,
    PartsReported,
)
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.claims.verdict import Verdict
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import gather
from tests.made_evidence import with_measurements, with_studies

# Figure -> value and publication.
FIGURES = {"a": (60.0, "one"), "b": (70.0, "one"), "c": (55.0, "two"), "d": (10.0, "two"), "e": (0.0, "two")}
FIGURES |= {"f": (0.01, "two")}
Found = tuple[Verdict, str, str]
Row = Mapping[str, object]


def agree(figures: str, at_least: float | None = None, at_most: float | None = None, **options: bool) -> FiguresAgree:
    return FiguresAgree(figures=tuple(figures), at_least=at_least, at_most=at_most, **options)


@pytest.mark.parametrize(
    ("test", "found"),
    [
        (agree("ac", 50), (Verdict.SUPPORTED, "so it is in 2 publications",
         "2 of 2 figures are at least 50 % (60 % and 55 %).")),
        (agree("ab", 50), (Verdict.SUPPORTED_WITH_LIMITS, "so it is, but in one publication only",
         "2 of 2 figures are at least 50 % (60 % and 70 %).")),
        (agree("abcd", 50), (Verdict.SUPPORTED_WITH_LIMITS, "only some figures are at least 50 %",
         "3 of 4 figures are at least 50 % (60 %, 70 %, 55 % and 10 %).")),
        (agree("ad", 50, one_is_enough=True), (Verdict.SUPPORTED, "one such figure is enough",
         "1 of 2 figures is at least 50 % (60 % and 10 %).")),
        (agree("d", 50), (Verdict.CONTRADICTED, "no figure is at least 50 %",
         "The figure is not at least 50 % (10 %).")),
        (agree("cd", None, 5), (Verdict.CONTRADICTED, "no figure is at most 5 %",
         "None of 2 figures is at most 5 % (55 % and 10 %).")),
        (agree("cd", None, 5, one_is_enough=True), (Verdict.CONTRADICTED, "no figure is at most 5 %",
         "None of 2 figures is at most 5 % (55 % and 10 %).")),
        # A figure on the limit is on its right side.
        (agree("acd", 10, 60), (Verdict.SUPPORTED, "so it is in 2 publications",
         "3 of 3 figures are at least 10 % and at most 60 % (60 %, 55 % and 10 %).")),
        (agree("e", None, 0), (Verdict.SUPPORTED_WITH_LIMITS, "so it is, but in one publication only",
         "The figure is zero (0 %).")),
        (PartsReported(parts={"first": ("e", "a"), "second": ("e",), "third": ()}),
         (Verdict.SUPPORTED_WITH_LIMITS, "only some parts are borne out",
         'A figure was seen for "first"; no figure was seen for "second" and "third".')),
        (PartsReported(parts={"first": ("a",), "second": ("f",)}), (Verdict.SUPPORTED, "every part is borne out",
         'A figure was seen for "first" and "second".')),
        (PartsReported(parts={"first": ("e",), "second": ()}), (Verdict.NOT_SUPPORTED, "no part is borne out",
         'No figure was seen for "first" and "second".')),
        # A sign has one figure or several, of which one is enough; a sign on the limit reaches it.
        (FrequentSigns(signs={"p": ("d", "a"), "q": ("d",), "r": ()}, at_least=60),
         (Verdict.NOT_SUPPORTED, "fewer than half of the signs reach the threshold",
         "1 of the 3 signs occur in at least 60 % of the reference cases (p); rarer: q; no frequency was seen for r.")),
        (FrequentSigns(signs={"p": ("a",), "q": ("d",)}, at_least=25),
         (Verdict.SUPPORTED_WITH_LIMITS, "at least half of the signs reach the threshold",
         "1 of the 2 signs occur in at least 25 % of the reference cases (p); rarer: q.")),
        (FrequentSigns(signs={"p": ("a",), "q": ("d",)}, at_least=10),
         (Verdict.SUPPORTED, "every sign reaches the threshold",
         "2 of the 2 signs occur in at least 10 % of the reference cases (p and q).")),
        (FrequentSigns(signs={"p": ("c",)}, at_least=66.6),
         (Verdict.NOT_SUPPORTED, "fewer than half of the signs reach the threshold",
         "0 of the 1 sign occur in at least 66.6 % of the reference cases; rarer: p.")),
    ],
)  # fmt: skip
def test_a_test_of_published_figures_says_what_it_found(dataset: Dataset, test: ClaimTest, found: Found) -> None:
    outcome = test.evaluate(with_studies(dataset, FIGURES))
    assert (outcome.verdict, outcome.branch, outcome.sentence) == found
    assert outcome.cases == () and outcome.tallies == {}


@pytest.mark.parametrize(
    ("test", "figures"),
    [
        (agree("dac", 50), "dac"),
        (PartsReported(parts={"first": ("d", "a"), "second": ("c",), "third": ()}), "dac"),
        (FrequentSigns(signs={"first": ("d", "a"), "second": ("c",), "third": ()}, at_least=50), "dac"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_all_figures_looked_at_are_named_in_their_order(dataset: Dataset, test: ClaimTest, figures: str) -> None:
    assert test.evaluate(with_studies(dataset, FIGURES)).figures == tuple(figures)


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("count", "The figure is at least 50 (60)."),
        ("odds_ratio", "The figure is at least 50 (odds ratio) (60 (odds ratio))."),
        ("per_10000_person_years", "The figure is at least 50 per 10,000 years (60 per 10,000 years)."),
        ("ng_per_ml", "The figure is at least 50 ng per ml (60 ng per ml)."),
    ],
)
def test_a_figure_and_its_threshold_are_told_in_their_unit(dataset: Dataset, unit: str, told: str) -> None:
    assert agree("a", 50).evaluate(with_studies(dataset, FIGURES, unit)).sentence == told


def test_a_threshold_for_figures_in_several_units_names_none(dataset: Dataset) -> None:
    evidence = with_studies(dataset, FIGURES)
    studies = evidence.dataset.studies.assign(unit=["percent", "odds_ratio", *["percent"] * 4])
    mixed = replace(evidence, dataset=replace(evidence.dataset, studies=studies))
    assert agree("ab", 50).evaluate(mixed).sentence == "2 of 2 figures are at least 50 (60 % and 70 (odds ratio))."


PEOPLE, ANIMALS = "human_pk", "animal_in_vivo"
RAISED: Row = {"assay": ANIMALS, "effect": "increase"}
UNCHANGED: Row = {"assay": ANIMALS, "effect": "no_effect"}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"assay": PEOPLE, "effect": "increase"}, {"assay": PEOPLE, "effect": "no_effect"}, UNCHANGED],
         (Verdict.CONTRADICTED, "measured in people",
         ("2 measurements in people were seen; no animal measurement shows an increase and 1 animal measurement "
         "shows none."))),
        ([{"assay": PEOPLE, "effect": "no_effect"}, RAISED],
         (Verdict.SUPPORTED, "measured in people",
         ("1 measurement in people was seen; 1 animal measurement shows an increase (serotonin level) and no animal "
         "measurement shows none."))),
        ([RAISED, {**RAISED, "target": "SERT"}, RAISED, UNCHANGED, UNCHANGED],
         (Verdict.NOT_SUPPORTED, "silent in people, and animal studies show an increase",
         ("No measurement in people was seen; 3 animal measurements show an increase (serotonin level and SERT) and "
         "2 animal measurements show none."))),
        ([UNCHANGED], (Verdict.SUPPORTED_WITH_LIMITS, "silent in people; animal studies show no increase",
         ("No measurement in people was seen; no animal measurement shows an increase and 1 animal measurement "
         "shows none."))),
        # Binding says nothing of a level; neither does a target that was not asked for.
        ([{"assay": "binding", "effect": "increase"}, {**RAISED, "target": "CYP2D6"}],
         (Verdict.NOT_TESTABLE, "no measurement was seen",
         ("No measurement in people was seen; no animal measurement shows an increase and no animal measurement "
         "shows none."))),
    ],
)  # fmt: skip
def test_an_increase_is_told_of_people_and_of_animals(dataset: Dataset, rows: list[Row], found: Found) -> None:
    test = NoIncreaseMeasured(targets=("serotonin_level", "SERT"))
    outcome = test.evaluate(with_measurements(dataset, *rows))
    assert (outcome.verdict, outcome.branch, outcome.sentence) == found


def cyp2d6(value: float | None, low: float | None, high: float | None, **others: object) -> Row:
    interval = {"value": value, "ci_low": low, "ci_high": high}
    return {"target": "CYP2D6", "assay": PEOPLE, "effect": "increase", **interval, **others}


ENOUGH = "one clear measurement in people is enough"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([cyp2d6(2.25, 1.75, 3.0), cyp2d6(1.5, 1.0, 2.0)], (Verdict.SUPPORTED, ENOUGH,
         "1 measurement in people of 2 shows a change: CYP2D6 AUC ratio 2.25 (1.75 to 3).")),
        ([cyp2d6(0.5, 0.25, 0.75), cyp2d6(2.0, 1.5, 3.0)], (Verdict.SUPPORTED, ENOUGH,
         ("2 measurements in people of 2 show a change: CYP2D6 AUC ratio 0.5 (0.25 to 0.75) and "
         "CYP2D6 AUC ratio 2 (1.5 to 3)."))),
        ([cyp2d6(2.0, 1.5, 3.0, target="serotonin_level", measure="Cmax_ratio")], (Verdict.SUPPORTED, ENOUGH,
         "1 measurement in people of 1 shows a change: serotonin level Cmax ratio 2 (1.5 to 3).")),
        # The limit of an interval may lie on "no change"; what lacks a limit or its value, is of an animal or of
        # another target, shows nothing.
        ([cyp2d6(0.5, 0.25, 1.0), cyp2d6(2.0, None, 3.0), cyp2d6(0.5, 0.25, None), cyp2d6(None, 1.5, 3.0),
          cyp2d6(2.0, 1.5, 3.0, assay=ANIMALS), cyp2d6(2.0, 1.5, 3.0, target="SERT")],
         (Verdict.NOT_SUPPORTED, ENOUGH, "No measurement in people of 4 shows a change.")),
    ],
)  # fmt: skip
def test_a_change_in_people_is_told_with_its_interval(dataset: Dataset, rows: list[Row], found: Found) -> None:
    outcome = EffectMeasured(targets=("CYP2D6", "serotonin_level")).evaluate(with_measurements(dataset, *rows))
    assert (outcome.verdict, outcome.branch, outcome.sentence) == found


@pytest.mark.parametrize("test", [NoIncreaseMeasured(targets=("CYP2D6",)), EffectMeasured(targets=("CYP2D6",))])
def test_the_publications_of_the_measurements_are_named_once(dataset: Dataset, test: ClaimTest) -> None:
    rows = [cyp2d6(1.0, None, None, citekey=key) for key in ("two", "one", "two")]
    others = [cyp2d6(1.0, None, None, citekey="other", target="SERT")]
    assert test.evaluate(with_measurements(dataset, *rows, *others)).figures == ("two", "one")


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"first": ("x", "y"), "second": ("y", "z")}, (Verdict.SUPPORTED_WITH_LIMITS, "only some parts are borne out",
         'The lexicon has an established serotonergic drug among "first"; it has none among "second".')),
        ({"first": ("x",)}, (Verdict.SUPPORTED, "every part is borne out",
         'The lexicon has an established serotonergic drug among "first".')),
        ({"second": ("z",)}, (Verdict.NOT_SUPPORTED, "no part is borne out", 'It has none among "second".')),
    ],
)  # fmt: skip
def test_a_class_is_serotonergic_by_one_drug_of_the_grade(
    dataset: Dataset, parts: Mapping[str, tuple[str, ...]], found: Found
) -> None:
    """Class x has an established and a possible drug, class y a possible one only, class z none."""
    rows = dataset.substances.iloc[[0] * 4].assign(
        drug_class=["x", "x", "y", "z"],
        serotonergic=["established", "possible", "possible", "none"],
    )
    outcome = ClassesSerotonergic(parts=parts).evaluate(gather(replace(dataset, substances=rows)))
    assert (outcome.verdict, outcome.branch, outcome.sentence) == found

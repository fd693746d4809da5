"""verdicts.json: its schema says what all of it means and refuses what is wrong; its numbers are those of the data."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from kratom_evidence.claims import Judgement, Verdict, judge_all, read_claims
from kratom_evidence.claims.fragility import Fragility, Influence
from kratom_evidence.claims.multiverse import CHOICES, Multiverse
from kratom_evidence.claims.records import StatementResult, statement_record, statement_results, verdicts_document
from kratom_evidence.claims.records_schema import VERDICTS_SCHEMA
from kratom_evidence.dataset import Dataset

Record = dict[str, Any]


@pytest.fixture(scope="module")
def judgements(dataset: Dataset, project_root: Path) -> tuple[Judgement, ...]:
    return judge_all(dataset, read_claims(project_root / "data"))


@pytest.fixture(scope="module")
def results(dataset: Dataset, judgements: tuple[Judgement, ...]) -> tuple[StatementResult, ...]:
    return statement_results(dataset, judgements)


@pytest.fixture(scope="module")
def document(dataset: Dataset, results: tuple[StatementResult, ...]) -> Record:
    """The contents of verdicts.json. Shared: do not change them."""
    return verdicts_document(dataset, results, package_version="1.2.3")


@pytest.fixture(scope="module")
def statements(document: Record) -> dict[str, Record]:
    return {record["id"]: record for record in document["statements"]}


def faults(document: Record) -> list[str]:
    return [error.message for error in Draft202012Validator(VERDICTS_SCHEMA).iter_errors(document)]


# --- the schema


def properties(schema: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property that the schema describes, with its place."""
    for name, described in schema.get("properties", {}).items():
        yield f"{place}/{name}", described
        yield from properties(described, f"{place}/{name}")
    if "items" in schema:
        yield f"{place}/*", schema["items"]
        yield from properties(schema["items"], f"{place}/*")


def test_the_schema_is_one_and_the_document_keeps_to_it(document: Record) -> None:
    Draft202012Validator.check_schema(VERDICTS_SCHEMA)
    assert faults(document) == []


def test_every_property_of_the_schema_says_what_it_means() -> None:
    found = dict(properties(VERDICTS_SCHEMA))
    assert "/statements/*/deciding_test/tallies/*/not_stated" in found
    assert [place for place, described in found.items() if not (described["title"] and described["description"])] == []


def test_every_value_of_the_document_is_described(document: Record) -> None:
    """Nothing is let through unread: objects are closed, and all that they hold is required."""
    for place, described in properties(VERDICTS_SCHEMA):
        if "properties" in described:
            assert described["additionalProperties"] is False, place
            assert set(described["required"]) == set(described["properties"]), place
    assert set(document) == set(VERDICTS_SCHEMA["properties"])


SPOILED: dict[str, Callable[[Record], object]] = {
    "a verdict that does not exist": lambda it: it["statements"][0].update(verdict="proven"),
    "a missing verdict": lambda it: it["statements"][0].pop("verdict"),
    "an unknown key": lambda it: it["statements"][0].update(certainty=1),
    "a number below zero": lambda it: it["statements"][12]["deciding_test"]["tallies"][0].update(yes=-1),
    "a share above one": lambda it: it["statements"][12]["robustness"].update(share=1.5),
    "a text for a number": lambda it: it["statements"][12]["fragility"].update(further_cases="1"),
    "an empty statement": lambda it: it["statements"][3].update(statement=""),
    "an option that does not exist": lambda it: it["definitions"]["timing"].update(option="later"),
    "another version of the format": lambda it: it.update(format_version=99),
}


@pytest.mark.parametrize("what", SPOILED)
def test_the_schema_refuses(document: Record, what: str) -> None:
    spoiled = copy.deepcopy(document)
    SPOILED[what](spoiled)
    assert len(faults(spoiled)) == 1


# --- the records


def test_there_is_one_record_for_each_statement_in_the_order_of_the_ledger(
    document: Record, judgements: tuple[Judgement, ...]
) -> None:
    expected = [(found.claim.id, found.claim.statement, found.verdict.value) for found in judgements]
    assert [(r["id"], r["statement"], r["verdict"]) for r in document["statements"]] == expected


def test_the_document_names_its_data(document: Record, dataset: Dataset) -> None:
    assert (document["data_version"], document["data_fingerprint"]) == (dataset.version, dataset.fingerprint)
    assert document["package_version"] == "1.2.3"


def test_counts_and_cases_are_those_of_the_case_table(statements: dict[str, Record], dataset: Dataset) -> None:
    """C13 by counting the column: the authors name the syndrome, deny it, or do not say."""
    assessment = dataset.cases["ss_assessment"]
    named = assessment.isin(["diagnosed", "suspected"])
    deciding = statements["C13"]["deciding_test"]
    first = deciding["tallies"][0]
    assert first["yes"] == named.sum() > 0
    assert first["not_stated"] >= assessment.isna().sum()
    assert first["yes"] + first["no"] + first["not_stated"] == len(dataset.cases)
    assert deciding["cases"] == sorted(dataset.cases.index[named])


def test_every_case_figure_and_publication_that_is_named_exists(
    statements: dict[str, Record], dataset: Dataset
) -> None:
    figures = {*dataset.studies.index, *dataset.context_sources.index}
    publications = {*dataset.sources.index, *dataset.context_sources.index}
    tests = [test for r in statements.values() for test in (r["deciding_test"], *r["shown_beside"]) if test]
    assert {case for test in tests for case in test["cases"]} <= set(dataset.cases.index)
    assert {figure for test in tests for figure in test["figures"]} <= figures
    changes = [change["publication"] for r in statements.values() for change in r["influence"]["changes"]]
    assert changes and set(changes) <= publications


def test_what_is_not_testable_has_a_reason_and_no_numbers(statements: dict[str, Record]) -> None:
    untested = [record for record in statements.values() if record["verdict"] == Verdict.NOT_TESTABLE]
    assert untested
    for record in statements.values():
        is_untested = record in untested
        missing = [record[name] is None for name in ("decided_by", "deciding_test", "robustness")]
        assert missing == [is_untested] * 3
        assert (record["not_testable_because"] is not None) == is_untested


def test_the_deciding_test_made_the_verdict(statements: dict[str, Record]) -> None:
    for record in statements.values():
        if record["deciding_test"]:
            assert record["deciding_test"]["verdict_after_the_ceiling"] == record["verdict"]
            assert record["deciding_test"]["evidence"] == record["decided_by"]


def test_the_record_of_a_worked_example(results: tuple[StatementResult, ...]) -> None:
    """Three combinations of four hold, one publication matters, two kinds of case are needed: by hand."""
    claim = results[0].judgement.claim
    holding, other = Verdict.SUPPORTED_WITH_LIMITS, Verdict.CONTRADICTED
    world = Multiverse(
        claim=claim,
        verdict=holding,
        specifications=pd.DataFrame({"verdict": [holding.value, holding.value, other.value, holding.value]}),
        share_holding=0.75,
        moved_by={"timing": 1 / 3, **{choice: 0.0 for choice in CHOICES if choice != "timing"}},
    )
    fragile = Fragility(
        claim=claim, verdict=holding, rests_on_cases=True, number=3, kinds=(("of one kind", 2), ("of another", 1)),
        new_verdict=other,
    )  # fmt: skip
    influenced = Influence(claim=claim, verdict=holding, publications=7, changes={"smith2020": other})
    record = statement_record(replace(results[0], world=world, fragility=fragile, influence=influenced))
    robustness = record["robustness"]
    assert (robustness["combinations"], robustness["holding"], robustness["share"]) == (4, 3, 0.75)
    assert {name: count for name, count in robustness["verdicts"].items() if count} == {holding: 3, other: 1}
    assert (robustness["most_moving"], robustness["moved_by"]["timing"]) == ("timing", 0.333333)
    assert robustness["sentence"].startswith("The verdict holds in 3 of 4 combinations of choices (75 %).")
    assert record["fragility"]["kinds"] == [{"kind": "of one kind", "cases": 2}, {"kind": "of another", "cases": 1}]
    assert (record["fragility"]["further_cases"], record["fragility"]["new_verdict"]) == (3, "contradicted")
    assert record["influence"]["changes"] == [{"publication": "smith2020", "verdict": "contradicted"}]
    assert record["influence"]["publications"] == 7

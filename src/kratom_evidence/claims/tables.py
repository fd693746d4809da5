"""The tables of a judgement: what was tested, what was counted, the cases and the studies behind it."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from kratom_evidence.appraisal.criteria.table import criterion_states
from kratom_evidence.claims.judging import Judgement
from kratom_evidence.claims.registry import rule_of
from kratom_evidence.codebook import CoExposure
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence
from kratom_evidence.evidence.properties import property_words
from kratom_evidence.evidence.tally import tally

Record: TypeAlias = Mapping[Hashable, Any]
STATUS_WORDS = {1: "met", -1: "not met", 0: "undetermined"}
BACKGROUND_PROPERTIES = ("serotonin_syndrome", "serotonergic_co_exposure", "mitragynine_confirmed")


def tests_table(judgement: Judgement) -> pd.DataFrame:
    """One row per test. Columns: evidence, role, found, rule applied, verdict of the rule, verdict used."""
    rows = [
        {
            "evidence": result.planned.test.evidence_kind.label,
            "role": "decides" if result.planned.decides else "shown beside",
            "found": result.outcome.sentence,
            "part_of_the_rule": result.outcome.branch,
            "by_the_rule": result.outcome.verdict.label,
            "after_the_ceiling": result.verdict.label,
        }
        for result in judgement.results
    ]
    columns = ["evidence", "role", "found", "part_of_the_rule", "by_the_rule", "after_the_ceiling"]
    return pd.DataFrame(rows, columns=columns)


def rules_table(judgement: Judgement) -> pd.DataFrame:
    """One row per test. Columns: test, rule (in words), reason for the threshold, ceiling and its reason."""
    rows = [
        {
            "test": result.planned.name.replace("_", " "),
            "rule": rule_of(result.planned.name),
            "reason": result.planned.reason,
            "ceiling": result.planned.ceiling_reason or "none",
        }
        for result in judgement.results
    ]
    return pd.DataFrame(rows, columns=["test", "rule", "reason", "ceiling"])


def counts_table(judgement: Judgement) -> pd.DataFrame:
    """One row per count of cases. Columns: cases, yes, no, not_stated, of_those_that_say."""
    rows = [
        {
            "cases": name,
            "yes": count.yes,
            "no": count.no,
            "not_stated": count.unknown,
            "in_words": str(count),
        }
        for result in judgement.results
        for name, count in result.outcome.tallies.items()
    ]
    return pd.DataFrame(rows, columns=["cases", "yes", "no", "not_stated", "in_words"])


def background_counts(evidence: CaseEvidence) -> pd.DataFrame:
    """What the case reports say at all: the counts behind every statement. Columns as in `counts_table`."""
    counts = {property_words(name): tally(evidence.states(name)) for name in BACKGROUND_PROPERTIES}
    rows = [
        {"cases": name, "yes": c.yes, "no": c.no, "not_stated": c.unknown, "in_words": str(c)}
        for name, c in counts.items()
    ]
    return pd.DataFrame(rows)


def case_table(dataset: Dataset, case_ids: Sequence[str]) -> pd.DataFrame:
    """One row per case, indexed by case_id.

    Columns: publication (short reference), link, what_was_read, patient, event, other_drugs, serotonin_syndrome
    (authors), hunter_signs (strict), mitragynine_found_in.
    """
    cases = dataset.cases.loc[list(case_ids)]
    publications = dataset.sources.reindex(cases["citekey"])
    hunter = criterion_states(dataset).loc[cases.index, "hunter_strict"].map(STATUS_WORDS)
    return pd.DataFrame(
        {
            "publication": publications["short_reference"].to_numpy(),
            "link": publications["link"].to_numpy(),
            "what_was_read": cases["source_access"].str.replace("_", " "),
            "patient": [_patient(age, sex) for age, sex in zip(cases["age_years"], cases["sex"], strict=True)],
            "event": cases["primary_event"].map(dataset.event_terms["label"]),
            "other_drugs": [_co_exposures(items) for items in cases["co_exposures"]],
            "serotonin_syndrome": cases["ss_assessment"].str.replace("_", " "),
            "hunter_signs": hunter,
            "mitragynine_found_in": cases["mitragynine_detected_in"],
        },
        index=cases.index,
    )


def _patient(age: Any, sex: Any) -> str | None:
    years = "" if pd.isna(age) else ("newborn" if age == 0 else f"{age} years")
    return ", ".join(part for part in (years, sex if isinstance(sex, str) else "") if part) or None


def _co_exposures(items: Any) -> tuple[str, ...] | None:
    """Names with their timing; the doses are on the page of the case."""
    if items is None:
        return None
    return tuple(
        f"{item.substance} ({item.timing.replace('_', ' ')})" for item in items if isinstance(item, CoExposure)
    )


def study_table(dataset: Dataset, figures: Sequence[str]) -> pd.DataFrame:
    """The context figures and measurements among `figures`: one row each.

    Columns: publication, link, measure, population, value (with unit), out_of, seen_in, note.
    """
    chosen = dataset.studies.loc[[name for name in figures if name in dataset.studies.index]]
    measured = dataset.pharmacology[dataset.pharmacology["citekey"].isin(list(figures))]
    rows = [_study_row(study, dataset) for study in chosen.to_dict("records")]
    rows += [_measurement_row(measurement, dataset) for measurement in measured.to_dict("records")]
    columns = ["publication", "link", "measure", "population", "value", "out_of", "seen_in", "note"]
    return pd.DataFrame(rows, columns=columns)


def _study_row(study: Record, dataset: Dataset) -> Record:
    return {
        **_publication(study, dataset),
        "measure": study["measure"],
        "population": study["population"],
        "value": f"{study['value']:g} {study['unit'].replace('_', ' ')}",
        "out_of": study["n"],
    }


def _measurement_row(measurement: Record, dataset: Dataset) -> Record:
    value = measurement["effect"].replace("_", " ")
    if measurement["measure"] != "qualitative":
        value += f", {measurement['measure'].replace('_', ' ')} {measurement['value']:g} {measurement['unit']}"
    subject = [measurement["compound"], measurement["species"]]
    return {
        **_publication(measurement, dataset),
        "measure": f"{measurement['target']} ({measurement['assay'].replace('_', ' ')})",
        "population": ", ".join(part for part in subject if isinstance(part, str)),
        "value": value,
        "out_of": None,
    }


def _publication(record: Record, dataset: Dataset) -> dict[Hashable, Any]:
    source = dataset.context_sources.loc[record["citekey"]]
    return {
        "publication": source["short_reference"],
        "link": source["link"],
        "seen_in": record["seen_in"].replace("_", " "),
        "note": record["note"],
    }


def ledger_table(judgements: Sequence[Judgement]) -> pd.DataFrame:
    """One row per statement, indexed by `claim`. Columns: statement, verdict, decided_by, deciding_numbers, cases."""
    rows = [
        {
            "claim": judgement.claim.id,
            "statement": judgement.claim.statement,
            "verdict": judgement.verdict.label,
            "decided_by": judgement.decided_by.label if judgement.decided_by else "not testable",
            "deciding_numbers": judgement.summary,
            "cases": len(judgement.deciding.outcome.cases) if judgement.deciding else 0,
        }
        for judgement in judgements
    ]
    return pd.DataFrame(rows).set_index("claim")

"""Everything that was computed for each statement, as plain records for the ledger page and for other programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kratom_evidence.claims.fragility import Fragility, Influence, fragility, influence
from kratom_evidence.claims.grade import EvidenceGrade, evidence_grade
from kratom_evidence.claims.judging import Judgement, TestResult, judge_all
from kratom_evidence.claims.ledger import Claim
from kratom_evidence.claims.multiverse import Multiverse, multiverses
from kratom_evidence.claims.records_schema import FORMAT_VERSION, SCHEMA_FILE
from kratom_evidence.claims.revision import Revision
from kratom_evidence.claims.verdict import Verdict
from kratom_evidence.claims.what_if_figures import robustness_in_words
from kratom_evidence.computed_once import computed_once, memory_of
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import gather
from kratom_evidence.evidence.definitions import TITLES, Definitions

Record: TypeAlias = dict[str, Any]
# A share with more digits than these says nothing more.
_SHARE_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class StatementResult:
    """The judgement on one statement and how firm it is. `world` is None for a statement that is not testable."""

    judgement: Judgement
    world: Multiverse | None
    fragility: Fragility
    grade: EvidenceGrade | None
    influence: Influence


def statement_results(dataset: Dataset, judgements: Sequence[Judgement]) -> tuple[StatementResult, ...]:
    """What-if of every statement, in the order of the judgements, which must be those of the primary analysis."""
    if memory_of(dataset) is not None:
        return tuple(statement_result(dataset, judgement.claim) for judgement in judgements)
    evidence = gather(dataset)
    worlds = {world.claim.id: world for world in multiverses(dataset, judgements)}
    return tuple(
        StatementResult(
            judgement=judgement,
            world=worlds.get(judgement.claim.id),
            fragility=fragility(judgement, evidence),
            grade=evidence_grade(judgement, dataset),
            influence=influence(judgement, evidence),
        )
        for judgement in judgements
    )


@computed_once
def statement_result(dataset: Dataset, claim: Claim) -> StatementResult:
    """What-if of one statement in the primary analysis: for its own page, and for those over all statements."""
    (judgement,) = judge_all(dataset, [claim])
    evidence = gather(dataset)
    return StatementResult(
        judgement=judgement,
        world=next(iter(multiverses(dataset, [judgement])), None),
        fragility=fragility(judgement, evidence),
        grade=evidence_grade(judgement, dataset),
        influence=influence(judgement, evidence),
    )


def verdicts_document(dataset: Dataset, results: Sequence[StatementResult], *, package_version: str) -> Record:
    """The contents of verdicts.json, as `records_schema.VERDICTS_SCHEMA` describes them."""
    primary = Definitions()
    return {
        "$schema": SCHEMA_FILE,
        "format_version": FORMAT_VERSION,
        "data_version": dataset.version,
        "data_fingerprint": dataset.fingerprint,
        "package_version": package_version,
        "definitions": {
            name: {"title": TITLES[name], "option": getattr(primary, name), "meaning": meaning}
            for name, meaning in primary.in_words().items()
        },
        "statements": [statement_record(result) for result in results],
    }


def statement_record(result: StatementResult) -> Record:
    """One statement with its verdict, what decided it, and how firm it is."""
    judgement, claim = result.judgement, result.judgement.claim
    deciding = judgement.deciding
    return {
        "id": claim.id,
        "section": claim.section,
        "statement": claim.statement,
        "verdict": judgement.verdict.value,
        "verdict_label": judgement.verdict.label,
        "decided_by": judgement.decided_by.value if judgement.decided_by else None,
        "evidence_grade": result.grade.level.value if result.grade else None,
        "evidence_grade_reason": result.grade.reason if result.grade else None,
        "deciding_test": _test_record(deciding) if deciding else None,
        "shown_beside": [_test_record(found) for found in judgement.results if not found.planned.decides],
        "disagreement": judgement.disagreement,
        "not_testable_because": claim.not_testable_because or None,
        "could_be_tested_by": claim.could_be_tested_by or None,
        "would_change": claim.would_change,
        "revised": [_revision_record(revision) for revision in claim.revised],
        "robustness": _robustness_record(result.world) if result.world else None,
        "fragility": _fragility_record(result.fragility),
        "influence": _influence_record(result.influence),
    }


def _revision_record(revision: Revision) -> Record:
    before = revision.verdict_before
    return {
        "date": revision.date,
        "change": revision.change,
        "because": revision.because,
        "verdict_before": before.value if before else None,
    }


def _test_record(found: TestResult) -> Record:
    outcome = found.outcome
    return {
        "test": found.planned.name,
        "evidence": found.planned.test.evidence_kind.value,
        "numbers": outcome.sentence,
        "part_of_the_rule": outcome.branch,
        "verdict_by_the_rule": outcome.verdict.value,
        "verdict_after_the_ceiling": found.verdict.value,
        "ceiling_reason": found.planned.ceiling_reason or None,
        "tallies": [
            {"cases": name, "yes": count.yes, "no": count.no, "not_stated": count.unknown}
            for name, count in outcome.tallies.items()
        ],
        "cases": [str(case) for case in outcome.cases],
        "figures": [str(figure) for figure in outcome.figures],
    }


def _robustness_record(world: Multiverse) -> Record:
    counts = world.specifications["verdict"].value_counts()
    return {
        "combinations": len(world.specifications),
        "holding": world.holding,
        "share": _share(world.share_holding),
        "verdicts": {verdict.value: int(counts.get(verdict.value, 0)) for verdict in Verdict},
        "moved_by": {choice: _share(share) for choice, share in world.moved_by.items()},
        "most_moving": world.most_moving,
        "sentence": robustness_in_words(world),
    }


def _share(share: float) -> float:
    return round(share, _SHARE_DIGITS)


def _fragility_record(found: Fragility) -> Record:
    return {
        "rests_on_cases": found.rests_on_cases,
        "further_cases": found.number,
        "kinds": [{"kind": kind, "cases": number} for kind, number in found.kinds],
        "new_verdict": found.new_verdict.value if found.new_verdict else None,
        "sentence": found.sentence,
    }


def _influence_record(found: Influence) -> Record:
    return {
        "publications": found.publications,
        "changes": [{"publication": key, "verdict": verdict.value} for key, verdict in found.changes.items()],
        "sentence": found.sentence,
    }

"""From a statement and the evidence to a judgement. No verdict is typed anywhere: this is where it is computed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kratom_evidence.claims.context_tests import ClassesSerotonergic, FiguresAgree, FrequentSigns, PartsReported
from kratom_evidence.claims.ledger import Claim, PlannedTest
from kratom_evidence.claims.ledger_fields import CLAIMS_FILE
from kratom_evidence.claims.parameters import PROPERTY_PARAMETERS
from kratom_evidence.claims.verdict import EvidenceKind, Outcome, Verdict, at_best
from kratom_evidence.computed_once import memory_of
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence, gather
from kratom_evidence.evidence.definitions import Definitions
from kratom_evidence.evidence.properties import is_property
from kratom_evidence.faults import ExplainedError, Fault
from kratom_evidence.nearest import nearest_name


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """What a planned test found, and the verdict after its ceiling was applied."""

    planned: PlannedTest
    outcome: Outcome
    verdict: Verdict

    @property
    def is_silent(self) -> bool:
        """Whether the test counted cases of which none says anything."""
        tallies = self.outcome.tallies.values()
        return bool(tallies) and all(tally.known == 0 for tally in tallies)

    @property
    def was_lowered(self) -> bool:
        """Whether the ceiling of the evidence lowered the verdict of the rule."""
        return self.verdict is not self.outcome.verdict


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The verdict on a statement under one set of definitions, and everything it rests on.

    `decided_by` is None for a statement that is not testable. `summary` is one sentence with the deciding numbers.
    """

    claim: Claim
    definitions: Definitions
    verdict: Verdict
    summary: str
    results: tuple[TestResult, ...]
    decided_by: EvidenceKind | None

    @property
    def deciding(self) -> TestResult | None:
        """The result that made the verdict; None for a statement that is not testable."""
        return next((result for result in self.results if result.planned.decides), None)

    @property
    def disagreement(self) -> str | None:
        """Says so when the two kinds of evidence point to different verdicts; None when they do not."""
        deciding = self.deciding
        if deciding is None:
            return None
        others = [
            result
            for result in self.results
            if result.outcome.verdict is not deciding.outcome.verdict
            and result.planned.test.evidence_kind is not deciding.planned.test.evidence_kind
            and not result.is_silent
        ]
        if not others:
            return None
        other = others[0]
        return (
            f"The two kinds of evidence differ: by {deciding.planned.test.evidence_kind.label} the rule gives "
            f'"{deciding.outcome.verdict.label}", by {other.planned.test.evidence_kind.label} '
            f'"{other.outcome.verdict.label}".'
        )

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases behind the judgement, in the order of first mention."""
        return tuple(dict.fromkeys(case for result in self.results for case in result.outcome.cases))

    @property
    def figures(self) -> tuple[str, ...]:
        """The context figures and publications behind the judgement."""
        return tuple(dict.fromkeys(figure for result in self.results for figure in result.outcome.figures))


def judge(claim: Claim, evidence: CaseEvidence) -> Judgement:
    """The judgement on one statement."""
    results = tuple(_result(planned, evidence) for planned in claim.tests)
    deciding = next((result for result in results if result.planned.decides), None)
    return Judgement(
        claim=claim,
        definitions=evidence.definitions,
        verdict=deciding.verdict if deciding else Verdict.NOT_TESTABLE,
        summary=deciding.outcome.sentence if deciding else claim.not_testable_because or "",
        results=results,
        decided_by=deciding.planned.test.evidence_kind if deciding else None,
    )


def judge_all(
    dataset: Dataset, claims: Sequence[Claim], definitions: Definitions | None = None
) -> tuple[Judgement, ...]:
    """The judgements on all statements under the definitions (default: the primary analysis).

    Raises:
        ExplainedError: a claim names a figure, a finding, a target or a class that the data do not have.
    """
    memory = memory_of(dataset)
    if memory is None or memory_of(claims) is None:
        return _judged(dataset, claims, definitions)
    key = ("judgements", id(claims), definitions)
    if key not in memory:
        memory[key] = _judged(dataset, claims, definitions)
    judgements: tuple[Judgement, ...] = memory[key]
    return judgements


def _judged(dataset: Dataset, claims: Sequence[Claim], definitions: Definitions | None) -> tuple[Judgement, ...]:
    faults = reference_faults(claims, dataset)
    if faults:
        raise ExplainedError("The claims do not fit the data.", faults)
    evidence = gather(dataset, definitions)
    return tuple(judge(claim, evidence) for claim in claims)


def _result(planned: PlannedTest, evidence: CaseEvidence) -> TestResult:
    outcome = planned.test.evaluate(evidence)
    return TestResult(planned=planned, outcome=outcome, verdict=at_best(outcome.verdict, planned.ceiling))


def planned_verdict(planned: PlannedTest, evidence: CaseEvidence) -> Verdict:
    """The verdict of one planned test after its ceiling: what a judgement and every what-if of it rest on."""
    return _result(planned, evidence).verdict


def reference_faults(claims: Iterable[Claim], dataset: Dataset) -> tuple[Fault, ...]:
    """Every name in a claim that the data do not have, with the line of the ledger and the nearest name."""
    faults: list[Fault] = []
    for claim in claims:
        for planned in claim.tests:
            for names, allowed, what in _references(planned, dataset):
                known = set(allowed)
                faults += [_unknown(claim, planned, name, known, what) for name in names if name not in known]
            faults += [
                _unknown(claim, planned, name, {f"finding:{term}" for term in dataset.finding_terms.index}, "finding")
                for name in _properties(planned)
                if not is_property(name, dataset)
            ]
    return tuple(faults)


def _properties(planned: PlannedTest) -> list[str]:
    names = (getattr(planned.test, name, None) for name in PROPERTY_PARAMETERS)
    return [name for name in names if name is not None]


def _references(planned: PlannedTest, dataset: Dataset) -> list[tuple[list[str], Iterable[str], str]]:
    test = planned.test
    if isinstance(test, FiguresAgree):
        return [(list(test.figures), dataset.studies.index, "figure of context/studies.csv")]
    if isinstance(test, PartsReported):
        names = [name for ids in test.parts.values() for name in ids]
        return [(names, dataset.studies.index, "figure of context/studies.csv")]
    if isinstance(test, FrequentSigns):
        names = [name for ids in test.signs.values() for name in ids]
        return [(names, dataset.studies.index, "figure of context/studies.csv")]
    if isinstance(test, ClassesSerotonergic):
        names = [name for classes in test.parts.values() for name in classes]
        return [(names, dataset.substances["drug_class"].unique(), "class of vocabulary/substances.csv")]
    targets = getattr(test, "targets", ())
    return [(list(targets), dataset.pharmacology["target"].unique(), "target of context/pharmacology.csv")]


def _unknown(claim: Claim, planned: PlannedTest, name: str, known: set[str], what: str) -> Fault:
    return Fault(
        code="C105",
        file=CLAIMS_FILE,
        row=planned.line,
        column=claim.id,
        value=name,
        why=f"There is no such {what}.",
        mend="Correct the name, or add it to that file first.",
        nearest=nearest_name(name, known),
    )

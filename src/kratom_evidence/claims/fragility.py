"""How easily a verdict falls: the fewest further case reports that would change it, and the weight of each publication.

The search is exact up to `LARGEST_MIXTURE` further cases of any mixture of kinds; beyond that, up to
`MOST_OF_ONE_KIND`, cases of one kind are tried. It asks of rules on counts of cases what a fragility index asks of a
trial.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement, product

import pandas as pd

from kratom_evidence.appraisal.three_valued import Truth
from kratom_evidence.claims.context_tests import EffectMeasured, NoIncreaseMeasured
from kratom_evidence.claims.judging import Judgement, planned_verdict
from kratom_evidence.claims.ledger import Claim, PlannedTest
from kratom_evidence.claims.parameters import PROPERTY_PARAMETERS
from kratom_evidence.claims.registry import ClaimTest
from kratom_evidence.claims.verdict import EvidenceKind, Verdict
from kratom_evidence.claims.wording import counted, listed, sentence
from kratom_evidence.dataset import Dataset
from kratom_evidence.evidence.case_evidence import CaseEvidence
from kratom_evidence.evidence.properties import property_named

LARGEST_MIXTURE = 4
MOST_OF_ONE_KIND = 100
Kind = Mapping[str, Truth]


@dataclass(frozen=True, kw_only=True)
class Fragility:
    """The smallest number of further case reports that would change a verdict, and of which kinds.

    `kinds` pairs each kind in words with how many of it are needed; `number` is None when none was found or the
    verdict does not rest on case reports.
    """

    claim: Claim
    verdict: Verdict
    rests_on_cases: bool
    number: int | None = None
    kinds: tuple[tuple[str, int], ...] = ()
    new_verdict: Verdict | None = None

    @property
    def sentence(self) -> str:
        """The finding in one sentence."""
        if not self.rests_on_cases:
            return "No further case report can change this verdict: it is not decided by the case reports."
        if self.number is None or self.new_verdict is None:
            return (
                f"No mixture of up to {LARGEST_MIXTURE} further case reports, and no number up to {MOST_OF_ONE_KIND} "
                "of one kind, changes this verdict."
            )
        kinds = listed([counted(count, "case", words) for words, count in self.kinds])
        return sentence(
            f'{counted(self.number, "further case report")} would change this verdict to "{self.new_verdict.label}": '
            f"{kinds}"
        )


@dataclass(frozen=True, kw_only=True)
class Influence:
    """The verdicts that would stand if one publication had not been found: citekey -> verdict, only where it differs.

    `publications` is the number of publications that were left out one after the other.
    """

    claim: Claim
    verdict: Verdict
    publications: int
    changes: Mapping[str, Verdict]

    @property
    def sentence(self) -> str:
        """The finding in one sentence."""
        if not self.publications:
            return "The verdict rests on no publication that could be left out."
        if not self.changes:
            return f"Leaving out any one of {counted(self.publications, 'publication')} leaves the verdict as it is."
        words = listed([f'{key} ("{verdict.label}")' for key, verdict in self.changes.items()])
        return f"The verdict changes when one publication is left out: {words}."


def fragility(judgement: Judgement, evidence: CaseEvidence) -> Fragility:
    """The fewest further case reports that would change the verdict under the evidence's definitions."""
    claim, verdict, deciding = judgement.claim, judgement.verdict, judgement.deciding
    if deciding is None or deciding.planned.test.evidence_kind is not EvidenceKind.CASE_REPORTS:
        return Fragility(claim=claim, verdict=verdict, rests_on_cases=False)
    for mixture in _mixtures(kinds_of_case(deciding.planned.test)):
        changed = planned_verdict(deciding.planned, evidence.with_further(mixture))
        if changed is not verdict:
            counts = Counter(kind_in_words(kind) for kind in mixture)
            return Fragility(
                claim=claim,
                verdict=verdict,
                rests_on_cases=True,
                number=len(mixture),
                kinds=tuple(counts.items()),
                new_verdict=changed,
            )
    return Fragility(claim=claim, verdict=verdict, rests_on_cases=True)


def further_cases_table(judgement: Judgement, evidence: CaseEvidence) -> pd.DataFrame:
    """For each kind of well-described case (nothing unsaid), how many of it alone would change the verdict.

    Columns: kind (in words), number (Int64, missing when up to `MOST_OF_ONE_KIND` change nothing), new_verdict. No
    rows when the verdict does not rest on case reports.
    """
    deciding = judgement.deciding
    rows: list[dict[str, object]] = []
    if deciding is not None and deciding.planned.test.evidence_kind is EvidenceKind.CASE_REPORTS:
        described = [kind for kind in kinds_of_case(deciding.planned.test) if not _silence(kind)]
        for kind in described:
            found = _first_change(deciding.planned, evidence, kind, judgement.verdict)
            number, verdict = (None, None) if found is None else (found[0], found[1].label)
            rows.append({"kind": kind_in_words(kind), "number": number, "new_verdict": verdict})
    frame = pd.DataFrame(rows, columns=["kind", "number", "new_verdict"])
    return frame.assign(number=frame["number"].astype("Int64"))


def _first_change(
    planned: PlannedTest, evidence: CaseEvidence, kind: Kind, verdict: Verdict
) -> tuple[int, Verdict] | None:
    """The smallest number of cases of one kind that changes the verdict, and to what."""
    most = evidence.with_further((kind,) * MOST_OF_ONE_KIND)
    for number in range(1, MOST_OF_ONE_KIND + 1):
        changed = planned_verdict(planned, most.with_fewer(MOST_OF_ONE_KIND - number))
        if changed is not verdict:
            return number, changed
    return None


def kinds_of_case(test: ClaimTest) -> tuple[Kind, ...]:
    """Every kind of case that the test can tell apart, well-described kinds first.

    A kind gives each property that the test reads a state; the cases that say most come first, so that of two equally
    small changes the one by well-described cases is named.
    """
    names = [getattr(test, name) for name in sorted(PROPERTY_PARAMETERS) if hasattr(test, name)]
    read = sorted({name for name in names if name != "all_cases"}, key=lambda name: (not _names_event(name), name))
    kinds = [dict(zip(read, states, strict=True)) for states in product(Truth, repeat=len(read))]
    return tuple(sorted(kinds, key=lambda kind: (_silence(kind), [-state for state in kind.values()])))


def _names_event(name: str) -> bool:
    """The event comes first in the words for a kind of case."""
    return name.startswith("serotonin_syndrome")


def _silence(kind: Kind) -> int:
    return sum(state is Truth.UNKNOWN for state in kind.values())


def _mixtures(kinds: Sequence[Kind]) -> "list[tuple[Kind, ...]]":
    """The mixtures to try, smallest first; of one size, the well-described and the uniform ones first."""
    mixtures: list[tuple[Kind, ...]] = []
    for size in range(1, LARGEST_MIXTURE + 1):
        of_size = combinations_with_replacement(range(len(kinds)), size)
        ordered = sorted(of_size, key=lambda picks: (sum(_silence(kinds[i]) for i in picks), len(set(picks)), picks))
        mixtures += [tuple(kinds[i] for i in picks) for picks in ordered]
    for size in range(LARGEST_MIXTURE + 1, MOST_OF_ONE_KIND + 1):
        mixtures += [(kind,) * size for kind in kinds]
    return mixtures


def kind_in_words(kind: Kind) -> str:
    """A kind of case in words, to stand behind a number of cases."""
    words = []
    for name, state in kind.items():
        found = property_named(name)
        said = {
            Truth.YES: found.words,
            Truth.NO: found.negation_words,
            Truth.UNKNOWN: f"not stated whether {found.words}",
        }
        words.append(said[state])
    return ", ".join(words)


def influence(judgement: Judgement, evidence: CaseEvidence) -> Influence:
    """The verdict without each publication in turn: those of the cases, or those of the context figures."""
    deciding = judgement.deciding
    if deciding is None:
        return Influence(claim=judgement.claim, verdict=judgement.verdict, publications=0, changes={})
    planned = deciding.planned
    if planned.test.evidence_kind is EvidenceKind.CASE_REPORTS:
        keys = sorted(evidence.cases["citekey"].unique())
        found = {key: planned_verdict(planned, evidence.without_publication(key)) for key in keys}
    else:
        keys = context_publications(deciding.outcome.figures, evidence.dataset)
        found = {key: _verdict_without_study(planned, evidence, key) for key in keys}
    changes = {key: verdict for key, verdict in found.items() if verdict is not judgement.verdict}
    return Influence(claim=judgement.claim, verdict=judgement.verdict, publications=len(keys), changes=changes)


def context_publications(figures: Sequence[str], dataset: Dataset) -> list[str]:
    """The publications behind context figures and measurements, sorted."""
    named = [figure for figure in figures if figure in dataset.context_sources.index]
    of_figures = dataset.studies.loc[[figure for figure in figures if figure in dataset.studies.index], "citekey"]
    return sorted({*named, *of_figures})


def _verdict_without_study(planned: PlannedTest, evidence: CaseEvidence, citekey: str) -> Verdict:
    """The verdict without the figures of one publication; not testable when none is left."""
    test = planned.test
    dataset = evidence.dataset
    if isinstance(test, NoIncreaseMeasured | EffectMeasured):
        table = dataset.pharmacology
        reduced = replace(dataset, pharmacology=table[table["citekey"] != citekey])
        return planned_verdict(planned, replace(evidence, dataset=reduced))
    remaining = _without_figures(test, dataset.studies.index[dataset.studies["citekey"] == citekey])
    return Verdict.NOT_TESTABLE if remaining is None else planned_verdict(replace(planned, test=remaining), evidence)


def _without_figures(test: ClaimTest, removed: "pd.Index[str]") -> ClaimTest | None:
    """The test without some figures; None when it has no figure left."""
    changed: dict[str, object] = {}
    for name in ("figures", "parts", "signs"):
        value = getattr(test, name, None)
        if isinstance(value, tuple):
            changed[name] = tuple(figure for figure in value if figure not in removed)
        elif isinstance(value, Mapping):
            changed[name] = {part: tuple(f for f in figures if f not in removed) for part, figures in value.items()}
    left = [bool(value) if isinstance(value, tuple) else any(value.values()) for value in changed.values()]  # type: ignore[attr-defined]
    if left and not any(left):
        return None
    reduced: ClaimTest = replace(test, **changed)  # type: ignore[type-var]
    return reduced

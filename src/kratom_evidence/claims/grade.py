"""How much the evidence behind a verdict can bear: the grade that its kind deserves.

After GRADE (Guyatt GH et al. BMJ 2008;336:924-926): evidence from observation begins at low, and case reports, which
compare nothing and are chosen for publication, stay at very low. No grade above low is given here, because neither kind
of evidence in this project comes from a trial.
"""

from dataclasses import dataclass
from enum import StrEnum

from kratom_evidence.claims.context_tests import NoIncreaseMeasured
from kratom_evidence.claims.fragility import context_publications
from kratom_evidence.claims.judging import Judgement
from kratom_evidence.claims.verdict import EvidenceKind
from kratom_evidence.claims.wording import counted
from kratom_evidence.dataset import Dataset


class GradeLevel(StrEnum):
    """Certainty of the evidence."""

    LOW = "low"
    VERY_LOW = "very low"


@dataclass(frozen=True, kw_only=True)
class EvidenceGrade:
    """The certainty of the evidence behind a verdict, with the reason."""

    level: GradeLevel
    reason: str

    @property
    def sentence(self) -> str:
        """The grade in one sentence."""
        return f"Certainty of this evidence: {self.level}. {self.reason}"


def evidence_grade(judgement: Judgement, dataset: Dataset) -> EvidenceGrade | None:
    """The grade of the deciding evidence; None for a statement that is not testable."""
    deciding = judgement.deciding
    if deciding is None:
        return None
    if deciding.planned.test.evidence_kind is EvidenceKind.CASE_REPORTS:
        reason = "Case reports compare nothing and are chosen for publication."
        return EvidenceGrade(level=GradeLevel.VERY_LOW, reason=reason)
    publications = context_publications(deciding.outcome.figures, dataset)
    if isinstance(deciding.planned.test, NoIncreaseMeasured):
        people = dataset.pharmacology.query("assay == 'human_pk'")["target"]
        if not people.isin(deciding.planned.test.targets).any():
            return EvidenceGrade(level=GradeLevel.VERY_LOW, reason="It was measured in animals only.")
    if deciding.outcome.figures and len(publications) < 2:
        reason = f"It rests on {counted(len(publications), 'publication')} of observations."
        return EvidenceGrade(level=GradeLevel.VERY_LOW, reason=reason)
    source = (
        f"{counted(len(publications), 'publication')} of observations" if publications else "published lists of drugs"
    )
    return EvidenceGrade(level=GradeLevel.LOW, reason=f"It rests on {source}, not on trials.")

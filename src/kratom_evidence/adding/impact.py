"""Which statements move when files of the data change. The judging and the comparing are those of `claims`."""

from pathlib import Path

from kratom_evidence.claims import Judgement, judge_all, read_claims
from kratom_evidence.claims.changes import ClaimChanges, compare_judgements
from kratom_evidence.dataset import load


def impact_between(before: Path, after: Path) -> ClaimChanges:
    """What moves between two data folders, each judged by its own ledger.

    Raises:
        ExplainedError: one of them cannot be loaded.
    """
    return compare_judgements(_judged(before), _judged(after))


def _judged(data: Path) -> tuple[Judgement, ...]:
    return judge_all(load(data), read_claims(data))

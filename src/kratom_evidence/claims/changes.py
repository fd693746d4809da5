"""What moved between two judgements of the statements: verdicts, numbers, the cases behind them, and the ledger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

from kratom_evidence.claims.judging import Judgement, TestResult
from kratom_evidence.claims.ledger import Claim


@dataclass(frozen=True, kw_only=True)
class TestChange:
    """A planned test whose result differs, or that only one ledger plans (then the other result is None)."""

    name: str
    decides: bool
    old: TestResult | None
    new: TestResult | None


@dataclass(frozen=True, kw_only=True)
class ClaimChange:
    """A statement before and after; `old` or `new` is None when only one ledger has it.

    `tests` holds the tests whose results differ, the deciding ones first. `ledger_fields` names what differs in the
    statement's entry in claims.yaml.
    """

    claim_id: str
    old: Judgement | None
    new: Judgement | None
    tests: tuple[TestChange, ...] = ()
    ledger_fields: tuple[str, ...] = ()

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        if self.old is None:
            return "added"
        return "removed" if self.new is None else "changed"

    @property
    def verdict_moved(self) -> bool:
        """Whether both ledgers have the statement and its verdict is another one."""
        return self.old is not None and self.new is not None and self.old.verdict is not self.new.verdict

    @property
    def numbers_moved(self) -> bool:
        """Whether both ledgers have the statement and the sentence of a test, or the summary, reads differently."""
        if self.old is None or self.new is None:
            return False
        return self.old.summary != self.new.summary or any(_sentence(t.old) != _sentence(t.new) for t in self.tests)

    @property
    def cases_added(self) -> tuple[str, ...]:
        """The cases behind it that only the new judgement has."""
        return _only_in(self.new, self.old)

    @property
    def cases_removed(self) -> tuple[str, ...]:
        """The cases behind it that only the old judgement has."""
        return _only_in(self.old, self.new)


@dataclass(frozen=True, kw_only=True)
class ClaimChanges:
    """All statements that differ in anything, in the order of the new ledger, removed ones last."""

    changes: tuple[ClaimChange, ...]
    compared: int

    @property
    def verdicts_moved(self) -> tuple[ClaimChange, ...]:
        return tuple(change for change in self.changes if change.verdict_moved)

    @property
    def only_numbers_moved(self) -> tuple[ClaimChange, ...]:
        """Statements whose verdict stands while the numbers behind it are others."""
        return tuple(change for change in self.changes if change.numbers_moved and not change.verdict_moved)

    @property
    def ledger_changed(self) -> tuple[ClaimChange, ...]:
        """Statements that were added to the ledger, removed from it, or changed in it."""
        return tuple(change for change in self.changes if change.kind != "changed" or change.ledger_fields)


def compare_judgements(old: Sequence[Judgement], new: Sequence[Judgement]) -> ClaimChanges:
    """What moved between two judgements under the same definitions. `compared` counts statements that both have."""
    before = {judgement.claim.id: judgement for judgement in old}
    after = {judgement.claim.id: judgement for judgement in new}
    changes = [_change(claim_id, before, after) for claim_id in dict.fromkeys([*after, *before])]
    return ClaimChanges(
        changes=tuple(change for change in changes if _differs(change)), compared=len(before.keys() & after.keys())
    )


def _differs(change: ClaimChange) -> bool:
    return bool(
        change.kind != "changed" or change.verdict_moved or change.numbers_moved or change.tests or change.ledger_fields
    )


def _change(claim_id: str, before: Mapping[str, Judgement], after: Mapping[str, Judgement]) -> ClaimChange:
    old, new = before.get(claim_id), after.get(claim_id)
    if old is None or new is None:
        return ClaimChange(claim_id=claim_id, old=old, new=new)
    return ClaimChange(
        claim_id=claim_id, old=old, new=new, tests=_test_changes(old, new), ledger_fields=_ledger_fields(old, new)
    )


def _ledger_fields(old: Judgement, new: Judgement) -> tuple[str, ...]:
    before, after = _without_lines(old.claim), _without_lines(new.claim)
    return tuple(field.name for field in fields(Claim) if getattr(before, field.name) != getattr(after, field.name))


def _without_lines(claim: Claim) -> Claim:
    """The entry wherever it stands in the file."""
    return replace(claim, line=0, tests=tuple(replace(test, line=0) for test in claim.tests))


def _test_changes(old: Judgement, new: Judgement) -> tuple[TestChange, ...]:
    before, after = _numbered(old), _numbered(new)
    changes = []
    for key in dict.fromkeys([*after, *before]):
        one, other = before.get(key), after.get(key)
        if one is None or other is None or (one.outcome, one.verdict) != (other.outcome, other.verdict):
            decides = any(result.planned.decides for result in (one, other) if result is not None)
            changes.append(TestChange(name=key[0], decides=decides, old=one, new=other))
    return tuple(sorted(changes, key=lambda change: not change.decides))


def _numbered(judgement: Judgement) -> dict[tuple[str, int], TestResult]:
    """The results by name of the test and how many of that name come before it."""
    seen: Counter[str] = Counter()
    numbered = {}
    for result in judgement.results:
        name = result.planned.name
        numbered[(name, seen[name])] = result
        seen[name] += 1
    return numbered


def _sentence(result: TestResult | None) -> str | None:
    return None if result is None else result.outcome.sentence


def _only_in(judgement: Judgement | None, other: Judgement | None) -> tuple[str, ...]:
    known = set(other.cases) if other is not None else set()
    return tuple(sorted(case for case in (judgement.cases if judgement else ()) if case not in known))

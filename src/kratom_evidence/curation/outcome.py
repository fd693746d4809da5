"""What a validation found: the faults, and what became of every single check."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from kratom_evidence.curation.extraction_coverage import ExtractionCoverage
from kratom_evidence.faults import Fault

Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule applied to one file.

    It failed when it found a fault. It passed when it found none and could look at everything it needs. Otherwise
    it was skipped, and `reason` says why: a rule that could not look at a cell says nothing about it.
    """

    code: str
    file: str
    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ValidationReport:
    """All faults, in the order of the files and their rows, and all checks.

    `columns` gives the header of each table that could be read, so that a column can be found in a spreadsheet.
    `extraction` says which cases were extracted twice, None where that could not be read.
    """

    faults: tuple[Fault, ...]
    checks: tuple[Check, ...]
    columns: dict[str, tuple[str, ...]]
    extraction: ExtractionCoverage | None = None

    @cached_property
    def _outcomes(self) -> Counter[Outcome]:
        return Counter(check.outcome for check in self.checks)

    @property
    def passed(self) -> int:
        """Checks that looked at everything and found nothing."""
        return self._outcomes["passed"]

    @property
    def failed(self) -> int:
        """Checks that found at least one fault."""
        return self._outcomes["failed"]

    @property
    def skipped(self) -> tuple[Check, ...]:
        """Checks that could not look at everything they need, each with the reason."""
        return tuple(check for check in self.checks if check.outcome == "skipped")

    @property
    def run(self) -> int:
        """Checks that were run: those that passed or failed."""
        return self.passed + self.failed

    def column_letter(self, fault: Fault) -> str | None:
        """The letter under which a spreadsheet shows the column of a fault, or None when it has none."""
        header = self.columns.get(fault.file, ())
        return None if fault.column not in header else spreadsheet_letter(header.index(fault.column))

    def with_more(self, checks: Sequence[Check], faults: Sequence[Fault]) -> "ValidationReport":
        """The report with the checks and faults of a file that another room reads."""
        return replace(self, faults=(*self.faults, *faults), checks=(*self.checks, *checks))


def check_outcome(code: str, file: str, *, failed: bool, obstacle: str | None) -> Check:
    """The check, judged: a fault counts more than an obstacle, and an obstacle keeps it from having passed."""
    if failed:
        return Check(code=code, file=file, outcome="failed")
    if obstacle is not None:
        return Check(code=code, file=file, outcome="skipped", reason=obstacle)
    return Check(code=code, file=file, outcome="passed")


def spreadsheet_letter(position: int) -> str:
    """The letters of a column in a spreadsheet: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, remainder = divmod(position - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters

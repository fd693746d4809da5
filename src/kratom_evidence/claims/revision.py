"""Changes of a rule after its first results were seen: they are on record, so that a reader can weigh them.

A rule that is fitted to its result proves nothing. Whether one was fitted cannot be seen from the rule alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kratom_evidence.claims.ledger_fields import fault, one_of, text_of, unknown_keys
from kratom_evidence.claims.verdict import Verdict
from kratom_evidence.faults import Fault
from kratom_evidence.yaml_lines import Located

_KEYS = {"date", "change", "because", "verdict_before"}
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One change: on which day, what, why, and the verdict before, where the change moved it."""

    date: str
    change: str
    because: str
    verdict_before: Verdict | None = None

    @property
    def sentence(self) -> str:
        """The change in words."""
        before = self.verdict_before
        moved = "This did not move the verdict." if before is None else f"The verdict before it was “{before.label}”."
        told = f"Changed on {self.date}, after the first results had been seen: {self.change}"
        return f"{told} Reason: {self.because} {moved}"


def read_revision(entry: Located, faults: list[Fault]) -> Revision | None:
    """A change as an entry under `revised` lists it; None where it has faults, which are noted."""
    before = len(faults)
    if not isinstance(entry.value, Mapping):
        why = "A change must be a set of named values."
        faults.append(fault("F010", (entry.line, "revised"), why, "Write date, change and because."))
        return None
    unknown_keys(entry, _KEYS, faults)
    date, change, because = (text_of(entry, key, faults, required=True) for key in ("date", "change", "because"))
    if date and not _DATE.fullmatch(date):
        line = entry.parts["date"].line
        mend = "Write year-month-day, such as 2026-11-22."
        faults.append(fault("C108", (line, "date"), "date must be a day.", mend, value=date))
    moved_from = None
    if "verdict_before" in entry.parts:
        moved_from = one_of(entry, "verdict_before", [verdict.value for verdict in Verdict], faults)
    if len(faults) > before:
        return None
    return Revision(
        date=date or "",
        change=change or "",
        because=because or "",
        verdict_before=Verdict(moved_from) if moved_from else None,
    )

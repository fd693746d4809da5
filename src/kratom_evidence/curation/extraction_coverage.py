"""Which cases were extracted twice. A case that was extracted once is no fault."""

from dataclasses import dataclass

from kratom_evidence.dataset import Readings

TABLES = ("case_reports", "first_extraction", "second_extraction")


@dataclass(frozen=True, kw_only=True)
class ExtractionCoverage:
    """The cases of case_reports.csv that both extractions hold, and those that they do not, each in order."""

    twice: tuple[str, ...]
    once: tuple[str, ...]

    def __str__(self) -> str:
        if not self.once:
            return f"All {len(self.twice)} cases were extracted twice."
        verb = "case was" if len(self.once) == 1 else "cases were"
        return (
            f"{len(self.twice)} of {len(self.twice) + len(self.once)} cases were extracted twice. "
            f"{len(self.once)} {verb} extracted once, which is no fault; --format json names them."
        )


def extraction_coverage(readings: Readings) -> ExtractionCoverage | None:
    """The coverage, or None when one of the three files could not be read to its end."""
    tables = [readings.tables.get(name) for name in TABLES]
    held = []
    for reading in tables:
        unread = reading is None or not reading.complete or "case_id" not in reading.columns
        if reading is None or unread or any(column == "case_id" for _, column in reading.faulty):
            return None
        held.append({str(case_id) for case_id in reading.columns["case_id"]})
    cases, first, second = held
    return ExtractionCoverage(twice=tuple(sorted(cases & first & second)), once=tuple(sorted(cases - (first & second))))

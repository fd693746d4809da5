"""The data as typed, tidy tables. `load()` is the only door: everything downstream works from its result."""

from kratom_evidence.dataset.loading import Dataset, load
from kratom_evidence.dataset.reading import Readings, TableReading, read_tables
from kratom_evidence.dataset.reporting import REPORTED, ReportingState, reporting_states

__all__ = [
    "REPORTED",
    "Dataset",
    "Readings",
    "ReportingState",
    "TableReading",
    "load",
    "read_tables",
    "reporting_states",
]

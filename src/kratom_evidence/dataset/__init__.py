"""The data as typed, tidy tables. `load()` is the only door: everything downstream works from its result.

The tables need pandas, which takes longer to import than the data take to validate; so they are imported when they
are first asked for.
"""

from typing import TYPE_CHECKING, Any

from kratom_evidence.dataset.reading import Readings, TableReading, read_tables

if TYPE_CHECKING:
    from kratom_evidence.dataset.loading import Dataset, load
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

_WITH_PANDAS = {"Dataset": "loading", "load": "loading"} | dict.fromkeys(
    ("REPORTED", "ReportingState", "reporting_states"), "reporting"
)


def __getattr__(name: str) -> Any:
    """The names that need pandas, imported at first use (PEP 562)."""
    if name not in _WITH_PANDAS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WITH_PANDAS[name]}"), name)

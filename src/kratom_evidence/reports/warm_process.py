"""Getting a process ready for reports: everything that each of them would load, compile or read again.

What is forked from this process has it all. Only what does not depend on a report is made ready here.
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

from kratom_evidence.faults import ExplainedError
from kratom_evidence.read_ahead import read_ahead

# What the notebooks of reports import, directly or not, and what shells and exporters need.
PRELOADED = (
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "matplotlib_inline.config",
    "numpy",
    "pandas",
    "papermill",
    "kratom_evidence.reports.case_page",
    "kratom_evidence.reports.cell_shell",
    "kratom_evidence.reports.claim_page",
    "kratom_evidence.reports.html",
    "kratom_evidence.reports.substance_page",
    "kratom_evidence.reports.warm_engine",
)


def warm_up(root: Path) -> None:
    """Make this process ready for reports of the project. Costs nothing when it is already.

    Data that cannot be read are left to the reports, which say what is wrong with them.

    Raises:
        ImportError: a module cannot be imported: the installation is not complete.
    """
    load_modules()
    with suppress(ExplainedError):
        _read_data_ahead(root / "data")


def _read_data_ahead(data: Path) -> None:
    from kratom_evidence.claims.ledger import read_ledger
    from kratom_evidence.dataset.loading import read_dataset

    read_ahead(read_dataset, data)
    read_ahead(read_ledger, data)


@cache
def load_modules(names: Sequence[str] = PRELOADED) -> None:
    """Import the modules.

    Raises:
        ImportError: a module cannot be imported.
    """
    for name in names:
        import_module(name)

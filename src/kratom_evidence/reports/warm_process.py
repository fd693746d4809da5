"""Getting a process ready for reports: everything that each of them would load, compile or read again.

What is forked from this process has it all. Only what does not depend on a report is made ready here.
"""

import string
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from kratom_evidence.computed_once import memory_of
from kratom_evidence.faults import ExplainedError
from kratom_evidence.read_ahead import read_ahead

if TYPE_CHECKING:
    from kratom_evidence.claims import Judgement
    from kratom_evidence.claims.records import StatementResult
    from kratom_evidence.dataset import Dataset

# What the notebooks of reports import, directly or not, and what shells and exporters need.
PRELOADED = (
    "IPython.core.completerlib",
    "IPython.core.crashhandler",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "numpy",
    "pandas",
    "pandas.core.reshape.reshape",
    "papermill",
    "kratom_evidence.evidence.figures.substance",
    "kratom_evidence.reports.case_page",
    "kratom_evidence.reports.cell_shell",
    "kratom_evidence.reports.claim_page",
    "kratom_evidence.reports.html",
    "kratom_evidence.reports.substance_page",
    "kratom_evidence.reports.warm_engine",
)
_LETTERS = string.ascii_letters + string.digits + " .,:;()%/–-≥≤×'"
_COMPUTED = "states of all properties"
_REHEARSED = "what many pages have in common"


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
    from kratom_evidence.claims import judge_all
    from kratom_evidence.claims.ledger import read_ledger
    from kratom_evidence.claims.records import statement_results
    from kratom_evidence.dataset.loading import read_dataset

    dataset = read_ahead(read_dataset, data)
    _compute_ahead(dataset)
    judgements = judge_all(dataset, read_ahead(read_ledger, data))
    _rehearse(dataset, judgements, statement_results(dataset, judgements))


def _compute_ahead(dataset: "Dataset") -> None:
    """What several reports compute from all cases: the states of every property under every definition."""
    from kratom_evidence.claims.multiverse import combinations
    from kratom_evidence.evidence.case_evidence import gather
    from kratom_evidence.evidence.properties import PROPERTIES

    memory = memory_of(dataset)
    if memory is None or _COMPUTED in memory:
        return
    for definitions in combinations():
        evidence = gather(dataset, definitions)
        for name in PROPERTIES:
            evidence.states(name)
    memory[_COMPUTED] = True


def _rehearse(dataset: "Dataset", judgements: "Sequence[Judgement]", results: "Sequence[StatementResult]") -> None:
    """Have made what is the same on every page of a kind: tables over all cases, and drawn labels."""
    from kratom_evidence.claims.what_if_figures import specification_curve
    from kratom_evidence.reports.case_page import case_page
    from kratom_evidence.reports.substance_page import substance_page

    memory = memory_of(dataset)
    if memory is None or _REHEARSED in memory or not len(dataset.cases):
        return
    sheet = case_page(str(dataset.cases.index[0]), dataset, judgements)
    page = substance_page(substance=str(dataset.substances.index[0]), dataset=dataset)
    for show in (
        sheet.at_a_glance,
        sheet.agents,
        sheet.judged.would_settle,
        sheet.judged.signs_figure,
        sheet.judged.naranjo,
        sheet.judged.interaction,
        sheet.judged.quality,
        page.cases,
        page.figure,
    ):
        show()
    for world in [result.world for result in results if result.world][:1]:
        specification_curve(world)
    memory[_REHEARSED] = True


@cache
def load_modules(names: Sequence[str] = PRELOADED) -> None:
    """Import the modules, and use once what compiles or reads something at its first use.

    Raises:
        ImportError: a module cannot be imported.
    """
    for name in names:
        import_module(name)
    _draw()
    _export()


def _draw() -> None:
    """Have the font read and the letters outlined. Without pyplot, which would choose a backend for this process."""
    from matplotlib.figure import Figure

    from kratom_evidence.presentation import figure_style, show_figure

    with figure_style():
        figure = Figure(layout="constrained")
        axes = figure.subplots()
        axes.bar(("a", "b"), (1, 2))
        axes.set_title(_LETTERS)
    show_figure(figure, alt="A rehearsal.", caption="A rehearsal.")


def _export() -> None:
    """Have the templates of pages compiled."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    from kratom_evidence.reports.html import notebook_page
    from kratom_evidence.reports.page import Provenance

    shown = new_output("display_data", {"text/html": "<p>shown</p>"})  # type: ignore[no-untyped-call]
    cells = [
        new_markdown_cell("## A rehearsal"),  # type: ignore[no-untyped-call]
        new_code_cell("import this", outputs=[shown]),  # type: ignore[no-untyped-call]
    ]
    notebook = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    provenance = Provenance(data_version="", data_fingerprint="", package_version="", command="")
    notebook_page(notebook, title="A rehearsal", provenance=provenance, address="claims/C01.html")

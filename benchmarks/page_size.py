"""How large our pages are beside those that nbconvert's `lab` template makes of the same executed notebooks.

Run in the project's folder: python -m benchmarks.page_size [--sample N].
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import papermill  # type: ignore[import-untyped]
from nbconvert.exporters import HTMLExporter

from benchmarks.made_up_projects import plan_of
from benchmarks.reports import pages_of, spread_over_kinds
from kratom_evidence.project import find_project
from kratom_evidence.reports.html import notebook_page
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.warm_engine import ENGINE_NAME

SAMPLE = 12


def sizes(job: ReportJob, lab: HTMLExporter) -> tuple[int, int]:
    """Bytes of our page and of the one that the exporter makes, from one executed notebook."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = papermill.execute_notebook(
            job.notebook,
            Path(folder) / "executed.ipynb",
            parameters=dict(job.parameters),
            engine_name=ENGINE_NAME,
            cwd=job.notebook.parent,
            progress_bar=False,
        )
    theirs, _ = lab.from_notebook_node(notebook)
    ours = notebook_page(notebook, title=job.title, provenance=job.provenance, address=job.page, links=job.links)
    return len(ours.encode()), len(theirs.encode())


def run(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help=f"reports (default: {SAMPLE})")
    options = parser.parse_args(arguments)
    project = find_project()
    known = plan_of(project).known(None)
    lab = HTMLExporter(template_name="lab")  # type: ignore[no-untyped-call]
    print(f"{'page':<40}{'ours KB':>10}{'lab KB':>10}{'ratio':>8}")
    found = []
    for pages in spread_over_kinds(pages_of(project), options.sample).values():
        for page in pages:
            ours, theirs = sizes(known[page].job, lab)
            found.append((ours, theirs))
            print(f"{page[:39]:<40}{ours / 1000:>10.1f}{theirs / 1000:>10.1f}{theirs / ours:>8.1f}", flush=True)
    ours, theirs = (sum(column) for column in zip(*found, strict=True))
    print(f"{'all of them':<40}{ours / 1000:>10.1f}{theirs / 1000:>10.1f}{theirs / ours:>8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(run())

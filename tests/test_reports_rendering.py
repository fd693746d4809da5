"""What becomes of a report whose notebook works, fails, hangs or dies, and of the other reports beside it."""

import os
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from kratom_evidence.reports.batch import render_all
from kratom_evidence.reports.engines import ENGINES
from kratom_evidence.reports.jobs import ReportJob
from kratom_evidence.reports.page import Provenance
from kratom_evidence.reports.rendering import render
from tests.made_notebooks import code, markdown, written

pytestmark = [pytest.mark.notebook, pytest.mark.slow]

PARAMETERS = code("subject = 'nobody'\nrounds = 1", tags=("parameters",))
SHOW = """
import os
from kratom_evidence.presentation import show_heading
from kratom_evidence.project import find_project
show_heading(f"{subject}, {rounds} rounds, {find_project().root}, in {os.getcwd()}", level=1)
"""
FIGURE = """
import matplotlib.pyplot as plt
import pandas as pd
from kratom_evidence.presentation import figure_style, show_figure
with figure_style():
    figure, axes = plt.subplots()
    axes.bar(["a"], [rounds])
show_figure(figure, alt="One bar.", caption="A bar.", data=pd.DataFrame({"rounds": [rounds]}))
"""
FAILS = "fine = 1\nraise ValueError('no such case')\n# 3\n# 4\n# 5\n# 6\n# 7"
DIES = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def project(data_copy: Path) -> Path:
    """A project folder of its own, with data and no notebooks."""
    return data_copy.parent


def job(project: Path, name: str, *cells: dict[str, object], **changed: object) -> ReportJob:
    template = written(project / "notebooks" / f"{name}.ipynb", *cells)
    plain = ReportJob(
        notebook=template,
        parameters={"subject": name, "rounds": 2},
        out=project / "reports",
        page=f"claims/{name}.html",
        title=name,
        root=project,
        provenance=Provenance(data_version="1", data_fingerprint="a", package_version="1", command="command"),
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_report_has_its_parameters_its_project_and_its_figure(project: Path, engine: str) -> None:
    made = job(project, "C01", PARAMETERS, code(SHOW), markdown("## Figure"), code(FIGURE))
    environment = dict(os.environ)
    assert render(made, engine=engine).failure is None
    html = made.output.read_text(encoding="utf-8")
    assert f"<h1>C01, 2 rounds, {project}, in {made.notebook.parent}</h1>" in html
    [(alt, encoded)] = re.findall(r'<img alt="([^"]+)" src="data:image/svg\+xml,([^"]+)"', html)
    assert alt == "One bar."
    assert unquote(encoded).startswith("<svg")
    assert "<figcaption>A bar.</figcaption>" in html
    assert 'href="../index.html"' in html
    assert dict(os.environ) == environment
    assert not (made.out / "failed").exists()


def test_rendering_again_gives_the_same_bytes(project: Path) -> None:
    made = job(project, "C01", PARAMETERS, code(SHOW), code(FIGURE))
    render(made)
    first = made.output.read_bytes()
    made.output.unlink()
    render(made)
    assert made.output.read_bytes() == first


@pytest.mark.parametrize("engine", ENGINES)
def test_a_failing_cell_is_told_by_number_source_and_error_and_its_notebook_is_kept(project: Path, engine: str) -> None:
    failing = job(project, "C02", PARAMETERS, markdown("# Title"), code(FAILS))
    failing.output.parent.mkdir(parents=True)
    failing.output.write_text("a page of an earlier run", encoding="utf-8")
    failure = render(failing, engine=engine).failure
    assert failure is not None
    assert failure.reason == "ValueError: no such case"
    # The parameters of the template, the injected ones, then the cell that failed.
    assert failure.cell == 3
    assert failure.source == "fine = 1\nraise ValueError('no such case')\n# 3\n# 4\n# 5\n…"
    assert "Traceback" not in str(failure)
    assert not failing.output.exists()
    assert failure.notebook == project / "reports" / "failed" / "claims" / "C02.ipynb"
    kept = nbformat.read(failure.notebook, as_version=4)  # type: ignore[no-untyped-call]
    assert any(output.output_type == "error" for cell in kept.cells for output in cell.get("outputs", []))


def test_an_explained_error_is_told_without_the_name_of_its_class(project: Path) -> None:
    source = "from kratom_evidence.faults import UsageError\nraise UsageError('There is no claim C99.')"
    failure = render(job(project, "C02", PARAMETERS, code(source))).failure
    assert failure is not None
    assert failure.reason == "There is no claim C99."


def test_a_mended_report_takes_its_failed_notebook_away(project: Path) -> None:
    failed = render(job(project, "C02", PARAMETERS, code(FAILS))).failure
    assert failed is not None
    assert failed.notebook is not None
    assert failed.notebook.exists()
    assert render(job(project, "C02", PARAMETERS, code("1"))).failure is None
    assert not failed.notebook.exists()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_cell_that_takes_too_long_is_stopped_and_told(project: Path, engine: str) -> None:
    sleeping = job(project, "C03", PARAMETERS, code("import time\ntime.sleep(600)"), cell_timeout=5)
    failure = render(sleeping, engine=engine).failure
    assert failure is not None
    assert failure.reason == "The cell took longer than 5 seconds and was stopped."
    assert failure.source == "import time\ntime.sleep(600)"


@pytest.mark.parametrize("engine", ENGINES)
def test_the_death_of_a_kernel_is_told(project: Path, engine: str) -> None:
    failure = render(job(project, "C04", PARAMETERS, code(DIES)), engine=engine).failure
    assert failure is not None
    assert "died" in failure.reason
    assert failure.source == DIES


def test_a_template_that_is_gone_fails_its_report_only(project: Path) -> None:
    missing = job(project, "C05", PARAMETERS)
    missing.notebook.unlink()
    failure = render(missing).failure
    assert failure is not None
    assert "C05.ipynb" in failure.reason


def test_braces_in_a_path_are_only_braces(project: Path) -> None:
    odd = replace(job(project, "C06", PARAMETERS, code(SHOW)), out=project / "{subject} x", page="claims/{rounds}.html")
    assert render(odd).failure is None
    assert odd.output.is_file()


def test_two_workers_give_the_results_in_the_order_of_the_jobs_and_others_go_on(project: Path) -> None:
    jobs = [
        job(project, "C01", PARAMETERS, code(SHOW)),
        job(project, "C02", PARAMETERS, code(FAILS)),
        job(project, "C03", PARAMETERS, code(SHOW)),
    ]
    results = render_all(jobs, workers=2)
    assert [result.job.page for result in results] == [each.page for each in jobs]
    assert [result.failure is None for result in results] == [True, False, True]
    assert jobs[0].output.exists()
    assert jobs[2].output.exists()


def test_the_death_of_a_worker_fails_the_report_that_killed_it_only(project: Path) -> None:
    kills_its_worker = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
    jobs = [job(project, "C01", PARAMETERS, code(kills_its_worker)), job(project, "C02", PARAMETERS, code(SHOW))]
    deadly, fine = render_all(jobs, workers=2)
    assert deadly.failure is not None
    assert "died" in deadly.failure.reason
    assert fine.failure is None

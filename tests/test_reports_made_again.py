"""With notebooks that are run: what is made again after a new case is the same as everything made anew."""

import shutil
from pathlib import Path

import pytest

from kratom_evidence.project import Project
from kratom_evidence.reports import site_pages
from kratom_evidence.reports.request import ReportRequest
from kratom_evidence.reports.site import make_site
from kratom_evidence.reports.summary import PageState, SiteResult
from tests.editing import Csv
from tests.made_sites import files_of

pytestmark = [pytest.mark.slow, pytest.mark.notebook]
SUBJECTS = {
    "claims": ("C17",),
    "cases": ("bazer2021-1", "brooks2023"),
    "substances": ("ethanol", "venlafaxine"),
    "classes": ("ssri",),
}


def run(project: Project, out: Path, *, force: bool = False) -> SiteResult:
    asked = ReportRequest(kind="all", subjects=SUBJECTS, assignments=(), out=out, workers=1, force=force)
    result = make_site(project, asked)
    assert result.of(PageState.FAILED) == ()
    return result


def add_patient(data: Path) -> None:
    """One more patient of a publication that is there."""
    table = Csv(data / "case_reports.csv")
    row = list(table.rows[table.row_where(lambda cells: cells["case_id"] == "bazer2021-1") - 2])
    row[table.column("case_id")] = "bazer2021-3"
    table.rows.append(row)
    table.rows.sort()
    table.save()


def test_what_is_made_again_is_what_making_everything_gives(
    data_copy: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The search for what would change a verdict takes seconds and is no part of these pages.
    monkeypatch.setattr(site_pages, "statement_results", lambda *_: [])
    project = Project(root=data_copy.parent)
    shutil.copytree(project_root / "notebooks" / "reports", project.notebooks / "reports")
    run(project, project.reports)
    before = files_of(project.reports)
    add_patient(data_copy)
    again = run(project, project.reports)
    # Venlafaxine is not set beside the cases without it, and the new patient did not take it.
    untouched = ["cases/brooks2023.html", "substances/venlafaxine.html"]
    assert [outcome.page for outcome in again.of(PageState.UNCHANGED)] == untouched
    incremental = files_of(project.reports)
    reports = [name for name in before if name.partition("/")[0] in SUBJECTS and "index" not in name]
    assert [name for name in sorted(reports) if incremental[name] == before[name]] == untouched
    run(project, project.root / "anew", force=True)
    anew = files_of(project.root / "anew")
    assert [name for name in anew if anew[name] != incremental.get(name)] == []
    assert anew.keys() == incremental.keys()

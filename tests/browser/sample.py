"""Which pages the tests of pages look at, and the loop that looks at them.

A sample is made and looked at. With KRATOM_EVIDENCE_ALL_PAGES=1 every page of the whole site is; when it names a folder
of reports, the pages that lie there. Then each check is made in parts, which several processes share.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.visits import ALL_PAGES, WIDE, opened

# A page with a big figure, one about the cases, one with many context figures, one not testable.
CLAIMS = ("C03", "C08", "C13", "C20")
# A rich one, and one of which little was read.
CASES = ("brooks2023", "dorman2015")
# The index and the listings have tests of their own beside these.
SAMPLE = (
    "index.html",
    "claims/index.html",
    *(f"claims/{name}.html" for name in CLAIMS),
    *(f"cases/{name}.html" for name in CASES),
    "substances/venlafaxine.html",
    "classes/snri.html",
    "browse.html",
    "screening.html",
)
MAKE_SAMPLE = f"""
import sys
from pathlib import Path
from kratom_evidence.project import find_project
from kratom_evidence.reports.request import ReportRequest
from kratom_evidence.reports.site import make_site
from kratom_evidence.reports.summary import PageState
subjects = dict(claims={CLAIMS!r}, cases={CASES!r}, substances=("venlafaxine",), classes=("snri",))
request = ReportRequest(kind="all", subjects=subjects, assignments=(), out=Path(sys.argv[1]))
sys.exit(len(make_site(find_project(), request).of(PageState.FAILED)))
"""
MAKE_ALL = ("-m", "kratom_evidence", "report", "all", "--out")
PARTS = range(12 if ALL_PAGES else 1)
in_parts = pytest.mark.parametrize("part", PARTS)


def make_site(folder: Path, project_root: Path) -> None:
    """Make the pages from the project's own data: those of the sample, or all."""
    made_by = MAKE_ALL if ALL_PAGES else ("-c", MAKE_SAMPLE)
    command = [sys.executable, *made_by, str(folder)]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def pages_of(site: Path) -> list[Path]:
    pages = sorted(site.rglob("*.html"))
    assert {(site / name) for name in SAMPLE} <= set(pages)
    return pages


def looked_at(site: Path, part: int, sample: Sequence[str]) -> list[Path]:
    """The pages that one part of a check looks at: those of the sample, or its share of the whole site."""
    return pages_of(site)[part :: len(PARTS)] if ALL_PAGES else [site / name for name in sample]


def bad_pages(
    browser: Browser, paths: Sequence[Path], problems_in: Callable[[Page], list[str]], window: ViewportSize = WIDE
) -> dict[str, list[str]]:
    """Page -> what is wrong with it, for the pages with which something is."""
    bad = {}
    for path in paths:
        visited = opened(browser, path, window=window)
        problems = problems_in(visited.page)
        if problems:
            bad[path.as_posix()] = problems
        visited.page.context.close()
    return bad

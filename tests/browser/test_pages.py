"""Pages of every kind, opened in Chromium from their files without a network, as a reader meets them."""

import re
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, ViewportSize

from kratom_evidence.claims import read_claims
from kratom_evidence.dataset import Dataset
from kratom_evidence.reports.cross_links import site_links
from tests.browser.sample import CLAIMS, PARTS, in_parts, pages_of
from tests.browser.visits import ALL_PAGES, PHONE, WIDE, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SMALLEST: ViewportSize = {"width": 320, "height": 640}
# Bytes of a page without its drawings, and of all of it. Pages above 120 kB are so by their drawings, about half of
# them or more; without these only browse.html, which holds every case, is larger.
LARGEST_TEXT = 90_000
LARGEST_PAGE = 160_000
_DRAWING = re.compile(rb'src="data:image/svg[^"]*"')
# How often the Tab key is pressed at most to come through a page; a table that can be skipped counts as one.
MOST_TAB_STOPS = 90
# Stops of the Tab key outside of folds that are closed, and of tables that a link leads past.
TAB_STEPS = """
[...document.querySelectorAll('a[href], button, summary, select, input, [tabindex="0"]')].filter(stop => {
  const fold = stop.closest('details:not([open])');
  if (fold && stop !== fold.querySelector('summary')) return false;
  const table = stop.closest('table');
  const start = table && (table.closest('.wide') ?? table);
  return !start?.previousElementSibling?.matches('.skip-table') && !table?.matches('.listing');
}).length
"""
# What is wrong -> a script that is true when it is not so.
EVERY_PAGE = {
    "has not one title": "document.querySelectorAll('h1').length === 1",
    "has no table with a caption": "document.querySelectorAll('table caption').length > 0",
    "has a table without a caption or with a heading without a scope": (
        "[...document.querySelectorAll('table')].every(t => t.caption?.textContent.trim()) && "
        "[...document.querySelectorAll('th')].every(h => h.scope)"
    ),
    "does not mark where it is": "document.querySelectorAll('header [aria-current]').length >= 1",
}
REPORT_PAGE = {
    "has no drawn figure with alternative text": (
        # Where a substance has too few cases for one, the page says so.
        "[...document.images].some(image => image.alt.length > 20 && image.naturalWidth > 100) || "
        "document.body.textContent.includes('too few for a drawing')"
    ),
    "has a figure without alternative text": "[...document.images].every(image => image.alt)",
    "has no table of cases": "[...document.querySelectorAll('caption')].some(c => /cases/i.test(c.textContent))",
}

CASE_PAGE = {
    "has no table at a glance": "document.querySelector('.lead caption').textContent === 'At a glance'",
    "has no folded details": "document.querySelectorAll('details.fold table').length >= 8",
    "has a figure without alternative text": REPORT_PAGE["has a figure without alternative text"],
}
CHECKS_BY_FOLDER = {"claims": REPORT_PAGE, "substances": REPORT_PAGE, "classes": REPORT_PAGE, "cases": CASE_PAGE}


def problems_of(browser: Browser, path: Path) -> list[str]:
    """What is wrong with one page, in words."""
    visited = opened(browser, path)
    checks = EVERY_PAGE | CHECKS_BY_FOLDER.get(path.parent.name if path.name != "index.html" else "", {})
    problems = [problem for problem, script in checks.items() if not visited.page.evaluate(script)]
    problems += [f"complains: {complaint}" for complaint in visited.complaints]
    problems += [f"asks for {url}" for url in visited.requests if url != path.as_uri() and not url.startswith("data:")]
    for window in (WIDE, PHONE, SMALLEST):
        visited.page.set_viewport_size(window)
        if visited.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            problems.append(f"is wider than {window['width']} pixels")
    steps = visited.page.evaluate(TAB_STEPS)
    if steps > MOST_TAB_STOPS:
        problems.append(f"takes {steps} steps of the Tab key")
    content = path.read_bytes()
    without_drawings = len(_DRAWING.sub(b"", content))
    if len(content) > LARGEST_PAGE or (without_drawings > LARGEST_TEXT and path.name != "browse.html"):
        problems.append(f"has {len(content)} bytes")
    visited.page.context.close()
    return problems


SPOILED = {
    "asks for https://example.org/x.png": (
        "</main>",
        '<img alt="A picture from elsewhere." src="https://example.org/x.png"></main>',
    ),
    "complains": ("</main>", "<script>1</script></main>"),
    "has a figure without alternative text": (
        "</main>",
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>',
    ),
    "is wider than 375 pixels": (
        "</main>",
        "<p>" + "wide" * 40 + "</p><style>p { overflow-wrap: normal }</style></main>",
    ),
    "has not one title": ("<h2", "<h1>Second</h1><h2"),
    "has no table of cases": ("<caption>", "<caption hidden>x</caption><template>"),
}


@pytest.mark.parametrize("problem", SPOILED)
def test_the_check_of_every_page_sees_what_it_should_see(
    site: Path, browser: Browser, tmp_path: Path, problem: str
) -> None:
    spoiled = tmp_path / "claims" / "C13.html"
    spoiled.parent.mkdir()
    html = (site / "claims" / "C13.html").read_text(encoding="utf-8")
    spoiled.write_text(html.replace(*SPOILED[problem]), encoding="utf-8")
    assert any(found.startswith(problem) for found in problems_of(browser, spoiled))


@in_parts
def test_every_page_opens_without_a_network_and_has_what_its_kind_needs(
    site: Path, browser: Browser, part: int
) -> None:
    problems = {path.name: problems_of(browser, path) for path in pages_of(site)[part :: len(PARTS)]}
    assert not {name: found for name, found in problems.items() if found}


# --- the way through the site


_HREF = re.compile(r'<a\b[^>]*? href="([^"]*)"')
_ID = re.compile(r'\bid="([^"]*)"')


def dead_links(site: Path, path: Path, elsewhere: set[str]) -> list[str]:
    """Links of a page that lead nowhere; `elsewhere` are addresses of the site that need not lie in the folder."""
    dead = []
    for href in {unescape(found) for found in _HREF.findall(path.read_text(encoding="utf-8"))}:
        if re.match(r"https?://", href):
            continue
        file, _, anchor = unquote(href).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.is_file():
            if target.relative_to(site).as_posix() not in elsewhere:
                dead.append(href)
        elif anchor and anchor not in _ID.findall(target.read_text(encoding="utf-8")):
            dead.append(href)
    return dead


def test_every_link_leads_somewhere(site: Path, dataset: Dataset, project_root: Path) -> None:
    links = site_links(dataset)
    claims = {f"claims/{claim.id}.html" for claim in read_claims(project_root / "data")}
    whole = claims.union(links.cases.values(), links.substances.values(), links.classes.values())
    elsewhere = set() if ALL_PAGES else whole
    dead = {path.name: dead_links(site, path, elsewhere) for path in pages_of(site)}
    assert not {name: found for name, found in dead.items() if found}


def test_a_link_that_leads_nowhere_is_seen(site: Path, tmp_path: Path) -> None:
    shutil.copy(site / "index.html", tmp_path)
    spoiled = tmp_path / "claims" / "spoiled.html"
    spoiled.parent.mkdir()
    links = ("none.html", "../index.html#none", "../index.html")
    spoiled.write_text("".join(f'<a class="x" href="{link}">x</a>' for link in links), encoding="utf-8")
    assert sorted(dead_links(tmp_path, spoiled, set())) == ["../index.html#none", "none.html"]


def test_every_statement_has_a_page_that_the_index_leads_to(site: Path, browser: Browser, project_root: Path) -> None:
    visited = opened(browser, site / "index.html")
    ids = [claim.id for claim in read_claims(project_root / "data")]
    rows = visited.page.evaluate("[...document.querySelectorAll('table')][0].innerText")
    assert all(name in rows for name in ids)
    links = visited.page.evaluate("[...document.querySelectorAll('td a, th a')].map(a => [a.textContent, a.href])")
    made = [name for name in ids if (site / "claims" / f"{name}.html").is_file()]
    expected = {name: (site / "claims" / f"{name}.html").as_uri() for name in made}
    assert expected.items() <= dict(links).items()
    for name in CLAIMS:
        visited.page.goto(expected[name])
        assert visited.page.evaluate("document.querySelector('h1').textContent").startswith(f"{name}: ")
        assert visited.page.evaluate("document.querySelector('header a').href") == (site / "index.html").as_uri()
    visited.page.context.close()

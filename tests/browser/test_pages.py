"""Pages of every kind, opened in Chromium from their files without a network, as a reader meets them.

A sample is made and looked at. With KRATOM_EVIDENCE_ALL_PAGES=1 every page of the whole site is; when it names a folder
of reports, the pages that lie there. Then each check is made in parts, which several processes share.
"""

import csv
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize

from kratom_evidence.claims import read_claims
from kratom_evidence.dataset import Dataset
from kratom_evidence.presentation import ReportTable
from kratom_evidence.reports.case_page import case_page
from kratom_evidence.reports.cross_links import site_links
from tests.browser.visits import ALL_PAGES, LOOKS, PAPER, PHONE, RULES, Scheme, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE: ViewportSize = {"width": 1280, "height": 900}
SMALLEST: ViewportSize = {"width": 320, "height": 640}
# Bytes of a page without its drawings, and of all of it. Pages above 120 kB are so by their drawings, about half of
# them or more; without these only browse.html, which holds every case, is larger.
LARGEST_TEXT = 90_000
LARGEST_PAGE = 160_000
_DRAWING = re.compile(rb'src="data:image/svg[^"]*"')
# How often the Tab key is pressed at most to come through a page; a table that can be skipped counts as one.
MOST_TAB_STOPS = 90
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


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    """The folder of pages, made from the project's own data."""
    if ALL_PAGES not in {"", "1"}:
        return Path(ALL_PAGES).resolve()
    out = tmp_path_factory.mktemp("site")
    made_by = MAKE_ALL if ALL_PAGES else ("-c", MAKE_SAMPLE)
    command = [sys.executable, *made_by, str(out)]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def visit(browser: Browser, path: Path, *, window: ViewportSize = WIDE, scheme: Scheme = "light") -> Visit:
    context = browser.new_context(viewport=window, color_scheme=scheme, offline=True)
    made = Visit(page=context.new_page())
    made.page.on("request", lambda request: made.requests.append(request.url))
    made.page.on("console", lambda message: made.complaints.append(message.text))
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.page.goto(path.as_uri())
    return made


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
        visited = visit(browser, path, window=window)
        problems = problems_in(visited.page)
        if problems:
            bad[path.as_posix()] = problems
        visited.page.context.close()
    return bad


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
    visited = visit(browser, path)
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
    visited = visit(browser, site / "index.html")
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


# --- accessibility, of which the listings have tests of their own


# One of each kind: axe takes seconds for a page.
ONE_OF_EACH_KIND = (
    "index.html", "claims/C08.html", "cases/brooks2023.html", "substances/venlafaxine.html", "classes/snri.html",
)  # fmt: skip


def violations(page: Any) -> set[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    return {f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]}


def violations_in_all_looks(page: Page) -> list[str]:
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    found = []
    for window, scheme in LOOKS:
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=scheme)
        found += [f"{window['width']} pixels, {scheme}: {violation}" for violation in violations(page)]
    return found


@in_parts
def test_axe_finds_no_violation(site: Path, browser: Browser, part: int) -> None:
    assert not bad_pages(browser, looked_at(site, part, ONE_OF_EACH_KIND), violations_in_all_looks)


def test_axe_sees_what_it_should_see(site: Path, browser: Browser) -> None:
    """The check itself works: a picture without alternative text is found."""
    visited = visit(browser, site / "claims" / "C13.html")
    visited.page.evaluate("document.images[0].removeAttribute('alt')")
    assert [found.partition(":")[0] for found in violations(visited.page)] == ["image-alt"]
    visited.page.context.close()


# Numbers every element that the Tab key should come to, and gives the numbers.
REACHABLE = """
[...document.querySelectorAll('a[href], button, summary, select, input, [tabindex="0"]')].filter(e =>
e.checkVisibility() && (!e.closest('details:not([open])') || e.matches('details:not([open]) > summary')))
.map((e, n) => e.dataset.n = n)
"""
FOCUSED = """
(() => { const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
const seen = box.width > 20 && box.height > 10 && box.bottom > 0 && box.top < window.innerHeight;
return [e.dataset.n, s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2 && seen, e.outerHTML] })()
"""
SCROLLED_WITHOUT_A_NAME = """
[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 &&
getComputedStyle(e).overflowX === 'auto' && (e.tabIndex !== 0 || !e.ariaLabel)).length
"""


def keyboard_problems(page: Page) -> list[str]:
    """What the Tab key does not come to, and where it comes without showing it."""
    problems = ["has a scrolled region without a name or a stop"] if page.evaluate(SCROLLED_WITHOUT_A_NAME) else []
    reachable = page.evaluate(REACHABLE)
    reached = []
    for _ in reachable:
        page.keyboard.press("Tab")
        number, in_sight, html = page.evaluate(FOCUSED)
        reached.append(number)
        if not in_sight:
            problems.append(f"does not show the focus on {html[:200]}")
    if sorted(map(int, filter(None, reached))) != reachable:
        problems.append("has elements that the Tab key does not reach")
    return problems


@in_parts
def test_the_keyboard_reaches_everything_with_the_focus_in_sight(site: Path, browser: Browser, part: int) -> None:
    paths = looked_at(site, part, ("claims/C13.html", "cases/brooks2023.html", "classes/snri.html"))
    assert not bad_pages(browser, paths, keyboard_problems, PHONE)


HARD_TO_REACH = {
    "has elements that the Tab key does not reach": "document.querySelector('main a[href]').inert = true",
    "does not show the focus": "document.head.append(Object.assign(document.createElement('style'), "
    "{textContent: ':focus-visible { outline: none !important }'}))",
    "has a scrolled region without a name": "document.querySelector('.wide').removeAttribute('aria-label')",
}


@pytest.mark.parametrize("problem", HARD_TO_REACH)
def test_the_check_of_the_keyboard_sees_what_it_should_see(site: Path, browser: Browser, problem: str) -> None:
    visited = visit(browser, site / "claims" / "C13.html", window=PHONE)
    visited.page.evaluate(HARD_TO_REACH[problem])
    assert any(found.startswith(problem) for found in keyboard_problems(visited.page))
    visited.page.context.close()


# --- print


# What is wrong in print -> a script that is true when it is not so.
IN_PRINT = {
    "is cut off": (
        "[...document.querySelectorAll('main *')].every(e => !e.checkVisibility() || "
        "e.getBoundingClientRect().right <= window.innerWidth + 1)"
    ),
    "does not repeat the heads of its tables": (
        "[...document.querySelectorAll('thead')].every(h => getComputedStyle(h).display === 'table-header-group')"
    ),
    "leaves out a table": (
        "[...document.querySelectorAll('main table')].every(t => t.checkVisibility({contentVisibilityAuto: true}))"
    ),
    "prints what is of use on a screen only": (
        "[...document.querySelectorAll('.take, details.code, header nav')].every(e => !e.checkVisibility())"
    ),
    "does not write out a link": (
        "[...document.querySelectorAll('main a[href^=http]')]"
        ".every(a => getComputedStyle(a, '::after').content.includes(' <'))"
    ),
}


def print_problems(page: Page) -> list[str]:
    page.emulate_media(media="print")
    return [problem for problem, script in IN_PRINT.items() if not page.evaluate(script)]


@in_parts
def test_in_print_nothing_is_cut_off_or_folded_and_links_are_written_out(
    site: Path, browser: Browser, part: int
) -> None:
    assert not bad_pages(browser, looked_at(site, part, SAMPLE), print_problems, PAPER)


SPOILED_IN_PRINT = {
    "is cut off": "main { width: 200vw }",
    "does not repeat the heads of its tables": "thead { display: table-row-group !important }",
    "leaves out a table": "main table { display: none !important }",
    "prints what is of use on a screen only": "details.code { display: block !important }",
    "does not write out a link": "a::after { content: none !important }",
}


@pytest.mark.parametrize("problem", SPOILED_IN_PRINT)
def test_the_check_of_print_sees_what_it_should_see(site: Path, browser: Browser, problem: str) -> None:
    visited = visit(browser, site / "claims" / "C13.html", window=PAPER)
    visited.page.add_style_tag(content=SPOILED_IN_PRINT[problem])
    assert problem in print_problems(visited.page)
    visited.page.context.close()


def test_printed_links_exist_in_the_sample(site: Path, browser: Browser) -> None:
    visited = visit(browser, site / "claims" / "C13.html")
    script = "[...document.querySelectorAll('main a[href^=http]')].map(a => new URL(a.href).hostname)"
    assert "doi.org" in visited.page.evaluate(script)
    visited.page.context.close()


# --- tables as CSV


def taken(visited: Visit, caption: str) -> tuple[str, list[list[str]]]:
    """The name of the file that the button of a table gives, and what a CSV reader makes of it."""
    visited.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    with visited.page.expect_download() as waiting:
        visited.page.get_by_role("button", name=f"CSV of the table: {caption}", exact=True).click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    text = content.decode("utf-8-sig")
    return waiting.value.suggested_filename, list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_tables_are_taken_as_csv(site: Path, browser: Browser, dataset: Dataset) -> None:
    page = case_page("brooks2023", dataset)
    visited = visit(browser, site / "cases" / "brooks2023.html")
    tables: list[ReportTable] = [page.at_a_glance(), page.co_exposures(), page.judged.naranjo()]
    for table in tables:
        name, rows = taken(visited, table.caption)
        columns = [[column.heading, *(cell.plain for cell in column.cells)] for column in table.columns]
        assert rows == [list(row) for row in zip(*columns, strict=True)]
        assert re.fullmatch(r"brooks2023-[\w.=-]+\.csv", name)
    assert any(cell == "-1" for row in rows for cell in row)
    assert visited.complaints == []
    assert {url.partition(":")[0] for url in visited.requests} <= {"file", "data", "blob"}
    visited.page.context.close()


def test_no_cell_of_a_taken_table_is_a_formula_or_breaks_a_row(site: Path, browser: Browser, tmp_path: Path) -> None:
    cells = ["=1+1", "-1", "-0.5", "+5", "12%", "-cmd|x", "@SUM(A1)", 'a "b", c', "\t=2", "Größe"]
    expected = ["'=1+1", "-1", "-0.5", "+5", "12%", "'-cmd|x", "'@SUM(A1)", 'a "b", c', "'=2", "Größe"]
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    made = f"<table><caption>Made, up</caption><tbody><tr>{row}</tr><tr hidden><td>x</td></tr></tbody></table></main>"
    path = tmp_path / "C13--a=b.html"
    html = (site / "claims" / "C13.html").read_text(encoding="utf-8")
    path.write_text(html.replace("</main>", made), encoding="utf-8")
    visited = visit(browser, path)
    assert taken(visited, "Made, up") == ("C13-a=b-Made-up.csv", [expected])
    visited.page.context.close()


def test_without_scripts_no_table_has_a_button(site: Path, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((site / "cases" / "brooks2023.html").as_uri())
    assert page.locator("table").count() > 5
    assert page.locator("button").count() == 0
    context.close()

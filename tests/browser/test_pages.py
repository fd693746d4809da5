"""Every rendered page, opened in Chromium from its file without a network, as a reader meets it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from kratom_evidence.claims import read_claims

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}
# A4 less the margins of the print style, at 96 pixels an inch.
PAPER: ViewportSize = {"width": 673, "height": 987}
# Bytes of a page without its drawings, and of all of it.
LARGEST_TEXT = 120_000
LARGEST_PAGE = 250_000
_DRAWING = re.compile(rb'src="data:image/svg[^"]*"')
MOST_TAB_STOPS = 60
# A page with a big figure, one about the cases, one with many context figures, one not testable, and the index.
SAMPLE = ("index.html", "claims/C03.html", "claims/C08.html", "claims/C13.html", "claims/C20.html")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Path:
    """The folder of all pages, made by the command from the project's own data."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "kratom_evidence", "report", "--out", str(out)]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One headless Chromium for all tests of this file."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@dataclass(kw_only=True)
class Visit:
    """A page in a window, with what it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def measure(self, script: str) -> Any:
        return self.page.evaluate(script)


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
    assert len(pages) > 20
    return pages


# What is wrong -> a script that is true when it is not so.
EVERY_PAGE = {
    "has not one title": "document.querySelectorAll('h1').length === 1",
    "has no table with a caption": "document.querySelectorAll('table caption').length > 0",
}
REPORT_PAGE = {
    "has no drawn figure with alternative text": (
        "[...document.images].some(image => image.alt.length > 20 && image.naturalWidth > 100)"
    ),
    "has a figure without alternative text": "[...document.images].every(image => image.alt)",
    "has no table of cases": "[...document.querySelectorAll('caption')].some(c => /cases/i.test(c.textContent))",
}


def problems_of(browser: Browser, path: Path) -> list[str]:
    """What is wrong with one page, in words."""
    visited = visit(browser, path)
    checks = EVERY_PAGE if path.name == "index.html" else EVERY_PAGE | REPORT_PAGE
    problems = [problem for problem, script in checks.items() if not visited.measure(script)]
    problems += [f"complains: {complaint}" for complaint in visited.complaints]
    problems += [f"asks for {url}" for url in visited.requests if url != path.as_uri() and not url.startswith("data:")]
    for window in (WIDE, PHONE):
        visited.page.set_viewport_size(window)
        if visited.measure("document.documentElement.scrollWidth > window.innerWidth"):
            problems.append(f"is wider than {window['width']} pixels")
    content = path.read_bytes()
    if len(content) > LARGEST_PAGE or len(_DRAWING.sub(b"", content)) > LARGEST_TEXT:
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
    spoiled = tmp_path / "C13.html"
    html = (site / "claims" / "C13.html").read_text(encoding="utf-8")
    spoiled.write_text(html.replace(*SPOILED[problem]), encoding="utf-8")
    assert any(found.startswith(problem) for found in problems_of(browser, spoiled))


def test_every_page_opens_without_a_network_and_has_its_figure_and_its_table(site: Path, browser: Browser) -> None:
    problems = {path.name: problems_of(browser, path) for path in pages_of(site)}
    assert not {name: found for name, found in problems.items() if found}


def test_every_statement_has_a_page_that_the_index_leads_to(site: Path, browser: Browser, project_root: Path) -> None:
    visited = visit(browser, site / "index.html")
    links = visited.measure("[...document.querySelectorAll('td a, th a')].map(a => [a.textContent, a.href])")
    expected = {
        claim.id: (site / "claims" / f"{claim.id}.html").as_uri() for claim in read_claims(project_root / "data")
    }
    assert dict(links) == expected
    for name, address in expected.items():
        visited.page.goto(address)
        assert visited.measure("document.querySelector('h1').textContent").startswith(f"{name}: ")
        assert visited.measure("document.querySelector('header a').href") == (site / "index.html").as_uri()
    visited.page.context.close()


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize(("window", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_axe_finds_no_violation(site: Path, browser: Browser, name: str, window: ViewportSize, scheme: Scheme) -> None:
    visited = visit(browser, site / name, window=window, scheme=scheme)
    visited.measure("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    found = Axe().run(visited.page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert found.violations_count == 0, found.generate_report()
    visited.page.context.close()


def test_axe_sees_what_it_should_see(site: Path, browser: Browser) -> None:
    """The check itself works: a picture without alternative text is found."""
    visited = visit(browser, site / "claims" / "C13.html")
    visited.measure("document.images[0].removeAttribute('alt')")
    found = Axe().run(visited.page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert {violation["id"] for violation in found.response["violations"]} == {"image-alt"}
    visited.page.context.close()


@pytest.mark.parametrize("name", SAMPLE)
def test_the_keyboard_reaches_everything_in_few_steps(site: Path, browser: Browser, name: str) -> None:
    visited = visit(browser, site / name, window=PHONE)
    visited.page.keyboard.press("Tab")
    assert visited.measure("document.activeElement.textContent") == "Skip to the content"
    scrolled = "[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 && "
    scrolled += "getComputedStyle(e).overflowX === 'auto')"
    unreachable = visited.measure(f"{scrolled}.filter(e => e.tabIndex !== 0 || !e.ariaLabel).length")
    assert unreachable == 0
    stops = visited.measure("document.querySelectorAll('a[href], summary, [tabindex=\"0\"]').length")
    assert stops <= MOST_TAB_STOPS
    visited.page.context.close()


@pytest.mark.parametrize("name", SAMPLE)
def test_in_print_nothing_is_cut_off_and_links_are_written_out(site: Path, browser: Browser, name: str) -> None:
    visited = visit(browser, site / name, window=PAPER)
    visited.page.emulate_media(media="print")
    cut = "[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && "
    cut += "e.getBoundingClientRect().right > window.innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    assert visited.measure(cut) == []
    assert visited.measure("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    written = "[...document.querySelectorAll('main a[href^=http]')]"
    assert visited.measure(f"{written}.every(a => getComputedStyle(a, '::after').content.includes(' <'))")
    visited.page.context.close()


def test_printed_links_exist_in_the_sample(site: Path, browser: Browser) -> None:
    visited = visit(browser, site / "claims" / "C13.html")
    hosts = visited.measure("[...document.querySelectorAll('main a[href^=http]')].map(a => new URL(a.href).hostname)")
    assert "doi.org" in hosts
    visited.page.context.close()
